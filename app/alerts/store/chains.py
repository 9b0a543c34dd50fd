"""Chains on disk: what was told of each route and cargo, what waits, what is over."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import aliased

from app.alerts.alert import ENDS, AlertState, AlertType, NamedWay, Reason
from app.alerts.records import DueAlert
from app.alerts.store.chain_memory import (
    LOST_BESIDE,
    OF_CHAINS,
    OF_THE_WAY,
    ChainMemory,
    named_ways,
    states_of,
)
from app.core.levels import Level
from app.db.tables import AlertIncidentRow, AlertRow

#: A route and a cargo: what an alert speaks of.
Subject = tuple[str, str]

#: An exercise says nothing of the road: it neither answers nor hides what is real.
_IS_EXERCISE = AlertRow.facts["exercise"].as_boolean()

_ACTIVE = aliased(AlertRow)

# Built once: every report asks, and putting a statement together costs as much as running it.
_TOLD = select(
    AlertRow.id,
    AlertRow.route,
    AlertRow.cargo,
    AlertRow.chain_id,
    AlertRow.type,
    AlertRow.level,
    AlertRow.certainty,
    AlertRow.created_at,
    AlertRow.references,
    AlertRow.reason,
    AlertRow.expires_at,
    AlertRow.facts["kind"].as_string().label("kind"),
    AlertRow.facts["after_end"].as_boolean().label("after_end"),
    *OF_THE_WAY,
)
_ACTIVE_ON = _TOLD.where(
    AlertRow.status == "active",
    AlertRow.route.in_(bindparam("routes", expanding=True)),
    bindparam("exercise", type_=Boolean) == _IS_EXERCISE,
).order_by(AlertRow.id)

_NAMED = select(AlertRow.route, AlertRow.cargo, *OF_THE_WAY).where(
    AlertRow.status == "active",
    AlertRow.type.not_in(sorted(ENDS)),
    AlertRow.cargo.in_(bindparam("cargoes", expanding=True)),
    AlertRow.facts["way"].as_string().is_not(None),
    _IS_EXERCISE.is_(False),
)
_HELD = aliased(AlertRow)
_WAITING = _NAMED.where(
    or_(
        AlertRow.facts["lost"].as_string().is_not(None),
        exists().where(
            _HELD.chain_id == AlertRow.chain_id,
            _HELD.status == "held",
            _HELD.facts["lost"].as_string().is_not(None),
        ),
    )
)
_SPOKE_OF = (
    select(_ACTIVE.route, _ACTIVE.cargo)
    .join(AlertRow, AlertRow.chain_id == _ACTIVE.chain_id)
    .join(AlertIncidentRow, AlertIncidentRow.alert_id == AlertRow.id)
    .where(
        AlertIncidentRow.incident_id.in_(bindparam("incidents", expanding=True)),
        or_(AlertRow.reason == Reason.WAY_LOST, AlertIncidentRow.incident_id == LOST_BESIDE),
        AlertRow.status.not_in(["held", "ended"]),
        # said so, or SQLite walks all that is active in place of what was told of the incident
        _ACTIVE.status.not_in(["held", "ended", "superseded"]),
        _ACTIVE.type.not_in(sorted(ENDS)),
    )
    .distinct()
)
_NEXT_EXPIRY = select(func.min(AlertRow.expires_at)).where(AlertRow.status.in_(["active", "held"]))
_RENEW = update(AlertRow).where(AlertRow.id == bindparam("of")).values(expires_at=bindparam("then"))


def told_state(
    conn: Connection,
    subjects: Iterable[Subject],
    *,
    exercise: bool = False,
    memory: "ChainMemory | None" = None,
) -> dict[Subject, AlertState]:
    """Return what was last said about each (route, cargo); those nothing was said of are absent.

    Real alerts only, or with `exercise` those of exercises only: neither hides the other.

    A chain that ended with an all-clear or a withdrawal is still returned until it expires;
    `decide` knows that its end was told. Held alerts were told to nobody.
    """
    wanted = set(subjects)
    if not wanted:
        return {}
    given = {"routes": sorted({route for route, _ in wanted}), "exercise": exercise}
    rows = conn.execute(_ACTIVE_ON, given)
    latest = {(row.route, row.cargo): row for row in rows if (row.route, row.cargo) in wanted}
    states = states_of(conn, list(latest.values()), memory or ChainMemory())
    return {subject: states[row.id] for subject, row in latest.items()}


def told_over(conn: Connection, incident_ids: Collection[str]) -> dict[Subject, datetime]:
    """Return where it was told that one of these incidents is false or over, and when last.

    A chain that spoke of it has ended since, took something back, or said that this one ended.
    """
    if not incident_ids:
        return {}
    spoke, ended = aliased(AlertRow), aliased(AlertRow)
    query = (
        select(ended.route, ended.cargo, func.max(ended.created_at))
        .join(spoke, spoke.chain_id == ended.chain_id)
        .join(AlertIncidentRow, AlertIncidentRow.alert_id == spoke.id)
        .where(
            AlertIncidentRow.incident_id.in_(sorted(incident_ids)),
            ended.id >= spoke.id,
            or_(
                ended.type.in_(sorted(ENDS)),
                ended.reason == Reason.CORRECTED,
                ended.facts["lifted"].as_string().in_(sorted(incident_ids)),
            ),
            ended.status != "held",
            ended.facts["exercise"].as_boolean().is_(False),
        )
        .group_by(ended.route, ended.cargo)
    )
    return {(route, cargo): at for route, cargo, at in conn.execute(query)}


def ways_named(conn: Connection, cargoes: Collection[str]) -> dict[Subject, tuple[NamedWay, ...]]:
    """Return the other roads that stand as named, by the route and cargo of which was told."""
    return _ways(conn, _NAMED, cargoes)


def ways_waiting(conn: Connection, cargoes: Collection[str]) -> dict[Subject, tuple[NamedWay, ...]]:
    """Return those of `ways_named` of which one may be to be taken back since before.

    A held alert would take it back; or the last one took another back, and had no word for it.
    """
    return _ways(conn, _WAITING, cargoes)


def _ways(
    conn: Connection, query: Select[*tuple[Any, ...]], cargoes: Collection[str]
) -> dict[Subject, tuple[NamedWay, ...]]:
    if not cargoes:
        return {}
    rows = conn.execute(query, {"cargoes": sorted(cargoes)})
    return {(row.route, row.cargo): named_ways(row) for row in rows}


def told_of_ways(conn: Connection, incident_ids: Collection[str]) -> set[Subject]:
    """Return where people were told of these incidents, as lying on the other road."""
    if not incident_ids:
        return set()
    rows = conn.execute(_SPOKE_OF, {"incidents": sorted(incident_ids)})
    return {(route, cargo) for route, cargo in rows}


def due_expired(conn: Connection, *, now: datetime, limit: int = 200) -> list[DueAlert]:
    """Return real active alerts whose time is over, the longest overdue first."""
    query = (
        _TOLD.where(
            AlertRow.status == "active", AlertRow.expires_at <= now, _IS_EXERCISE.is_(False)
        )
        .order_by(AlertRow.expires_at, AlertRow.id)
        .limit(limit)
    )
    rows = list(conn.execute(query))
    states = states_of(conn, rows, ChainMemory())
    return [DueAlert(route=row.route, cargo=row.cargo, state=states[row.id]) for row in rows]


def list_severe(conn: Connection, *, said_before: datetime) -> list[DueAlert]:
    """Return real active alerts of severe dangers of which nothing was said since, oldest first."""
    query = _TOLD.where(
        AlertRow.status == "active",
        AlertRow.level == Level.SEVERE,
        AlertRow.created_at <= said_before,
        _IS_EXERCISE.is_(False),
    ).order_by(AlertRow.id)
    rows = list(conn.execute(query))
    states = states_of(conn, rows, ChainMemory())
    return [DueAlert(route=row.route, cargo=row.cargo, state=states[row.id]) for row in rows]


def routes_in_danger(conn: Connection) -> set[str]:
    """Return the routes of which a real danger, high or severe, was told last."""
    query = select(AlertRow.route).where(
        AlertRow.status == "active",
        AlertRow.level.in_([Level.HIGH, Level.SEVERE]),
        AlertRow.type.in_([AlertType.ALERT, AlertType.UPDATE]),
        _IS_EXERCISE.is_(False),
    )
    return set(conn.scalars(query.distinct()))


def count_reminders(conn: Connection, chain_id: str) -> int:
    """Return how often a chain was said again since it last said anything new."""
    said = select(AlertRow.reason).where(*OF_CHAINS).order_by(AlertRow.id.desc())
    reasons = conn.scalars(said, {"chains": [chain_id]})
    return sum(1 for _ in takewhile(lambda reason: reason == Reason.STILL_SEVERE, reasons))


def next_expiry(conn: Connection) -> datetime | None:
    """Return when the next statement runs out that is active or waits; None: none does."""
    return conn.scalar(_NEXT_EXPIRY)


def supersede(conn: Connection, chain_ids: Iterable[str]) -> None:
    """Mark the active alert of each chain as overtaken by what is said next."""
    chains = sorted(set(chain_ids))
    if chains:
        conn.execute(
            update(AlertRow)
            .where(AlertRow.chain_id.in_(chains), AlertRow.status == "active")
            .values(status="superseded")
        )


def end_chain(conn: Connection, chain_id: str, *, now: datetime) -> None:
    """Close a chain without a further word: nothing of it is active or held any more."""
    _end_held(conn, AlertRow.chain_id == chain_id, now=now)
    conn.execute(
        update(AlertRow)
        .where(AlertRow.chain_id == chain_id, AlertRow.status == "active")
        .values(status="ended")
    )


def renew(conn: Connection, until: Mapping[str, datetime]) -> None:
    """Let alerts hold on, by id: the danger is still there and nothing is new."""
    if until:
        conn.execute(_RENEW, [{"of": one, "then": at} for one, at in sorted(until.items())])


def drop_held(conn: Connection, subjects: Iterable[Subject], *, now: datetime) -> None:
    """End what waits for a moderator on these routes and cargoes: it is overtaken or over."""
    wanted = sorted(set(subjects))
    if wanted:
        _end_held(conn, tuple_(AlertRow.route, AlertRow.cargo).in_(wanted), now=now)


def end_expired_held(conn: Connection, *, now: datetime) -> int:
    """End held alerts that nobody released in time, and exercises that are over; return how many.

    Nobody is told: the first reached nobody, the second were no danger.
    """
    over = conn.execute(
        update(AlertRow)
        .where(AlertRow.status == "active", AlertRow.expires_at <= now, _IS_EXERCISE.is_(True))
        .values(status="ended")
    )
    return over.rowcount + _end_held(conn, AlertRow.expires_at <= now, now=now)


def _end_held(conn: Connection, which: ColumnElement[bool], *, now: datetime) -> int:
    # Marked as fanned out, which is what keeps it from being sent: ended alerts are, held are not.
    result = conn.execute(
        update(AlertRow)
        .where(AlertRow.status == "held", which)
        .values(status="ended", fanned_out_at=now)
    )
    return result.rowcount
