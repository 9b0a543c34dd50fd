"""Taking deliveries under a lease, in batches, and putting them back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Integer,
    any_,
    bindparam,
    case,
    func,
    select,
    update,
)

from app.alerts.alert import AlertType
from app.core.levels import Level
from app.db.refused import REFUSED_BEFORE
from app.db.tables import AlertRow, ContactChannelRow, DeliveryRow
from app.db.types import UtcDateTime
from app.db.wake import call_workers
from app.delivery.delivery import LAST, Status
from app.delivery.outbox import digests
from app.delivery.outbox.among import among, among_given, as_given
from app.delivery.outbox.chunks import list_overtaken_alerts
from app.delivery.outbox.words import OPTED_OUT, OVERTAKEN, UNSETTLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that this worker holds until `lease_until`.

    Attributes:
        sent_as: The id that travels with its message: its own, until its address is put right.
        attempt: Numbered from the first at any address.
        attempts_before: Those made at an address that has been put right since.
    """

    id: str
    sent_as: str
    alert_id: str
    episode_id: str
    contact_id: str
    organisation_id: str
    channel: str
    language: str
    attempt: int
    attempts_before: int
    priority: int
    level: Level
    type: AlertType
    expires_at: datetime
    lease_until: datetime
    address_sealed: bytes
    silent_provider: str | None = None
    last_provider: str | None = None
    digest_id: str | None = None


class _Taken(NamedTuple):
    """A row as it was claimed. Reading a field of SQLAlchemy's own rows takes ten times as long."""

    id: str
    alert_id: str
    contact_id: str
    organisation_id: str
    language: str
    attempts: int
    priority: int
    expires_at: datetime
    error_code: str | None
    silent_provider: str | None
    provider: str | None
    digest_id: str | None
    sent_as: str | None
    attempts_before: int | None


class _Alert(NamedTuple):
    """What sending needs of an alert, for all of its deliveries."""

    episode_id: str
    level: Level
    type: AlertType
    overtaken: bool


def claim(
    conn: Connection,
    *,
    owner: str,
    channel: str,
    limit: int,
    now: datetime,
    lease: timedelta,
    least: int = LAST,
    refused: Callable[[str], object] = lambda _: None,
) -> list[Claimed]:
    """Take up to `limit` due deliveries of `channel`, most urgent first, down to priority `least`.

    Deliveries that should not leave any more (too old, overtaken, address gone or opted out) end
    here, so fewer than `limit` may come back although more are due; an empty list means none is.
    `refused` is given what each would have been sent as that ends because its reader had said STOP
    before his address was added.
    """
    while True:
        taken = _take(
            conn,
            owner=owner,
            channel=channel,
            limit=limit,
            least=least,
            until=now + lease,
            now=now,
        )
        if not taken:
            return []
        ready, unwanted = _weed(conn, taken, channel=channel, until=now + lease, now=now)
        for delivery_id in unwanted:
            refused(delivery_id)
        if ready:
            return ready


def _take(
    conn: Connection,
    *,
    owner: str,
    channel: str,
    limit: int,
    least: int,
    until: datetime,
    now: datetime,
) -> list[_Taken]:
    given = {"b_channel": channel, "b_now": now, "b_limit": limit, "b_owner": owner}
    given |= {"b_until": until} | ({"b_least": least} if least < LAST else {})
    rows = conn.execute(_taking(conn.dialect.name, urgent=least < LAST), given)
    return sorted((_Taken(*row) for row in rows.all()), key=attrgetter("priority"))


@cache
def _taking(dialect: str, *, urgent: bool) -> Executable:
    """Return the statement that claims; built once: that costs more than running it.

    `id = ANY(ARRAY(...))` keeps PostgreSQL on the primary key; SQLite knows no arrays.
    """
    now = bindparam("b_now", type_=UtcDateTime())
    due = (
        select(DeliveryRow.id)
        .where(
            DeliveryRow.status == Status.QUEUED,
            DeliveryRow.channel == bindparam("b_channel"),
            DeliveryRow.due_at <= now,
            *([DeliveryRow.priority <= bindparam("b_least")] if urgent else []),
        )
        .order_by(DeliveryRow.priority, DeliveryRow.due_at)
        .limit(bindparam("b_limit", type_=Integer()))
        .with_for_update(skip_locked=True)  # left out on SQLite, whose one writer needs none
    )
    chosen: ColumnElement[bool] = (
        DeliveryRow.id.in_(due)
        if dialect == "sqlite"
        else DeliveryRow.id == any_(func.array(due.scalar_subquery()))
    )
    return (
        update(DeliveryRow)
        .where(chosen)
        .values(
            status=Status.SENDING,
            lease_owner=bindparam("b_owner"),
            lease_until=bindparam("b_until"),
            attempts=DeliveryRow.attempts + 1,
            updated_at=now,
        )
        .returning(*(getattr(DeliveryRow, name) for name in _Taken._fields))
    )


