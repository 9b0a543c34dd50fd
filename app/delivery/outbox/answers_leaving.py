"""Answers by hand on their way: claimed, recorded, in doubt, settled, told of by receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, insert, or_, select, update

from app.core.clock import CLOCKS_DIFFER
from app.core.ids import new_id
from app.db.tables import AnswerRow, ContactChannelRow, DeliveryRow, InboundRow, ReceiptRow
from app.delivery.delivery import Status, Transition, apply_receipt
from app.delivery.outbox.answers import OPEN
from app.delivery.outbox.receiving import Receipt
from app.delivery.outbox.words import LEASE_LOST

#: The provider has it, whatever became of it then.
_TAKEN = (Status.SENT, Status.DELIVERED, Status.UNDELIVERED)
#: All that is not settled: few, and found by an index of their own.
_UNSETTLED = AnswerRow.cost.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An answer with what it takes to send it, to look for it, and to pay for it.

    Attributes:
        phone_index, phone_sealed, text_sealed: None once they were emptied.
        wrote_at: When the message came that it answers; `came_by`: through which provider.
        attempt: The number of this call to a provider.
        since: When it came to stand so.
        lease_until: None where nobody holds it.
        provider: The last one that was asked; None: nobody knows, or none was.
        parts: SMS, as the provider counts them where it said.
        taken: A provider has it, or may have for good.
    """

    id: str
    inbound_id: str
    organisation_id: str | None
    phone_index: str | None
    phone_sealed: bytes | None
    text_sealed: bytes | None
    wrote_at: datetime
    came_by: str
    attempt: int
    created_at: datetime
    since: datetime
    expires_at: datetime
    lease_until: datetime | None
    provider: str | None
    parts: int
    taken: bool


def is_any(conn: Connection) -> bool:
    """Tell whether there is one that is not settled."""
    return bool(conn.scalar(select(exists().where(_UNSETTLED))))


def claim(
    conn: Connection, *, owner: str, limit: int, lease: timedelta, now: datetime
) -> list[Leaving]:
    """Take answers that are due, for as long as `lease`; what is too old to leave ends."""
    conn.execute(
        update(AnswerRow)
        .where(_UNSETTLED, AnswerRow.status == Status.QUEUED, AnswerRow.expires_at <= now)
        .values(status=Status.EXPIRED, error_code="too_old", updated_at=now)
    )
    due = or_(AnswerRow.due_at <= now, AnswerRow.updated_at > now + CLOCKS_DIFFER)
    ids = _some(conn, limit, AnswerRow.status == Status.QUEUED, due)
    conn.execute(
        update(AnswerRow)
        .where(AnswerRow.id.in_(ids))
        .values(
            status=Status.SENDING,
            attempts=AnswerRow.attempts + 1,
            lease_owner=owner,
            lease_until=now + lease,
            updated_at=now,
        )
    )
    return _leaving(conn, ids)


def give_back(conn: Connection, one: Leaving, *, owner: str, due_at: datetime) -> None:
    """Put back what was claimed and has certainly not left."""
    conn.execute(
        update(AnswerRow)
        .where(AnswerRow.id == one.id, *_held(one, owner))
        .values(
            status=Status.QUEUED,
            attempts=AnswerRow.attempts - 1,
            due_at=due_at,
            lease_owner=None,
            lease_until=None,
        )
    )


def suppress(conn: Connection, one: Leaving, *, owner: str, code: str, now: datetime) -> None:
    """End what must not leave any more."""
    conn.execute(
        update(AnswerRow)
        .where(AnswerRow.id == one.id, *_held(one, owner))
        .values(
            status=Status.SUPPRESSED,
            error_code=code[:40],
            lease_owner=None,
            lease_until=None,
            updated_at=now,
        )
    )


def record(
    conn: Connection,
    one: Leaving,
    change: Transition,
    *,
    owner: str,
    provider: str,
    parts: int | None,
    now: datetime,
) -> None:
    """Write down what a call made of an answer; a receipt that came first keeps what it said."""
    learnt: dict[str, Any] = {"provider": provider, "updated_at": now}
    if change.provider_id is not None:
        learnt["provider_id"] = change.provider_id
    if parts:
        learnt["parts"] = parts
    same = AnswerRow.attempts == one.attempt
    ours = or_(and_(*_held(one, owner)), and_(AnswerRow.status == Status.IN_DOUBT, same))
    if change.status in _TAKEN:  # put back meanwhile: it must not leave once more
        ours = or_(ours, AnswerRow.status.in_(OPEN))
    moved = conn.execute(
        update(AnswerRow)
        .where(AnswerRow.id == one.id, ours)
        .values(
            status=change.status,
            due_at=change.due_at,
            error_code=change.code,
            lease_owner=None,
            lease_until=None,
            **learnt,
        )
    )
    if moved.rowcount == 0 and change.provider_id is not None:
        nameless = AnswerRow.provider_id.is_(None)
        conn.execute(update(AnswerRow).where(AnswerRow.id == one.id, nameless).values(**learnt))


def list_doubts(
    conn: Connection, *, limit: int, settle_after: timedelta, lease: timedelta, now: datetime
) -> list[Leaving]:
    """Return doubts that are due, and keep others off them for `lease`.

    Leases that ran out become doubts: the worker died, and the request may have left.
    """
    lost = (AnswerRow.status == Status.SENDING, AnswerRow.lease_until < now)
    conn.execute(
        update(AnswerRow)
        .where(_UNSETTLED, *lost)
        .values(
            status=Status.IN_DOUBT,
            error_code=LEASE_LOST,
            due_at=now + settle_after,
            provider=None,
            lease_owner=None,
            lease_until=None,
            updated_at=now,
        )
    )
    ids = _some(conn, limit, AnswerRow.status == Status.IN_DOUBT, AnswerRow.due_at <= now)
    conn.execute(update(AnswerRow).where(AnswerRow.id.in_(ids)).values(due_at=now + lease))
    return _leaving(conn, ids)


