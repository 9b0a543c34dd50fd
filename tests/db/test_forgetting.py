"""Deliveries go when their time is over: whole, settled, and of chains that are over."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.one_time import Asked
from app.accounts.store import sign_ins
from app.core.ids import new_id
from app.db.tables import (
    AcknowledgementRow,
    AlertRow,
    DeliveryAttemptRow,
    DeliveryRow,
    DigestRow,
    EscalationRow,
    MessageRow,
    NoticeRow,
    ReceiptRow,
    SignInCodeRow,
)
from app.delivery.delivery import Status
from app.delivery.outbox import notices
from app.delivery.outbox.forgetting import forget_deliveries, forget_notices, list_over
from app.delivery.retention import RetentionPolicy
from app.flows.upkeep.forget import forget as forget_all
from tests.harness.outbox import NOW, ORGANISATION, Outbox

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
    over = outbox.db.read_now(partial(list_over, before=before, after="", limit=100))
    for alert_id in over:
        some = partial(forget_deliveries, alert_id=alert_id, before=before, limit=limit)
        while step := outbox.db.write_now(some):
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


def test_a_chain_that_goes_on_after_it_was_found_stays(outbox: Outbox) -> None:
    alert, end = an_ended_chain(outbox)
    assert outbox.db.read_now(partial(list_over, before=LATER, after="", limit=9)) == [alert, end]

    outbox.run(update(AlertRow).where(AlertRow.id == end).values(status="active"))

    step = partial(forget_deliveries, alert_id=alert, before=LATER, limit=9)
    assert outbox.db.write_now(step) == 0
    assert len(outbox.told(alert)) == 3


@pytest.mark.parametrize("limit", [2, 3, 4])
def test_of_who_took_note_nothing_stays_however_many_were_told(outbox: Outbox, limit: int) -> None:
    alert, _ = an_ended_chain(outbox)
    contact_id = min(outbox.told(alert))
    outbox.run(
        insert(AcknowledgementRow).values(
            alert_id=alert, by=f"contact:{contact_id}", contact_id=contact_id, way="reply", at=NOW
        )
    )

    step = partial(forget_deliveries, alert_id=alert, before=LATER, limit=limit)
    while outbox.told(alert):  # and not once more: the process may end here
        outbox.db.write_now(step)
    forget(outbox, limit=limit)

    assert outbox.one(select(func.count()).select_from(AcknowledgementRow))[0] == 0


async def test_texts_go_that_nobody_got_or_whose_deliveries_went(outbox: Outbox) -> None:
    """A message that is put anew before it leaves has another id, and its former text stayed."""
    alert, _ = an_ended_chain(outbox)
    still = outbox.alert(route="ML-RN7")
    outbox.contact(routes=["ML-RN7"])
    outbox.fan_out(still)
    for digest_id, at in (("read", NOW), ("gone", NOW), ("anew", NOW), ("young", LATER)):
        for channel in ("sms", "email"):
            outbox.run(
                insert(DigestRow).values(
                    id=digest_id, channel=channel, language="fr", alert_ids=[], text="x",
                    segments=1, created_at=at,
                )
            )  # fmt: skip
    outbox.set_delivery(alert, digest_id="gone")
    outbox.set_delivery(still, digest_id="read", status="delivered")

    await forget_all(outbox.db, RetentionPolicy(), now=LATER + timedelta(seconds=1))

    left = outbox.db.read_now(lambda conn: conn.scalars(select(DigestRow.id)).all())
    assert sorted(left) == ["read", "read", "young", "young"]


async def test_how_far_lists_were_called_goes_but_for_what_is_still_called(outbox: Outbox) -> None:
    for at, due_at in ((NOW, None), (NOW, NOW), (LATER, None)):
        outbox.run(
            insert(EscalationRow).values(
                bundle_id=new_id(at), organisation_id=ORGANISATION, step=1, due_at=due_at,
                updated_at=at,
            )
        )  # fmt: skip

    await forget_all(outbox.db, RetentionPolicy(), now=LATER + timedelta(days=1))

    row = EscalationRow
    left = select(row.due_at, row.updated_at).order_by(row.bundle_id)
    rows = outbox.db.read_now(lambda conn: conn.execute(left).all())
    assert [tuple(one) for one in rows] == [(NOW, NOW), (None, LATER)]


async def test_codes_go_that_neither_count_nor_make_a_browser_known(outbox: Outbox) -> None:
    """Of who never signed in again they stayed for ever."""
    contact_id = outbox.contact()
    for name in ("asked", "entered"):
        code = sign_ins.NewCode(
            visit_hash=name,
            code_hash="x",
            expires_at=NOW,
            asked=Asked(at=NOW, by="network", known=False),
        )
        code_id = outbox.db.write_now(
            partial(sign_ins.open_code, contact_id=contact_id, blind_index=name, code=code, now=NOW)
        )
        if name == "entered":
            outbox.db.write_now(partial(sign_ins.note_entered, code_id=code_id, now=NOW))
    left = []
    for days in (0.9, 1, 89, 90):
        await forget_all(outbox.db, RetentionPolicy(), now=NOW + timedelta(days=days))
        rows = select(SignInCodeRow.visit_hash)
        left.append(sorted(outbox.db.read_now(lambda conn, q=rows: conn.scalars(q).all())))  # type: ignore[misc]

    assert left == [["asked", "entered"], ["entered"], ["entered"], []]
