"""The audit trail: who changed what, when. Only ever added to; the database refuses the rest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from app.core.ids import first_id, new_id
from app.db.tables import AuditRow

#: Who acts from a shell on the machine itself.
OPERATOR = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change."""

    id: str
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    organisation_id: str | None
    detail: Mapping[str, Any]


def record(
    conn: Connection,
    action: str,
    subject_id: str,
    *,
    actor: str,
    subject_type: str | None = None,
    organisation_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> str:
    """Add one entry, in the transaction of the change itself, and return its id.

    Args:
        conn: Of the change.
        action: `<subject>.<what was done>`, such as `contact.changed`.
        subject_id: Of what was changed.
        actor: Key id, "clock" or "cli"; never a name.
        subject_type: Its table; None: the first word of the action.
        organisation_id: Whose it is, if anybody's.
        detail: Names of fields, levels, numbers; no name and no address of a person.
        now: When.
    """
    entry_id = new_id(now)
    conn.execute(
        insert(AuditRow).values(
            id=entry_id,
            at=now,
            actor=actor,
            action=action,
            subject_type=subject_type or action.partition(".")[0],
            subject_id=subject_id,
            organisation_id=organisation_id,
            detail=dict(detail or {}),
        )
    )
    return entry_id


def list_entries(
    conn: Connection,
    *,
    before: str | None,
    limit: int,
    subject_type: str | None = None,
    subject_id: str | None = None,
    organisation_id: str | None = None,
    actor: str | None = None,
) -> Sequence[AuditEntry]:
    """Return entries, newest first, of one subject, organisation or actor, or of all.

    Args:
        conn: Open.
        before: The id of the last one already seen.
        limit: At most so many.
        subject_type: Only of this table.
        subject_id: Only of this row.
        organisation_id: Only of this organisation.
        actor: Only what this one did.
    """
    query = select(AuditRow.__table__).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditRow.id < before)
    for column, value in (
        (AuditRow.subject_type, subject_type),
        (AuditRow.subject_id, subject_id),
        (AuditRow.organisation_id, organisation_id),
        (AuditRow.actor, actor),
    ):
        if value is not None:
            query = query.where(column == value)
    return [AuditEntry(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def last_of_each(
    conn: Connection, subject_type: str, subject_ids: Collection[str]
) -> Mapping[str, datetime]:
    """Return when each of these subjects was last changed by anybody, by its id."""
    query = (
        select(AuditRow.subject_id, func.max(AuditRow.at).label("at"))
        .where(AuditRow.subject_type == subject_type, AuditRow.subject_id.in_(sorted(subject_ids)))
        .group_by(AuditRow.subject_id)
    )
    return {row.subject_id: row.at for row in conn.execute(query)}


def list_since(
    conn: Connection, actions: Collection[str], *, since: datetime
) -> Sequence[AuditEntry]:
    """Return what was done of some kinds since then, in its order."""
    query = (
        select(AuditRow.__table__)
        .where(AuditRow.id >= first_id(since), AuditRow.action.in_(sorted(actions)))
        .order_by(AuditRow.id)
    )
    return [AuditEntry(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def deleted_subjects(conn: Connection, types: Sequence[str]) -> list[tuple[str, str]]:
    """Return (type, id) of every subject of these types that was deleted."""
    query = select(AuditRow.subject_type, AuditRow.subject_id).where(
        AuditRow.subject_type.in_(types), AuditRow.action == AuditRow.subject_type + ".deleted"
    )
    return [(row.subject_type, row.subject_id) for row in conn.execute(query)]


def subjects_of(conn: Connection, actions: Sequence[str], *, since: datetime) -> set[str]:
    """Return the ids of all to whom one of these was done since then."""
    query = select(AuditRow.subject_id).where(AuditRow.action.in_(actions), AuditRow.at > since)
    return {subject_id for subject_id in conn.scalars(query) if subject_id}


def maker_of_key(conn: Connection, key_id: str) -> str | None:
    """Return who made a key; None: the first start did."""
    return conn.scalar(
        select(AuditRow.actor).where(
            AuditRow.subject_type == "api_key",
            AuditRow.subject_id == key_id,
            AuditRow.action == "key.created",
        )
    )