def put_off(conn: Connection, one: Leaving, *, due_at: datetime) -> None:
    """Ask again later; `updated_at`, from which the doubt's age counts, stays."""
    conn.execute(
        update(AnswerRow)
        .where(AnswerRow.id == one.id, AnswerRow.status == Status.IN_DOUBT)
        .values(due_at=due_at)
    )


def settle(
    conn: Connection,
    one: Leaving,
    status: Status,
    *,
    code: str | None,
    provider_id: str | None,
    now: datetime,
) -> bool:
    """Decide a doubt; False when something else (a receipt) has decided it before."""
    values: dict[str, Any] = {"provider_id": provider_id} if provider_id else {}
    changed = conn.execute(
        update(AnswerRow)
        .where(
            AnswerRow.id == one.id,
            AnswerRow.status == Status.IN_DOUBT,
            AnswerRow.attempts == one.attempt,
        )
        .values(status=status, error_code=code, due_at=now, updated_at=now, **values)
    )
    return changed.rowcount == 1


def known_provider_ids(conn: Connection, phone_index: str) -> set[str]:
    """Return provider ids of whatever else was sent to a phone."""
    answers = (
        select(AnswerRow.provider_id)
        .join(InboundRow, InboundRow.id == AnswerRow.inbound_id)
        .where(InboundRow.phone_index == phone_index)
    )
    sharing = select(ContactChannelRow.contact_id).where(
        ContactChannelRow.blind_index == phone_index, ContactChannelRow.channel == "sms"
    )
    deliveries = select(DeliveryRow.provider_id).where(DeliveryRow.contact_id.in_(sharing))
    found = {*conn.scalars(answers), *conn.scalars(deliveries)}
    return {one for one in found if one}


def receive(conn: Connection, receipt: Receipt) -> tuple[Status | None, str | None] | None:
    """Append a receipt, and move its answer if it proves something new; None: no such answer.

    Returns:
        The status that it moved to, and the phone's index.
    """
    query = (
        select(AnswerRow.status, InboundRow.phone_index)
        .join(InboundRow, InboundRow.id == AnswerRow.inbound_id)
        .where(AnswerRow.id == receipt.delivery_id)
        .with_for_update(of=AnswerRow)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    moved = apply_receipt(Status(row.status), receipt.status)
    conn.execute(
        insert(ReceiptRow).values(
            id=new_id(receipt.at),
            delivery_id=receipt.delivery_id,
            at=receipt.at,
            provider=receipt.provider,
            status=receipt.status[:40],
            code=receipt.code,
            applied=moved or "ignored",
        )
    )
    if moved is not None:
        values: dict[str, Any] = {"provider_id": receipt.provider_id} if receipt.provider_id else {}
        conn.execute(
            update(AnswerRow)
            .where(AnswerRow.id == receipt.delivery_id)
            .values(
                status=moved,
                provider=receipt.provider,
                error_code=receipt.code,
                updated_at=receipt.at,
                lease_owner=None,
                lease_until=None,
                **values,
            )
        )
    return moved, row.phone_index


def list_unpaid(conn: Connection, *, limit: int) -> list[Leaving]:
    """Return what ended, or is with a provider, and is not accounted for."""
    return _leaving(conn, _some(conn, limit, AnswerRow.status.not_in(OPEN)))


def pay(conn: Connection, one: Leaving, *, cost: int) -> None:
    """Write down what an answer did cost: then it is settled."""
    conn.execute(update(AnswerRow).where(AnswerRow.id == one.id).values(cost=cost))


def _held(one: Leaving, owner: str) -> tuple[Any, ...]:
    return (
        AnswerRow.status == Status.SENDING,
        AnswerRow.lease_owner == owner,
        AnswerRow.attempts == one.attempt,
    )


def _some(conn: Connection, limit: int, *which: Any) -> list[str]:
    query = select(AnswerRow.id).where(_UNSETTLED, *which).order_by(AnswerRow.due_at).limit(limit)
    return list(conn.scalars(query.with_for_update(skip_locked=True)))


def _leaving(conn: Connection, ids: Sequence[str]) -> list[Leaving]:
    if not ids:
        return []
    query = (
        select(
            AnswerRow.id,
            AnswerRow.inbound_id,
            InboundRow.organisation_id,
            InboundRow.phone_index,
            InboundRow.phone_sealed,
            AnswerRow.text_sealed,
            InboundRow.at.label("wrote_at"),
            InboundRow.provider.label("came_by"),
            AnswerRow.attempts.label("attempt"),
            AnswerRow.created_at,
            AnswerRow.updated_at.label("since"),
            AnswerRow.expires_at,
            AnswerRow.lease_until,
            AnswerRow.provider,
            AnswerRow.parts,
            or_(AnswerRow.status.in_(_TAKEN), AnswerRow.provider_id.is_not(None)).label("taken"),
        )
        .join(InboundRow, InboundRow.id == AnswerRow.inbound_id)
        .where(AnswerRow.id.in_(ids))
        .order_by(AnswerRow.due_at)
    )
    return [Leaving(**row) for row in conn.execute(query).mappings()]
