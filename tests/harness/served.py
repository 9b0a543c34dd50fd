"""`sira serve` as a process, and reporters who send to it and write down what it answers."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from app.core.clock import SystemClock
from tests.harness.ports import a_free_port
from tests.harness.stem import Stem

#: Making one costs more than a request.
_http = httpx.Client(timeout=30, verify=False)  # noqa: S501 - loopback, in clear

#: A disk that was filled up or mended is noticed within a few.
_MOST_REPORTS = 400


@dataclass
class Served:
    """A process that serves. Its output is kept outside of what it works on."""

    url: str
    pid: int
    _stem: Stem
    _output: Path
    _crashed: bool = False

    @property
    def output(self) -> str:
        """Everything it has printed and logged."""
        return self._output.read_text(errors="replace")

    def crash(self) -> None:
        """Kill it as a power cut would: nothing is finished."""
        if not self._crashed:
            os.kill(self.pid, signal.SIGKILL)
            self._stem.wait(self.pid)
            self._crashed = True

    def ready(self, part: str = "all") -> httpx.Response:
        """Return what /readyz says."""
        return _http.get(f"{self.url}/readyz", params={"part": part})

    def wait_until_ready(self, part: str = "all") -> None:
        """Wait until /readyz says that all is well."""
        deadline = time.monotonic() + 60
        while (answer := self.ready(part)).status_code != httpx.codes.OK:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.2)

    def wait_until_it_answers(self) -> None:
        """Wait until it is up."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                _http.get(f"{self.url}/healthz").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.output)


@contextmanager
def serve(stem: Stem, environment: Mapping[str, str], output: Path) -> Iterator[Served]:
    """Serve until the end of the context, where the process is killed.

    Args:
        stem: What it is forked from.
        environment: Laid over ours.
        output: A file for what it prints.
    """
    port = a_free_port()
    words = ["serve", "--port", str(port)]
    pid = stem.start(words, os.environ | dict(environment), output)
    server = Served(f"http://127.0.0.1:{port}", pid, stem, output)
    try:
        server.wait_until_it_answers()
        yield server
    finally:
        server.crash()


@dataclass
class Reporter:
    """Sends reports, each with a summary of its own, and keeps what was answered.

    Attributes:
        taken: Summaries of those answered 2xx.
        refused: The answers to the others, by summary.
    """

    server: Served
    key: str
    taken: set[str] = field(default_factory=set)
    refused: dict[str, httpx.Response] = field(default_factory=dict)
    _bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    def report(self, **more: Any) -> httpx.Response:
        """Send one; `more` is laid over its body."""
        summary = f"report-{next(self._numbers)} " + "x" * 1500
        body = {
            "kind": "fuel_interception",
            "place": "Lakamane",
            "cargo": "fuel",
            "occurred_at": SystemClock().now().isoformat(),
            "basis": "firsthand",
            "summary": summary,
        } | more
        self._bodies[summary] = body
        answer = self.again(summary)
        if answer.is_success:
            self.taken.add(summary)
        else:
            assert answer.is_server_error, answer.text
            self.refused[summary] = answer
        return answer

    def again(self, summary: str) -> httpx.Response:
        """Send the report with that summary, for the first time or once more."""
        return _http.post(
            f"{self.server.url}/v1/reports",
            json=self._bodies[summary],
            headers={
                "Authorization": f"Bearer {self.key}",
                "Idempotency-Key": summary.partition(" ")[0],
            },
        )

    def report_until(self, status: int) -> httpx.Response:
        """Report until one is answered with `status`."""
        for _ in range(_MOST_REPORTS):
            answer = self.report()
            if answer.status_code == status:
                return answer
            time.sleep(0 if answer.is_success else 0.1)
        raise AssertionError(f"{_MOST_REPORTS} reports, and none was answered {status}")
