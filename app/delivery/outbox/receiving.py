"""What providers say later, written down in batches, and what it moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from app.core.ids import new_id
from app.db.tables import DeliveryRow, ReceiptRow
from app.db.types import UtcDateTime
from app.db.wake import call_workers
from app.delivery import fail_over
from app.delivery.delivery import NOT_ARRIVED, Status
from app.delivery.outbox.among import among
from app.delivery.outbox.joins import put_right_since
from app.delivery.outbox.paying import AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a provider said later about one of our deliveries.

    Attributes:
        delivery_id: What the message was sent as.
        at: When it said so.
        permanent: What it says is the recipient's fault, or wish: another provider is no help.
        elsewhere: There is another provider for this channel.
    """

    delivery_id: str
    provider: str
    provider_id: str | None
    status: str
    code: str | None
    at: datetime
    detail: str | None = None
    permanent: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The delivery that a receipt was for, and the status it moved to (None: it did not)."""

    contact_id: str
    channel: str
    status: Status | None


@dataclass(slots=True)
class _Standing:
    """A delivery between two receipts of one batch."""

    id: str
    sent_as: str
    contact_id: str
    channel: str
    status: Status
    provider: str | None
    silent_provider: str | None


def receive(conn: Connection, receipt: Receipt) -> Received | None:
    """Append a receipt and move its delivery if it proves something new; None: no such delivery.

    Waits for whoever else has the delivery in hand. What a provider could not deliver goes back
    into the queue for another one, once.
    """
    this = or_(DeliveryRow.id == receipt.delivery_id, DeliveryRow.sent_as == receipt.delivery_id)
    query = _standings().where(this).with_for_update()
    (received,) = _take(conn, [receipt], _read(conn, query))
    return received


def receive_free(conn: Connection, receipts: Sequence[Receipt]) -> list[Received | None]:
    """Like `receive` for many, in their order; None also where another has the delivery in hand.

    It waits for nobody: a transaction that held some deliveries and waited for others could wait
    for a worker that waits for it.
    """
    ids = sorted({receipt.delivery_id for receipt in receipts})
    these = or_(among(conn, DeliveryRow.id, ids), among(conn, DeliveryRow.sent_as, ids))
    query = _standings().where(these).with_for_update(skip_locked=True)
    return _take(conn, receipts, _read(conn, query))


def _standings() -> Select[Any, Any, Any, Any, Any, Any, Any]:
    return select(
        DeliveryRow.id,
        DeliveryRow.sent_as,
        DeliveryRow.status,
        DeliveryRow.contact_id,
        DeliveryRow.channel,
        DeliveryRow.provider,
        DeliveryRow.silent_provider,
    )


def _read(
    conn: Connection, query: Select[Any, Any, Any, Any, Any, Any, Any]
) -> dict[str, _Standing]:
    """Return deliveries by their ids, and by what they are sent as."""
    found = [
        _Standing(
            id=row.id,
            sent_as=row.sent_as or row.id,
            contact_id=row.contact_id,
            channel=row.channel,
            status=Status(row.status),
            provider=row.provider,
            silent_provider=row.silent_provider,
        )
        for row in conn.execute(query)
    ]
    return {one.id: one for one in found} | {one.sent_as: one for one in found}


def _take(
    conn: Connection, receipts: Sequence[Receipt], found: Mapping[str, _Standing]
) -> list[Received | None]:
    """Apply receipts one after the other; write what they changed at once."""
    kept: list[dict[str, Any]] = []
    changed: dict[str, dict[str, Any]] = {}
    answers: list[Received | None] = []
    for receipt in receipts:
        delivery = found.get(receipt.delivery_id)
        if delivery is None:
            answers.append(None)
            continue
        # of an address that was put right since, it says nothing of the one there now
        late = receipt.delivery_id != delivery.sent_as
        moved, again = (None, False) if late else _moves(delivery, receipt)
        kept.append(_row(delivery.id, receipt, moved))
        if moved is not None:
            delivery.status, delivery.provider = moved, receipt.provider
            delivery.silent_provider = receipt.provider if again else delivery.silent_provider
            before = changed.get(delivery.id, {})
            changed[delivery.id] = _change(delivery.id, receipt, moved, again=again, before=before)
        answers.append(
            Received(contact_id=delivery.contact_id, channel=delivery.channel, status=moved)
        )
    if kept:
        conn.execute(insert(ReceiptRow), kept)
    if changed:
        conn.execute(_moving(), list(changed.values()))
    if any(one["b_silent"] for one in changed.values()):
        call_workers(conn)
    return answers


def _moves(delivery: _Standing, receipt: Receipt) -> tuple[Status | None, bool]:
    """Return the status a delivery moves to, and whether that is to another provider."""
    silent = delivery.silent_provider
    moved = fail_over.proven(
        delivery.status,
        receipt.status,
        provider=receipt.provider,
        holder=delivery.provider,
        silent_provider=silent,
    )
    again = fail_over.goes_elsewhere(
        moved, permanent=receipt.permanent, silent_provider=silent, elsewhere=receipt.elsewhere
    )
    return (Status.QUEUED if again else moved), again


def _row(delivery_id: str, receipt: Receipt, moved: Status | None) -> dict[str, Any]:
    return {
        "id": new_id(receipt.at),
        "delivery_id": delivery_id,
        "at": receipt.at,
        "provider": receipt.provider,
        "status": receipt.status[:40],
        "code": receipt.code,
        "applied": moved or "ignored",
    }


def _change(
    delivery_id: str, receipt: Receipt, moved: Status, *, again: bool, before: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "b_id": delivery_id,
        "b_status": moved,
        "b_provider": receipt.provider,
        "b_provider_id": receipt.provider_id or before.get("b_provider_id"),
        "b_code": receipt.code,
        "b_detail": receipt.detail,
        "b_at": receipt.at,
        "b_silent": receipt.provider if again else before.get("b_silent"),
        "b_due": receipt.at if again else before.get("b_due"),
        "b_lost": moved in NOT_ARRIVED,
    }


_AT = bindparam("b_at", type_=UtcDateTime())
_SILENT = bindparam("b_silent", type_=String())
#: It did not arrive at an address that was put right since: fail-over looks at it once more.
_ANEW = and_(bindparam("b_lost", type_=Boolean()), put_right_since())


@cache
def _moving() -> Any:
    return (
        update(DeliveryRow)
        .where(DeliveryRow.id == bindparam("b_id"))
        .values(
            status=bindparam("b_status"),
            provider=bindparam("b_provider"),
            provider_id=func.coalesce(bindparam("b_provider_id"), DeliveryRow.provider_id),
            error_code=bindparam("b_code"),
            error_detail=bindparam("b_detail"),
            updated_at=_AT,
            silent_provider=func.coalesce(_SILENT, DeliveryRow.silent_provider),
            # what another provider is to have costs as much again
            reserved=case(
                (_SILENT.is_not(None), AGAIN),
                else_=DeliveryRow.reserved,
            ),
            listed_at=case((_ANEW, null()), else_=DeliveryRow.listed_at),
            due_at=case(
                (_ANEW, _AT),
                else_=func.coalesce(bindparam("b_due", type_=UtcDateTime()), DeliveryRow.due_at),
            ),
        )
    )
