"""Ratings as they are: of sections and of routes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, and_, bindparam, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.clock import CLOCKS_DIFFER
from app.core.ids import new_id
from app.core.levels import Level
from app.db.base import Base
from app.db.tables.risk import (
    RouteStateRow,
    SectionStateRow,
)
from app.risk.codec import decode_state, encode_state
from app.risk.kept import SectionState
from app.risk.rating import RouteState

# Built once: putting a statement together costs as much as running it.
_THESE = SectionStateRow.section_id.in_(bindparam("ids", expanding=True))
_ALL_TOKENS = select(SectionStateRow.section_id, SectionStateRow.token)
_TOKENS = _ALL_TOKENS.where(_THESE)
_STALE = select(SectionStateRow.section_id).where(text("stale"))  # as its index says it
_STATES = select(SectionStateRow.__table__).where(_THESE)
_ROUTES = select(RouteStateRow.__table__)
_SOME_ROUTES = _ROUTES.where(RouteStateRow.route.in_(bindparam("routes", expanding=True)))


def section_tokens(conn: Connection, section_ids: Collection[str] | None = None) -> dict[str, str]:
    """Return the tokens of those sections that were ever rated, None: of all.

    What is remembered of a section may be used while its token is the same.
    """
    if section_ids is None:
        rows = conn.execute(_ALL_TOKENS)
    else:
        rows = conn.execute(_TOKENS, {"ids": sorted(section_ids)})
    return {section_id: token for section_id, token in rows}  # noqa: C416 - a result is no iterable of pairs


def section_states(conn: Connection, section_ids: Collection[str]) -> dict[str, SectionState]:
    """Return the states of those sections that have one."""
    rows = conn.execute(_STATES, {"ids": sorted(section_ids)})
    return {
        row.section_id: SectionState(
            section_id=row.section_id,
            token=row.token,
            rated_at=row.rated_at,
            restless=row.restless,
            cargoes={
                cargo: decode_state(facts, rated_at=row.rated_at)
                for cargo, facts in row.cargoes.items()
            },
        )
        for row in rows
    }


def put_section_states(conn: Connection, states: Sequence[SectionState]) -> None:
    """Store section states, in place of those before."""
    rows = [
        {
            "section_id": state.section_id,
            "token": state.token,
            "rated_at": state.rated_at,
            "restless": state.restless,
            "stale": False,
            "cargoes": {cargo: encode_state(one) for cargo, one in state.cargoes.items()},
        }
        for state in states
    ]
    _upsert(conn, SectionStateRow, rows, key=("section_id",))


def states_due(
    conn: Connection, *, older_than: timedelta, of: Collection[str], limit: int, now: datetime
) -> list[str]:
    """Return which sections `of` these to rate again, the oldest first.

    Those that time can change, after so long; and those that were rated by a clock that has been
    put back since: it is not as late as that.
    """
    row = SectionStateRow
    aged = and_(row.restless, row.rated_at < now - older_than)
    due = conn.scalars(
        select(row.section_id)
        .where(or_(aged, row.rated_at > now + CLOCKS_DIFFER))
        .order_by(row.rated_at, row.section_id)
    ).all()
    return [one for one in due if one in of][:limit]


def rated_sections(conn: Connection) -> list[str]:
    """Return the ids of every section that was ever rated."""
    return list(
        conn.scalars(select(SectionStateRow.section_id).order_by(SectionStateRow.section_id))
    )


def route_states(
    conn: Connection, routes: Collection[str] | None = None
) -> dict[tuple[str, str], RouteState]:
    """Return the states of routes by (route, cargo); None: of all."""
    given = {} if routes is None else {"routes": sorted(routes)}
    rows = conn.execute(_ROUTES if routes is None else _SOME_ROUTES, given)
    return {
        (row.route, row.cargo): RouteState(
            route=row.route,
            cargo=row.cargo,
            level=Level(row.level),
            score=row.score,
            worst_section=row.worst_section,
            since=row.since,
            rated_at=row.rated_at,
        )
        for row in rows
    }


def put_route_states(conn: Connection, states: Sequence[RouteState]) -> None:
    """Store route states, in place of those before."""
    rows = [
        {
            "route": state.route,
            "cargo": state.cargo,
            "level": state.level.value,
            "score": state.score,
            "worst_section": state.worst_section,
            "since": state.since,
            "rated_at": state.rated_at,
        }
        for state in states
    ]
    _upsert(conn, RouteStateRow, rows, key=("route", "cargo"))


def make_all_stale(
    conn: Connection, reached: Collection[str], *, network: Collection[str], now: datetime
) -> None:
    """Have every section rated again that is on the network.

    Args:
        conn: Of a transaction.
        reached: Sections near which something happened: rated before or not.
        network: Sections that there are; others keep what they were last.
        now: The present instant.
    """
    known = set(rated_sections(conn))
    conn.execute(update(SectionStateRow).values(stale=True))
    if gone := sorted(known.difference(network)):
        these = SectionStateRow.section_id.in_(gone)
        conn.execute(update(SectionStateRow).where(these).values(stale=False))
    _add_unrated(conn, set(reached).intersection(network) - known, now=now)


def make_these_stale(conn: Connection, section_ids: Collection[str], *, now: datetime) -> None:
    """Have sections rated again, or for the first time: they are reached otherwise than before.

    Every process looks again at what it remembers of them; each compares a section with itself, so
    that one token will do for all.
    """
    conn.execute(
        update(SectionStateRow)
        .where(SectionStateRow.section_id.in_(sorted(section_ids)))
        .values(stale=True, token=new_token(now))
    )
    _add_unrated(conn, set(section_ids).difference(rated_sections(conn)), now=now)


def _add_unrated(conn: Connection, section_ids: Collection[str], *, now: datetime) -> None:
    never = {"rated_at": now, "restless": False, "stale": True, "cargoes": {}}
    rows = [{"section_id": one, "token": new_token(now), **never} for one in sorted(section_ids)]
    if rows:
        conn.execute(insert(SectionStateRow), rows)


def make_stale(conn: Connection, section_id: str, *, now: datetime) -> None:
    """Have a section rated again, and every process look again at what it remembers of it."""
    conn.execute(
        update(SectionStateRow)
        .where(SectionStateRow.section_id == section_id)
        .values(stale=True, token=new_token(now))
    )


def stale_sections(conn: Connection) -> frozenset[str]:
    """Return the sections that are to be rated again, by the rules in force."""
    return frozenset(conn.scalars(_STALE))


def new_token(now: datetime) -> str:
    """Return a token for evidence that has just changed; never the same twice."""
    return new_id(now)


def _upsert(
    conn: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]], *, key: tuple[str, ...]
) -> None:
    """Insert rows in place of those with the same key, in one order against deadlocks."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    conn.execute(_upsert_into(table, key, conn.dialect.name), ordered)


@cache
def _upsert_into(table: type[Base], key: tuple[str, ...], dialect: str) -> Executable:
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    others = {
        column.name: statement.excluded[column.name]
        for column in table.__table__.columns
        if column.name not in key
    }
    upsert: Executable = statement.on_conflict_do_update(index_elements=key, set_=others)
    return upsert
