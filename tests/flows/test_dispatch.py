"""From an alert to a phone that rings, with a real HTTP provider, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Connection, select, update

from app.channels.base import Outgoing, SendResult
from app.channels.twilio_sms import TwilioSms
from app.core import metrics
from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.tables import ContactChannelRow, DeliveryAttemptRow, DeliveryRow
from app.delivery.outbox import claiming, listing
from app.flows.sending.own_words import OwnWords
from app.jobs.worker import Worker
from tests.harness.exposition import samples
from tests.harness.outbox import NOW, Outbox
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, Fault, fake_twilio
from tests.harness.working import POLICY, a_worker, at_work, until

#: Longer than anybody waits.
SILENT = 600.0


@pytest.fixture
async def twilio(clock: ManualClock) -> AsyncIterator[FakeTwilio]:
    async with fake_twilio(clock) as fake:
        yield fake


def sms(twilio: FakeTwilio, *, timeout_s: float = 20.0) -> TwilioSms:
    return TwilioSms(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        sender=SENDER,
        base_url=twilio.url,
        timeout_s=timeout_s,
        public_url="https://sira.example",
    )


@pytest.fixture
def worker(outbox: Outbox, clock: ManualClock, twilio: FakeTwilio) -> Worker:
    return a_worker(outbox, clock, sms(twilio))  # a busy machine is no silent provider


@pytest.fixture
def hasty_worker(outbox: Outbox, clock: ManualClock, twilio: FakeTwilio) -> Worker:
    """A worker that takes a provider's silence for a doubt soon; what follows is for a patient one.

    On a busy machine it would take any answer for silence.
    """
    return a_worker(outbox, clock, sms(twilio, timeout_s=1.0))


def statuses(outbox: Outbox, alert_id: str) -> dict[str, int]:
    return dict(outbox.db.read_now(lambda conn: listing.counts(conn, alert_id)))


async def test_every_subscriber_gets_one_sms_and_every_call_is_on_record(
    outbox: Outbox, twilio: FakeTwilio, worker: Worker
) -> None:
    phones = [f"+2237100{n:04d}" for n in range(120)]
    for phone in phones:
        outbox.contact(phone=phone)

    async with at_work(worker):
        alert = outbox.alert()
        worker.bell.ring()
        await until(lambda: statuses(outbox, alert) == {"sent": 120})

    assert sorted(message["to"] for message in twilio.messages) == phones
    ids = {message["callback"].rpartition("=")[2] for message in twilio.messages}
    rows = outbox.db.read_now(lambda conn: conn.execute(select(DeliveryAttemptRow)).all())
    assert {row.delivery_id for row in rows} == ids
    assert twilio.bad_requests == []


async def test_polling_finds_what_nobody_rang_for(outbox: Outbox, worker: Worker) -> None:
    outbox.contact()

    async with at_work(worker):
        alert = outbox.alert()
        await until(lambda: statuses(outbox, alert) == {"sent": 1})


async def test_a_temporary_failure_is_tried_again_when_it_is_due(
    outbox: Outbox, twilio: FakeTwilio, worker: Worker, clock: ManualClock
) -> None:
    outbox.contact()
    twilio.fault = lambda _: Fault.error(400, 30001)
    alert = outbox.alert()

    async with at_work(worker):
        await until(lambda: statuses(outbox, alert) == {"queued": 1} and twilio.requests == 1)
        twilio.fault = lambda _: None
        clock.advance(POLICY.retry_first)
        await until(lambda: statuses(outbox, alert) == {"sent": 1})

    assert (twilio.requests, len(twilio.messages)) == (2, 1)


async def test_one_bad_number_does_not_hold_up_the_others(
    outbox: Outbox, twilio: FakeTwilio, worker: Worker
) -> None:
    for n in range(20):
        outbox.contact(phone=f"+2237100{n:04d}")
    twilio.fault = lambda form: Fault.error(400, 21211) if form["To"].endswith("7") else None
    alert = outbox.alert()

    async with at_work(worker):
        await until(lambda: statuses(outbox, alert) == {"sent": 18, "failed": 2})


async def test_who_told_the_provider_to_stop_is_not_written_to_again(
    outbox: Outbox, twilio: FakeTwilio, worker: Worker
) -> None:
    outbox.contact()
    twilio.fault = lambda _: Fault.error(400, 21610)
    alert = outbox.alert()

    async with at_work(worker):
        await until(lambda: statuses(outbox, alert) == {"failed": 1})

    assert outbox.one(select(ContactChannelRow.status)).status == "opted_out"


async def test_an_account_wide_refusal_stops_everything_and_loses_nothing(
    outbox: Outbox,
    twilio: FakeTwilio,
    worker: Worker,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(300):
        outbox.contact()
    twilio.fault = lambda _: Fault.error(401, 20003)
    alert = outbox.alert()

    async with at_work(worker):
        await until(lambda: twilio.requests > 0 and statuses(outbox, alert) == {"queued": 300})
        tried = twilio.requests
        await asyncio.sleep(0.2)
        assert twilio.requests == tried < 200
        twilio.fault = lambda _: None
        clock.advance(POLICY.pause + POLICY.retry_most)
        await until(lambda: statuses(outbox, alert) == {"sent": 300})

    assert "provider.refuses_account" in caplog.text
    assert len({message["to"] for message in twilio.messages}) == len(twilio.messages) == 300


@pytest.mark.parametrize("ahead_h", [-30, 0, 30])
async def test_a_doubt_is_settled_by_the_providers_log_before_anything_is_sent_again(
    outbox: Outbox,
    twilio: FakeTwilio,
    hasty_worker: Worker,
    clock: ManualClock,
    ahead_h: int,
) -> None:
    """However far our clock is ahead of the provider's, or behind it: machines lose their time."""
    twilio.clock = ManualClock(clock.now() - timedelta(hours=ahead_h))
    outbox.contact(phone="+22371000001")
    outbox.contact(phone="+22371000002")
    twilio.fault = lambda form: Fault(accept=form["To"].endswith("1"), silent_s=SILENT)
    alert = outbox.alert()

    async with at_work(hasty_worker):
        await until(lambda: statuses(outbox, alert) == {"in_doubt": 2})
    twilio.fault = lambda _: None
    clock.advance(POLICY.settle_after)
    async with at_work(a_worker(outbox, clock, sms(twilio))):
        await until(lambda: statuses(outbox, alert) == {"sent": 2})

    assert [len(twilio.to(f"+2237100000{n}")) for n in (1, 2)] == [1, 1]


