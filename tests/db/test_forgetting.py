"""Deliveries go when their time is over: whole, settled, and of chains that are over."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.core.ids import new_id
from app.db.tables import (
    AlertRow,
    DeliveryAttemptRow,
    DeliveryRow,
    MessageRow,
    NoticeRow,
    ReceiptRow,
)
from app.delivery.delivery import Status
from app.delivery.outbox import notices
from app.delivery.outbox.forgetting import forget_deliveries, forget_notices
from tests.harness.outbox import NOW, Outbox

LATER = NOW + timedelta(days=365)


def tried(outbox: Outbox, alert_id: str, status: str = "delivered") -> None:
    """Every delivery of the alert was tried once, and a receipt came."""
    outbox.set_delivery(alert_id, status=status, attempts=1)
    ids = outbox.db.read_now(
        lambda conn: conn.scalars(
            select(DeliveryRow.id).where(DeliveryRow.alert_id == alert_id)
        ).all()
    )
    for one in ids:
        outbox.run(
            insert(DeliveryAttemptRow).values(
                delivery_id=one, number=1, at=NOW, provider="twilio", outcome="accepted"
            )
        )
        outbox.run(
            insert(ReceiptRow).values(
                id=new_id(NOW),
                delivery_id=one,
                at=NOW,
                provider="twilio",
                status="delivered",
                applied="delivered",
            )
        )


def an_ended_chain(outbox: Outbox) -> tuple[str, str]:
    """An alert and its withdrawal, both delivered to three people."""
    for _ in range(3):
        outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    tried(outbox, alert)
    end = outbox.end(alert)
    outbox.fan_out(end)
    tried(outbox, end)
    outbox.run(update(AlertRow).where(AlertRow.id == end).values(status="ended"))
    return alert, end


def forget(outbox: Outbox, before: datetime = LATER, limit: int = 100) -> int:
    """Forget until there is nothing to forget; return how many deliveries went."""
    gone = 0
    while step := outbox.db.write_now(
        lambda conn: forget_deliveries(conn, before=before, limit=limit)
    ):
        assert step <= limit
        gone += step
    return gone


def counts(outbox: Outbox) -> list[int]:
    return [
        outbox.one(select(func.count()).select_from(table))[0]
        for table in (DeliveryRow, DeliveryAttemptRow, ReceiptRow)
    ]


def test_deliveries_go_with_their_attempts_and_receipts_and_the_texts_stay(outbox: Outbox) -> None:
    an_ended_chain(outbox)
    assert counts(outbox) == [6, 6, 6]

    assert forget(outbox, limit=2) == 6

    assert counts(outbox) == [0, 0, 0]
    assert outbox.one(select(func.count()).select_from(AlertRow))[0] == 2
    assert outbox.one(select(func.count()).select_from(MessageRow))[0] == 8


def test_what_is_younger_stays(outbox: Outbox) -> None:
    an_ended_chain(outbox)

    assert forget(outbox, before=NOW) == 0

    assert counts(outbox) == [6, 6, 6]


def test_a_chain_whose_last_word_is_young_stays_whole(outbox: Outbox) -> None:
    _, end = an_ended_chain(outbox)
    outbox.run(update(AlertRow).where(AlertRow.id == end).values(created_at=LATER))

    assert forget(outbox) == 0


@pytest.mark.parametrize("status", ["active", "held"])
def test_while_a_chain_is_open_it_is_known_who_was_told(outbox: Outbox, status: str) -> None:
    alert, end = an_ended_chain(outbox)
    outbox.run(update(AlertRow).where(AlertRow.id == end).values(status=status))

    assert forget(outbox) == 0

    assert len(outbox.told(alert)) == 3


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENDING, Status.IN_DOUBT])
def test_what_is_not_settled_stays_and_does_not_hold_up_the_rest(
    outbox: Outbox, status: Status
) -> None:
    alert, end = an_ended_chain(outbox)
    outbox.set_delivery(alert, status=status)

    assert forget(outbox) == 3

    assert len(outbox.told(alert)) == 3
    assert outbox.told(end) == set()


@pytest.mark.parametrize("table", [DeliveryAttemptRow, ReceiptRow])
def test_no_attempt_or_receipt_goes_before_its_delivery(
    outbox: Outbox, table: type[DeliveryAttemptRow | ReceiptRow]
) -> None:
    an_ended_chain(outbox)

    with pytest.raises(IntegrityError, match="is append-only"):
        outbox.run(delete(table))

    assert counts(outbox) == [6, 6, 6]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENDING, Status.IN_DOUBT])
def test_no_delivery_can_be_deleted_before_it_is_settled(outbox: Outbox, status: Status) -> None:
    alert, _ = an_ended_chain(outbox)
    outbox.set_delivery(alert, status=status)

    with pytest.raises(IntegrityError, match="delivery is not settled"):
        outbox.run(delete(DeliveryRow).where(DeliveryRow.alert_id == alert))

    assert counts(outbox)[0] == 6


def test_of_notices_to_contacts_nothing_stays_but_what_waits(outbox: Outbox) -> None:
    """Who asked for a code to sign in, and when, would be kept for ever."""
    send = partial(notices.send_code, contact_id=outbox.contact(), channel="sms", now=NOW)
    for code_id in ("sent", "waits"):
        outbox.db.write_now(partial(send, code_id=code_id, sealed="sealed"))
    say = partial(notices.note, kind=notices.PROVIDER, about="provider:twilio", words="20003")
    soon = timedelta(minutes=10)
    outbox.db.write_now(partial(say, number=1, channels=["sms"], remind=soon, now=NOW))
    outbox.run(update(NoticeRow).where(NoticeRow.about != "sign_in:waits").values(due_at=None))

    for before, gone in ((NOW, 0), (LATER, 1)):
        assert outbox.db.write_now(partial(forget_notices, before=before, limit=100)) == gone

    left = outbox.db.read_now(lambda conn: conn.scalars(select(NoticeRow.about)).all())
    assert sorted(left) == ["provider:twilio", "sign_in:waits"]
