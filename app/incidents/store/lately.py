"""Where reports of late were placed: what tells of a name that nobody recorded."""

from datetime import datetime

from sqlalchemy import Connection, select

from app.db.tables import IncidentRow, ReportLinkRow, ReportRow
from app.incidents.incident import Status
from app.roads.codec import decode_location
from app.roads.places import Location


def list_locations_told(
    conn: Connection, *, since: datetime, until: datetime, limit: int
) -> list[Location]:
    """Return where known sources placed what they told between two instants, the newest first.

    At most `limit` reports are read; of what was refuted none.
    """
    rows = conn.execute(
        select(ReportRow.location, ReportRow.claim)
        .join(ReportLinkRow, ReportLinkRow.report_id == ReportRow.id)
        .join(IncidentRow, IncidentRow.id == ReportLinkRow.incident_id)
        .where(
            ReportRow.reported_at.between(since, until),
            ReportRow.location.is_not(None),
            IncidentRow.status != Status.REFUTED.value,
        )
        .order_by(ReportRow.reported_at.desc(), ReportRow.id.desc())
        .limit(limit)
    )
    return [
        decode_location(location) for location, claim in rows if claim.get("known_source", True)
    ]
