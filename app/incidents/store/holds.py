"""Who works on what at the desk: kept so that two people do not decide the same thing at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import ApiKeyRow, DeskHoldRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Somebody works on something.

    Attributes:
        holder: Hash of a session's token: of one key several people may sit at the desk.
        name: Of the key.
    """

    subject: str
    holder: str
    name: str
    since: datetime
    until: datetime


def find_hold(conn: Connection, subject: str, *, now: datetime) -> Hold | None:
    """Return who works on `subject` now."""
    row = conn.execute(_live(now).where(DeskHoldRow.subject == subject)).mappings().one_or_none()
    return Hold(**row) if row is not None else None


def list_holds(conn: Connection, *, now: datetime) -> Mapping[str, Hold]:
    """Return who works on what now, by subject."""
    return {row["subject"]: Hold(**row) for row in conn.execute(_live(now)).mappings()}


def take_hold(
    conn: Connection,
    subject: str,
    *,
    holder: str,
    key_id: str,
    over: bool,
    until: datetime,
    now: datetime,
) -> Hold | None:
    """Let somebody work on `subject`; return who does now.

    Args:
        conn: Open.
        subject: "incident:<id>".
        holder: Of the session.
        key_id: Of the session.
        over: Take it from whoever has it.
        until: When it is free again by itself.
        now: When.
    """
    conn.execute(delete(DeskHoldRow).where(DeskHoldRow.until <= now))
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    values = {"holder": holder, "key_id": key_id, "until": until}
    statement = dialect.insert(DeskHoldRow).values(subject=subject, since=now, **values)
    mine = DeskHoldRow.holder == holder
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[DeskHoldRow.subject], set_={"until": until}, where=mine
        )
        if not over
        else statement.on_conflict_do_update(
            index_elements=[DeskHoldRow.subject],
            set_={**values, "since": now},
            where=DeskHoldRow.holder != holder,
        )
    )
    return find_hold(conn, subject, now=now)


def drop_hold(conn: Connection, subject: str, *, holder: str) -> None:
    """Let others have it; what somebody else took over stays theirs."""
    conn.execute(
        delete(DeskHoldRow).where(DeskHoldRow.subject == subject, DeskHoldRow.holder == holder)
    )


def _live(now: datetime) -> Select[str, str, str, datetime, datetime]:
    return (
        select(
            DeskHoldRow.subject,
            DeskHoldRow.holder,
            ApiKeyRow.name,
            DeskHoldRow.since,
            DeskHoldRow.until,
        )
        .join(ApiKeyRow, ApiKeyRow.id == DeskHoldRow.key_id)
        .where(DeskHoldRow.until > now)
    )
