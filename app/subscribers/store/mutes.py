"""Mutes: an organisation wants no news of a route, or of any, for a time."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.core.errors import NotFoundError
from app.core.ids import new_id
from app.db.tables import MuteRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Who wants no news of what, until when, and why. `route` is None for every route."""

    id: str
    organisation_id: str
    route: str | None
    reason: str
    created_by: str
    created_at: datetime
    until: datetime


def add_mute(
    conn: Connection,
    *,
    organisation_id: str,
    route: str | None,
    reason: str,
    until: datetime,
    actor: str,
    now: datetime,
) -> Mute:
    """Add a mute."""
    mute = Mute(
        id=new_id(now),
        organisation_id=organisation_id,
        route=route,
        reason=reason,
        created_by=actor,
        created_at=now,
        until=until,
    )
    conn.execute(insert(MuteRow).values(asdict(mute)))
    return mute


def get_mute(conn: Connection, mute_id: str) -> Mute:
    """Return a mute.

    Raises:
        NotFoundError: There is none with that id.
    """
    row = conn.execute(_COLUMNS.where(MuteRow.id == mute_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no mute with this id.")
    return Mute(**row)


def list_mutes(
    conn: Connection, *, organisation_id: str | None, after: str | None, limit: int
) -> Sequence[Mute]:
    """Return mutes in the order they were added, those that are over too: they are a record."""
    query: Any = _COLUMNS.order_by(MuteRow.id).limit(limit)
    if after is not None:
        query = query.where(MuteRow.id > after)
    if organisation_id is not None:
        query = query.where(MuteRow.organisation_id == organisation_id)
    return [Mute(**row) for row in conn.execute(query).mappings()]


def lift(conn: Connection, mute_id: str, *, now: datetime) -> None:
    """End a mute now, if it is not over."""
    conn.execute(
        update(MuteRow).where(MuteRow.id == mute_id, MuteRow.until > now).values(until=now)
    )


_COLUMNS = select(
    MuteRow.id,
    MuteRow.organisation_id,
    MuteRow.route,
    MuteRow.reason,
    MuteRow.created_by,
    MuteRow.created_at,
    MuteRow.until,
)
