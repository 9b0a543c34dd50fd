"""Fan-out of an alert, against the bare INSERT ... SELECT that makes the same rows.

In turns, on a database of its own for each database and round: Sira's fan-out, chunk by chunk as a
worker does it (who was told before, who hears of another cargo, what is overtaken, where it goes on
after a crash), and one statement in one transaction that joins subscriptions, contacts and
addresses and decides nothing.

    python bench/bench_fanout.py [--recipients 100000] [--rounds 3] [--chunk 4000]
                                 [--only sqlite postgres]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Connection, insert, literal, select

from app.config import load_config
from app.core.clock import SystemClock
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.tables import (
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    SubscriptionCargoRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.db.types import UtcDateTime
from app.delivery.outbox import sharing
from app.subscribers.vault import new_keys
from bench.bench_workers import subscribed
from tests.harness.outbox import ROUTE, Outbox
from tests.harness.postgres import running_server

#: What each message costs is set aside with it.
COUNTRIES = load_config(Path(__file__).resolve().parents[1] / "config").countries


def bare(conn: Connection, alert_id: str) -> int:
    """Make every delivery of an alert in one statement that decides nothing."""
    now = SystemClock().now()
    instant = literal(now, UtcDateTime())
    rows = (
        select(
            sql_uuid7(literal(uuid7_prefix(now))).label("id"),
            literal(alert_id).label("alert_id"),
            SubscriptionRow.contact_id,
            ContactRow.organisation_id,
            ContactChannelRow.channel,
            ContactRow.language,
            literal("queued").label("status"),
            literal(0).label("priority"),
            literal(0).label("attempts"),
            instant.label("due_at"),
            instant.label("created_at"),
            instant.label("updated_at"),
            literal(now + timedelta(days=1), UtcDateTime()).label("expires_at"),
        )
        .select_from(SubscriptionTargetRow)
        .join(SubscriptionRow, SubscriptionRow.id == SubscriptionTargetRow.subscription_id)
        .join(SubscriptionCargoRow, SubscriptionCargoRow.subscription_id == SubscriptionRow.id)
        .join(ContactRow, ContactRow.id == SubscriptionRow.contact_id)
        .join(ContactChannelRow, ContactChannelRow.contact_id == ContactRow.id)
        .where(
            SubscriptionTargetRow.target == f"route:{ROUTE}",
            SubscriptionCargoRow.cargo == "fuel",
            ContactChannelRow.status == "active",
        )
    )
    statement = insert(DeliveryRow).from_select(list(rows.selected_columns.keys()), rows)
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount


def chunks(outbox: Outbox, alert_id: str, chunk: int) -> int:
    """Fan an alert out as a worker does."""
    made = 0
    while True:
        step = outbox.db.write_now(
            lambda conn: sharing.next_step(
                conn,
                alert_id,
                languages=["fr", "en"],
                chunk=chunk,
                now=SystemClock().now(),
                countries=COUNTRIES,
            )
        )
        if step is None:
            raise SystemExit("another worker is at it")
        made += step.inserted
        if step.next_after is None:
            return made


def timed(outbox: Outbox, recipients: int, work: Callable[[str], int]) -> float:
    """Return the rows a second of one way to make the deliveries of a new alert."""
    alert = outbox.alert(status="active", expires_at=SystemClock().now() + timedelta(days=1))
    started = time.perf_counter()
    made = work(alert)
    took = time.perf_counter() - started
    if made != recipients:
        raise SystemExit(f"{made} deliveries for {recipients} recipients")
    return made / took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--chunk", type=int, default=4_000)
    parser.add_argument("--only", nargs="+", choices=["sqlite", "postgres"])
    args = parser.parse_args()
    with ExitStack() as stack:
        for kind in args.only or ["sqlite", "postgres"]:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{folder}/bench.db"
            if kind == "postgres":
                url = stack.enter_context(running_server()).create("fanout")
            plain, ours = [], []
            with subscribed(url, new_keys(), args.recipients) as outbox:
                for _ in range(args.rounds):
                    plain.append(
                        timed(
                            outbox,
                            args.recipients,
                            lambda alert, db=outbox.db: db.write_now(  # type: ignore[misc]
                                lambda conn: bare(conn, alert)
                            ),
                        )
                    )
                    ours.append(
                        timed(
                            outbox,
                            args.recipients,
                            lambda alert, box=outbox: chunks(box, alert, args.chunk),  # type: ignore[misc]
                        )
                    )
            fast, mine = statistics.median(plain), statistics.median(ours)
            print(
                f"{kind:9s} {args.recipients} deliveries: bare INSERT ... SELECT {fast:.0f}/s,"
                f" fan-out {mine:.0f}/s (ratio {mine / fast:.2f})",
                flush=True,
            )


if __name__ == "__main__":
    main()
