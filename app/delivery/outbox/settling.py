"""What happens to deliveries outside of an attempt: lost leases, doubts, expiry."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from app.core.levels import Level
from app.db.tables import AlertRow, ContactChannelRow, DeliveryRow
from app.db.types import UtcDateTime
from app.db.wake import call_workers
from app.delivery.delivery import Status
from app.delivery.outbox.joins import ITS_ADDRESS
from app.delivery.outbox.words import LEASE_LOST, UNSETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A delivery that may or may not have been accepted.

    `since` is when the doubt began; `address_sealed` is None once the contact is gone. `provider`
    is None where nobody knows who was called: the worker died before it said so. `attempts` were
    made when it began.
    """

    id: str
    attempts: int
    alert_id: str
    contact_id: str
    channel: str
    language: str
    level: Level
    created_at: datetime
    since: datetime
    expires_at: datetime
    address_sealed: bytes | None
    provider: str | None = None
    silent_provider: str | None = None
    digest_id: str | None = None


# built once: every worker asks for them all the time, and mostly there are none
_NOW = bindparam("b_now", type_=UtcDateTime())
_LOST = (
    update(DeliveryRow)
    .where(DeliveryRow.status == Status.SENDING, DeliveryRow.lease_until < _NOW)
    .values(
        status=Status.IN_DOUBT,
        error_code=LEASE_LOST,
        due_at=bindparam("b_due", type_=UtcDateTime()),
        lease_owner=None,
        lease_until=None,
        updated_at=_NOW,
    )
)
_DUE = (
    select(DeliveryRow.id)
    .where(
        DeliveryRow.status == Status.IN_DOUBT,
        DeliveryRow.channel == bindparam("b_channel"),
        DeliveryRow.due_at <= _NOW,
    )
    .order_by(DeliveryRow.priority, DeliveryRow.due_at)
    .limit(bindparam("b_limit", type_=Integer()))
    .with_for_update(skip_locked=True)
)


def release_expired_leases(conn: Connection, *, settle_after: timedelta, now: datetime) -> int:
    """Put deliveries in doubt whose worker vanished: the request may have left. Never requeue."""
    return conn.execute(_LOST, {"b_now": now, "b_due": now + settle_after}).rowcount


def list_doubts(
    conn: Connection, *, channel: str, limit: int, now: datetime, lease: timedelta
) -> list[Doubt]:
    """Return doubts of `channel` due to be settled, and keep other workers off for `lease`.

    The most urgent first.
    """
    given = {"b_channel": channel, "b_now": now, "b_limit": limit}
    ids = list(conn.scalars(_DUE, given))
    if not ids:
        return []
    conn.execute(update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(due_at=now + lease))
    query = (
        select(DeliveryRow, AlertRow.level, ContactChannelRow.address_sealed)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .outerjoin(ContactChannelRow, ITS_ADDRESS)
        .where(DeliveryRow.id.in_(ids))
        .order_by(DeliveryRow.priority, DeliveryRow.updated_at)
        .with_only_columns(
            DeliveryRow.id,
            DeliveryRow.attempts,
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.channel,
            DeliveryRow.language,
            AlertRow.level,
            DeliveryRow.created_at,
            DeliveryRow.updated_at.label("since"),
            DeliveryRow.expires_at,
            ContactChannelRow.address_sealed,
            case((DeliveryRow.error_code == LEASE_LOST, None), else_=DeliveryRow.provider).label(
                "provider"
            ),
            DeliveryRow.silent_provider,
            DeliveryRow.digest_id,
        )
    )
    rows = conn.execute(query).mappings()
    return [Doubt(**{**row, "level": Level(row["level"])}) for row in rows]


_THIS, _SHARING = aliased(ContactChannelRow), aliased(ContactChannelRow)
_TO_THE_SAME = (
    select(_THIS.contact_id, DeliveryRow.provider_id, DeliveryRow.status)
    .join(
        _SHARING,
        and_(_SHARING.blind_index == _THIS.blind_index, _SHARING.channel == _THIS.channel),
    )
    .join(
        DeliveryRow,
        and_(
            DeliveryRow.contact_id == _SHARING.contact_id,
            DeliveryRow.channel == _SHARING.channel,
        ),
    )
    .where(
        _THIS.contact_id.in_(bindparam("b_contacts", expanding=True)),
        _THIS.channel == bindparam("b_channel"),
        or_(DeliveryRow.provider_id.is_not(None), DeliveryRow.status == Status.SENDING),
    )
)


