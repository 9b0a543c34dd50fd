"""What became of the reports of one key: for who sent them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.core.ids import first_id
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status

#: Older ones are told by nobody's page: what a phone does not show, nobody finds on it.
SHOWN_FOR = timedelta(days=14)
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReport:
    """A report, and what is held now of what it told.

    Attributes:
        place: As it was understood, else as it was said; `place_km` so far from it.
        fate: `asked` (where is it?), `aside` (nobody found out), `unconfirmed`, `confirmed`,
            `refuted` or `over`.
        sources: Independent ones that tell the same.
    """

    kind: str
    place: str
    place_km: int | None
    received_at: datetime
    fate: str
    sources: int


def own_reports(conn: Connection, key_id: str, *, now: datetime) -> list[OwnReport]:
    """Return the last reports that came with a key, newest first."""
    since_id = first_id(now - SHOWN_FOR)
    found = []
    for stored in incident_store.list_reports_by(conn, key_id, since_id=since_id, limit=SHOWN):
        incident = (
            incident_store.find_incident(conn, stored.incident_id) if stored.incident_id else None
        )
        report, filed = stored.report, stored.filed
        kind = report.kind if report is not None else filed.kind if filed is not None else ""
        location = report.location if report is not None else None
        place = location.label if location is not None else filed.place if filed else None
        found.append(
            OwnReport(
                kind=kind,
                place=place or (filed.road if filed else None) or "",
                place_km=location.km_from_place if location is not None else None,
                received_at=stored.received_at,
                fate=_fate(incident) if stored.set_aside_at is None else "aside",
                sources=len(incident.voices) if incident is not None else 0,
            )
        )
    return found


def _fate(incident: Incident | None) -> str:
    if incident is None:
        return "asked"
    if incident.status is Status.REFUTED:
        return "refuted"
    if incident.status is Status.RESOLVED:
        return "over"
    return "confirmed" if incident.certain else "unconfirmed"
