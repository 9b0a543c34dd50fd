"""Which incidents reach which sections, now and as it was known at an earlier instant."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import ExposureRow, IncidentRow, IncidentVersionRow
from app.incidents.codec import decode_incident
from app.incidents.incident import Incident

# Built once: putting a statement together costs as much as running it.
_REACHED = select(ExposureRow.section_id, ExposureRow.distance_km, ExposureRow.live).where(
    ExposureRow.incident_id == bindparam("of")
)
_ADD = insert(ExposureRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """An incident and a section that it reaches.

    Attributes:
        known_at: Since when this version of the incident is known.
        live: False when an earlier version reached the section and this one does not.
    """

    section_id: str
    incident: Incident
    distance_km: float
    known_at: datetime
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An incident in the version that was the newest at an instant; `known_at`: since when."""

    incident: Incident
    known_at: datetime


def add_exposures(conn: Connection, incident: Incident, reach: Mapping[str, float]) -> None:
    """Keep what an incident reaches of which nothing is on record yet: section id -> km."""
    if reach:
        conn.execute(_ADD, _rows(incident, reach))


def extend_exposures(
    conn: Connection, reaches: Iterable[tuple[Incident, Mapping[str, float]]]
) -> None:
    """Keep that incidents reach further: section id -> km of each; nothing is taken back."""
    ordered = sorted(reaches, key=lambda one: one[0].id)
    rows = [row for incident, reach in ordered for row in _rows(incident, reach)]
    if rows:
        dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
        add = dialect.insert(ExposureRow)
        conn.execute(
            add.on_conflict_do_update(
                index_elements=["incident_id", "section_id"],
                set_={"distance_km": add.excluded.distance_km, "live": True},
            ),
            rows,
        )


def set_exposures(conn: Connection, incident: Incident, reach: Mapping[str, float]) -> None:
    """Keep that the incident reaches exactly the sections of `reach` (section id -> km).

    Sections that it reached before stay on record, no longer live: what was rated from them can
    be explained.
    """
    rows = conn.execute(_REACHED, {"of": incident.id})
    before = {row.section_id: (row.distance_km, row.live) for row in rows}
    new = {section_id: km for section_id, km in reach.items() if section_id not in before}
    add_exposures(conn, incident, new)
    for section_id, (km, live) in before.items():
        wanted = (float(reach[section_id]), True) if section_id in reach else (km, False)
        if wanted != (km, live):
            conn.execute(
                update(ExposureRow)
                .where(ExposureRow.incident_id == incident.id, ExposureRow.section_id == section_id)
                .values(distance_km=wanted[0], live=wanted[1])
            )


def date_exposures(conn: Connection, incident: Incident) -> None:
    """Keep that an incident happened at another time than was thought."""
    conn.execute(
        update(ExposureRow)
        .where(ExposureRow.incident_id == incident.id)
        .values(occurred_at=incident.occurred_at)
    )


def _rows(incident: Incident, reach: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        {
            "incident_id": incident.id,
            "section_id": section_id,
            "occurred_at": incident.occurred_at,
            "distance_km": float(km),
            "live": True,
        }
        for section_id, km in sorted(reach.items())
    ]


def sections_of(conn: Connection, incident_id: str) -> list[str]:
    """Return the ids of the sections that an incident reaches now."""
    return [row.section_id for row in conn.execute(_REACHED, {"of": incident_id}) if row.live]


def reaches_of(conn: Connection, incident_ids: Collection[str]) -> dict[str, dict[str, float]]:
    """Return what incidents reach now: incident id -> section id -> km."""
    query = select(ExposureRow.incident_id, ExposureRow.section_id, ExposureRow.distance_km).where(
        ExposureRow.incident_id.in_(sorted(incident_ids)), ExposureRow.live
    )
    found: dict[str, dict[str, float]] = {}
    for incident_id, section_id, km in conn.execute(query):
        found.setdefault(incident_id, {})[section_id] = km
    return found


def reached_sections(conn: Connection) -> list[str]:
    """Return the ids of every section that some incident reaches or reached."""
    sections = select(ExposureRow.section_id).distinct()
    return list(conn.scalars(sections.order_by(ExposureRow.section_id)))


def incidents_reaching(
    conn: Connection, section_ids: Collection[str], *, since: datetime
) -> list[Reached]:
    """Return what is known now of each section, of what happened from `since` on.

    Refuted, resolved and merged incidents are among them, as are sections no longer reached
    (`live` False): that a danger is over is news too. In the order of section and incident.
    """
    if not section_ids:
        return []
    wanted = ExposureRow.section_id.in_(sorted(section_ids))
    facts = conn.execute(
        select(IncidentRow.id, IncidentRow.facts, IncidentRow.updated_at).where(
            IncidentRow.id.in_(select(ExposureRow.incident_id).where(wanted)),
            IncidentRow.occurred_at >= since,
        )
    )
    # Decoded once, however many of the sections an incident reaches.
    known = {row.id: (decode_incident(row.facts), row.updated_at) for row in facts}
    exposed = conn.execute(
        select(
            ExposureRow.section_id,
            ExposureRow.incident_id,
            ExposureRow.distance_km,
            ExposureRow.live,
        )
        .where(wanted)
        .order_by(ExposureRow.section_id, ExposureRow.incident_id)
    )
    return [
        Reached(
            section_id=row.section_id,
            incident=known[row.incident_id][0],
            distance_km=row.distance_km,
            known_at=known[row.incident_id][1],
            live=row.live,
        )
        for row in exposed
        if row.incident_id in known
    ]


def versions_known_at(conn: Connection, section_ids: Collection[str], at: datetime) -> list[Known]:
    """Return each incident that ever reached one of the sections, as it was known at `at`.

    Where it then was is in the incident; which sections it then reached follows from that, and is
    for the caller to work out: an incident moved since reached others.
    """
    if not section_ids:
        return []
    reached = select(ExposureRow.incident_id).where(ExposureRow.section_id.in_(sorted(section_ids)))
    newest = (
        select(
            IncidentVersionRow.incident_id,
            func.max(IncidentVersionRow.version).label("version"),
        )
        .where(IncidentVersionRow.incident_id.in_(reached), IncidentVersionRow.known_at <= at)
        .group_by(IncidentVersionRow.incident_id)
        .subquery()
    )
    rows = conn.execute(
        select(IncidentVersionRow.facts, IncidentVersionRow.known_at)
        .join(
            newest,
            (IncidentVersionRow.incident_id == newest.c.incident_id)
            & (IncidentVersionRow.version == newest.c.version),
        )
        .order_by(IncidentVersionRow.incident_id)
    )
    return [Known(incident=decode_incident(row.facts), known_at=row.known_at) for row in rows]
