"""Machines whose clocks are minutes apart, on one PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.core.clock import ManualClock, SystemClock
from app.db.engine import Database
from app.db.tables import DeliveryRow
from app.delivery.outbox import settling, workers
from app.flows.watch import Limits, Vitals, Watch
from tests.db.test_claims import claim, queued, row
from tests.harness.outbox import NOW, Outbox

FAR = timedelta(minutes=5)
AFTER = timedelta(seconds=15)


@pytest.fixture
def outbox(postgres_db: Database) -> Outbox:
    """An outbox that several machines share."""
    return Outbox(postgres_db)


@dataclass(frozen=True)
class Machine:
    """A machine's clock, by how far it is ahead of the others' and the database server's."""

    ahead: timedelta

    def now(self) -> datetime:
        """Return what it shows."""
        return SystemClock().now() + self.ahead


def follow(outbox: Outbox, ahead: timedelta) -> int:
    """Let a machine of such a clock look for what waits for a clock that was put back."""
    return outbox.db.write_now(
        lambda conn: settling.follow_clock(
            conn, settle_after=AFTER, now=NOW + ahead, machine=Machine(ahead)
        )
    )


def test_what_others_have_in_the_air_is_no_doubt_to_a_machine_that_is_behind(
    outbox: Outbox,
) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)
    outbox.db.write_now(
        lambda conn: workers.give_sign(conn, "w1", good_for=timedelta(seconds=20), now=NOW)
    )

    assert follow(outbox, -FAR) == 0
    assert row(outbox, claimed.id).status == "sending"


def test_a_claim_that_has_not_run_out_is_no_doubt_to_a_machine_that_is_ahead(
    outbox: Outbox,
) -> None:
    right = SystemClock().now() + timedelta(hours=1)  # so that it lasts as long as this test
    queued(outbox)
    (held,) = claim(outbox)
    outbox.run(update(DeliveryRow).values(lease_until=right))

    def look(at: datetime) -> int:
        return outbox.db.write_now(
            lambda conn: settling.release_expired_leases(conn, settle_after=AFTER, now=at)
        )

    assert look(right + FAR) == 0
    assert row(outbox, held.id).status == "sending"


def test_a_clock_that_was_put_back_on_the_servers_machine_too_is_followed(outbox: Outbox) -> None:
    queued(outbox)
    (claimed,) = claim(outbox)

    outbox.db.write_now(lambda conn: settling.follow_clock(conn, settle_after=AFTER, now=NOW - FAR))

    assert row(outbox, claimed.id).status == "in_doubt"


async def watched(db: Database, ahead: timedelta) -> Vitals:
    watch = Watch(db, ManualClock(NOW), Limits(), sections=(), machine=Machine(ahead))
    return await watch.vitals()


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (FAR, "ahead of the database server's: set the wrong one."),
        (-FAR, "behind the database server's: set the wrong one."),
        (timedelta(seconds=30), None),
    ],
)
async def test_the_machine_whose_clock_is_wrong_says_so_before_any_alert_is_raised(
    postgres_db: Database, ahead: timedelta, words: str | None
) -> None:
    found = await watched(postgres_db, ahead)

    (clock,) = [one for one in found.checks(Limits()) if one.name == "clock"]
    assert clock.ok == (words is None)
    assert words is None or clock.detail.endswith(words)