@pytest.mark.parametrize("decided", [(Level.SEVERE, "sent", 2), (Level.HIGH, "undelivered", 1)])
async def test_a_doubt_that_nobody_can_settle_is_decided_by_level(
    outbox: Outbox,
    twilio: FakeTwilio,
    hasty_worker: Worker,
    clock: ManualClock,
    decided: tuple[Level, str, int],
) -> None:
    level, status, copies = decided
    outbox.contact(phone="+22371000001")
    twilio.fault = lambda _: Fault(accept=True, silent_s=SILENT)
    twilio.log_down = True
    alert = outbox.alert(level=level)

    async with at_work(hasty_worker):
        await until(lambda: statuses(outbox, alert) == {"in_doubt": 1})
    twilio.fault = lambda _: None
    clock.advance(POLICY.settle_for + timedelta(seconds=1))
    async with at_work(a_worker(outbox, clock, sms(twilio))):
        await until(lambda: statuses(outbox, alert) == {status: 1})

    assert len(twilio.to("+22371000001")) == copies


async def test_what_a_vanished_worker_held_is_asked_about_and_sent_once(
    outbox: Outbox, twilio: FakeTwilio, worker: Worker, clock: ManualClock
) -> None:
    for n in range(10):
        outbox.contact(phone=f"+2237100000{n}")
    alert = outbox.alert()
    outbox.fan_out(alert)
    held = outbox.db.write_now(
        lambda conn: claiming.claim(
            conn, owner="dead", channel="sms", limit=10, now=NOW, lease=POLICY.lease
        )
    )
    lost = sms(twilio)
    for claimed in held[:5]:  # these left before it died
        await lost.send(
            Outgoing(
                delivery_id=claimed.id,
                alert_id=alert,
                address=outbox.vault.open(
                    claimed.address_sealed, row_id=claimed.contact_id, field="sms"
                ),
                language="fr",
                subject=None,
                text="alert severe fuel ML-DKR-N (fr)",
                html=None,
            )
        )

    async with at_work(worker):
        clock.advance(POLICY.lease + timedelta(seconds=1))
        await until(lambda: statuses(outbox, alert) == {"in_doubt": 10})
        clock.advance(POLICY.settle_after)
        await until(lambda: statuses(outbox, alert) == {"sent": 10})

    assert [len(twilio.to(f"+2237100000{n}")) for n in range(10)] == [1] * 10


