"""A steady load for as long as wanted: does anything grow, slow down, or get lost?

A real `sira serve` on SQLite, a fake Twilio, reports and alerts by hand at a steady
rate whatever the answers take. Each minute a line; at the end every delivery must have reached the
provider once, and the queue must be empty.

    python bench/soak.py [--minutes 3] [--reports 20] [--alerts 30] [--subscribers 2000]
                         [--delay-ms 100]

`--reports` a second, `--alerts` a minute; each alert goes to a tenth of the subscribers and is
withdrawn later.
"""

import argparse
import asyncio
import contextlib
import itertools
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, select

from app.core.clock import SystemClock
from app.db.engine import Database
from app.db.tables import DeliveryRow
from app.roads.loading import load_network
from app.subscribers.vault import Vault, new_keys
from bench import serving
from bench.bench_dispatch import ACCOUNT, SENDER, TOKEN, Provider
from bench.bench_reports import places
from bench.people import subscribe
from bench.storm import reports
from tests.harness.exposition import samples

ROUTES = 10
_DRAIN_S = 120.0
_MIB = 2**20


class Load:
    """What is asked of the server, and how long it took to answer."""

    def __init__(self, client: httpx.AsyncClient, routes: list[str]) -> None:
        self._client, self._routes = client, itertools.cycle(routes)
        self._bodies = itertools.cycle(reports(places(), 5_000, now=SystemClock().now(), seed=1))
        self._open: dict[str, str] = {}
        self.took: list[float] = []
        self.statuses: Counter[int] = Counter()

    async def report(self) -> None:
        """Post a report."""
        started = time.perf_counter()
        answer = await self._client.post("/v1/reports", json=next(self._bodies))
        self.took.append(time.perf_counter() - started)
        self.statuses[answer.status_code] += 1

    async def alert(self) -> None:
        """Warn of a route, or take back what was said of it."""
        route = next(self._routes)
        if known := self._open.pop(route, None):
            path, body = f"/v1/alerts/{known}/withdraw", {"note": "Road open again"}
        else:
            path = "/v1/alerts"
            body = {"route": route, "cargo": "fuel", "level": "severe", "note": "Soak test"}
        answer = await self._client.post(path, json=body)
        self.statuses[answer.status_code] += 1
        if path == "/v1/alerts" and answer.is_success:
            self._open[route] = answer.json()["id"]


async def at_rate(per_s: float, until: float, one: Callable[[], Awaitable[None]]) -> None:
    """Call `one` so often, waiting for no answer before the next."""
    async with asyncio.TaskGroup() as calls:
        due = time.monotonic()
        while due < until:
            calls.create_task(one())  # type: ignore[arg-type]
            due += 1 / per_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def watch(server: serving.Server, load: Load, base: str, until: float) -> None:
    """Print a line a minute."""
    process = psutil.Process(server.process.pid)
    started = time.monotonic()
    print("minute  RSS MiB  threads  files  queue  in doubt  sent  reports  p50 ms  p99 ms  CPU %")
    for minute in itertools.count(1):
        process.cpu_percent()
        before = len(load.took)
        await asyncio.sleep(max(0.0, started + 60 * minute - time.monotonic()))
        found = await scrape(base)
        took = load.took[before:]
        cuts = statistics.quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
        sent = total(found, "sira_attempts_total")
        print(
            f"{minute:6d} {process.memory_info().rss / _MIB:8.0f} {process.num_threads():8d}"
            f" {process.num_fds():6d} {total(found, 'sira_queue_depth'):6.0f}"
            f" {total(found, 'sira_deliveries_in_doubt'):9.0f} {sent:5.0f} {len(took):8d}"
            f" {cuts[49] * 1e3:7.1f} {cuts[98] * 1e3:7.1f} {process.cpu_percent():6.0f}",
            flush=True,
        )
        if time.monotonic() >= until:
            return


async def scrape(base: str) -> dict[str, float]:
    """Return every sample of /metrics."""
    async with httpx.AsyncClient() as client:
        return samples((await client.get(f"{base}/metrics")).text)


def total(found: dict[str, float], name: str) -> float:
    """Return the sum of a metric over its labels."""
    return sum(value for key, value in found.items() if key.partition("{")[0] == name)


@contextlib.asynccontextmanager
async def a_client(base: str, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client with an admin's key."""
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=64, keepalive_expiry=2)  # uvicorn closes after 5 s
    async with httpx.AsyncClient(
        base_url=base, headers=headers, timeout=30, limits=limits
    ) as client:
        yield client


async def soak(args: argparse.Namespace, folder: Path, url: str, provider: Provider) -> None:
    """Run everything and print what came of it."""
    keys = new_keys()
    routes = list(load_network(serving.ROOT / "config" / "network").corridors)[:ROUTES]
    admin, _ = serving.prepare(url, 1)
    db = Database(url)
    await asyncio.to_thread(
        subscribe, db, Vault.parse(keys), args.subscribers, routes=routes, cargo="fuel"
    )
    twilio = {
        "SIRA_VAULT_KEYS": keys,
        "SIRA_TWILIO__ACCOUNT_SID": ACCOUNT,
        "SIRA_TWILIO__AUTH_TOKEN": TOKEN,
        "SIRA_TWILIO__FROM": SENDER,
        "SIRA_TWILIO__BASE_URL": provider.url,
        "SIRA_PUBLIC_URL": "https://sira.example",
    }
    with serving.sira(folder, url, **twilio) as server:
        base = f"http://127.0.0.1:{server.port}"
        until = time.monotonic() + 60 * args.minutes
        async with a_client(base, admin) as client:
            load = Load(client, routes)
            async with asyncio.TaskGroup() as group:
                group.create_task(at_rate(args.reports, until, load.report))
                group.create_task(at_rate(args.alerts / 60, until, load.alert))
                group.create_task(watch(server, load, base, until))
        await drained(db)
        print(f"peak {server.peak_mib():.0f} MiB")
    print(f"answers: {dict(load.statuses)}")
    check(db, provider.count())
    db.close()


async def drained(db: Database) -> None:
    """Wait until nothing is left to send."""
    live = select(func.count()).where(DeliveryRow.status.in_(["queued", "sending", "in_doubt"]))
    until = time.monotonic() + _DRAIN_S
    while await db.read(lambda conn: conn.scalar(live)):
        if time.monotonic() > until:
            raise SystemExit("the queue does not empty")
        await asyncio.sleep(0.2)


def check(db: Database, taken: dict[str, Any]) -> None:
    """Hold what the provider took against what was recorded."""
    by_status = select(DeliveryRow.status, func.count()).group_by(DeliveryRow.status)
    found = {row[0]: row[1] for row in db.read_now(lambda c: c.execute(by_status).all())}
    print(f"deliveries: {found}; the provider took {taken['taken']}")
    if taken["taken"] != found.get("sent", 0):
        raise SystemExit("what was taken is not what was recorded as sent")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--reports", type=float, default=20)
    parser.add_argument("--alerts", type=float, default=30)
    parser.add_argument("--subscribers", type=int, default=2_000)
    parser.add_argument("--delay-ms", type=float, default=100)
    args = parser.parse_args()
    provider = Provider(args.delay_ms)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            asyncio.run(soak(args, folder, f"sqlite:///{folder}/soak.db", provider))
    finally:
        provider.process.terminate()


if __name__ == "__main__":
    main()
