"""Taking deliveries under a lease, and writing down what became of them, in batches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    any_,
    bindparam,
    case,
    column,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.alerts.alert import AlertType
from app.core.levels import Level
from app.db.tables import AlertRow, ContactChannelRow, DeliveryAttemptRow, DeliveryRow, MessageRow
from app.db.types import UtcDateTime
from app.delivery.delivery import Status, Transition
from app.delivery.outbox.fanning import OVERTAKEN, UNSETTLED, is_overtaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that this worker holds until `lease_until`."""

    id: str
    alert_id: str
    chain_id: str
    contact_id: str
    channel: str
    language: str
    attempt: int
    level: Level
    type: AlertType
    created_at: datetime
    expires_at: datetime
    lease_until: datetime
    address_sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one claimed delivery. `owner` held it."""

    claimed: Claimed
    owner: str
    provider: str
    at: datetime
    change: Transition


def claim(
    conn: Connection, *, owner: str, channel: str, limit: int, now: datetime, lease: timedelta
) -> list[Claimed]:
    """Take up to `limit` due deliveries of `channel`, most urgent first.

    Deliveries that should not leave any more (too old, overtaken, address gone or opted out) end
    here, so fewer than `limit` may come back although more are due; an empty list means none is.
    """
    while True:
        taken = _take(conn, owner=owner, channel=channel, limit=limit, until=now + lease, now=now)
        if not taken:
            return []
        if ready := _weed(conn, taken, channel=channel, now=now):
            return ready


def _take(
    conn: Connection, *, owner: str, channel: str, limit: int, until: datetime, now: datetime
) -> list[Any]:
    due = (
        select(DeliveryRow.id)
        .where(
            DeliveryRow.status == Status.QUEUED,
            DeliveryRow.channel == channel,
            DeliveryRow.due_at <= now,
        )
        .order_by(DeliveryRow.priority, DeliveryRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)  # left out on SQLite, whose one writer needs none
    )
    statement = (
        update(DeliveryRow)
        .where(_chosen(conn, due))
        .values(
            status=Status.SENDING,
            lease_owner=owner,
            lease_until=until,
            attempts=DeliveryRow.attempts + 1,
            updated_at=now,
        )
        .returning(
            DeliveryRow.id,
            DeliveryRow.alert_id,
            DeliveryRow.contact_id,
            DeliveryRow.language,
            DeliveryRow.attempts,
            DeliveryRow.priority,
            DeliveryRow.due_at,
            DeliveryRow.created_at,
            DeliveryRow.expires_at,
            DeliveryRow.lease_until,
            DeliveryRow.error_code,
        )
    )
    rows = conn.execute(statement).all()
    return sorted(rows, key=lambda row: (row.priority, row.due_at))


def _chosen(conn: Connection, due: Any) -> ColumnElement[bool]:
    """`id = ANY(ARRAY(...))` keeps PostgreSQL on the primary key; SQLite knows no arrays."""
    if conn.dialect.name == "sqlite":
        return DeliveryRow.id.in_(due)
    return DeliveryRow.id == any_(func.array(due.scalar_subquery()))


def _weed(conn: Connection, taken: Sequence[Any], *, channel: str, now: datetime) -> list[Claimed]:
    """End what should not leave any more; return the rest with what sending needs."""
    alerts = {
        row.id: row
        for row in conn.execute(
            select(
                AlertRow.id,
                AlertRow.chain_id,
                AlertRow.level,
                AlertRow.type,
                AlertRow.status,
            ).where(among(conn, AlertRow.id, sorted({row.alert_id for row in taken})))
        )
    }
    addresses = {
        row.contact_id: row.address_sealed
        for row in conn.execute(
            select(ContactChannelRow.contact_id, ContactChannelRow.address_sealed).where(
                among(conn, ContactChannelRow.contact_id, [row.contact_id for row in taken]),
                ContactChannelRow.channel == channel,
                ContactChannelRow.status == "active",
            )
        )
    }
    ready: list[Claimed] = []
    ended: list[dict[str, Any]] = []
    for row in taken:
        alert, address = alerts[row.alert_id], addresses.get(row.contact_id)
        if end := _end_of(row, alert, address, now=now):
            ended.append({"b_id": row.id, "b_status": end[0], "b_code": end[1], "b_now": now})
        elif address is not None:
            ready.append(_claimed(row, alert, channel, address))
    if ended:
        conn.execute(_END, ended)
    return ready


def _end_of(
    row: Any, alert: Any, address: bytes | None, *, now: datetime
) -> tuple[str, str] | None:
    if is_overtaken(alert.status):
        may_have_left = row.error_code == UNSETTLED
        return (Status.UNDELIVERED, UNSETTLED) if may_have_left else (Status.SUPPRESSED, OVERTAKEN)
    if row.expires_at <= now:
        return Status.EXPIRED, "too_old"
    if address is None:
        return Status.SUPPRESSED, "no_address"
    return None


_END = (
    update(DeliveryRow)
    .where(DeliveryRow.id == bindparam("b_id"))
    .values(
        status=bindparam("b_status"),
        error_code=bindparam("b_code"),
        attempts=DeliveryRow.attempts - 1,
        lease_owner=None,
        lease_until=None,
        updated_at=bindparam("b_now"),
    )
)


def _claimed(row: Any, alert: Any, channel: str, address_sealed: bytes) -> Claimed:
    return Claimed(
        id=row.id,
        alert_id=row.alert_id,
        chain_id=alert.chain_id,
        contact_id=row.contact_id,
        channel=channel,
        language=row.language,
        attempt=row.attempts,
        level=Level(alert.level),
        type=AlertType(alert.type),
        created_at=row.created_at,
        expires_at=row.expires_at,
        lease_until=row.lease_until,
        address_sealed=address_sealed,
    )


def among(conn: Connection, what: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """Return `what IN values` with one parameter: the same statement for any number."""
    if conn.dialect.name == "sqlite":
        each = func.json_each(json.dumps(values)).table_valued("value")
        return what.in_(select(each.c.value))  # type: ignore[no-any-return]
    return what == any_(literal(list(values), ARRAY(String)))  # type: ignore[no-any-return]


def find_message(conn: Connection, alert_id: str, *, channel: str, language: str) -> Any | None:
    """Return the text (`subject`, `text`, `html`) of an alert for a channel and language."""
    query = select(MessageRow.subject, MessageRow.text, MessageRow.html).where(
        MessageRow.alert_id == alert_id,
        MessageRow.channel == channel,
        MessageRow.language == language,
    )
    return conn.execute(query).one_or_none()


def release(conn: Connection, claimed: Sequence[Claimed], *, owner: str, now: datetime) -> None:
    """Put back what was claimed and certainly not sent: the worker stops, or its lease is short."""
    conn.execute(
        update(DeliveryRow)
        .where(
            among(conn, DeliveryRow.id, [delivery.id for delivery in claimed]),
            DeliveryRow.status == Status.SENDING,
            DeliveryRow.lease_owner == owner,
        )
        .values(
            status=Status.QUEUED,
            attempts=DeliveryRow.attempts - 1,
            lease_owner=None,
            lease_until=None,
            updated_at=now,
        )
    )


def record(conn: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of claimed deliveries, and append the attempts.

    A delivery moves only while it is ours (or in doubt, which this settles): a receipt that came
    first keeps what it said, and learns the provider's id. An acceptance also settles what was put
    back into the queue meanwhile.
    """
    if not outcomes:
        return
    rows = [_recorded(outcome) for outcome in outcomes]
    if conn.dialect.name == "sqlite":
        conn.execute(_RECORD, rows)
    else:
        conn.execute(_record_at_once(rows))
    attempts = [
        {
            "delivery_id": outcome.claimed.id,
            "number": outcome.claimed.attempt,
            "at": outcome.at,
            "provider": outcome.provider,
            "outcome": outcome.change.outcome,
            "code": outcome.change.code,
            "detail": outcome.change.detail,
        }
        for outcome in outcomes
    ]
    conn.execute(insert(DeliveryAttemptRow), attempts)


