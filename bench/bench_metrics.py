"""What watching costs: a scrape beside a long queue, and what counting adds to a report.

The server is a process of its own, over loopback, on SQLite with so many deliveries. A
scrape is cheap because one look at the database serves all of them for 5 s; the look itself is
measured apart.

    python bench/bench_metrics.py [--deliveries 100000] [--queued 1000 100000]
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import delete, insert, update

from app.core import metrics
from app.core.clock import SystemClock
from app.core.ids import new_id
from app.db import migrate
from app.db.engine import Database
from app.db.tables import AlertRow, DeliveryRow, OrganisationRow
from app.flows.duty.watch import read_vitals
from bench import serving
from tests.harness.outbox import ORGANISATION, Outbox

_BATCH = 10_000
_SCRAPES = 200


def fill(db: Database, deliveries: int, queued: int) -> None:
    """Make so many deliveries of one alert, half of them for SMS; some of them are still queued."""
    outbox = Outbox(db)
    now = SystemClock().now()
    alert = outbox.alert(expires_at=now + timedelta(days=1))
    outbox.run(update(AlertRow).values(fanned_out_at=now))
    outbox.run(delete(OrganisationRow))  # sealed by no key of the server that follows
    for start in range(0, deliveries, _BATCH):
        rows = [
            {
                "id": new_id(now),
                "alert_id": alert,
                "contact_id": new_id(now),
                "organisation_id": ORGANISATION,
                "channel": "sms" if number % 2 else "email",
                "language": "fr",
                "status": "queued" if number < queued else "delivered",
                "priority": number % 5,
                "attempts": 0,
                "due_at": now,
                "created_at": now,
                "updated_at": now,
                "expires_at": now + timedelta(days=1),
            }
            for number in range(start, min(start + _BATCH, deliveries))
        ]
        db.write_now(lambda conn, batch=rows: conn.execute(insert(DeliveryRow), batch))  # type: ignore[misc]


def look(db: Database) -> None:
    """Measure one look at the database."""
    took = []
    for _ in range(20):
        started = time.perf_counter()
        db.read_now(lambda conn: read_vitals(conn, sections=(), now=SystemClock().now()))
        took.append(time.perf_counter() - started)
    print(f"a look at the database: {statistics.median(took) * 1e3:.1f} ms")


def scrapes(folder: Path, url: str) -> None:
    """Measure scrapes of a server that has answered on most of its paths."""
    admin, _ = serving.prepare(url, 1)
    with serving.sira(folder, url, "--api-only") as server:
        base = f"http://127.0.0.1:{server.port}"
        for path in ("alerts", "incidents", "routes", "rules", "organisations", "contacts"):
            headers = {"Authorization": f"Bearer {admin}"}
            urlopen(Request(f"{base}/v1/{path}", headers=headers)).read()  # noqa: S310 - loopback
        took, text = [], b""
        before = server.cpu_s()
        for _ in range(_SCRAPES):
            started = time.perf_counter()
            text = urlopen(f"{base}/metrics").read()  # noqa: S310 - loopback
            took.append(time.perf_counter() - started)
        cpu_ms = (server.cpu_s() - before) / _SCRAPES * 1e3
    cuts = statistics.quantiles(took, n=100)
    print(
        f"a scrape: p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms, CPU {cpu_ms:.2f} ms,"
        f" {len(text.splitlines())} lines"
    )


def counting() -> None:
    """Measure what a report pays for being counted."""
    times = 20_000
    started = time.perf_counter()
    for _ in range(times):
        metrics.REQUESTS.labels("POST", "/v1/reports", "201").observe(0.01)
        metrics.WRITES_WAITING.inc()
        metrics.WRITES_WAITING.dec()
        metrics.WRITES.observe(0.01)
        metrics.REPORTS.labels("opened").inc()
    print(f"counting a report: {(time.perf_counter() - started) / times * 1e6:.1f} us")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deliveries", type=int, default=100_000)
    parser.add_argument("--queued", type=int, nargs="+", default=[1_000, 100_000])
    args = parser.parse_args()
    for queued in args.queued:
        print(f"{args.deliveries} deliveries, {queued} of them queued")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            url = f"sqlite:///{folder}/bench.db"
            migrate.upgrade(url)
            db = Database(url)
            fill(db, args.deliveries, queued)
            look(db)
            db.close()
            scrapes(folder, url)
    counting()


if __name__ == "__main__":
    main()
