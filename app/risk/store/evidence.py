"""The incidents behind ratings: as known now, and as known at an earlier instant."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, tuple_

from app.db.tables.incidents import ExposureRow, IncidentRow, IncidentVersionRow
from app.db.types import UtcDateTime
from app.incidents.codec import decode_incident
from app.incidents.incident import Incident
from app.risk.beyond import NOTHING, Beyond
from app.risk.evidence import SectionEvidence
from app.risk.store.pasts import SectionPast, count_reaching, find_pasts
from app.risk.weighing import Exposed, Seen
from app.roads.places import Location

#: Incidents asked for in one statement.
_AT_ONCE = 500
_ROWS = select(
    ExposureRow.section_id,
    ExposureRow.incident_id,
    ExposureRow.distance_km,
    ExposureRow.live,
    IncidentRow.version,
    IncidentRow.updated_at,
).join(IncidentRow, IncidentRow.id == ExposureRow.incident_id)
_REACHING = _ROWS.where(
    ExposureRow.section_id.in_(bindparam("ids", expanding=True)),
    IncidentRow.occurred_at >= bindparam("since", type_=UtcDateTime()),
)
_NEWER = _ROWS.where(
    ExposureRow.section_id == bindparam("id"),
    ExposureRow.occurred_at >= bindparam("cut_at", type_=UtcDateTime()),
    or_(
        ExposureRow.occurred_at > bindparam("cut_at", type_=UtcDateTime()),
        ExposureRow.incident_id >= bindparam("cut_id"),
    ),
)
_HOLDING = _ROWS.where(
    ExposureRow.section_id == bindparam("id"),
    ExposureRow.incident_id.in_(bindparam("ids", expanding=True)),
)
_FACTS = select(IncidentRow.id, IncidentRow.facts)
#: Kilometres from the places of an incident to each section that it reaches.
Reach = Callable[[Sequence[Location]], Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a section's past is looked at.

    Attributes:
        memory_days: Incidents older than that are left out.
        scale: Of the sums that will do for what is older, see `RuleBook.scale`; None: none, all of
            it is read.
    """

    memory_days: float
    scale: str | None


@dataclass(frozen=True, slots=True)
class Reaching:
    """The incidents that reach a section, but those that are in the sums of its past already."""

    exposed: list[Exposed]
    beyond: Beyond = NOTHING


#: Sections to be read, with the incidents that have just changed there.
Touched = Mapping[str, Sequence[Exposed]]


def load_evidence(
    conn: Connection, touched: Touched, *, now: datetime, bounds: Bounds
) -> dict[str, Reaching]:
    """Return what is known now about each section: the incidents that reach or reached it."""
    chosen = _chosen(conn, touched, now=now, bounds=bounds)
    incidents = _incidents(conn, {row.incident_id for rows, _ in chosen.values() for row in rows})
    return {
        section_id: Reaching([_exposed(row, incidents) for row in rows], beyond)
        for section_id, (rows, beyond) in chosen.items()
    }


def load_changes(
    conn: Connection,
    known: Mapping[str, SectionEvidence],
    touched: Touched,
    *,
    now: datetime,
    bounds: Bounds,
) -> dict[str, list[Exposed]]:
    """Return what is new or different about sections, in order; their facts alone are read.

    Sections that must be loaded anew are absent: what was known reaches them no more, or what is
    left out of them has changed.

    Args:
        conn: Any.
        known: By section, what is known of it.
        touched: By section, the incidents that have just changed there.
        now: The present instant.
        bounds: What is looked at.
    """
    wanted = {section_id: touched.get(section_id, ()) for section_id in known}
    chosen = _chosen(conn, wanted, now=now, bounds=bounds)
    different: dict[str, list[Any]] = {}
    for section_id, (rows, beyond) in chosen.items():
        before = known[section_id]
        seen = before.seen
        gone = seen.keys() - {row.incident_id for row in rows}
        if not gone and _same(beyond, before.beyond):
            different[section_id] = [row for row in rows if seen.get(row.incident_id) != _seen(row)]
    looked_at = {row.incident_id for found in different.values() for row in found}
    incidents = _incidents(conn, looked_at)
    return {
        section_id: [_exposed(row, incidents) for row in found]
        for section_id, found in different.items()
    }


def _chosen(
    conn: Connection, touched: Touched, *, now: datetime, bounds: Bounds
) -> dict[str, tuple[list[Any], Beyond]]:
    """Return the rows of each section that are looked at, and what the others add together."""
    found: dict[str, tuple[list[Any], Beyond]] = {}
    for section_id, past in find_pasts(conn, touched).items():
        if bounds.scale is not None and past.beyond.weighed_by.endswith(f":{bounds.scale}"):
            rows = _since_cut(conn, past, touched[section_id])
            if rows is not None:
                found[section_id] = rows, past.beyond
    whole = sorted(touched.keys() - found.keys())
    reaching: dict[str, list[Any]] = {section_id: [] for section_id in whole}
    since = now - timedelta(days=bounds.memory_days)
    for row in conn.execute(_REACHING, {"ids": whole, "since": since}) if whole else ():
        reaching[row.section_id].append(row)
    return found | {section_id: (rows, NOTHING) for section_id, rows in reaching.items()}


def _since_cut(conn: Connection, past: SectionPast, changed: Sequence[Exposed]) -> list[Any] | None:
    """Return the rows that are looked at beside the sums; None: the sums are not right any more.

    That is so when an incident before the cut was added or taken away, or when one that has just
    changed is not looked at.
    """
    section_id, (cut_at, cut_id) = past.section_id, past.cut
    given = {"id": section_id, "cut_at": cut_at, "cut_id": cut_id}
    rows = list(conn.execute(_NEWER, given))
    if count_reaching(conn, section_id) != past.older + len(rows):
        return None
    if past.holding:
        rows += conn.execute(_HOLDING, {"id": section_id, "ids": list(past.holding)})
    looked_at = {row.incident_id for row in rows}
    old = {one.incident.id for one in changed if one.incident.version > 1}
    return rows if old <= looked_at else None


def _same(one: Beyond, other: Beyond) -> bool:
    return (one.count, one.weighed_by) == (other.count, other.weighed_by)


def _seen(row: Any) -> Seen:
    return row.version, row.updated_at, row.live, row.distance_km


def _exposed(row: Any, incidents: Mapping[str, Incident]) -> Exposed:
    return Exposed(
        incident=incidents[row.incident_id],
        distance_km=row.distance_km,
        known_at=row.updated_at,
        live=row.live,
    )


def _incidents(conn: Connection, ids: Collection[str]) -> dict[str, Incident]:
    """Return incidents by id: decoded once, however many sections they reach."""
    ordered = sorted(ids)
    found: dict[str, Incident] = {}
    for start in range(0, len(ordered), _AT_ONCE):
        query = _FACTS.where(IncidentRow.id.in_(ordered[start : start + _AT_ONCE]))
        found.update({row.id: decode_incident(row.facts) for row in conn.execute(query)})
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
        reach: Kilometres to each section in reach of some places (`Network.reach_any`).
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
        distance = reach(incident.spots).get(section_id)
        recent = at - incident.occurred_at <= timedelta(days=memory_days)
        if distance is not None and recent:
            found.append(Exposed(incident=incident, distance_km=distance, known_at=row.known_at))
    return found
