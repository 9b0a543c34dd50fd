"""One operator dead behind one provider: a severe alert in ten simulated minutes."""

import random
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

import pytest
from sqlalchemy import func, select

from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender
from app.core.clock import ManualClock
from app.core.rota import Rota
from app.db.engine import Database
from app.db.tables import DeliveryAttemptRow, DeliveryRow, ProviderHealthRow, ReceiptRow
from app.delivery.outbox import listing
from app.flows.sending.tell_duty import Duty
from tests.harness.api import shipped_config
from tests.harness.carriers import Carriers, Taken, carriers
from tests.harness.outbox import NOW, Outbox
from tests.harness.smtp import fake_smtp
from tests.harness.working import POLICY, at_work, until

#: Routes of the file that is shipped: an operator of Mali is dead, the others and Senegal are not.
DEAD = "+2237"
ALIVE = ("+2236", "+22177", "+2224")
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


def silent_providers(outbox: Outbox) -> list[str | None]:
    query = select(DeliveryRow.silent_provider).where(DeliveryRow.silent_provider.is_not(None))
    return list(outbox.db.read_now(lambda conn: conn.scalars(query).all()))


def receipts_of(outbox: Outbox, provider: str) -> int:
    query = select(func.count()).where(ReceiptRow.provider == provider)
    return outbox.db.read_now(lambda conn: conn.scalar(query) or 0)


def routes_moved(outbox: Outbox) -> list[tuple[str, str]]:
    """Return the routes that were taken from a provider, in part."""
    query = select(ProviderHealthRow.provider, ProviderHealthRow.route).where(
        ProviderHealthRow.shifted_at.is_not(None)
    )
    rows = outbox.db.read_now(lambda conn: conn.execute(query).all())
    return [(row.provider, row.route) for row in rows]


def calls_of_those_sent_twice(outbox: Outbox) -> list[list[str]]:
    """Return, for each delivery that was handed over more than once, to whom, in order."""
    query = select(DeliveryAttemptRow.delivery_id, DeliveryAttemptRow.provider).order_by(
        DeliveryAttemptRow.delivery_id, DeliveryAttemptRow.number
    )
    rows = outbox.db.read_now(lambda conn: conn.execute(query).all())
    calls = [[row.provider for row in one] for _, one in groupby(rows, lambda row: row.delivery_id)]
    return [providers for providers in calls if len(providers) > 1]


@pytest.mark.parametrize("dead_at", ["twilio", "gateway"])
async def test_whom_a_dead_operator_hides_is_reached_through_the_other_provider(
    db: Database, dead_at: str
) -> None:
    def alive(message: Taken) -> str | None:
        black_hole = message.provider == dead_at and message.phone.startswith(DEAD)
        return None if black_hole else "delivered"

    outbox, clock = Outbox(db), ManualClock(NOW)
    for number in range(RECIPIENTS):
        prefix = (DEAD, *ALIVE)[number % 4]
        outbox.contact(phone=f"{prefix}00{number:04d}")
    routing = shipped_config().providers.routing

    async with carriers(outbox, clock, routing=routing) as carried, at_work(carried.worker):
        alert = outbox.alert()
        outbox.fan_out(alert)
        await carried.go_on(timedelta(minutes=10), words=alive)

        reached, listed = reached_or_listed(carried, alert)
        taken = carried.taken()
        hidden = {one.phone for one in taken if one.provider == dead_at and not alive(one)}
        assert len(hidden) > RECIPIENTS / 20  # chance sent them there; else this proves nothing
        assert len(reached | listed) >= 0.99 * RECIPIENTS
        assert len(reached) >= 0.99 * RECIPIENTS
        again = Counter(one.phone for one in taken)
        assert {phone for phone, times in again.items() if times > 1} == hidden
        assert max(again.values()) == 2  # once through each: recorded as such
        assert silent_providers(outbox) == [dead_at] * len(hidden)
        # the record says of each of them that both had it, and when
        other = "gateway" if dead_at == "twilio" else "twilio"
        assert calls_of_those_sent_twice(outbox) == [[dead_at, other]] * len(hidden)

        # what the dead one says late, in any order, changes nothing and sends nothing
        late = [one for one in taken if one.provider == dead_at]
        random.Random(1).shuffle(late)  # noqa: S311 - an order, no secret
        for number, message in enumerate(late):
            carried.receipt(message, ("failed", "sent", "delivered", "undelivered")[number % 4])
        await carried.go_on(timedelta(minutes=5), words=alive)
        assert len(carried.taken()) == len(taken)
        assert reached_or_listed(carried, alert)[0] == reached
        assert receipts_of(outbox, dead_at) >= len(late)

        # the dead operator's route moves away from it, and nobody else's does
        assert routes_moved(outbox) == [(dead_at, DEAD)]


async def test_when_neither_reaches_them_everybody_hidden_is_listed_and_the_duty_told(
    db: Database,
) -> None:
    outbox, clock = Outbox(db), ManualClock(NOW)
    for number in range(60):
        outbox.contact(phone=f"{DEAD if number % 2 else '+22365'}00{number:04d}")
    duty = Duty(
        db=db,
        clock=clock,
        rota=Rota(addresses={"email": "duty@example.org"}),
        language="fr",
        public_url="https://sira.example",
    )

    def alive(message: Taken) -> str | None:
        return None if message.phone.startswith(DEAD) else "delivered"

    async with fake_smtp() as server, AsyncExitStack() as stack:
        mail = Smtp(
            host="127.0.0.1",
            port=server.port,
            sender=Sender(address="sira@example.org"),
            clock=clock.now,
        )
        carried = await stack.enter_async_context(carriers(outbox, clock, others=[mail]))
        await stack.enter_async_context(at_work(replace(carried.worker, duty=duty)))
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

        await until(lambda: server.mails)
        assert [to for to, _ in server.mails] == ["duty@example.org"]
        words = server.parsed().get_content()
        assert "30 destinataire(s)" in words
        assert f"https://sira.example/desk/alerts/{alert}" in words
