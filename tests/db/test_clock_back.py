"""After the clock was put back: what was written ahead of it waits for nothing any more."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.core.ids import new_id
from app.db.tables import DeliveryRow, EscalationRow
from app.delivery.outbox import clock_back, standings
from app.delivery.outbox.words import NEVER
from app.delivery.policy import DeliveryPolicy
from tests.harness.outbox import NOW, ORGANISATION, Outbox

pytestmark = pytest.mark.alike

#: What the clock said before it was put back to `NOW`.
AHEAD = NOW + timedelta(days=9, hours=3)


def put_back(outbox: Outbox) -> None:
    policy = DeliveryPolicy(settle_after=timedelta(seconds=15))
    outbox.db.write_now(lambda conn: clock_back.follow_clock(conn, policy=policy, now=NOW))


def became(outbox: Outbox, **written: Any) -> Any:
    """Return a delivery that was written so, after the clock was put back."""
    outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, **written)
    put_back(outbox)
    row = DeliveryRow
    query = select(row.status, row.due_at, row.tell_at, row.updated_at)
    return outbox.db.read_now(lambda conn: conn.execute(query).one())


@pytest.mark.parametrize("status", ["sent", "undelivered", "failed", "expired"])
def test_a_receipt_is_waited_for_from_now_on(outbox: Outbox, status: str) -> None:
    found = became(outbox, status=status, due_at=AHEAD, updated_at=AHEAD)

    assert (found.status, found.due_at, found.updated_at) == (status, NOW, NOW)


def test_what_was_given_up_stays_so(outbox: Outbox) -> None:
    found = became(outbox, status="sent", due_at=NEVER, updated_at=AHEAD, listed_at=AHEAD)

    assert found.due_at == NEVER


@pytest.mark.parametrize(
    ("tell_at", "told_at"),
    [
        (AHEAD + timedelta(hours=14), NOW + timedelta(hours=17)),
        (NOW + timedelta(hours=2), NOW - timedelta(days=8, hours=22)),
    ],
    ids=["next morning", "over"],
)
def test_a_morning_is_one_of_these_days(
    outbox: Outbox, tell_at: datetime, told_at: datetime
) -> None:
    found = became(outbox, due_at=NEVER, tell_at=tell_at, deferred="limit", updated_at=AHEAD)

    assert (found.tell_at, found.due_at) == (told_at, NEVER)


def test_what_waits_by_a_clock_that_was_right_waits_on(outbox: Outbox) -> None:
    morning = NOW + timedelta(hours=17)

    found = became(outbox, due_at=NEVER, tell_at=morning, deferred="limit", updated_at=NOW)

    assert found.tell_at == morning


@pytest.mark.parametrize(
    ("written_at", "due_at"), [(AHEAD, NOW), (NOW, NOW + timedelta(minutes=15))]
)
def test_whoever_has_to_answer_has_had_the_time(
    outbox: Outbox, written_at: datetime, due_at: datetime
) -> None:
    row = {"bundle_id": new_id(NOW), "organisation_id": ORGANISATION, "step": 0}
    times = {"told_at": written_at, "due_at": written_at + timedelta(minutes=15)}
    outbox.run(insert(EscalationRow).values(**row, **times, updated_at=written_at))

    put_back(outbox)

    assert outbox.db.read_now(lambda conn: conn.scalar(select(EscalationRow.due_at))) == due_at


@pytest.mark.parametrize(
    ("until", "rests_until"), [(AHEAD, NOW), (NOW + timedelta(hours=1), NOW + timedelta(hours=1))]
)
def test_a_provider_rests_no_longer_than_it_may(
    outbox: Outbox, until: datetime, rests_until: datetime
) -> None:
    """Paid for meanwhile, its account would be left alone until the former instant came round."""
    refuse = partial(standings.refuse, provider="twilio", code="20003", detail="no money")
    outbox.db.write_now(lambda conn: refuse(conn, until=until, now=AHEAD))

    put_back(outbox)

    [found] = outbox.db.read_now(standings.list_standings)
    assert found.rests_until == rests_until
