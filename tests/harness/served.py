"""`sira serve` as a process, and reporters who send to it and write down what it answers."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from app.core.clock import SystemClock
from tests.harness.running import Running, loopback
from tests.harness.stem import Stem

#: A disk that was filled up or mended is noticed within a few.
_MOST_REPORTS = 400


@contextmanager
def serve(stem: Stem, environment: Mapping[str, str], output: Path) -> Iterator[Running]:
    """Serve until the end of the context, where the process is killed.

    Args:
        stem: What it is forked from.
        environment: Laid over ours.
        output: A file for what it prints.
    """
    server = Running(["serve"], os.environ | dict(environment), output, stem)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.kill()


@dataclass
class Reporter:
    """Sends reports, each with a summary of its own, and keeps what was answered.

    Attributes:
        taken: Summaries of those answered 2xx.
        refused: The answers to the others, by summary.
    """

    server: Running
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
        return loopback.post(
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
