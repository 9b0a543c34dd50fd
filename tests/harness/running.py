"""A process of Sira, forked from a stem or started anew: struck, stopped, asked how it is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from tests.harness.ports import a_free_port
from tests.harness.stem import ROOT, Stem

#: Making one costs more than a request.
loopback = httpx.Client(timeout=30, verify=False)  # noqa: S501 - in clear


class Running:
    """One process of Sira.

    Args:
        words: Command and options; it gets a port of its own.
        environment: All that it is started with.
        output: A file for what it prints, outside of what it works on.
        stem: What it is forked from; None: it is started anew.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        output: Path,
        stem: Stem | None,
    ) -> None:
        self.port = a_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = output
        self._stem = stem
        words = [*words, "--port", str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None
        if stem is not None:
            self.pid = stem.start(words, environment, self.output)
        else:
            command = [sys.executable, "-c", "from app.cli import app; app(prog_name='sira')"]
            with self.output.open("wb") as file:
                self._process = subprocess.Popen(
                    [*command, *words],
                    cwd=ROOT,
                    env=dict(environment),
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            self.pid = self._process.pid
        self._code: int | None = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it on the spot."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code once it has."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; return its exit code."""
        if self._code is None:
            if self._process is not None:
                self._code = self._process.wait()
            elif self._stem is not None:
                self._code = self._stem.wait(self.pid)
        return self._code or 0

    def ready(self) -> bool:
        """Tell whether it answers."""
        try:
            return loopback.get(f"{self.url}/healthz", timeout=2).is_success
        except httpx.TransportError:
            return False

    def wait_until_ready(self) -> None:
        """Wait until it answers."""
        eventually(self.ready, within_s=90, what=lambda: self.output.read_text()[-3000:])

    def says(self, part: str = "all") -> httpx.Response:
        """Return what /readyz says."""
        return loopback.get(f"{self.url}/readyz", params={"part": part})

    def wait_until_well(self) -> None:
        """Wait until /readyz says that all is well."""
        eventually(lambda: self.says().is_success, every_s=0.2, what=lambda: self.says().text)


def eventually(
    condition: Callable[[], object],
    *,
    within_s: float = 90,
    every_s: float = 0.05,
    what: Callable[[], str] = lambda: "it does not come about",
) -> None:
    """Wait until `condition` holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(what())
        time.sleep(every_s)
