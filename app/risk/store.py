"""Rule sets, ratings as they are and were, and the evidence they rest on, in the database."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.core.ids import new_id
from app.core.levels import Level
from app.db.base import Base
from app.db.tables.incidents import ExposureRow, IncidentRow, IncidentVersionRow
from app.db.tables.risk import (
    LevelChangeRow,
    RouteStateRow,
    RuleActivationRow,
    RuleSetRow,
    SectionStateRow,
)
from app.incidents.codec import decode_incident
from app.risk.codec import decode_state, encode_state
from app.risk.kept import (
    LevelChange,
    RuleSet,
    RuleSetChangedError,
    RuleSetNotFoundError,
    SectionState,
)
from app.risk.rating import RouteState
from app.risk.rules import Rule
from app.risk.weighing import Exposed
from app.roads.places import Location

#: Kilometres from a location to each section that it reaches.
Reach = Callable[[Location], Mapping[str, float]]


# ------------------------------------------------------------------------------------- rule sets


def active_rule_set(conn: Connection) -> RuleSet | None:
    """Return the rule set in force, None before the first was seeded."""
    return _rule_set(conn.execute(_RULE_SETS.where(RuleSetRow.active)).first())


def active_number(conn: Connection) -> int | None:
    """Return the number of the rule set in force, None before the first was seeded."""
    return conn.scalar(select(RuleSetRow.number).where(RuleSetRow.active))


def number_in_force_at(conn: Connection, at: datetime) -> int | None:
    """Return the number of the rule set that was in force at an instant, None before the first."""
    return conn.scalar(
        select(RuleActivationRow.number)
        .where(RuleActivationRow.at <= at)
        .order_by(RuleActivationRow.at.desc(), RuleActivationRow.id.desc())
        .limit(1)
    )


def get_rule_set(conn: Connection, number: int) -> RuleSet:
    """Return a rule set.

    Raises:
        RuleSetNotFoundError: There is none of this number.
    """
    found = _rule_set(conn.execute(_RULE_SETS.where(RuleSetRow.number == number)).first())
    if found is None:
        raise RuleSetNotFoundError(f"there is no rule set {number}")
    return found


def list_rule_sets(conn: Connection, *, below: int | None, limit: int) -> list[RuleSet]:
    """Return a page of rule sets, newest first; `below` is the last number of the page before."""
    query = _RULE_SETS.order_by(RuleSetRow.number.desc()).limit(limit)
    if below is not None:
        query = query.where(RuleSetRow.number < below)
    return [found for row in conn.execute(query) if (found := _rule_set(row)) is not None]


def seed_rule_set(conn: Connection, rules: Iterable[Rule], *, now: datetime) -> RuleSet:
    """Return the active rule set; make `rules` number 1 and active when there is none at all."""
    if (found := active_rule_set(conn)) is not None:
        return found
    return save_rule_set(conn, rules, note="as shipped", actor="system", now=now)


def save_rule_set(
    conn: Connection,
    rules: Iterable[Rule],
    *,
    note: str,
    actor: str,
    now: datetime,
    expected: int | None = None,
) -> RuleSet:
    """Store rules under the next number and put them in force; sets never change afterwards.

    Args:
        conn: In a transaction.
        rules: Checked, see `app.risk.checking.check_rules`.
        note: Why.
        actor: Who: "key:<id>" or "system".
        now: When.
        expected: The active number that the change was made from; None: whatever it is.

    Raises:
        RuleSetChangedError: Another set has been activated since `expected`.
    """
    _lock_rule_sets(conn)
    active = conn.scalar(select(RuleSetRow.number).where(RuleSetRow.active))
    if expected is not None and active != expected:
        raise RuleSetChangedError(f"rule set {active} is in force, not {expected}: read it first")
    number = (conn.scalar(select(func.max(RuleSetRow.number))) or 0) + 1
    conn.execute(update(RuleSetRow).where(RuleSetRow.active).values(active=False))
    conn.execute(
        insert(RuleSetRow).values(
            number=number,
            created_at=now,
            created_by=actor,
            note=note,
            rules=[rule.as_table() for rule in rules],
            active=True,
            activated_at=now,
        )
    )
    _add_activation(conn, number, now=now)
    return get_rule_set(conn, number)


def activate(conn: Connection, number: int, *, now: datetime) -> RuleSet:
    """Put an earlier rule set in force again.

    Raises:
        RuleSetNotFoundError: There is none of this number.
    """
    _lock_rule_sets(conn)
    get_rule_set(conn, number)
    conn.execute(update(RuleSetRow).where(RuleSetRow.active).values(active=False))
    conn.execute(
        update(RuleSetRow).where(RuleSetRow.number == number).values(active=True, activated_at=now)
    )
    _add_activation(conn, number, now=now)
    return get_rule_set(conn, number)


def _add_activation(conn: Connection, number: int, *, now: datetime) -> None:
    conn.execute(insert(RuleActivationRow).values(id=new_id(now), at=now, number=number))


# ----------------------------------------------------------------------------------------- states


def section_states(conn: Connection, section_ids: Collection[str]) -> dict[str, SectionState]:
    """Return the states of those sections that have one."""
    rows = conn.execute(
        select(SectionStateRow.__table__).where(SectionStateRow.section_id.in_(section_ids))
    )
    return {
        row.section_id: SectionState(
            section_id=row.section_id,
            token=row.token,
            rated_at=row.rated_at,
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
            "cargoes": {cargo: encode_state(one) for cargo, one in state.cargoes.items()},
        }
        for state in states
    ]
    _upsert(conn, SectionStateRow, rows, key=("section_id",))


def states_due(conn: Connection, *, rated_before: datetime, limit: int) -> list[str]:
    """Return the ids of sections whose rating is older than that, oldest first: to age them."""
    return list(
        conn.scalars(
            select(SectionStateRow.section_id)
            .where(SectionStateRow.rated_at < rated_before)
            .order_by(SectionStateRow.rated_at, SectionStateRow.section_id)
            .limit(limit)
        )
    )


def rated_sections(conn: Connection) -> list[str]:
    """Return the ids of every section that was ever rated."""
    return list(
        conn.scalars(select(SectionStateRow.section_id).order_by(SectionStateRow.section_id))
    )


def route_states(
    conn: Connection, routes: Collection[str] | None = None
) -> dict[tuple[str, str], RouteState]:
    """Return the states of routes by (route, cargo); None: of all."""
    query = select(RouteStateRow.__table__)
    if routes is not None:
        query = query.where(RouteStateRow.route.in_(routes))
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
        for row in conn.execute(query)
    }


def put_route_states(conn: Connection, states: Sequence[RouteState]) -> None:
    """Store route states, in place of those before."""
    rows = [{**asdict(state), "level": state.level.value} for state in states]
    _upsert(conn, RouteStateRow, rows, key=("route", "cargo"))


# ---------------------------------------------------------------------------------------- history


def add_level_changes(conn: Connection, changes: Sequence[LevelChange]) -> None:
    """Append changes of level."""
    if changes:
        rows = [
            {**asdict(one), "before": one.before.value, "after": one.after.value} for one in changes
        ]
        conn.execute(insert(LevelChangeRow), rows)


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


# --------------------------------------------------------------------------------------- evidence


def load_evidence(
    conn: Connection, section_ids: Collection[str], *, now: datetime, memory_days: float
) -> dict[str, list[Exposed]]:
    """Return what is known now about each section: every incident that reaches or reached it."""
    oldest = now - timedelta(days=memory_days)
    exposed = select(ExposureRow.incident_id).where(ExposureRow.section_id.in_(section_ids))
    incidents = {
        row.id: (decode_incident(row.facts), row.updated_at)
        for row in conn.execute(
            select(IncidentRow.id, IncidentRow.facts, IncidentRow.updated_at).where(
                IncidentRow.id.in_(exposed), IncidentRow.occurred_at >= oldest
            )
        )
    }
    found: dict[str, list[Exposed]] = {section_id: [] for section_id in section_ids}
    for row in conn.execute(
        select(ExposureRow.__table__)
        .where(ExposureRow.section_id.in_(section_ids))
        .order_by(ExposureRow.section_id, ExposureRow.incident_id)
    ):
        if row.incident_id in incidents:
            incident, known_at = incidents[row.incident_id]
            found[row.section_id].append(
                Exposed(
                    incident=incident,
                    distance_km=row.distance_km,
                    known_at=known_at,
                    live=row.live,
                )
            )
    return found


def evidence_at(
    conn: Connection, section_id: str, *, at: datetime, memory_days: float, reach: Reach
) -> list[Exposed]:
    """Return what was known at an earlier instant about a section.

    Each incident stands as in its last version of then, and reaches as far as it did where it was
    then thought to be; what was learnt later changes nothing.

    Args:
        conn: Any.
        section_id: The section.
        at: The instant.
        memory_days: Incidents older than that are left out.
        reach: Kilometres to each section in reach of a location (`Network.reach`).
    """
    exposed = select(ExposureRow.incident_id).where(ExposureRow.section_id == section_id)
    last = (
        select(IncidentVersionRow.incident_id, func.max(IncidentVersionRow.version).label("last"))
        .where(IncidentVersionRow.known_at <= at, IncidentVersionRow.incident_id.in_(exposed))
        .group_by(IncidentVersionRow.incident_id)
    ).subquery()
    rows = conn.execute(
        select(IncidentVersionRow.facts, IncidentVersionRow.known_at)
        .where(
            tuple_(IncidentVersionRow.incident_id, IncidentVersionRow.version).in_(
                select(last.c.incident_id, last.c.last)
            )
        )
        .order_by(IncidentVersionRow.incident_id)
    )
    found = []
    for row in rows:
        incident = decode_incident(row.facts)
        distance = reach(incident.location).get(section_id)
        recent = at - incident.occurred_at <= timedelta(days=memory_days)
        if distance is not None and recent:
            found.append(Exposed(incident=incident, distance_km=distance, known_at=row.known_at))
    return found


def lock_ratings(conn: Connection) -> None:
    """Let one transaction at a time change evidence and ratings; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_RATINGS_LOCK)))


def new_token(now: datetime) -> str:
    """Return a token for evidence that has just changed; never the same twice."""
    return new_id(now)


# ----------------------------------------------------------------------------------------- pieces

_RULE_SETS = select(RuleSetRow.__table__)
_CHANGES = select(LevelChangeRow.__table__)
#: Any number; held to the end of the transaction by whoever changes rule sets on PostgreSQL.
_RULE_SET_LOCK = 7_401
_RATINGS_LOCK = 7_402


def _lock_rule_sets(conn: Connection) -> None:
    """Let one transaction at a time choose the next number; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_RULE_SET_LOCK)))


def _rule_set(row: Any) -> RuleSet | None:
    if row is None:
        return None
    return RuleSet(**{**row._mapping, "rules": tuple(row.rules)})  # noqa: SLF001 - public API of rows


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


def _upsert(
    conn: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]], *, key: tuple[str, ...]
) -> None:
    """Insert rows in place of those with the same key, in one order against deadlocks."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    others = {name: statement.excluded[name] for name in ordered[0] if name not in key}
    conn.execute(statement.on_conflict_do_update(index_elements=key, set_=others), ordered)
