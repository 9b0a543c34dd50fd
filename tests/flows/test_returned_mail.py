"""A mail that came back was not delivered: a person hears of it, and the contact by another way."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from app.core.clock import ManualClock
from app.db.tables import ContactChannelRow, DeliveryRow, NoticeRow, ReceiptRow
from app.delivery.fail_over import FailOverPolicy, Rule
from app.delivery.outbox import listing
from app.delivery.routing import RoutingPolicy
from app.flows.outcomes.fail_over import FailOver, fail_over
from app.flows.outcomes.returned_mail import Came, take_returned
from app.subscribers.signed_link import Keyed
from app.subscribers.stop_link import stop_link
from tests.harness.outbox import NOW, Outbox
from tests.harness.returned import a_complaint, a_mail, a_return

LATER = NOW + timedelta(minutes=3)


def came(outbox: Outbox, raw: bytes, *, keyed: Keyed | None = None) -> Came:
    return outbox.db.write_now(
        lambda conn: take_returned(conn, raw, domain="sira.example", now=LATER, keyed=lambda: keyed)
    )


def mailed(outbox: Outbox, status: str = "delivered") -> tuple[str, str]:
    """Return (alert, delivery) of an e-mail that a server took."""
    outbox.contact(phone="+22371000001", email="awa@union.example")
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status=status, provider="smtp", provider_id="x", due_at=NOW)
    mail = outbox.one(select(DeliveryRow.id), DeliveryRow.channel == "email")
    return alert, mail.id


def status(outbox: Outbox, delivery: str) -> tuple[str, str | None]:
    row = outbox.one(select(DeliveryRow.status, DeliveryRow.error_code), DeliveryRow.id == delivery)
    return row.status, row.error_code


def addresses(outbox: Outbox) -> dict[str, str]:
    query = select(ContactChannelRow.channel, ContactChannelRow.status)
    rows = outbox.db.read_now(lambda conn: conn.execute(query).all())
    return {row.channel: row.status for row in rows}


@pytest.mark.parametrize("before", ["delivered", "in_doubt", "sending", "queued"])
def test_what_came_back_was_not_delivered(outbox: Outbox, before: str) -> None:
    _, delivery = mailed(outbox, before)

    assert came(outbox, a_return(delivery)) is Came.BACK
    assert status(outbox, delivery) == ("undelivered", "5.1.1")


def test_what_comes_back_twice_or_late_changes_nothing_more(outbox: Outbox) -> None:
    _, delivery = mailed(outbox)

    came(outbox, a_return(delivery))

    assert came(outbox, a_return(delivery, code="5.7.1")) is Came.AGAIN
    assert status(outbox, delivery) == ("undelivered", "5.1.1")
    kept = outbox.one(select(func.count().label("all")).select_from(ReceiptRow))
    assert kept.all == 2


def test_what_is_no_message_to_a_contact_changes_nothing(outbox: Outbox) -> None:
    _, delivery = mailed(outbox)

    assert came(outbox, a_return("01991e0a-1000-72cf-b78c-000000000000")) is Came.UNKNOWN
    assert came(outbox, a_return(delivery, action="delayed")) is Came.NO_REPORT
    assert status(outbox, delivery) == ("delivered", None)


async def test_whose_mail_came_back_is_listed_and_the_person_on_duty_told(
    outbox: Outbox, clock: ManualClock
) -> None:
    alert, delivery = mailed(outbox)
    clock.advance(timedelta(minutes=4))
    flow = FailOver(
        db=outbox.db,
        clock=clock,
        policy=FailOverPolicy(rules={0: Rule(after=timedelta(minutes=2), notify=True)}),
        routing=RoutingPolicy(),
        providers=[],
        receipts=False,
        open_address=lambda *_: "",
        duty=["email"],
        made=lambda: None,
    )
    assert await fail_over(flow) == 0

    came(outbox, a_return(delivery))

    assert await fail_over(flow) == 1

    def listed(conn: Connection) -> list[str]:
        found = listing.list_unreached(
            conn,
            alert,
            cursor=None,
            limit=10,
            organisation_id=None,
            receipt_within=timedelta(hours=1),
            now=clock.now(),
        )
        return [one.id for one in found]

    assert outbox.db.read_now(listed) == [delivery]
    notice = outbox.one(select(NoticeRow.about, NoticeRow.number))
    assert (notice.about, notice.number) == (alert, 1)


def test_who_called_a_mail_spam_gets_no_more_of_them_and_his_phone_does(outbox: Outbox) -> None:
    _, delivery = mailed(outbox)
    keyed = outbox.vault.token
    raw = a_complaint(a_mail(delivery, stop_link=stop_link(delivery, keyed)))

    assert came(outbox, raw, keyed=keyed) is Came.UNWANTED
    assert came(outbox, raw, keyed=keyed) is Came.UNWANTED  # once more is as good as once
    assert addresses(outbox) == {"email": "opted_out", "sms": "active"}
    assert status(outbox, delivery) == ("delivered", None)  # it arrived: he looked at it


@pytest.mark.parametrize("without", ["link", "key", "signature"])
def test_a_complaint_that_anybody_could_have_written_silences_nobody(
    outbox: Outbox, without: str
) -> None:
    _, delivery = mailed(outbox)
    keyed = outbox.vault.token
    links = {
        "link": "gone",
        "key": stop_link(delivery, keyed),
        "signature": f"{delivery}.{'0' * 32}",
    }
    raw = a_complaint(a_mail(delivery, stop_link=links[without]))

    assert came(outbox, raw, keyed=None if without == "key" else keyed) is Came.UNPROVEN
    assert addresses(outbox) == {"email": "active", "sms": "active"}
