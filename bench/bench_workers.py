"""Workers as they are run, against a loop that only posts the same requests with the same client.

In turns, in one run: the bare loop; one `sira worker` on SQLite; one, then two, on PostgreSQL. An
alert is committed, the workers fan it out, send it and write down what became of it. The rate is
from the commit to the last call (`last`), and between the first and the last tenth of the calls
without the start (`steady`). CPU is that of the processes, user and system. The provider is a
process of its own and shares the cores: what it costs is printed, too.

    python bench/bench_workers.py [--recipients 10000] [--rounds 3] [--delay-ms 0]
                                  [--in-the-air 128] [--only sqlite postgres two]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import delete, func, select, text

from app.core.clock import SystemClock
from app.db import migrate
from app.db.engine import Database
from app.db.tables import DeliveryRow, OrganisationRow
from app.db.wake import call_workers
from app.subscribers.vault import Vault, new_keys
from bench import serving
from bench.bench_alert import wait_for
from bench.bench_dispatch import ACCOUNT, SENDER, TOKEN, Provider, bare_client
from bench.people import subscribe
from tests.harness.outbox import ORGANISATION, ROUTE, Outbox
from tests.harness.postgres import running_server

_START_S = 2.0
_RECORDED_S = 60.0


def environment(url: str, folder: Path, keys: str, provider: Provider) -> dict[str, str]:
    """Return what a worker is started with."""
    return {
        "SIRA_DATABASE_URL": url,
        "SIRA_VAR_DIR": str(folder),
        "SIRA_LOG_LEVEL": "WARNING",
        "SIRA_VAULT_KEYS": keys,
        "SIRA_TWILIO__ACCOUNT_SID": ACCOUNT,
        "SIRA_TWILIO__AUTH_TOKEN": TOKEN,
        "SIRA_TWILIO__FROM": SENDER,
        "SIRA_TWILIO__BASE_URL": provider.url,
        "SIRA_PUBLIC_URL": "https://sira.example",
    }


@contextmanager
def workers(count: int, env: dict[str, str]) -> Iterator[list[serving.Server]]:
    """Run so many `sira worker`."""
    command = [sys.executable, "-c", "from app.cli import app; app()", "worker", "--port"]
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            port = serving.free_port()
            one = serving.serving([*command, str(port)], port, ready="/healthz", **env)
            found.append(stack.enter_context(one))
        time.sleep(_START_S)
        yield found


@contextmanager
def subscribed(url: str, keys: str, recipients: int) -> Iterator[Outbox]:
    """Yield a new database with so many subscribers of one route."""
    migrate.upgrade(url)
    db = Database(url)
    outbox = Outbox(db)
    outbox.run(delete(OrganisationRow).where(OrganisationRow.id == ORGANISATION))
    subscribe(db, Vault.parse(keys), recipients, routes=[ROUTE])
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
    yield outbox
    db.close()


def tell(
    outbox: Outbox, provider: Provider, servers: Sequence[serving.Server], recipients: int
) -> dict[str, float]:
    """Commit an alert and wait until everybody was told and it is written down."""
    provider.reset()
    before = [server.cpu_s() for server in servers]
    started = time.monotonic()
    outbox.alert(expires_at=SystemClock().now() + timedelta(days=1))
    outbox.db.write_now(call_workers)  # as whoever raises one does: else it is found by polling
    taken = wait_for(provider, recipients)
    recorded(outbox, recipients)
    cpu = sum(server.cpu_s() for server in servers) - sum(before)
    return {
        "last": recipients / (taken["last"] - started),
        "steady": recipients / max(1e-9, taken["last"] - taken["first"]),
        "first_ms": (taken["first"] - started) * 1e3,
        "cpu_us": cpu / recipients * 1e6,
        "sink_us": taken["cpu_s"] / recipients * 1e6,
        "cores": cpu / (taken["last"] - started),
        "peak": max(server.peak_mib() for server in servers),
    }


def recorded(outbox: Outbox, recipients: int) -> None:
    """Wait until what became of everybody is written down."""
    query = select(func.count()).where(DeliveryRow.status == "sent")
    until = time.monotonic() + _RECORDED_S
    while outbox.db.read_now(lambda conn: conn.scalar(query)) != recipients:
        if time.monotonic() > until:
            raise SystemExit("what was sent is not written down")
        time.sleep(0.1)


class Ways:
    """The ways that are compared, each with a database of its own in every round."""

    def __init__(self, args: argparse.Namespace, provider: Provider, postgres: Any) -> None:
        self._args, self._provider, self._postgres = args, provider, postgres
        self._made = 0

    def bare(self) -> dict[str, float]:
        """Post the same requests and nothing else."""
        recipients, in_the_air = self._args.recipients, self._args.in_the_air
        self._provider.reset()
        cpu = time.process_time()
        took = uvloop.run(bare_client(self._provider.url, recipients, in_the_air))
        cpu = time.process_time() - cpu
        taken = self._provider.count()
        return {
            "last": recipients / took,
            "steady": recipients / took,
            "first_ms": 0.0,
            "cpu_us": cpu / recipients * 1e6,
            "sink_us": taken["cpu_s"] / recipients * 1e6,
            "cores": cpu / took,
            "peak": 0.0,
        }

    def sira(self, database: str, count: int) -> dict[str, float]:
        """Tell everybody through so many workers."""
        keys = new_keys()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            url = f"sqlite:///{folder}/bench.db"
            if database == "postgres":
                self._made += 1
                url = self._postgres.create(f"workers{self._made}")
            with subscribed(url, keys, self._args.recipients) as outbox:
                env = environment(url, folder, keys, self._provider)
                with workers(count, env) as servers:
                    return tell(outbox, self._provider, servers, self._args.recipients)


def show(name: str, runs: Sequence[dict[str, float]], base: dict[str, float]) -> dict[str, float]:
    """Print a line; return the medians."""
    middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    base = base or middle
    print(
        f"{name:24s} {middle['last']:7.0f} {middle['last'] / base['last']:6.2f}"
        f" {middle['steady']:9.0f} {middle['steady'] / base['last']:6.2f}"
        f" {middle['cpu_us']:10.0f} {base['cpu_us'] / middle['cpu_us']:6.2f}"
        f" {middle['cores']:6.2f} {middle['sink_us']:8.0f} {middle['first_ms']:9.0f}"
        f" {max(run['peak'] for run in runs):9.0f}",
        flush=True,
    )
    return middle


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--in-the-air", type=int, default=128, help="of the bare loop")
    parser.add_argument("--only", nargs="+", choices=["sqlite", "postgres", "two"])
    args = parser.parse_args()
    wanted = args.only or ["sqlite", "postgres", "two"]
    runs: dict[str, list[dict[str, float]]] = {}
    with ExitStack() as stack:
        provider = stack.enter_context(Provider(args.delay_ms))
        postgres = None if wanted == ["sqlite"] else stack.enter_context(running_server())
        ways = Ways(args, provider, postgres)
        for _ in range(args.rounds):
            runs.setdefault("bare loop", []).append(ways.bare())
            if "sqlite" in wanted:
                runs.setdefault("one worker, SQLite", []).append(ways.sira("sqlite", 1))
            if "postgres" in wanted or "two" in wanted:
                runs.setdefault("one worker, PostgreSQL", []).append(ways.sira("postgres", 1))
            if "two" in wanted:
                runs.setdefault("two workers, PostgreSQL", []).append(ways.sira("postgres", 2))
    print(f"{args.recipients} recipients, provider at {args.delay_ms:.0f} ms, {args.rounds} rounds")
    print(
        "                           per s  ratio  steady/s  ratio    CPU us  ratio  cores  sink us"
        "  first ms  peak MiB"
    )
    base: dict[str, float] = {}
    rates = {}
    for name, found in runs.items():
        middle = show(name, found, base)
        base = base or middle
        rates[name] = middle["last"]
    one, two = rates.get("one worker, PostgreSQL"), rates.get("two workers, PostgreSQL")
    if one and two:
        print(f"two workers against one: {two / one:.2f}")


if __name__ == "__main__":
    main()