@dataclass(frozen=True, slots=True)
class Address:
    """What went to an address, whoever's it is: what was sent for one proves nothing for another.

    `known`: provider ids of messages to it. `in_the_air`: one is being sent; the provider may have
    it, and nobody knows its id yet.
    """

    known: frozenset[str]
    in_the_air: bool


def addresses(conn: Connection, doubts: Sequence[Doubt]) -> dict[str, Address]:
    """Return the address of each doubt by its contact; all are doubts of one channel.

    Two organisations may have the same driver.
    """
    known: dict[str, set[str]] = {one.contact_id: set() for one in doubts}
    in_the_air = set()
    if doubts:
        given = {"b_contacts": list(known), "b_channel": doubts[0].channel}
        for contact_id, provider_id, status in conn.execute(_TO_THE_SAME, given):
            known[contact_id] |= {provider_id} if provider_id else set()
            in_the_air |= {contact_id} if status == Status.SENDING else set()
    return {
        contact_id: Address(known=frozenset(ids), in_the_air=contact_id in in_the_air)
        for contact_id, ids in known.items()
    }


_SETTLE = (
    update(DeliveryRow)
    .where(
        DeliveryRow.id == bindparam("b_id"),
        DeliveryRow.status == Status.IN_DOUBT,
        DeliveryRow.attempts == bindparam("b_attempts"),
    )
    .values(
        status=bindparam("b_status"),
        error_code=bindparam("b_code"),
        provider_id=func.coalesce(
            bindparam("b_provider_id", type_=String()), DeliveryRow.provider_id
        ),
        due_at=bindparam("b_due", type_=UtcDateTime()),
        updated_at=_NOW,
    )
)


def settle(
    conn: Connection,
    doubt: Doubt,
    *,
    status: Status,
    code: str | None,
    provider_id: str | None,
    due_at: datetime,
    now: datetime,
) -> bool:
    """Decide a doubt; False when something else (a receipt) has decided it before.

    What was answered late says nothing of a later attempt, which may be in doubt in its turn.
    """
    given = {
        "b_id": doubt.id,
        "b_attempts": doubt.attempts,
        "b_status": status,
        "b_code": code,
        "b_provider_id": provider_id or None,
        "b_due": due_at,
        "b_now": now,
    }
    changed = conn.execute(_SETTLE, given).rowcount == 1
    if changed and status is Status.QUEUED:
        call_workers(conn)
    return changed


def put_off(conn: Connection, doubt_ids: Collection[str], *, due_at: datetime) -> None:
    """Ask again later; `updated_at`, from which the doubt's age counts, stays."""
    conn.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(list(doubt_ids)), DeliveryRow.status == Status.IN_DOUBT)
        .values(due_at=due_at)
    )


def expire(conn: Connection, *, limit: int, now: datetime) -> int:
    """End what is too old to be worth sending; what may have left before is told apart.

    A doubt that outlived its message is listed as undelivered, for a person to look at.
    """
    stale = (
        select(DeliveryRow.id)
        .where(
            DeliveryRow.status.in_([Status.QUEUED, Status.IN_DOUBT]),
            DeliveryRow.expires_at <= now,
            DeliveryRow.tell_at.is_(None),  # what waits is looked at when its time has come
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(conn.scalars(stale))
    if not rows:
        return 0
    may_have_left = or_(
        DeliveryRow.status == Status.IN_DOUBT,
        DeliveryRow.error_code == UNSETTLED,
        DeliveryRow.silent_provider.is_not(None),
    )
    for condition, status, code in (
        (may_have_left, Status.UNDELIVERED, UNSETTLED),
        (DeliveryRow.status == Status.QUEUED, Status.EXPIRED, "too_old"),
    ):
        conn.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id.in_(rows), condition)
            .where(DeliveryRow.status.in_([Status.QUEUED, Status.IN_DOUBT]))
            .values(status=status, error_code=code, updated_at=now)
        )
    return len(rows)
