"""Whose phone or key is in the hands of others: since when, and until a person says otherwise."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from app.core.errors import NotFoundError
from app.core.ids import new_id
from app.db.tables import ContactChannelRow, ForcedSenderRow, ReporterRow, ReportRow
from app.subscribers.contact import ContactChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """Somebody whose phone, or key, is held to be in the hands of others.

    Attributes:
        phone_index: None: only the key; emptied once he is free.
        key_id: Of the reporter who has the phone; None: he has none.
        inbound_id: The message that said so; None: a moderator did.
        organisation_id: Whose affair the phone's messages are.
        freed_at: When a moderator said that he is free; None: he is not.
    """

    id: str
    phone_index: str | None
    key_id: str | None
    inbound_id: str | None
    organisation_id: str | None
    since: datetime
    freed_at: datetime | None = None


def find_by_phone(conn: Connection, phone_index: str) -> Forced | None:
    """Return who is forced of those who have this phone, or the key of its reporter."""
    keys = select(ReporterRow.key_id).where(
        ReporterRow.phone_index == phone_index, ReporterRow.key_id.is_not(None)
    )
    row = ForcedSenderRow
    return _find(conn, or_(row.phone_index == phone_index, row.key_id.in_(keys)))


def find_by_key(conn: Connection, key_id: str) -> Forced | None:
    """Return who is forced of those who have this key, or a phone of its reporter."""
    phones = select(ReporterRow.phone_index).where(ReporterRow.key_id == key_id)
    row = ForcedSenderRow
    return _find(conn, or_(row.key_id == key_id, row.phone_index.in_(phones)))


def has_contact(conn: Connection, contact_id: str) -> bool:
    """Tell whether a contact's phone is in the hands of others."""
    phones = select(ContactChannelRow.blind_index).where(
        ContactChannelRow.contact_id == contact_id, ContactChannelRow.channel == ContactChannel.SMS
    )
    return _find(conn, ForcedSenderRow.phone_index.in_(phones)) is not None


def add(
    conn: Connection,
    *,
    phone_index: str | None,
    key_id: str | None,
    inbound_id: str | None,
    organisation_id: str | None,
    now: datetime,
) -> Forced:
    """Hold whoever has this phone or key to be forced from now on."""
    forced = Forced(
        id=new_id(now),
        phone_index=phone_index,
        key_id=key_id,
        inbound_id=inbound_id,
        organisation_id=organisation_id,
        since=now,
    )
    conn.execute(insert(ForcedSenderRow).values(asdict(forced)))
    return forced


def keep(conn: Connection, forced: Forced) -> None:
    """Hold whom another database holds, as it does: a backup knows less than what came after it."""
    conn.execute(delete(ForcedSenderRow).where(ForcedSenderRow.id == forced.id))
    conn.execute(insert(ForcedSenderRow).values(asdict(forced)))


def free(conn: Connection, forced_id: str, *, now: datetime) -> bool:
    """Hold somebody to be free from now on; return False when he was already."""
    changed = conn.execute(
        update(ForcedSenderRow)
        .where(ForcedSenderRow.id == forced_id, ForcedSenderRow.freed_at.is_(None))
        .values(freed_at=now, phone_index=None)
    )
    return changed.rowcount == 1


def get(conn: Connection, forced_id: str, *, organisation_id: str | None) -> Forced:
    """Return one, free by now or not.

    Raises:
        NotFoundError: There is none with that id, of this organisation where one is given.
    """
    query = _FORCED.where(ForcedSenderRow.id == forced_id)
    row = conn.execute(_of(query, organisation_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("Nobody with this id was held to be forced.")
    return Forced(**row)


def list_forced(
    conn: Connection, *, organisation_id: str | None, after: str | None = None, limit: int
) -> list[Forced]:
    """Return who is not free, those longest so first."""
    query = _FORCED.where(ForcedSenderRow.freed_at.is_(None))
    if after is not None:
        query = query.where(ForcedSenderRow.id > after)
    ordered = _of(query, organisation_id).order_by(ForcedSenderRow.id).limit(limit)
    return [Forced(**row) for row in conn.execute(ordered).mappings()]


def reports_of_keys(conn: Connection, report_ids: Sequence[str]) -> frozenset[str]:
    """Return which of these reports came with a key while it was in the hands of others."""
    row = ForcedSenderRow
    query = (
        select(ReportRow.id)
        .join(row, row.key_id == ReportRow.key_id)
        .where(
            ReportRow.id.in_(report_ids),
            ReportRow.received_at >= row.since,
            or_(row.freed_at.is_(None), ReportRow.received_at < row.freed_at),
        )
    )
    return frozenset(conn.scalars(query))


_FORCED = select(
    ForcedSenderRow.id,
    ForcedSenderRow.phone_index,
    ForcedSenderRow.key_id,
    ForcedSenderRow.inbound_id,
    ForcedSenderRow.organisation_id,
    ForcedSenderRow.since,
    ForcedSenderRow.freed_at,
)


def _find(conn: Connection, whose: ColumnElement[bool]) -> Forced | None:
    query = _FORCED.where(ForcedSenderRow.freed_at.is_(None), whose)
    row = conn.execute(query.order_by(ForcedSenderRow.id).limit(1)).mappings().one_or_none()
    return Forced(**row) if row is not None else None


def _of(query: Any, organisation_id: str | None) -> Any:
    if organisation_id is None:
        return query
    return query.where(ForcedSenderRow.organisation_id == organisation_id)
