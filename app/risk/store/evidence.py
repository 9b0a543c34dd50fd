"""The incidents behind ratings: as known now, and as known at an earlier instant."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, tuple_

from app.db.tables.incidents import ExposureRow, IncidentRow, IncidentVersionRow
from app.db.types import UtcDateTime
from app.incidents.codec import decode_incident
from app.incidents.incident import Incident
from app.risk.beyond import Left
from app.risk.evidence import SectionEvidence
from app.risk.keeping import parted
from app.risk.weighing import Exposed, Seen, days_of
from app.roads.places import Location

#: Incidents asked for in one statement.
_AT_ONCE = 500
_EXPOSURES = select(
    ExposureRow.section_id,
    ExposureRow.incident_id,
    ExposureRow.distance_km,
    ExposureRow.live,
    IncidentRow.version,
    IncidentRow.kind,
    IncidentRow.family,
    IncidentRow.occurred_at,
    IncidentRow.last_reported_at,
    IncidentRow.updated_at,
).join(IncidentRow, IncidentRow.id == ExposureRow.incident_id)
_REACHING = _EXPOSURES.where(
    ExposureRow.section_id.in_(bindparam("ids", expanding=True)),
    IncidentRow.occurred_at >= bindparam("since", type_=UtcDateTime()),
)
_FACTS = select(IncidentRow.id, IncidentRow.facts)
_HAPPENED: Callable[[Any], tuple[datetime, str]] = attrgetter("occurred_at", "incident_id")
#: Kilometres from a location to each section that it reaches.
Reach = Callable[[Location], Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a section's past is looked at.

    Attributes:
        memory_days: Incidents older than that are left out.
        most: The newest so many of a section are looked at one by one; see `app.risk.keeping`.
        span: And older ones that were last reported within this, by kind and family.
    """

    memory_days: float
    most: int
    span: Callable[[str, str], timedelta]


@dataclass(frozen=True, slots=True)
class Reaching:
    """The incidents that reach a section: those looked at one by one, and the rest."""

    exposed: list[Exposed]
    left: list[Left]


def load_evidence(
    conn: Connection, section_ids: Collection[str], *, now: datetime, bounds: Bounds
) -> dict[str, Reaching]:
    """Return what is known now about each section: the incidents that reach or reached it."""
    chosen = _chosen(conn, section_ids, now=now, bounds=bounds)
    looked_at = {row.incident_id for found, _ in chosen.values() for row in found}
    incidents = _incidents(conn, looked_at)
    return {
        section_id: Reaching(
            [_exposed(row, incidents) for row in found],
            [Left(days_of(row.occurred_at), row.distance_km) for row in rest],
        )
        for section_id, (found, rest) in chosen.items()
    }


def load_changes(
    conn: Connection,
    known: Mapping[str, SectionEvidence],
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
        now: The present instant.
        bounds: What is looked at.
    """
    chosen = _chosen(conn, known, now=now, bounds=bounds)
    different: dict[str, list[Any]] = {}
    for section_id, (found, rest) in chosen.items():
        before = known[section_id]
        seen = before.seen
        gone = seen.keys() - {row.incident_id for row in found}
        left = {row.incident_id for row in rest}
        if gone <= left and len(left) == before.beyond.count + len(gone):
            different[section_id] = [
                row for row in found if seen.get(row.incident_id) != _seen(row)
            ]
    looked_at = {row.incident_id for found in different.values() for row in found}
    incidents = _incidents(conn, looked_at)
    return {
        section_id: [_exposed(row, incidents) for row in found]
        for section_id, found in different.items()
    }


def _chosen(
    conn: Connection, section_ids: Collection[str], *, now: datetime, bounds: Bounds
) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return the rows of each section that are looked at, in order, and the rest."""
    reaching: dict[str, list[Any]] = {section_id: [] for section_id in section_ids}
    given = {"ids": sorted(section_ids), "since": now - timedelta(days=bounds.memory_days)}
    for row in conn.execute(_REACHING, given):
        reaching[row.section_id].append(row)
    return {
        section_id: parted(
            found,
            key=_HAPPENED,
            holds_until=lambda row: row.last_reported_at + bounds.span(row.kind, row.family),
            most=bounds.most,
        )
        for section_id, found in reaching.items()
    }


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
