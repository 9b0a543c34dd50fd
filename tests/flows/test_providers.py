"""Two providers behind one channel, through a whole worker, on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender
from app.core.clock import ManualClock
from app.core.levels import Level
from app.core.rota import Rota
from app.db.engine import Database
from app.db.tables import DeliveryAttemptRow, DeliveryRow, NoticeRow
from app.delivery.outbox import listing, standings
from app.delivery.routing import Provider, RoutingPolicy
from app.flows.sending.tell_duty import Duty
from tests.harness.carriers import Carriers, always, carriers
from tests.harness.outbox import NOW, Outbox
from tests.harness.smtp import fake_smtp
from tests.harness.twilio import Fault
from tests.harness.working import POLICY, at_work, until

#: Twilio is drawn first whenever it is well.
TWILIO_FIRST = RoutingPolicy(
    providers=(Provider(name="twilio", weight=100), Provider(name="gateway", weight=1))
)


@pytest.fixture
async def carried(outbox: Outbox, clock: ManualClock) -> AsyncIterator[Carriers]:
    async with carriers(outbox, clock, routing=TWILIO_FIRST, rand=always(0.0)) as found:
        yield found


def alert_for(outbox: Outbox, number: int, *, level: Level = Level.SEVERE) -> str:
    for n in range(number):
        outbox.contact(phone=f"+2237100{n:04d}")
    alert = outbox.alert(level=level)
    outbox.fan_out(alert)
    return alert


def statuses(outbox: Outbox, alert_id: str) -> dict[str, int]:
    return dict(outbox.db.read_now(lambda conn: listing.counts(conn, alert_id)))


def attempts(outbox: Outbox) -> Counter[tuple[str, str]]:
    query = select(DeliveryAttemptRow.provider, DeliveryAttemptRow.outcome)
    rows = outbox.db.read_now(lambda conn: conn.execute(query).all())
    return Counter((row.provider, row.outcome) for row in rows)


async def test_messages_are_shared_out_by_weight_and_each_goes_out_once(
    outbox: Outbox, clock: ManualClock
) -> None:
    async with carriers(outbox, clock) as carried, at_work(carried.worker):
        alert = alert_for(outbox, 200)
        await carried.settle_down()

        assert statuses(outbox, alert) == {"sent": 200}
        taken = Counter(one.phone for one in carried.taken())
        assert (len(taken), max(taken.values())) == (200, 1)
        assert 60 < len(carried.gateway.messages) < 140  # half, give or take 5 sigma
    rows = outbox.db.read_now(
        lambda conn: conn.execute(select(DeliveryRow.provider, DeliveryRow.route)).all()
    )
    assert Counter(row.provider for row in rows)["gateway"] == len(carried.gateway.messages)
    assert {row.route for row in rows} == {""}
    # what Twilio counted is what it will be paid for; a gateway does not say
    counted = select(DeliveryAttemptRow.provider, DeliveryAttemptRow.segments).distinct()
    said = outbox.db.read_now(lambda conn: conn.execute(counted).all())
    assert set(map(tuple, said)) == {("twilio", 1), ("gateway", None)}


async def test_a_prefix_keeps_a_provider_to_its_country(outbox: Outbox, clock: ManualClock) -> None:
    routing = RoutingPolicy(
        providers=(Provider(name="twilio"), Provider(name="gateway", prefixes=("+221",)))
    )
    outbox.contact(phone="+221770000001")
    async with (
        carriers(outbox, clock, routing=routing, rand=always(0.999)) as carried,
        at_work(carried.worker),
    ):
        alert_for(outbox, 5)
        await carried.settle_down()

    assert [one["to"] for one in carried.gateway.messages] == ["+221770000001"]
    assert len(carried.twilio.messages) == 5


async def test_when_one_is_ill_the_other_takes_over_within_seconds(
    outbox: Outbox, carried: Carriers
) -> None:
    carried.twilio.fault = lambda _: Fault(status=503, body="ill")
    async with at_work(carried.worker):
        alert = alert_for(outbox, 100)
        await carried.go_on(timedelta(seconds=20))
        assert statuses(outbox, alert) == {"sent": 100}

    assert len({one["to"] for one in carried.gateway.messages}) == 100
    assert carried.twilio.messages == []


async def test_a_rest_that_one_asks_for_is_kept_while_the_other_goes_on(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    carried.twilio.fault = lambda _: Fault.error(429, 20429, **{"Retry-After": "30"})
    async with at_work(carried.worker):
        first = alert_for(outbox, 1)
        await carried.go_on(timedelta(seconds=29))
        assert statuses(outbox, first) == {"sent": 1}  # it did not wait for Twilio
        assert (carried.twilio.requests, len(carried.gateway.messages)) == (1, 1)

        carried.twilio.fault = lambda _: None
        outbox.contact(phone="+22379000001", routes=("OTHER",))
        before = outbox.alert(route="OTHER")
        outbox.fan_out(before)
        await carried.settle_down()
        assert (carried.twilio.requests, len(carried.gateway.messages)) == (1, 2)
        clock.advance(timedelta(seconds=2))
        after = outbox.alert(route="OTHER")
        outbox.fan_out(after)
        await carried.settle_down()
    assert [one["to"] for one in carried.twilio.messages] == ["+22379000001"]


async def test_with_one_provider_a_message_waits_as_long_as_it_asks(
    outbox: Outbox, clock: ManualClock
) -> None:
    alone = RoutingPolicy(
        providers=(Provider(name="twilio"), Provider(name="gateway", prefixes=("+221",)))
    )
    async with carriers(outbox, clock, routing=alone) as carried:
        carried.twilio.fault = lambda _: Fault.error(429, 20429, **{"Retry-After": "30"})
        async with at_work(carried.worker):
            alert = alert_for(outbox, 1)
            await carried.go_on(timedelta(seconds=29))
            assert (statuses(outbox, alert), carried.twilio.requests) == ({"queued": 1}, 1)
            carried.twilio.fault = lambda _: None
            await carried.go_on(timedelta(seconds=11))
            assert statuses(outbox, alert) == {"sent": 1}


async def test_one_that_falls_silent_does_not_hold_up_the_other(
    outbox: Outbox, clock: ManualClock
) -> None:
    large = replace(POLICY, batch=500)
    async with (
        carriers(outbox, clock, routing=TWILIO_FIRST, rand=always(0.0), policy=large) as carried,
    ):
        over = asyncio.Event()
        carried.twilio.fault = lambda _: Fault(accept=True, until=over)
        alert = alert_for(outbox, 300)
        async with at_work(carried.worker):
            await until(lambda: len(carried.gateway.messages) >= 32)
            over.set()
            await until(lambda: statuses(outbox, alert) == {"sent": 300})

    assert carried.twilio.most_in_the_air <= 128
    assert len({one.phone for one in carried.taken()}) == 300


async def test_a_refused_account_stops_that_provider_everywhere_and_is_told_once(
    outbox: Outbox, clock: ManualClock, carried: Carriers, caplog: pytest.LogCaptureFixture
) -> None:
    carried.twilio.fault = lambda _: Fault.error(401, 20003)
    async with at_work(carried.worker):
        alert = alert_for(outbox, 60)
        await carried.settle_down()
        clock.advance(POLICY.retry_first)
        await until(lambda: statuses(outbox, alert) == {"sent": 60})
        known = outbox.db.read_now(standings.list_standings)

        refused = [one for one in known if one.rests_until is not None]
        assert [(one.provider, one.code) for one in refused] == [("twilio", "20003")]
        assert "provider.refuses_account" in caplog.text
        notice = outbox.one(select(NoticeRow.about, NoticeRow.words, NoticeRow.due_at))
        assert (notice.about, notice.words) == ("provider:twilio", "twilio 20003")

    # another worker, just started, leaves it alone from the first message on
    async with (
        carriers(outbox, clock, routing=TWILIO_FIRST, rand=always(0.0)) as other,
        at_work(other.worker),
    ):
        outbox.contact(phone="+22379000001", routes=("OTHER",))
        second = outbox.alert(route="OTHER")
        outbox.fan_out(second)
        await until(lambda: statuses(outbox, second) == {"sent": 1})
        assert (other.twilio.requests, len(other.gateway.messages)) == (0, 1)

        # when it takes messages again, that too is known
        clock.advance(POLICY.pause)
        third = outbox.alert(route="OTHER")
        outbox.fan_out(third)
        await until(lambda: statuses(outbox, third) == {"sent": 1})
        assert len(other.twilio.messages) == 1
        known = outbox.db.read_now(standings.list_standings)
        assert [one.provider for one in known if one.rests_until] == []


async def test_the_person_on_duty_hears_of_it_by_the_other_channel(
    outbox: Outbox, clock: ManualClock
) -> None:
    async with fake_smtp() as server:
        mail = Smtp(
            host="127.0.0.1",
            port=server.port,
            sender=Sender(address="sira@example.org"),
            clock=clock.now,
        )
        async with carriers(outbox, clock, rand=always(0.0), others=[mail]) as carried:
            duty = Duty(
                db=outbox.db,
                clock=clock,
                rota=Rota(addresses={"email": "duty@example.org"}),
                language="fr",
                public_url="https://sira.example",
            )
            carried.twilio.fault = lambda _: Fault.error(403, 30002)
            async with at_work(replace(carried.worker, duty=duty)):
                alert_for(outbox, 3)
                await until(lambda: server.mails)
                clock.advance(timedelta(seconds=5))
                await carried.settle_down()

    assert [to for to, _ in server.mails] == ["duty@example.org"]
    assert "twilio 30002" in server.parsed().get_content()
    assert b"+223" not in server.mails[0][1]


async def test_errors_of_all_workers_add_up(db: Database) -> None:
    for second in (0, 20, 40):
        db.write_now(
            lambda conn, at=NOW + timedelta(seconds=second): standings.add_errors(  # type: ignore[misc]
                conn, {("twilio", "+223"): 20}, within=timedelta(seconds=60), now=at
            )
        )
    (one,) = db.read_now(standings.list_standings)
    assert (one.provider, one.route, one.errors, one.errors_since) == ("twilio", "+223", 60, NOW)

    later = NOW + timedelta(seconds=61)
    db.write_now(
        lambda conn: standings.add_errors(
            conn, {("twilio", "+223"): 1}, within=timedelta(seconds=60), now=later
        )
    )
    (one,) = db.read_now(standings.list_standings)
    assert (one.errors, one.errors_since) == (1, later)


async def test_a_doubt_is_asked_of_the_provider_that_may_have_it(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    carried.twilio.fault = lambda _: Fault(accept=True, drop=True)
    async with at_work(carried.worker):
        alert = alert_for(outbox, 1)
        await until(lambda: statuses(outbox, alert) == {"in_doubt": 1})
        clock.advance(POLICY.settle_after)
        await until(lambda: statuses(outbox, alert) == {"sent": 1})

    assert (len(carried.twilio.messages), len(carried.gateway.messages)) == (1, 0)
    assert attempts(outbox) == {("twilio", "in_doubt"): 1}


async def test_a_doubt_at_a_gateway_without_a_log_goes_by_level(
    outbox: Outbox, clock: ManualClock
) -> None:
    async with carriers(outbox, clock, rand=always(0.99)) as carried:
        carried.gateway.fault = lambda _: Fault(accept=True, drop=True)
        async with at_work(carried.worker):
            high = alert_for(outbox, 1, level=Level.HIGH)
            await until(lambda: statuses(outbox, high) == {"in_doubt": 1})
            clock.advance(POLICY.settle_for)
            await until(lambda: statuses(outbox, high) == {"undelivered": 1})

    assert (len(carried.twilio.messages), len(carried.gateway.messages)) == (0, 1)
