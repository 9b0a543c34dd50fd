"""Two API processes on one PostgreSQL against one; and reports while receipts pour in.

In turns: 64 connections post reports to one `sira serve --api-only`, then the same split over two.
CPU is that of the API processes; PostgreSQL and the clients share the machine.

Then 10,000 receipts, signed as Twilio signs them, over 32 connections, while a report comes every
50 ms: the p99 of reports, against the same without receipts, on SQLite and on PostgreSQL.

    python bench/bench_many.py [--reports 600] [--rounds 3] [--receipts 10000]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from app.core.clock import SystemClock
from app.db.tables import DeliveryRow
from app.subscribers.vault import new_keys
from bench import serving
from bench.bench_dispatch import ACCOUNT, SENDER, TOKEN
from bench.bench_fanout import chunks
from bench.bench_reports import places
from bench.bench_workers import subscribed
from bench.storm import reports
from tests.harness.postgres import running_server

CONNECTIONS = 64
PUBLIC = "https://sira.example"
_PACE_S = 0.05
_WARM = 100


def lines(admin: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Return reports as `storm.py` reads them."""
    bodies = reports(places(), count, now=SystemClock().now(), seed=seed)
    return [{"key": admin, "body": body} for body in bodies]


def ingest(url: str, apis: int, count: int, seed: int) -> dict[str, float]:
    """Post reports to so many API processes."""
    admin, _ = serving.prepare(url, 0)
    halves = [lines(admin, count // 2, 2 * seed), lines(admin, count // 2, 2 * seed + 1)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        keys = new_keys()
        servers = [
            stack.enter_context(serving.sira(folder, url, "--api-only", SIRA_VAULT_KEYS=keys))
            for _ in range(apis)
        ]
        for half in halves:
            serving.storm_of(servers[0].port, half[:_WARM], CONNECTIONS)
        cpu = sum(server.cpu_s() for server in servers)
        started = time.perf_counter()
        with ThreadPoolExecutor(2) as clients:
            found = list(
                clients.map(
                    lambda n: serving.storm_of(
                        servers[n % apis].port, halves[n][_WARM:], CONNECTIONS // 2
                    ),
                    range(2),
                )
            )
        seconds = time.perf_counter() - started
        taken = sum(one["statuses"].get("201", 0) for one in found)
        return {
            "rate": taken / max(one["seconds"] for one in found),
            "cpu_us": (sum(server.cpu_s() for server in servers) - cpu) / taken * 1e6,
            "p99_ms": statistics.quantiles([t for one in found for t in one["took"]], n=100)[98]
            * 1e3,
            "wall": seconds,
        }


def two_apis(postgres: Any, count: int, rounds: int) -> None:
    """Compare one API process with two; print."""
    runs: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    for turn in range(rounds):
        for apis, found in runs.items():
            found.append(ingest(postgres.create(f"api{turn}_{apis}"), apis, count, turn))
    rate = {}
    for apis, found in runs.items():
        middle = {key: statistics.median(run[key] for run in found) for key in found[0]}
        rate[apis] = middle["rate"]
        print(
            f"{apis} API on PostgreSQL, {CONNECTIONS} connections: {middle['rate']:.0f} reports/s,"
            f" p99 {middle['p99_ms']:.0f} ms, CPU {middle['cpu_us']:.0f} us each"
        )
    print(f"  two against one: {rate[2] / rate[1]:.2f}", flush=True)


def receipts(url: str, keys: str, count: int) -> list[dict[str, Any]]:
    """Make deliveries that were sent; return their receipts, signed."""
    with subscribed(url, keys, count) as outbox:
        alert = outbox.alert(expires_at=SystemClock().now() + timedelta(days=1))
        chunks(outbox, alert, 4_000)
        outbox.run(update(DeliveryRow).values(status="sent", provider="twilio"))
        query = select(DeliveryRow.id)
        ids = outbox.db.read_now(lambda conn: list(conn.scalars(query)))
    validator = RequestValidator(TOKEN)
    found = []
    for number, delivery in enumerate(ids):
        path = f"/v1/twilio/status?delivery={delivery}"
        form = {
            "MessageSid": f"SM{number:032x}",
            "MessageStatus": "delivered",
            "To": f"+22360{number:06d}",
            "From": SENDER,
            "AccountSid": ACCOUNT,
        }
        signature = validator.compute_signature(f"{PUBLIC}{path}", form)
        headers = {"X-Twilio-Signature": signature}
        found.append({"path": path, "form": urlencode(form), "headers": headers})
    return found


def p99(found: dict[str, Any]) -> tuple[float, float]:
    """Return the median and the p99 of answers, ms."""
    cuts = statistics.quantiles(found["took"], n=100)
    return cuts[49] * 1e3, cuts[98] * 1e3


def burst(name: str, url: str, count: int, wanted: int) -> None:
    """Compare the p99 of reports with and without receipts; print."""
    keys = new_keys()
    calls = receipts(url, keys, count)
    admin, _ = serving.prepare(url, 0)
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "SIRA_VAULT_KEYS": keys,
            "SIRA_TWILIO__ACCOUNT_SID": ACCOUNT,
            "SIRA_TWILIO__AUTH_TOKEN": TOKEN,
            "SIRA_TWILIO__FROM": SENDER,
            "SIRA_PUBLIC_URL": PUBLIC,
        }
        with (
            serving.sira(Path(folder), url, "--api-only", **env) as server,
            ThreadPoolExecutor(1) as beside,
        ):
            serving.storm_of(server.port, lines(admin, _WARM, 90), 1)
            idle: list[dict[str, Any]] = []
            busy: list[dict[str, Any]] = []
            for turn in range(2):
                idle.append(_paced(server, lines(admin, wanted, 91 + turn)))
                half = calls[turn * count // 2 : (turn + 1) * count // 2]
                pouring = beside.submit(serving.storm_of, server.port, half, 32)
                while not pouring.done():
                    busy.append(_paced(server, lines(admin, 20, 95 + turn)))
                _all(pouring.result(), "204")
                seconds = pouring.result()["seconds"]
                print(f"  {len(half)} receipts in {seconds:.1f} s: {len(half) / seconds:.0f}/s")
    quiet, loud = p99(_together(idle)), p99(_together(busy))
    print(
        f"{name}: reports idle p50 {quiet[0]:.1f} p99 {quiet[1]:.1f} ms; while receipts pour in"
        f" p50 {loud[0]:.1f} p99 {loud[1]:.1f} ms: p99 {loud[1] / quiet[1]:.1f} x",
        flush=True,
    )


def _paced(server: serving.Server, requests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found = serving.storm_of(server.port, requests, 1, pace_s=_PACE_S)
    _all(found, "201")
    return found


def _all(found: dict[str, Any], status: str) -> None:
    if set(found["statuses"]) != {status}:
        raise SystemExit(f"not every answer was {status}: {found['statuses']}")


def _together(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"took": [one for run in runs for one in run["took"]]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--receipts", type=int, default=10_000)
    args = parser.parse_args()
    with running_server() as postgres, tempfile.TemporaryDirectory() as folder:
        if args.rounds:
            two_apis(postgres, args.reports, args.rounds)
        if args.receipts:
            burst("SQLite", f"sqlite:///{folder}/burst.db", args.receipts, 150)
            burst("PostgreSQL", postgres.create("burst"), args.receipts, 150)


if __name__ == "__main__":
    main()
