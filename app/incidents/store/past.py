"""Everything that was ever held of incidents, in the order in which it came to be known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from app.db.tables import IncidentVersionRow, ReportRow
from app.incidents.codec import decode_incident
from app.incidents.incident import Incident

_REPORT = "report:"
#: Pairs in one statement: databases take some thousands of values.
_CHUNK = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An incident in the version that was the newest at an instant; `known_at`: since when."""

    incident: Incident
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An incident as it was held from an instant on, and what made it so.

    Attributes:
        cause: "report:<id>", "key:<id>".
        kind: What the report spoke of that made it; None: no report did.
        reported_at, received_at: Of that report.
    """

    incident: Incident
    known_at: datetime
    cause: str
    kind: str | None = None
    reported_at: datetime | None = None
    received_at: datetime | None = None


def list_all_versions(conn: Connection) -> list[Version]:
    """Return every version of every incident, in the order in which they came to be known.

    What was learnt at one instant is in the order of the versions: a cause says nothing of it.
    """
    reports = {
        _REPORT + row.id: (row.kind, row.reported_at, row.received_at)
        for row in conn.execute(
            select(ReportRow.id, ReportRow.kind, ReportRow.reported_at, ReportRow.received_at)
        )
    }
    rows = conn.execute(
        select(
            IncidentVersionRow.facts, IncidentVersionRow.known_at, IncidentVersionRow.cause
        ).order_by(
            IncidentVersionRow.known_at,
            IncidentVersionRow.version,
            IncidentVersionRow.incident_id,
        )
    )
    found = []
    for row in rows:
        kind, reported_at, received_at = reports.get(row.cause, (None, None, None))
        found.append(
            Version(
                incident=decode_incident(row.facts),
                known_at=row.known_at,
                cause=row.cause,
                kind=kind,
                reported_at=reported_at,
                received_at=received_at,
            )
        )
    return found


def versions_of(conn: Connection, wanted: Mapping[str, int]) -> list[Known]:
    """Return the incidents as they were in these versions, in the order of their ids."""
    found: list[Known] = []
    pairs = sorted(wanted.items())
    for start in range(0, len(pairs), _CHUNK):
        rows = conn.execute(
            select(IncidentVersionRow.facts, IncidentVersionRow.known_at)
            .where(
                tuple_(IncidentVersionRow.incident_id, IncidentVersionRow.version).in_(
                    pairs[start : start + _CHUNK]
                )
            )
            .order_by(IncidentVersionRow.incident_id)
        )
        found += [Known(incident=decode_incident(row.facts), known_at=row.known_at) for row in rows]
    return found
