"""Which incidents reach which sections."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db.tables import ExposureRow
from app.incidents.incident import Incident

# Built once: putting a statement together costs as much as running it.
_REACHED = select(ExposureRow.section_id, ExposureRow.distance_km, ExposureRow.live).where(
    ExposureRow.incident_id == bindparam("of")
)
_ADD = insert(ExposureRow)


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
