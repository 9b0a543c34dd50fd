"""What follows when a message does not arrive, on both databases, in simulated time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.channels.smtp import Smtp
from app.channels.smtp_message import Sender
from app.core.clock import ManualClock
from app.core.levels import Level
from app.core.rota import Rota
from app.db.tables import DeliveryRow, NoticeRow
from app.delivery.outbox import listing, restored
from app.flows.outcomes.fail_over import fail_over
from app.flows.sending.tell_duty import Duty
from tests.harness.carriers import Carriers, always, carriers
from tests.harness.outbox import NOW, Outbox
from tests.harness.smtp import FakeSmtp, fake_smtp
from tests.harness.twilio import Fault
from tests.harness.working import POLICY, at_work, until

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def mail() -> AsyncIterator[FakeSmtp]:
    async with fake_smtp() as server:
        yield server


@pytest.fixture
async def carried(outbox: Outbox, clock: ManualClock, mail: FakeSmtp) -> AsyncIterator[Carriers]:
    """Twilio first, a gateway behind it, a mail server, and somebody on duty."""
    smtp = Smtp(
        host="127.0.0.1",
        port=mail.port,
        sender=Sender(address="sira@example.org"),
        clock=clock.now,
    )
    duty = Duty(
        db=outbox.db,
        clock=clock,
        rota=Rota(addresses={"email": "duty@example.org"}),
        language="fr",
        public_url="https://sira.example",
    )
    async with carriers(outbox, clock, rand=always(0.0), others=[smtp]) as found:
        found.worker = replace(found.worker, duty=duty)
        async with at_work(found.worker):
            yield found


def told(outbox: Outbox, level: Level = Level.SEVERE, **contact: str) -> str:
    contact = {"phone": "+22371000001"} | contact
    outbox.contact(**contact)  # type: ignore[arg-type]
    alert = outbox.alert(level=level)
    outbox.fan_out(alert)
    return alert


def sms(outbox: Outbox) -> tuple[str, str | None, str | None]:
    row = outbox.one(
        select(DeliveryRow.status, DeliveryRow.provider, DeliveryRow.silent_provider),
        DeliveryRow.channel == "sms",
    )
    return row.status, row.provider, row.silent_provider


def listed(outbox: Outbox, alert: str, now: datetime) -> int:
    return len(
        outbox.db.read_now(
            lambda conn: listing.list_unreached(
                conn,
                alert,
                cursor=None,
                limit=100,
                organisation_id=None,
                receipt_within=POLICY.receipt_within,
                now=now,
            )
        )
    )


async def test_a_severe_message_without_a_receipt_goes_through_the_other_provider(
    outbox: Outbox, carried: Carriers
) -> None:
    told(outbox)

    await carried.go_on(2 * MINUTE - timedelta(seconds=1))
    assert [one.provider for one in carried.taken()] == ["twilio"]
    await carried.go_on(timedelta(seconds=1))

    assert [one.provider for one in carried.taken()] == ["twilio", "gateway"]
    assert sms(outbox) == ("sent", "gateway", "twilio")


async def test_after_a_restore_what_may_have_arrived_long_ago_is_listed_and_goes_nowhere_else(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    alert = told(outbox, email="a@example.org")
    await carried.go_on(MINUTE)  # the backup is of this instant; its receipt came a second later

    outbox.db.write_now(lambda conn: restored.leave_to_a_person(conn, now=clock.now()))
    await carried.go_on(4 * MINUTE)
    await carried.go_on(4 * MINUTE)

    assert [one.provider for one in carried.taken()] == ["twilio"]
    assert sms(outbox) == ("sent", "twilio", None)
    assert listed(outbox, alert, clock.now() + timedelta(hours=1)) == 1


async def test_below_severe_nothing_is_sent_twice(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    alert = told(outbox, Level.HIGH)

    await carried.go_on(11 * MINUTE)

    assert [one.provider for one in carried.taken()] == ["twilio"]
    assert sms(outbox) == ("sent", "twilio", None)
    assert listed(outbox, alert, clock.now()) == 1


async def test_who_is_not_reached_either_way_is_written_to_listed_and_reported_once(
    outbox: Outbox, carried: Carriers, clock: ManualClock, mail: FakeSmtp
) -> None:
    contact = outbox.contact(phone="+22371000001")
    outbox.contact(phone="+22371000002")
    outbox.run(_with_email(outbox, contact))
    alert = outbox.alert()
    outbox.fan_out(alert)

    await carried.go_on(4 * MINUTE)
    await until(lambda: len(mail.mails) == 2)
    await carried.go_on(20 * MINUTE)

    assert sorted(to for to, _ in mail.mails) == ["driver@example.org", "duty@example.org"]
    assert listed(outbox, alert, clock.now()) == 2  # called, whatever the e-mail did
    words = next(content for to, content in mail.mails if to == "duty@example.org")
    assert b"2 destinataire(s)" in words
    assert f"/desk/alerts/{alert}".encode() in words.replace(b"=\r\n", b"")
    assert len(carried.taken()) == 4  # two each, and no more after that


def _with_email(outbox: Outbox, contact: str) -> object:
    from sqlalchemy import insert  # noqa: PLC0415

    from app.db.tables import ContactChannelRow  # noqa: PLC0415
    from tests.harness.outbox import ORGANISATION  # noqa: PLC0415

    return insert(ContactChannelRow).values(
        contact_id=contact,
        channel="email",
        organisation_id=ORGANISATION,
        address_sealed=outbox.vault.seal("driver@example.org", row_id=contact, field="email"),
        blind_index="driver",
        masked="***",
        status="active",
        changed_at=NOW,
    )


async def test_a_late_receipt_takes_a_contact_off_the_list(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    alert = told(outbox)
    await carried.go_on(5 * MINUTE)
    assert listed(outbox, alert, clock.now()) == 1

    carried.receipt(carried.taken()[0], "delivered")

    assert sms(outbox) == ("delivered", "twilio", "twilio")
    assert listed(outbox, alert, clock.now()) == 0


async def test_an_arrival_before_the_second_provider_was_called_stops_it(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    carried.gateway.fault = lambda _: Fault(status=503, body="Temporal failure")
    told(outbox)
    await carried.go_on(2 * MINUTE)
    assert sms(outbox)[0] == "queued"

    carried.receipt(carried.taken()[0], "delivered")
    carried.gateway.fault = lambda _: None
    await carried.go_on(15 * MINUTE)

    assert sms(outbox)[0] == "delivered"
    assert [one.provider for one in carried.taken()] == ["twilio"]


async def test_the_silent_providers_failure_does_not_end_what_the_other_delivers(
    outbox: Outbox, carried: Carriers
) -> None:
    told(outbox)
    await carried.go_on(2 * MINUTE)
    first, second = carried.taken()

    carried.receipt(first, "undelivered", "30008")
    assert sms(outbox) == ("sent", "gateway", "twilio")
    carried.receipt(second, "delivered")
    assert sms(outbox) == ("delivered", "gateway", "twilio")
    carried.receipt(first, "delivered")
    assert sms(outbox) == ("delivered", "gateway", "twilio")


@pytest.mark.parametrize("level", [Level.SEVERE, Level.HIGH])
async def test_what_a_provider_gave_up_goes_through_the_other_at_any_level(
    outbox: Outbox, carried: Carriers, level: Level
) -> None:
    told(outbox, level)
    await carried.settle_down()

    carried.receipt(carried.taken()[0], "undelivered", "30008")
    await carried.settle_down()
    assert sms(outbox) == ("sent", "gateway", "twilio")
    carried.receipt(carried.taken()[1], "undelivered")

    assert sms(outbox) == ("undelivered", "gateway", "twilio")
    await carried.go_on(20 * MINUTE)
    assert len(carried.taken()) == 2


async def test_what_is_the_recipients_own_fault_is_not_tried_elsewhere(
    outbox: Outbox, carried: Carriers
) -> None:
    told(outbox)
    await carried.settle_down()

    carried.receipt(carried.taken()[0], "undelivered", "30006")  # a landline
    await carried.go_on(5 * MINUTE)

    assert sms(outbox) == ("undelivered", "twilio", None)
    assert len(carried.taken()) == 1


async def test_while_both_refuse_us_everybody_is_listed_and_nothing_is_lost(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    carried.twilio.fault = lambda _: Fault.error(403, 30002)
    carried.gateway.fault = lambda _: Fault(status=403, body="Authorization failed for sendsms")
    alert = told(outbox)

    await carried.go_on(5 * MINUTE)
    assert (sms(outbox)[0], listed(outbox, alert, clock.now())) == ("queued", 1)

    carried.twilio.fault = carried.gateway.fault = lambda _: None
    await carried.go_on(12 * MINUTE, words=lambda _: "delivered")
    assert (sms(outbox)[0], listed(outbox, alert, clock.now())) == ("delivered", 0)
    assert len(carried.taken()) == 1


async def test_whom_the_first_provider_may_have_told_hears_the_end(
    outbox: Outbox, carried: Carriers
) -> None:
    carried.gateway.fault = lambda _: Fault(status=503, body="Temporal failure")
    alert = told(outbox)
    await carried.go_on(2 * MINUTE)
    assert sms(outbox)[0] == "queued"  # for the gateway; Twilio may have delivered it

    end = outbox.end(alert)
    outbox.fan_out(end)

    assert list(outbox.deliveries(alert).values()) == ["undelivered"]
    assert len(outbox.told(end)) == 1


async def test_whom_the_second_failed_may_have_been_told_by_the_first_and_hears_the_end(
    outbox: Outbox, carried: Carriers
) -> None:
    alert = told(outbox)
    await carried.go_on(2 * MINUTE)
    _, second = carried.taken()

    carried.receipt(second, "failed", "30008")
    assert sms(outbox)[0] == "undelivered"
    end = outbox.end(alert)
    outbox.fan_out(end)

    assert len(outbox.told(end)) == 1


async def test_what_another_has_taken_since_is_not_sent_anew_where_the_first_says_it_failed(
    outbox: Outbox, carried: Carriers
) -> None:
    """The first was in doubt, nobody could tell in time, and it was sent again: severe."""
    told(outbox)
    await carried.settle_down()
    (first,) = carried.taken()
    outbox.run(update(DeliveryRow).values(provider="gateway"))

    carried.receipt(first, "failed", "30008")
    await carried.settle_down()

    assert sms(outbox) == ("sent", "gateway", None)
    assert carried.taken() == [first]


async def test_a_refusal_by_the_second_provider_is_no_proof_that_nothing_arrived(
    outbox: Outbox, carried: Carriers
) -> None:
    carried.gateway.fault = lambda _: Fault(status=403, body="Not routable. Do not try again.")
    told(outbox)

    await carried.go_on(3 * MINUTE)

    assert sms(outbox)[0] == "undelivered"


async def test_without_receipts_silence_says_nothing(
    outbox: Outbox, carried: Carriers, clock: ManualClock
) -> None:
    told(outbox)
    await carried.settle_down()
    clock.advance(10 * MINUTE)

    assert await fail_over(replace(carried.flow, receipts=False)) == 0


async def test_the_number_of_the_notice_is_kept_and_told_again_when_it_has_doubled(
    outbox: Outbox, carried: Carriers, mail: FakeSmtp
) -> None:
    for number in range(5):
        outbox.contact(phone=f"+2237100000{number}")
    alert = outbox.alert()
    outbox.fan_out(alert)
    await carried.settle_down()
    by_phone = {one.phone: one for one in carried.taken()}
    carried.receipt(by_phone["+22371000000"], "undelivered", "30006")
    await carried.go_on(timedelta(seconds=10))
    await until(lambda: len(mail.mails) == 1)

    await carried.go_on(5 * MINUTE)
    row = outbox.one(select(NoticeRow.number, NoticeRow.told), NoticeRow.about == alert)
    assert (row.number, row.told, len(mail.mails)) == (5, 1, 1)


async def test_a_second_run_finds_nothing_to_do(outbox: Outbox, carried: Carriers) -> None:
    told(outbox)
    await carried.go_on(5 * MINUTE)

    assert await fail_over(carried.flow) == 0
