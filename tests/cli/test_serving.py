"""`sira serve` as a process: what it prints, what it answers, how it stops."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from app.core.clock import SystemClock
from app.delivery.outbox import workers
from tests.harness.command import Command
from tests.harness.ports import a_free_port
from tests.harness.running import loopback

ROOT = Path(__file__).parents[2]
SIRA = [sys.executable, "-c", "from app.cli import app; app(prog_name='sira')"]


class Server:
    """A process that serves; its output is kept in a file."""

    def __init__(self, sira: Command, port: int, *options: str, before: Sequence[str] = ()) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._output = sira.folder / f"output-{time.monotonic_ns()}"
        with self._output.open("w") as file:
            self.process = subprocess.Popen(
                [*before, *SIRA, "serve", "--port", str(port), *options],
                cwd=ROOT,
                env=os.environ | sira.environment | {"PYTHONUNBUFFERED": ""},
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """Everything it has printed."""
        return self._output.read_text()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 90
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                loopback.get(f"{self.url}/healthz").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self.output)

    def wait_until_it_says(self, words: str) -> None:
        deadline = time.monotonic() + 60
        while words not in self.output:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def stop(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@contextmanager
def serving(sira: Command, port: int, *options: str) -> Iterator[Server]:
    server = Server(sira, port, *options)
    try:
        server.wait_until_it_answers()
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def test_from_the_first_start_to_the_first_sms(
    sira: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `make run` prints is done as it is printed; on a console that knows no accents, too."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    port = a_free_port()
    with serving(sira, port) as server:
        subscribe = re.search(r"^ +sira (subscribe .*)$", server.output, re.MULTILINE)
        curl = re.search(
            r"curl -s (\S+) \\\n.*'(Authorization: Bearer \S+)'.*\n.*\n.*-d '(.+)'", server.output
        )
        assert subscribe
        assert curl

        words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", subscribe[1])]
        sira.ok(*words)
        name, _, value = curl[2].partition(": ")
        answer = httpx.post(
            curl[1], headers={name: value, "Content-Type": "application/json"}, content=curl[3]
        )

        assert answer.status_code == 201
        raised = {(e["route"], e["cargo"]): e["after"] for e in answer.json()["effects"]}
        assert raised["ML-DKR-N", "fuel"] == "severe"
        server.wait_until_it_says("[sms to +223***45]\n    SIRA DANGER GRAVE carburant: Di")
        assert server.stop() == 0
        assert "Traceback" not in server.output
        assert "23650" not in server.output.replace("+223 65 01 23 45", "")


@pytest.fixture
def with_core_dumps() -> Iterator[None]:
    """Let a process that crashes leave its memory behind, as far as this machine allows."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.usefixtures("with_core_dumps")
def test_a_second_start_shows_no_key_and_ends_whatever_pages_listen(sira: Command) -> None:
    """Nor would a crash show one: nothing is left of the memory, where the vault's keys are."""
    key = sira.ok("keys", "create", "--scope", "admin").stdout.strip()

    with serving(sira, a_free_port()) as server:
        assert resource.prlimit(server.process.pid, resource.RLIMIT_CORE)[0] == 0
        assert "sira_a_" not in server.output
        assert "sira keys create --scope admin" in server.output

        headers = {"Authorization": f"Bearer {key}"}
        with httpx.stream("GET", f"{server.url}/live", headers=headers) as heard:
            lines = heard.iter_lines()
            assert next(lines).startswith("retry:")
            assert server.stop() == 0
            # it was ended, not cut off
            assert list(lines)[-1] == ""

    assert "Cancel" not in server.output


def test_a_taken_port_is_said_before_a_key_is_made(sira: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        sentence = sira.refused("serve", "--port", str(port))

    assert sentence == (
        f"sira: port {port} is taken, perhaps by another Sira: stop it, or give another --port"
    )


@pytest.mark.parametrize("host", ["203.0.113.9", "no such host"])
def test_an_address_that_is_not_ours_is_named(sira: Command, host: str) -> None:
    assert sira.refused("serve", "--host", host).startswith(f"sira: cannot listen on {host}")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
def test_a_full_disk_of_logs_keeps_nobody_from_serving(sira: Command) -> None:
    port = a_free_port()
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(
            [*SIRA, "serve", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | sira.environment | {"SIRA_OF_SOME_TOOL": "1"},  # said before all
            stdout=full,
            stderr=full,
        )
    try:
        answer = None
        deadline = time.monotonic() + 90
        while answer is None and process.poll() is None and time.monotonic() < deadline:
            try:
                answer = loopback.get(f"http://127.0.0.1:{port}/healthz")
            except httpx.TransportError:
                time.sleep(0.1)
    finally:
        process.kill()
        process.wait()

    assert answer is not None
    assert answer.is_success


def test_a_clock_that_is_years_off_is_waited_for_and_the_operator_can_say_that_it_is_right(
    sira: Command,
) -> None:
    later = SystemClock().now() + timedelta(days=800, hours=1)
    with sira.database() as db:
        db.write_now(lambda conn: workers.note_run(conn, now=later))
    server = Server(sira, a_free_port())
    try:
        server.wait_until_it_says("800 days before Sira last ran on this database")
        server.wait_until_it_says("sira trust-clock")
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{server.url}/healthz")

        sira.ok("trust-clock")

        server.wait_until_it_answers()
    finally:
        server.process.kill()
        server.process.wait()


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_every_address_is_of_both_kinds_until_its_terminal_is_closed(sira: Command) -> None:
    with serving(sira, a_free_port(), "--host", "::") as server:
        port = server.url.rpartition(":")[2]
        assert httpx.get(f"http://[::1]:{port}/healthz").is_success
        assert httpx.get(f"{server.url}/metrics").is_success  # told to this machine alone

        server.process.send_signal(signal.SIGHUP)

        # as every stop ends it
        assert server.process.wait(timeout=30) == -signal.SIGTERM


def test_a_supervisor_that_closes_every_stream_keeps_nobody_from_serving(sira: Command) -> None:
    server = Server(sira, a_free_port(), before=("/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"))
    try:
        server.wait_until_it_answers()
        taken = {
            str(Path(f"/proc/{server.process.pid}/fd/{number}").readlink()) for number in range(3)
        }
        assert taken == {"/dev/null"}
    finally:
        server.process.kill()
        server.process.wait()
