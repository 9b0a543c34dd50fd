"""Doubts by the thousand, and a log that does not answer: whoever waits is not held up by it."""

import asyncio
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select, update

from app.channels.base import (
    QUESTIONS_AT_ONCE,
    Accepted,
    Found,
    NoAnswer,
    NotThere,
    Outgoing,
    SendResult,
)
from app.channels.twilio_sms import TwilioSms
from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.tables import ContactChannelRow, DeliveryRow
from app.flows.outcomes.settle import Settler
from tests.harness.outbox import NOW, Outbox
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, fake_twilio
from tests.harness.working import POLICY, a_worker, at_work, until

SILENCE = NoAnswer(detail="timeout", silent=True)
PHONE = "+22371000001"
A_ROUND = POLICY.settle_after + timedelta(seconds=1)


@dataclass
class Log:
    """A provider's log: what it has by address, and whether it says anything.

    `go_on`: questions wait until it is set.
    """

    name: str = "sms"
    kind: str = "sms"
    concurrency: int = 4
    has: dict[str, list[str]] = field(default_factory=dict)
    silent: bool = False
    fails_on: str | None = None
    asked: list[str] = field(default_factory=list)
    most: int = 0
    waiting: int = 0
    go_on: asyncio.Event | None = None

    async def find(
        self, message: Outgoing, *, within: timedelta, known: Container[str]
    ) -> Found | NotThere | NoAnswer:
        del within
        self.asked.append(message.address)
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await (self.go_on.wait() if self.go_on else asyncio.sleep(0))
        finally:
            self.waiting -= 1
        if message.address == self.fails_on:
            raise ValueError("an answer of no sort that there is")
        if self.silent:
            return SILENCE
        own = [one for one in self.has.get(message.address, ()) if one not in known]
        return Found(provider_id=own[0], status="sent") if own else NotThere()

    async def send(self, message: Outgoing) -> SendResult:
        return Accepted(provider_id=message.delivery_id)

    async def close(self) -> None:
        """Nothing is open."""


def doubtful(outbox: Outbox, number: int, level: Level = Level.SEVERE) -> str:
    """Have so many deliveries in doubt; return their alert."""
    route = f"R-{level}"
    for _ in range(number):
        outbox.contact(routes=[route])
    alert = outbox.alert(level=level, route=route)
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status="in_doubt", attempts=1, due_at=NOW)
    return alert


def settler(outbox: Outbox, clock: ManualClock, log: Log, stop: asyncio.Event) -> Settler:
    return Settler(log, a_worker(outbox, clock).dispatch, stop)


def count(outbox: Outbox, alert: str, status: str) -> int:
    query = select(func.count()).where(DeliveryRow.alert_id == alert, DeliveryRow.status == status)
    return outbox.db.read_now(lambda conn: conn.scalar(query)) or 0


async def test_what_a_silent_log_cannot_settle_in_time_is_decided_without_asking_of_each(
    outbox: Outbox, clock: ManualClock
) -> None:
    severe, high = doubtful(outbox, 40), doubtful(outbox, 40, Level.HIGH)
    log = Log(silent=True)
    settling = settler(outbox, clock, log, asyncio.Event())

    for _ in range(POLICY.settle_for // A_ROUND):
        assert await settling.settle() == 0
        clock.advance(A_ROUND)
    clock.advance(A_ROUND)
    decided = 0
    for _ in range(3):  # once the log has been tried again, in vain
        decided += await settling.settle()

    assert decided == 80
    assert (count(outbox, severe, "queued"), count(outbox, high, "undelivered")) == (40, 40)
    assert len(log.asked) < 2 * QUESTIONS_AT_ONCE


async def test_a_log_that_was_silent_for_a_moment_is_asked_about_what_is_overdue(
    outbox: Outbox, clock: ManualClock
) -> None:
    """A worker comes back after hours, and the first questions fail: that decides nothing."""
    alert = doubtful(outbox, 70)
    clock.advance(POLICY.settle_for * 10)
    log = Log(silent=True)
    settling = settler(outbox, clock, log, asyncio.Event())
    asked_in_vain = await settling.settle()
    log.silent = False
    log.has = {address: [f"SM-{address}"] for address in addresses(outbox)}
    clock.advance(A_ROUND)

    while await settling.settle():
        pass

    assert asked_in_vain <= QUESTIONS_AT_ONCE
    assert count(outbox, alert, "sent") == 70 - asked_in_vain


def addresses(outbox: Outbox) -> list[str]:
    return [f"+2237000{number:04d}" for number in range(1, outbox.made + 1)]


async def test_the_severe_are_asked_about_first_and_many_at_once(
    outbox: Outbox, clock: ManualClock
) -> None:
    doubtful(outbox, 40, Level.HIGH)
    doubtful(outbox, 40)
    outbox.run(
        update(DeliveryRow)
        .where(DeliveryRow.priority > 0)
        .values(due_at=NOW - timedelta(hours=1), created_at=NOW - timedelta(hours=1))
    )
    log = Log()

    assert await settler(outbox, clock, log, asyncio.Event()).settle() == 80

    assert set(log.asked[:40]) == set(addresses(outbox)[40:])
    assert log.most == QUESTIONS_AT_ONCE


def two_unions(outbox: Outbox) -> str:
    """Have a driver of two unions, each with the same alert for him in doubt; return the alert."""
    for _ in range(2):
        contact = outbox.contact(phone=PHONE)
        its = update(ContactChannelRow).where(ContactChannelRow.contact_id == contact)
        outbox.run(its.values(blind_index=PHONE, organisation_id=contact))
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status="in_doubt", attempts=1, due_at=NOW)
    return alert


