"""How fast reports are taken, against the least that a service could do with one.

One run, one machine, ratios: the absolute figures are this machine's. Servers and client are
processes of their own, over loopback. For each number of connections, in turns: Sira (half of the
reports by reporters' keys), a bare FastAPI endpoint that commits one row (see bare_endpoint.py),
and in between plain sqlite3 inserts with a commit each, without any HTTP.

    python bench/bench_reports.py [--connections 1 16 64] [--reports 600] [--rounds 3]
                                  [--batch 10000] [--postgres]
"""

import argparse
import contextlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.core.clock import SystemClock
from app.roads.gazetteer import Gazetteer
from app.roads.loading import load_network
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery
from bench import serving
from bench.storm import reports

REPORTERS = 40
PLACES = 60
_BATCH = 1_000


def places() -> list[str]:
    """Return names of places along the roads, spread over the network, none of them ambiguous."""
    network = load_network(serving.ROOT / "config" / "network")
    gazetteer = Gazetteer(network)
    names = sorted(
        {stop.name for corridor in network.corridors.values() for stop in corridor.stops}
    )
    found = [
        name for name in names if isinstance(locate(PlaceQuery(place=name), gazetteer), Location)
    ]
    return found[:: max(1, len(found) // PLACES)][:PLACES]


class Databases:
    """A new, empty database for each server."""

    def __init__(self, folder: Path, postgres: Any) -> None:
        self._folder, self._postgres, self._made = folder, postgres, 0

    def new(self) -> tuple[Path, str]:
        """Return a folder and the URL of a database."""
        self._made += 1
        folder = self._folder / str(self._made)
        folder.mkdir()
        if self._postgres is None:
            return folder, f"sqlite:///{folder}/bench.db"
        return folder, self._postgres.create(f"bench{self._made}")


def raw_sqlite(folder: Path, count: int) -> float:
    """Insert rows with a commit each, durable as Sira's; return seconds a row."""
    with contextlib.closing(sqlite3.connect(folder / "raw.db", isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
        conn.execute("CREATE TABLE IF NOT EXISTS row (id TEXT, kind TEXT, place TEXT, said TEXT)")
        started = time.perf_counter()
        for number in range(count):
            values = (f"{time.time()}-{number}", "ied", "Diema", "Tankers stopped and emptied")
            conn.execute("INSERT INTO row VALUES (?, ?, ?, ?)", values)
        return (time.perf_counter() - started) / count


class Measured:
    """What the rounds of one server at one number of connections came to."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.cpu_us: list[float] = []
        self.took: list[float] = []
        self.peak = 0.0

    def add(self, server: serving.Server, found: dict[str, Any], cpu_s: float) -> None:
        """Keep a round."""
        count = len(found["took"])
        refused = count - found["statuses"].get("201", 0)
        if refused:
            raise SystemExit(f"not every report was taken: {found['statuses']}")
        self.rates.append(count / found["seconds"])
        self.cpu_us.append(cpu_s / count * 1e6)
        self.took += found["took"]
        self.peak = max(self.peak, server.peak_mib())

    @property
    def rate(self) -> float:
        """Return the median rate a second."""
        return statistics.median(self.rates)

    def line(self, name: str) -> str:
        """Return a line of the table."""
        cuts = statistics.quantiles(self.took, n=100)
        return (
            f"  {name:14s} {self.rate:7.0f}/s   p50 {cuts[49] * 1e3:7.2f} ms"
            f"   p99 {cuts[98] * 1e3:7.2f} ms ({cuts[98] / cuts[49]:4.1f} x)"
            f"   CPU {statistics.median(self.cpu_us):6.0f} us   peak {self.peak:4.0f} MiB"
        )


def measure(
    server: serving.Server, requests: list[Any], path: str, connections: int, into: Measured
) -> None:
    """Warm the server up with some of the requests, measure the rest."""
    warm = max(50, len(requests) // 10)
    serving.storm(server.port, path, requests[:warm], connections)
    before = server.cpu_s()
    found = serving.storm(server.port, path, requests[warm:], connections)
    into.add(server, found, server.cpu_s() - before)


def compare(databases: Databases, connections: int, count: int, rounds: int) -> None:
    """Measure everything at one number of connections, in turns; print the ratios."""
    ours, pool, writer = Measured(), Measured(), Measured()
    raw: list[float] = []
    for turn in range(rounds):
        bodies = reports(places(), count, now=SystemClock().now(), seed=turn)
        folder, url = databases.new()
        admin, keys = serving.prepare(url, REPORTERS)
        callers = [keys[n % REPORTERS] if n % 2 else admin for n in range(count)]
        requests = list(zip(callers, bodies, strict=True))
        with serving.sira(folder, url, "--api-only") as server:
            measure(server, requests, "/v1/reports", connections, ours)
        for kind, into in (("pool", pool), ("writer", writer)):
            folder, url = databases.new()
            with serving.bare("bare_endpoint.py", url, writer=kind) as server:
                measure(server, requests, "/reports", connections, into)
        raw.append(raw_sqlite(folder, count))
    print(f"{connections} connections")
    print(ours.line("Sira"))
    print(pool.line("bare, pool"))
    print(writer.line("bare, writer"))
    print(f"  raw sqlite3    {1 / statistics.median(raw):7.0f}/s")
    print(
        f"  ratio to pool {ours.rate / pool.rate:.2f}, to writer {ours.rate / writer.rate:.2f},"
        f" to raw sqlite3 {ours.rate * statistics.median(raw):.2f}",
        flush=True,
    )


def batches(databases: Databases, count: int) -> None:
    """Post many reports by batch; print how fast and in how much memory."""
    folder, url = databases.new()
    admin, _ = serving.prepare(url, 1)
    bodies = reports(places(), count, now=SystemClock().now(), seed=1)
    requests = [
        (admin, {"reports": bodies[start : start + _BATCH]}) for start in range(0, count, _BATCH)
    ]
    with serving.sira(folder, url, "--api-only") as server:
        before = server.cpu_s()
        found = serving.storm(server.port, "/v1/reports/batch", requests, 1)
        cpu_us = (server.cpu_s() - before) / count * 1e6
        print(
            f"{count} reports by batch: {found['seconds']:.1f} s ({count / found['seconds']:.0f}/s,"
            f" CPU {cpu_us:.0f} us each), peak {server.peak_mib():.0f} MiB;"
            f" {found['statuses']}",
            flush=True,
        )


@contextlib.contextmanager
def _postgres(*, wanted: bool) -> Iterator[Any]:
    if not wanted:
        yield None
        return
    from tests.harness.postgres import running_server  # noqa: PLC0415 - starts a server

    with running_server() as server:
        yield server


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 16, 64])
    parser.add_argument("--reports", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=10_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of its own")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _postgres(wanted=args.postgres) as postgres:
        databases = Databases(Path(folder), postgres)
        print("PostgreSQL (fsync off)" if postgres else "SQLite (WAL, synchronous=FULL)")
        for connections in args.connections:
            compare(databases, connections, args.reports, args.rounds)
        if args.batch:
            batches(databases, args.batch)


if __name__ == "__main__":
    main()