@cache
def what_sending_needs(dialect: str) -> tuple[Executable, Executable]:
    """Return the statements that read the alerts `b_ids`, and addresses of the contacts `b_ids`."""
    alerts = select(
        AlertRow.id,
        func.coalesce(AlertRow.episode_id, AlertRow.chain_id).label("episode_id"),
        AlertRow.level,
        AlertRow.type,
        AlertRow.status,
    ).where(among_given(dialect, AlertRow.id))
    addresses = select(
        ContactChannelRow.contact_id,
        ContactChannelRow.address_sealed,
        REFUSED_BEFORE.label("refused"),
    ).where(
        among_given(dialect, ContactChannelRow.contact_id),
        ContactChannelRow.channel == bindparam("b_channel"),
        ContactChannelRow.status == "active",
    )
    return alerts, addresses


def _weed(
    conn: Connection, taken: Sequence[_Taken], *, channel: str, until: datetime, now: datetime
) -> tuple[list[Claimed], list[str]]:
    """End what should not leave any more; return the rest, and what its reader had refused."""
    of_alerts, of_contacts = what_sending_needs(conn.dialect.name)
    of = {"b_ids": as_given(conn, sorted({row.alert_id for row in taken}))}
    known = conn.execute(of_alerts, of).all()
    over = list_overtaken_alerts(conn, [one.id for one in known if one.status == "superseded"])
    alerts = {
        one.id: _Alert(
            one.episode_id,
            Level(one.level),
            AlertType(one.type),
            one.status == "ended" or one.id in over,
        )
        for one in known
    }
    of = {"b_ids": as_given(conn, [row.contact_id for row in taken])}
    addresses: dict[str, bytes] = {}
    refusing: set[str] = set()
    for contact_id, sealed, refused in conn.execute(of_contacts, of | {"b_channel": channel}).all():
        if refused:
            refusing.add(contact_id)
        else:
            addresses[contact_id] = sealed
    stale = digests.list_overtaken(conn, {row.digest_id for row in taken if row.digest_id})
    ready: list[Claimed] = []
    ended: list[dict[str, Any]] = []
    apart: list[_Taken] = []
    for row in taken:
        alert, address = alerts[row.alert_id], addresses.get(row.contact_id)
        overtaken = (
            alert.overtaken if row.digest_id is None else (row.digest_id, row.contact_id) in stale
        )
        if overtaken and row.digest_id is not None and not _may_have_left(row):
            apart.append(row)
        elif end := _end_of(
            row, address, overtaken=overtaken, refused=row.contact_id in refusing, now=now
        ):
            ended.append({"b_id": row.id, "b_status": end[0], "b_code": end[1], "b_now": now})
        elif address is not None:
            ready.append(_claimed(row, alert, channel, address, until=until))
    if ended:
        conn.execute(_END, ended)
    digests.take_apart(conn, apart, now=now)
    unwanted = sorted((row for row in taken if row.contact_id in refusing), key=_of_contact)
    return ready, [row.sent_as or row.id for row in unwanted]


def _may_have_left(row: _Taken) -> bool:
    return row.error_code == UNSETTLED or row.silent_provider is not None


def _end_of(
    row: _Taken, address: bytes | None, *, overtaken: bool, refused: bool, now: datetime
) -> tuple[str, str] | None:
    if overtaken:
        left = _may_have_left(row)
        return (Status.UNDELIVERED, UNSETTLED) if left else (Status.SUPPRESSED, OVERTAKEN)
    if row.expires_at <= now:
        return (Status.UNDELIVERED if row.silent_provider else Status.EXPIRED), "too_old"
    if refused:  # whoever counts on his being told finds him on the list of the unreached
        return Status.FAILED, OPTED_OUT
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


def _claimed(
    row: _Taken, alert: _Alert, channel: str, address_sealed: bytes, *, until: datetime
) -> Claimed:
    return Claimed(
        id=row.id,
        sent_as=row.sent_as or row.id,
        alert_id=row.alert_id,
        episode_id=alert.episode_id,
        contact_id=row.contact_id,
        organisation_id=row.organisation_id,
        channel=channel,
        language=row.language,
        attempt=row.attempts,
        attempts_before=row.attempts_before or 0,
        priority=row.priority,
        level=alert.level,
        type=alert.type,
        expires_at=row.expires_at,
        lease_until=until,
        address_sealed=address_sealed,
        silent_provider=row.silent_provider,
        last_provider=row.provider,
        digest_id=row.digest_id,
    )


def release(conn: Connection, claimed: Sequence[Claimed], *, owner: str, now: datetime) -> None:
    """Put back what was claimed and certainly not sent: the worker stops, or its lease is short.

    Only what is still held by that very claim: a process that slept may put back late what was
    settled meanwhile and what it has claimed anew, and is sending.

    It was due when it was claimed, and is: were the clock put back since, it would wait for it.
    """
    now_or_before = case((DeliveryRow.due_at > now, now), else_=DeliveryRow.due_at)
    for attempt, held in groupby(sorted(claimed, key=_attempt), key=_attempt):
        conn.execute(
            update(DeliveryRow)
            .where(
                among(conn, DeliveryRow.id, [delivery.id for delivery in held]),
                DeliveryRow.status == Status.SENDING,
                DeliveryRow.lease_owner == owner,
                DeliveryRow.attempts == attempt,
            )
            .values(
                status=Status.QUEUED,
                attempts=DeliveryRow.attempts - 1,
                due_at=now_or_before,
                lease_owner=None,
                lease_until=None,
                updated_at=now,
            )
        )
    call_workers(conn)


_attempt = attrgetter("attempt")
_of_contact = attrgetter("contact_id", "id")