async def test_one_message_of_the_log_settles_one_of_two_doubts_of_a_phone(
    outbox: Outbox, clock: ManualClock
) -> None:
    """What was sent for one union proves nothing for the other."""
    alert = two_unions(outbox)
    log = Log(has={PHONE: ["SM1"]})
    settling = settler(outbox, clock, log, asyncio.Event())

    assert await settling.settle() == 1
    assert (count(outbox, alert, "sent"), count(outbox, alert, "in_doubt")) == (1, 1)
    clock.advance(A_ROUND)
    assert await settling.settle() == 1

    assert (count(outbox, alert, "sent"), count(outbox, alert, "queued")) == (1, 1)


async def test_what_is_in_the_air_for_one_settles_no_doubt_of_another(
    outbox: Outbox, clock: ManualClock
) -> None:
    """It is in the log before its worker has written down which it is."""
    alert = two_unions(outbox)
    of_this = DeliveryRow.alert_id == alert
    one = outbox.db.read_now(lambda conn: conn.scalar(select(DeliveryRow.id).where(of_this)))
    other = update(DeliveryRow).where(of_this, DeliveryRow.id != one)
    outbox.run(other.values(status="sending", lease_until=NOW + timedelta(minutes=1)))
    log = Log(has={PHONE: ["SM-of-the-other"]})
    settling = settler(outbox, clock, log, asyncio.Event())

    assert await settling.settle() == 0
    outbox.run(other.values(status="sent", provider_id="SM-of-the-other", lease_until=None))
    clock.advance(A_ROUND)
    assert await settling.settle() == 1

    assert (count(outbox, alert, "sent"), count(outbox, alert, "queued")) == (1, 1)


async def test_an_email_in_the_air_holds_up_no_doubt_of_an_sms(
    outbox: Outbox, clock: ManualClock
) -> None:
    alert = two_unions(outbox)
    one = outbox.db.read_now(lambda conn: conn.scalar(select(DeliveryRow.id)))
    other = update(DeliveryRow).where(DeliveryRow.id != one)
    outbox.run(other.values(channel="email", status="sending", lease_until=NOW + A_ROUND))
    log = Log(has={PHONE: ["SM1"]})

    assert await settler(outbox, clock, log, asyncio.Event()).settle() == 1
    assert count(outbox, alert, "sent") == 1


async def test_two_workers_do_not_give_one_message_of_the_log_to_two_doubts(
    outbox: Outbox, clock: ManualClock
) -> None:
    alert = two_unions(outbox)
    one = outbox.db.read_now(lambda conn: conn.scalar(select(DeliveryRow.id)))
    later = update(DeliveryRow).where(DeliveryRow.id != one)
    outbox.run(later.values(due_at=NOW + timedelta(hours=1)))
    go_on = asyncio.Event()
    log = Log(has={PHONE: ["SM1"]}, go_on=go_on)

    async with asyncio.TaskGroup() as group:
        group.create_task(settler(outbox, clock, log, asyncio.Event()).settle())
        await until(lambda: log.waiting == 1)
        outbox.run(later.values(due_at=NOW))
        group.create_task(settler(outbox, clock, log, asyncio.Event()).settle())
        await until(lambda: log.waiting == 2)
        go_on.set()

    assert (count(outbox, alert, "sent"), count(outbox, alert, "in_doubt")) == (1, 1)


async def test_while_a_log_rests_nothing_is_due(outbox: Outbox, clock: ManualClock) -> None:
    """Whoever waits until nothing is to be done does not wait for a silent log."""
    alert = doubtful(outbox, QUESTIONS_AT_ONCE + 8)
    log = Log(silent=True)

    assert await settler(outbox, clock, log, asyncio.Event()).settle() == 0

    dues = select(func.min(DeliveryRow.due_at)).where(DeliveryRow.alert_id == alert)
    assert outbox.db.read_now(lambda conn: conn.scalar(dues)) == NOW + POLICY.settle_after
    assert len(log.asked) == QUESTIONS_AT_ONCE


async def test_a_question_that_fails_keeps_no_other_from_its_answer(
    outbox: Outbox, clock: ManualClock
) -> None:
    alert = doubtful(outbox, 5)
    log = Log(fails_on=addresses(outbox)[2])

    assert await settler(outbox, clock, log, asyncio.Event()).settle() == 4

    assert (count(outbox, alert, "queued"), count(outbox, alert, "in_doubt")) == (4, 1)


async def test_who_is_told_to_stop_does_not_wait_for_a_log(
    outbox: Outbox, clock: ManualClock
) -> None:
    alert = doubtful(outbox, 3)
    log, stop = Log(go_on=asyncio.Event()), asyncio.Event()

    async with asyncio.TaskGroup() as group:
        settled = group.create_task(settler(outbox, clock, log, stop).settle())
        await until(lambda: log.waiting == 3)
        stop.set()

    assert settled.result() == 0
    assert count(outbox, alert, "in_doubt") == 3


async def test_questions_that_hang_take_no_connection_from_a_warning(
    outbox: Outbox, clock: ManualClock
) -> None:
    doubtful(outbox, QUESTIONS_AT_ONCE + 8)
    async with fake_twilio(clock) as twilio:
        twilio.log_silence = asyncio.Event()
        sms = TwilioSms(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            sender=SENDER,
            base_url=twilio.url,
            concurrency=1,
            timeout_s=60.0,
        )
        async with at_work(a_worker(outbox, clock, sms)):
            await until(lambda: twilio.questions == QUESTIONS_AT_ONCE)
            outbox.contact(routes=["ML-GAO"])
            outbox.fan_out(outbox.alert(route="ML-GAO"))
            await until(lambda: twilio.messages, within_s=20.0)
            twilio.log_silence.set()
