"""Receipts pour in: what is taken together is what each alone would have done."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from app.db.engine import Database
from app.db.tables import DeliveryRow, ReceiptRow
from app.flows.outcomes.receipts import Intake, Said, take_receipt, take_receipts, twilio_receipt
from app.flows.sending.refusals import Shouting
from tests.harness.outbox import NOW, Outbox
from tests.harness.working import until

SHOUTING = Shouting()


def sent(db: Database, count: int) -> tuple[Outbox, list[str]]:
    """Return an outbox, and the ids of deliveries that Twilio has."""
    outbox = Outbox(db)
    for number in range(count):
        outbox.contact(phone=f"+2237100{number:04d}")
    alert = outbox.alert()
    outbox.fan_out(alert)
    outbox.set_delivery(alert, status="sent", provider="twilio")
    query = select(DeliveryRow.id).order_by(DeliveryRow.id)
    return outbox, outbox.db.read_now(lambda conn: list(conn.scalars(query)))


def said(delivery: str, word: str, *, code: str | None = None, elsewhere: bool = False) -> Said:
    return twilio_receipt(
        delivery_id=delivery,
        message_sid="SM" + delivery.replace("-", ""),
        status=word,
        error_code=code,
        error_message=None,
        elsewhere=elsewhere,
        now=NOW + timedelta(minutes=1),
    )


def state(conn: Connection) -> tuple[object, ...]:
    """Return everything that receipts may change."""
    rows = conn.execute(select(DeliveryRow.__table__).order_by(DeliveryRow.id)).all()
    columns = (ReceiptRow.delivery_id, ReceiptRow.status, ReceiptRow.code, ReceiptRow.applied)
    return rows, sorted(map(repr, conn.execute(select(*columns))))


def tried(db: Database, work: Callable[[Connection], object]) -> tuple[object, ...]:
    """Return what `work` returns and leaves behind; take it back."""
    with db.engine.connect() as conn, conn.begin() as transaction:
        answer = work(conn)
        left = state(conn)
        transaction.rollback()
    return answer, *left


@pytest.mark.parametrize("seed", range(8))
def test_a_batch_does_what_its_receipts_do_one_by_one(db: Database, seed: int) -> None:
    _, ids = sent(db, 4)
    chance = random.Random(seed)  # noqa: S311 - chance, not secrets
    burst = [
        said(
            chance.choice(ids),
            chance.choice(["sent", "delivered", "undelivered", "failed", "nonsense"]),
            code=chance.choice([None, "30008", "21610"]),
            elsewhere=chance.random() < 0.7,
        )
        for _ in range(12)
    ]

    alone = tried(db, lambda conn: [take_receipt(conn, one, shouting=SHOUTING) for one in burst])

    assert alone == tried(db, lambda conn: take_receipts(conn, burst, shouting=SHOUTING))
    assert "queued" in repr(alone) or "delivered" in repr(alone)


async def test_whoever_comes_together_is_answered_when_it_is_on_disk(db: Database) -> None:
    outbox, ids = sent(db, 30)
    intake = Intake(db, SHOUTING)
    nobodys = "00000000-0000-7000-8000-00000000dead"
    calls = [said(one, "delivered") for one in (*ids, nobodys)]

    answers = await asyncio.gather(*(intake.take(one) for one in calls))

    assert [one and one.status for one in answers] == [*["delivered"] * 30, None]
    query = select(DeliveryRow.status).distinct()
    assert outbox.db.read_now(lambda conn: list(conn.scalars(query))) == ["delivered"]


async def test_a_worker_that_has_one_in_hand_does_not_lose_its_receipt(
    postgres_db: Database,
) -> None:
    outbox, ids = sent(postgres_db, 3)
    intake = Intake(postgres_db, SHOUTING)
    with postgres_db.engine.connect() as worker, worker.begin():
        hold = select(DeliveryRow.id).where(DeliveryRow.id == ids[1]).with_for_update()
        worker.execute(hold)
        takes = asyncio.gather(*(intake.take(said(one, "delivered")) for one in ids))
        others = select(DeliveryRow.status).where(DeliveryRow.id != ids[1])
        read = outbox.db.read_now
        await until(lambda: read(lambda conn: set(conn.scalars(others))) == {"delivered"})
        assert not takes.done()

    answers = await takes

    assert [one and one.status for one in answers] == ["delivered"] * 3


async def test_one_that_cannot_be_taken_does_not_take_the_others_along(db: Database) -> None:
    _, ids = sent(db, 3)
    intake = Intake(db, SHOUTING)
    broken = said(ids[1], "delivered")
    nonsense = replace(broken.receipt, provider_id=object())  # type: ignore[arg-type]
    broken = replace(broken, receipt=nonsense)
    calls = [said(ids[0], "delivered"), broken, said(ids[2], "delivered")]

    answers = await asyncio.gather(*(intake.take(one) for one in calls), return_exceptions=True)

    assert isinstance(answers[1], Exception)
    assert [getattr(answers[n], "status", None) for n in (0, 2)] == ["delivered"] * 2