def _recorded(outcome: Outcome) -> dict[str, Any]:
    change = outcome.change
    return {
        "n_id": outcome.claimed.id,
        "n_owner": outcome.owner,
        "n_attempt": outcome.claimed.attempt,
        "n_new": change.status.value,
        "n_due": change.due_at,
        "n_provider": outcome.provider,
        "n_provider_id": change.provider_id,
        "n_code": change.code,
        "n_detail": change.detail,
        "n_at": outcome.at,
    }


#: Columns of `_recorded` with their types, in one order for both databases.
_FIELDS: dict[str, Any] = {
    "n_id": String(),
    "n_owner": String(),
    "n_attempt": Integer(),
    "n_new": String(),
    "n_due": UtcDateTime(),
    "n_provider": String(),
    "n_provider_id": String(),
    "n_code": String(),
    "n_detail": String(),
    "n_at": UtcDateTime(),
}


def _values(new: dict[str, ColumnElement[Any]]) -> dict[str, Any]:
    ours = or_(
        and_(DeliveryRow.status == Status.SENDING, DeliveryRow.lease_owner == new["n_owner"]),
        and_(DeliveryRow.status == Status.IN_DOUBT, DeliveryRow.attempts == new["n_attempt"]),
        and_(
            DeliveryRow.status == Status.QUEUED,
            or_(new["n_new"] == Status.SENT, new["n_new"] == Status.DELIVERED),
        ),
    )

    def moved(value: ColumnElement[Any], otherwise: Any) -> ColumnElement[Any]:
        return case((ours, value), else_=otherwise)

    return {
        "status": moved(new["n_new"], DeliveryRow.status),
        "due_at": moved(new["n_due"], DeliveryRow.due_at),
        "error_code": moved(new["n_code"], DeliveryRow.error_code),
        "error_detail": moved(new["n_detail"], DeliveryRow.error_detail),
        "lease_owner": moved(literal(None, String()), DeliveryRow.lease_owner),
        "lease_until": moved(literal(None, UtcDateTime()), DeliveryRow.lease_until),
        "provider": new["n_provider"],
        "provider_id": func.coalesce(new["n_provider_id"], DeliveryRow.provider_id),
        "updated_at": new["n_at"],
    }


_RECORD = (
    update(DeliveryRow)
    .where(DeliveryRow.id == bindparam("n_id"))
    .values(**_values({name: bindparam(name, type_=kind) for name, kind in _FIELDS.items()}))
)


def _record_at_once(rows: Sequence[dict[str, Any]]) -> Any:
    """One UPDATE for the batch: PostgreSQL takes the columns as arrays."""
    arrays = [literal([row[name] for row in rows], ARRAY(kind)) for name, kind in _FIELDS.items()]
    new = (
        func.unnest(*arrays)
        .table_valued(*(column(name, kind) for name, kind in _FIELDS.items()))
        .render_derived(name="new")
    )
    values = _values({name: new.c[name] for name in _FIELDS})
    return update(DeliveryRow).where(DeliveryRow.id == new.c.n_id).values(**values)
