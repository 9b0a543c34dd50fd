"""The incidents behind ratings: as known now, and as known at an earlier instant."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, tuple_

from app.db.tables.incidents import ExposureRow, IncidentRow, IncidentVersionRow
from app.incidents.codec import decode_incident
from app.risk.weighing import Exposed
from app.roads.places import Location

#: Kilometres from a location to each section that it reaches.
Reach = Callable[[Location], Mapping[str, float]]


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
