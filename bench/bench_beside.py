"""What else is asked of a process while a burst of messages leaves it, against when it rests.

A real `sira serve` on SQLite, which does all: reports on other roads and lists of routes, one after
another, first with nothing to send, then while every subscriber of a road is told.

    python bench/bench_beside.py [--recipients 20000] [--delay-ms 0]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.clock import SystemClock
from bench.bench_alert import post, subscribed
from bench.bench_dispatch import Provider

#: Off the road whose subscribers are told.
_PLACES = ("Gao", "Ansongo", "Kidal", "Menaka", "Douentza", "Hombori", "Gossi")
_AT_REST = 40


class Asking:
    """Somebody who reports, and looks at the routes, and waits for each answer."""

    def __init__(self, port: int, key: str) -> None:
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        self._places = cycle(_PLACES)
        self.reports: list[float] = []
        self.lists: list[float] = []

    def once(self) -> None:
        """Report once, and look once."""
        body = {
            "kind": "roadblock",
            "place": next(self._places),
            "occurred_at": SystemClock().now().isoformat(),
            "basis": "firsthand",
            "summary": "A rope across the road",
        }
        self.reports.append(_timed(lambda: self._client.post("/reports", json=body)))
        self.lists.append(_timed(lambda: self._client.get("/routes")))


def _timed(ask: Callable[[], httpx.Response]) -> float:
    started = time.monotonic()
    ask().raise_for_status()
    return time.monotonic() - started


def measure(provider: Provider, recipients: int) -> tuple[Asking, Asking]:
    """Return what was asked at rest, and what while everybody was told."""
    with subscribed(provider, recipients) as (server, admin):
        rest, burst = Asking(server.port, admin), Asking(server.port, admin)
        for _ in range(_AT_REST):
            rest.once()
        post(server.port, admin)
        while provider.count()["taken"] < recipients:
            burst.once()
    return rest, burst


def _said(rest: Sequence[float], burst: Sequence[float]) -> str:
    return (
        f"{statistics.median(rest) * 1e3:4.0f} ms at rest, {statistics.median(burst) * 1e3:4.0f} ms"
        f" beside a burst ({statistics.median(burst) / statistics.median(rest):.1f} x),"
        f" the longest of {len(burst)}: {max(burst) * 1e3:.0f} ms"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    args = parser.parse_args()
    with Provider(args.delay_ms) as provider:
        rest, burst = measure(provider, args.recipients)
    print(f"while {args.recipients} messages leave, medians:")
    print(f"  a report       {_said(rest.reports, burst.reports)}")
    print(f"  list of routes {_said(rest.lists, burst.lists)}", flush=True)


if __name__ == "__main__":
    main()