class _Sleepy:
    """A channel of a process that sleeps for most of its lease before the first message leaves."""

    name = kind = "sms"
    concurrency = 1

    def __init__(self, inner: TwilioSms, clock: ManualClock) -> None:
        self.inner, self.clock = inner, clock
        self.might_leave: list[bool] = []

    async def send(self, message: Outgoing) -> SendResult:
        if not self.might_leave:
            self.clock.advance(POLICY.lease - timedelta(seconds=1))
        self.might_leave.append(message.may_leave())
        return await self.inner.send(message)

    async def close(self) -> None:
        await self.inner.close()


async def test_what_was_held_while_the_process_slept_leaves_only_when_it_is_taken_anew(
    outbox: Outbox, twilio: FakeTwilio, clock: ManualClock
) -> None:
    outbox.contact()
    alert = outbox.alert()
    channel = _Sleepy(sms(twilio), clock)

    async with at_work(a_worker(outbox, clock, channel)):
        await until(lambda: statuses(outbox, alert) == {"sent": 1})

    assert channel.might_leave == [False, True]
    assert len(twilio.messages) == 1


async def test_stopping_finishes_what_is_in_the_air_and_puts_back_the_rest(
    outbox: Outbox, twilio: FakeTwilio, clock: ManualClock
) -> None:
    for _ in range(200):
        outbox.contact()
    twilio.fault = lambda _: Fault(accept=True, silent_s=0.2)
    channel = sms(twilio)
    channel.concurrency = 10
    alert = outbox.alert()

    async with at_work(a_worker(outbox, clock, channel)):
        await until(lambda: twilio.requests >= 10)

    ended = statuses(outbox, alert)
    assert ended == {"sent": len(twilio.messages), "queued": 200 - len(twilio.messages)}
    assert 10 <= len(twilio.messages) < 200


@dataclass
class _Stumbling:
    """Words of a recipient's own that cannot be put in, for a while."""

    broken: bool = False
    stumbled: int = 0

    def named(self, _conn: Connection, text: Any) -> Any:
        if self.broken:
            self.stumbled += 1
            raise RuntimeError("a bug")
        return text

    def sms(self, text: str, **_: Any) -> str:
        return text


async def test_a_bug_in_claiming_takes_nothing_down_that_is_in_the_air(
    outbox: Outbox, twilio: FakeTwilio, worker: Worker, clock: ManualClock
) -> None:
    words = _Stumbling()
    dispatch = replace(worker.dispatch, own=cast("OwnWords", words))
    answers = asyncio.Event()
    twilio.fault = lambda _: Fault(accept=True, until=answers)
    outbox.contact(phone="+22371000001")
    async with at_work(replace(worker, dispatch=dispatch)):
        first = outbox.alert()
        await until(lambda: twilio.in_the_air == 1)
        words.broken = True
        outbox.contact(phone="+22371000002", routes=("OTHER",))
        second = outbox.alert(route="OTHER")
        await until(lambda: words.stumbled)
        answers.set()
        await until(lambda: statuses(outbox, first) == {"sent": 1})
        assert statuses(outbox, second) == {"queued": 1}
        words.broken = False
        await until(lambda: statuses(outbox, second) == {"sent": 1})

    assert len(twilio.messages) == 2


class _Broken:
    """A channel with a bug."""

    name = "broken"
    kind = "sms"
    concurrency = 2

    async def send(self, message: Outgoing) -> SendResult:
        raise RuntimeError(message.address)

    async def close(self) -> None:
        pass


async def test_a_bug_in_a_channel_leaves_a_doubt_and_names_no_contact(
    outbox: Outbox, clock: ManualClock
) -> None:
    outbox.contact(phone="+22371000001")
    alert = outbox.alert()

    async with at_work(a_worker(outbox, clock, _Broken())):
        await until(lambda: statuses(outbox, alert) == {"in_doubt": 1})

    assert outbox.one(select(DeliveryRow.error_detail)).error_detail == "RuntimeError"


NOT_OPENED = "sira_addresses_not_opened_total"


async def test_an_address_that_does_not_open_fails_only_its_own_delivery(
    outbox: Outbox, clock: ManualClock, worker: Worker
) -> None:
    bad = outbox.contact()
    outbox.contact()
    outbox.run(
        update(ContactChannelRow)
        .where(ContactChannelRow.contact_id == bad)
        .values(address_sealed=b"\x02k1" + b"0" * 60)
    )
    alert = outbox.alert()
    before = samples(metrics.exposition().decode()).get(NOT_OPENED, 0)

    async with at_work(worker):
        await until(lambda: statuses(outbox, alert) == {"sent": 1, "queued": 1})

    found = outbox.one(select(DeliveryRow.error_code), DeliveryRow.contact_id == bad)
    assert found.error_code == "not_opened"
    assert samples(metrics.exposition().decode())[NOT_OPENED] > before
