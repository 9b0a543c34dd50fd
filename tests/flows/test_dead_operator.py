"""One operator dead behind one provider: a severe alert in ten simulated minutes."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.clock import ManualClock
from app.db.engine import Database
from app.db.tables import DeliveryRow, ProviderHealthRow
from app.delivery.outbox import listing
from tests.harness.carriers import Carriers, Taken, carriers
from tests.harness.outbox import NOW, Outbox
from tests.harness.working import POLICY, at_work

pytestmark = pytest.mark.timeout(120)

DEAD = "+22376"
RECIPIENTS = 240


def reached_or_listed(carried: Carriers, alert: str) -> tuple[set[str], set[str]]:
    rows = carried.outbox.db.read_now(
        lambda conn: conn.execute(
            select(DeliveryRow.contact_id, DeliveryRow.status).where(DeliveryRow.alert_id == alert)
        ).all()
    )
    listed = carried.outbox.db.read_now(
        lambda conn: listing.list_unreached(
            conn,
            alert,
            cursor=None,
            limit=10_000,
            organisation_id=None,
            receipt_within=POLICY.receipt_within,
            now=carried.clock.now(),
        )
    )
    reached = {row.contact_id for row in rows if row.status == "delivered"}
    return reached, {one.contact_id for one in listed}


@pytest.mark.parametrize("dead_at", ["twilio", "gateway"])
async def test_whom_a_dead_operator_hides_is_reached_through_the_other_provider(
    db: Database, dead_at: str
) -> None:
    def alive(message: Taken) -> str | None:
        black_hole = message.provider == dead_at and message.phone.startswith(DEAD)
        return None if black_hole else "delivered"

    outbox, clock = Outbox(db), ManualClock(NOW)
    for number in range(RECIPIENTS):
        prefix = DEAD if number % 2 else "+22365"
        outbox.contact(phone=f"{prefix}00{number:04d}")

    async with carriers(outbox, clock) as carried, at_work(carried.worker):
        alert = outbox.alert()
        outbox.fan_out(alert)
        await carried.go_on(timedelta(minutes=10), words=alive)

        reached, listed = reached_or_listed(carried, alert)
        taken = carried.taken()
        hidden = {one.phone for one in taken if one.provider == dead_at and not alive(one)}
        assert len(hidden) > RECIPIENTS / 8  # chance sent them there; else this proves nothing
        assert len(reached | listed) >= 0.99 * RECIPIENTS
        assert len(reached) >= 0.99 * RECIPIENTS
        again = Counter(one.phone for one in taken)
        assert {phone for phone, times in again.items() if times > 1} == hidden
        assert max(again.values()) == 2  # once through each: recorded as such
        rows = outbox.db.read_now(
            lambda conn: conn.scalars(
                select(DeliveryRow.silent_provider).where(DeliveryRow.silent_provider.is_not(None))
            ).all()
        )
        assert rows == [dead_at] * len(hidden)

        # what the dead one says late, in any order, changes nothing and sends nothing
        late = [one for one in taken if one.provider == dead_at]
        random.Random(1).shuffle(late)  # noqa: S311 - an order, no secret
        for number, message in enumerate(late):
            carried.receipt(message, ("failed", "sent", "delivered", "undelivered")[number % 4])
        await carried.go_on(timedelta(minutes=5), words=alive)
        assert len(carried.taken()) == len(taken)
        assert reached_or_listed(carried, alert)[0] == reached

        shifts = outbox.db.read_now(
            lambda conn: conn.execute(
                select(ProviderHealthRow.provider, ProviderHealthRow.route).where(
                    ProviderHealthRow.shifted_at.is_not(None)
                )
            ).all()
        )
        assert [tuple(row) for row in shifts] == [(dead_at, DEAD)]


async def test_without_a_second_provider_everybody_hidden_is_on_the_list(db: Database) -> None:
    outbox, clock = Outbox(db), ManualClock(NOW)
    for number in range(60):
        outbox.contact(phone=f"{DEAD if number % 2 else '+22365'}00{number:04d}")

    def alive(message: Taken) -> str | None:
        return None if message.phone.startswith(DEAD) else "delivered"

    async with carriers(outbox, clock) as carried, at_work(carried.worker):
        alert = outbox.alert()
        outbox.fan_out(alert)
        await carried.go_on(timedelta(minutes=10), words=alive)

        reached, listed = reached_or_listed(carried, alert)
        assert (len(reached), len(listed), reached & listed) == (30, 30, set())
        # both had it, neither said it arrived: late words still count, and take them off the list
        for message in carried.taken():
            if message.phone.startswith(DEAD) and message.provider == "twilio":
                carried.receipt(message, "delivered")
        reached, listed = reached_or_listed(carried, alert)
        assert (len(reached), len(listed)) == (60, 0)
