"""Ratings as they were: every change of level."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select

from app.core.levels import Level
from app.db.tables.risk import LevelChangeRow
from app.risk.kept import LevelChange

_ADD = insert(LevelChangeRow)
_CHANGES = select(LevelChangeRow.__table__)


def add_level_changes(conn: Connection, changes: Sequence[LevelChange]) -> None:
    """Append changes of level."""
    if changes:
        rows = [
            {
                "id": one.id,
                "at": one.at,
                "subject": one.subject,
                "cargo": one.cargo,
                "before": one.before.value,
                "after": one.after.value,
                "score": one.score,
                "rule_set": one.rule_set,
                "reasons": one.reasons,
            }
            for one in changes
        ]
        conn.execute(_ADD, rows)


def list_level_changes(
    conn: Connection,
    subject: str,
    cargo: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[LevelChange]:
    """Return a page of a subject's changes, oldest first.

    Args:
        conn: Any.
        subject: "section:<id>" or "route:<code>".
        cargo: For whom.
        since: From then on.
        until: Up to then, without it.
        after: `(at, id)` of the last one of the page before.
        limit: At most so many.
    """
    limits = [LevelChangeRow.subject == subject, LevelChangeRow.cargo == cargo]
    if since is not None:
        limits.append(LevelChangeRow.at >= since)
    if until is not None:
        limits.append(LevelChangeRow.at < until)
    if after is not None:
        at, last = after
        newer = and_(LevelChangeRow.at == at, LevelChangeRow.id > last)
        limits.append(or_(LevelChangeRow.at > at, newer))
    order = (LevelChangeRow.at, LevelChangeRow.id)
    return [
        _change(row) for row in conn.execute(_CHANGES.where(*limits).order_by(*order).limit(limit))
    ]


def all_level_changes(conn: Connection) -> list[LevelChange]:
    """Return every change of every subject, oldest first: of a database that holds one story."""
    order = (LevelChangeRow.at, LevelChangeRow.id)
    return [_change(row) for row in conn.execute(_CHANGES.order_by(*order))]


def find_level_at(
    conn: Connection, subject: str, cargo: str, *, at: datetime
) -> LevelChange | None:
    """Return the change that made the level that held at an instant, None before the first."""
    row = conn.execute(
        _CHANGES.where(
            LevelChangeRow.subject == subject,
            LevelChangeRow.cargo == cargo,
            LevelChangeRow.at <= at,
        )
        .order_by(LevelChangeRow.at.desc(), LevelChangeRow.id.desc())
        .limit(1)
    ).first()
    return None if row is None else _change(row)


def find_fall(
    conn: Connection, subject: str, cargo: str, *, from_level: Level, at: datetime
) -> LevelChange | None:
    """Return the change by which a subject last fell below `from_level`; None: it has not."""
    high = [one.value for one in Level if one.rank >= from_level.rank]
    row = conn.execute(
        _CHANGES.where(
            LevelChangeRow.subject == subject,
            LevelChangeRow.cargo == cargo,
            LevelChangeRow.at <= at,
            or_(LevelChangeRow.before.in_(high), LevelChangeRow.after.in_(high)),
        )
        .order_by(LevelChangeRow.at.desc(), LevelChangeRow.id.desc())
        .limit(1)
    ).first()
    found = None if row is None else _change(row)
    return None if found is None or found.after.rank >= from_level.rank else found


def section_levels_at(
    conn: Connection, cargo: str, *, at: datetime, section_ids: Collection[str] | None = None
) -> dict[str, LevelChange]:
    """Return by section the change that made the level that held at an instant; None: of all."""
    limits = [LevelChangeRow.cargo == cargo, LevelChangeRow.at <= at]
    if section_ids is None:
        limits.append(LevelChangeRow.subject.startswith(_SECTION))
    else:
        limits.append(LevelChangeRow.subject.in_([f"{_SECTION}{one}" for one in section_ids]))
    newest = func.row_number().over(
        partition_by=LevelChangeRow.subject,
        order_by=(LevelChangeRow.at.desc(), LevelChangeRow.id.desc()),
    )
    numbered = select(LevelChangeRow.__table__, newest.label("place")).where(*limits).subquery()
    rows = conn.execute(select(numbered).where(numbered.c.place == 1))
    return {row.subject.removeprefix(_SECTION): _change(row) for row in rows}


_SECTION = "section:"


def _change(row: Any) -> LevelChange:
    return LevelChange(
        id=row.id,
        at=row.at,
        subject=row.subject,
        cargo=row.cargo,
        before=Level(row.before),
        after=Level(row.after),
        score=row.score,
        rule_set=row.rule_set,
        reasons=row.reasons,
    )
