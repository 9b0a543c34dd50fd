"""From the report to the phones: a real `sira serve` with its worker, on SQLite.

One run, one machine, ratios. For each number of subscribers: POST of the report to the first and to
the last call of the provider, against a bare loop that posts as many messages with the same HTTP
client; how long the reporter waited for the answer, against a server without subscribers; and the
most memory that the server ever held.

    python bench/bench_alert.py [--recipients 1000 10000] [--rounds 3] [--delay-ms 0]
    python bench/bench_alert.py --recipients 100000 --rounds 1
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.clock import SystemClock
from app.db.engine import Database
from app.subscribers.vault import Vault, new_keys
from bench import serving
from bench.bench_dispatch import (
    ACCOUNT,
    IN_THE_AIR,
    SENDER,
    TOKEN,
    Provider,
    bare_client,
)
from bench.people import subscribe

ROUTE, PLACE = "ML-DKR-N", "Lakamane"
_PATIENCE_S = 900.0


def post(port: int, key: str) -> tuple[float, float]:
    """Report a fuel interception; return when it was posted and how long the answer took."""
    body = {
        "kind": "fuel_interception",
        "place": PLACE,
        "cargo": "fuel",
        "occurred_at": SystemClock().now().isoformat(),
        "basis": "firsthand",
        "summary": "Tankers stopped and emptied",
    }
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/v1/reports"
    request = Request(url, json.dumps(body).encode(), headers)
    started = time.monotonic()
    answer = json.loads(urlopen(request).read())  # noqa: S310 - loopback
    took = time.monotonic() - started
    if not any(one["route"] == ROUTE and one["alert_id"] for one in answer["effects"]):
        raise SystemExit("the report raised no alert")
    return started, took


@contextmanager
def subscribed(provider: Provider, recipients: int) -> Iterator[tuple[serving.Server, str]]:
    """Serve so many subscribers of one road; yields the server and an admin's key."""
    keys = new_keys()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/bench.db"
        admin, _ = serving.prepare(url, 0)
        if recipients:
            db = Database(url)
            subscribe(db, Vault.parse(keys), recipients, routes=[ROUTE])
            db.close()
        with serving.sira(
            folder,
            url,
            SIRA_VAULT_KEYS=keys,
            SIRA_TWILIO__ACCOUNT_SID=ACCOUNT,
            SIRA_TWILIO__AUTH_TOKEN=TOKEN,
            SIRA_TWILIO__FROM=SENDER,
            SIRA_TWILIO__BASE_URL=provider.url,
            SIRA_PUBLIC_URL="https://sira.example",
        ) as server:
            yield server, admin


def end_to_end(provider: Provider, recipients: int) -> dict[str, float]:
    """Subscribe so many, report once, wait until everybody was told."""
    provider.reset()
    with subscribed(provider, recipients) as (server, admin):
        time.sleep(1.0)  # the worker starts listening
        cpu = server.cpu_s()
        posted, took = post(server.port, admin)
        taken = wait_for(provider, recipients)
        return {
            "answer": took,
            "first": taken["first"] - posted,
            "last": taken["last"] - posted,
            "cpu": server.cpu_s() - cpu,
            "peak": server.peak_mib(),
        }


def wait_for(provider: Provider, recipients: int) -> dict[str, Any]:
    """Return what the provider counted once everybody was told; each must be told once."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        taken = provider.count()
        if taken["taken"] >= recipients:
            if taken["numbers"] != recipients:
                raise SystemExit(f"not everybody once: {taken}")
            return taken
        time.sleep(0.2)
    raise SystemExit(f"not everybody was told in time: {provider.count()}")


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    args = parser.parse_args()
    provider = Provider(args.delay_ms)
    try:
        for recipients in args.recipients:
            bare, alone, ours = [], [], []
            for _ in range(args.rounds):
                alone.append(await asyncio.to_thread(end_to_end, provider, 0))
                provider.reset()
                bare.append(await bare_client(provider.url, recipients, IN_THE_AIR))
                ours.append(await asyncio.to_thread(end_to_end, provider, recipients))
            _show(recipients, bare, alone, ours)
    finally:
        provider.process.terminate()


def _show(
    recipients: int,
    bare: list[float],
    alone: list[dict[str, float]],
    ours: list[dict[str, float]],
) -> None:
    def median(found: list[dict[str, float]], name: str) -> float:
        return statistics.median(one[name] for one in found)

    base, last = statistics.median(bare), median(ours, "last")
    print(
        f"{recipients:7d} subscribers: bare client {base:.2f} s, POST to last call {last:.2f} s"
        f" (ratio {base / last:.2f}), to first {median(ours, 'first') * 1e3:.0f} ms\n"
        f"        answer {median(ours, 'answer') * 1e3:.0f} ms, with no subscribers"
        f" {median(alone, 'answer') * 1e3:.0f} ms; CPU {median(ours, 'cpu') / recipients * 1e6:.0f}"
        f" us a message; peak {max(one['peak'] for one in ours):.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    uvloop.run(main())
