"""What moderators held of the incidents of a source, by token and never by name; who denied one."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from app.db.tables import ReportLinkRow, ReportRow, SourceVerdictRow
from app.incidents.report import DENIED
from app.incidents.reputation import SourceVerdict

# Built once: every report asks.
_OF_TOKEN = (
    select(SourceVerdictRow.confirmed, SourceVerdictRow.at)
    .where(SourceVerdictRow.token == bindparam("token"))
    .order_by(SourceVerdictRow.at, SourceVerdictRow.incident_id)
)


def verdicts_on(conn: Connection, token: str) -> tuple[SourceVerdict, ...]:
    """Return what was held of each incident that the source reported, the oldest first."""
    rows = conn.execute(_OF_TOKEN, {"token": token})
    return tuple(SourceVerdict(confirmed=row.confirmed, at=row.at) for row in rows)


def keep_verdict(
    conn: Connection, incident_id: str, *, confirmed: bool | None, now: datetime
) -> frozenset[str]:
    """Keep the verdict on an incident for every source that reported it; return their tokens.

    It replaces an earlier one; None takes that back. A source counts once for an incident, however
    many reports of it it sent; who denied it is not judged by it.
    """
    mine = SourceVerdictRow.incident_id == incident_id
    before = set(conn.scalars(select(SourceVerdictRow.token).where(mine)))
    conn.execute(delete(SourceVerdictRow).where(mine))
    reports = conn.execute(
        select(ReportRow.origin, ReportRow.claim)
        .join(ReportLinkRow, ReportLinkRow.report_id == ReportRow.id)
        .where(ReportLinkRow.incident_id == incident_id)
    )
    tokens = {
        report.claim.get("judged") or report.origin
        for report in reports
        if report.claim.get("reliability") != DENIED
    }
    if confirmed is not None and tokens:
        conn.execute(
            insert(SourceVerdictRow),
            [
                {"token": one, "incident_id": incident_id, "confirmed": confirmed, "at": now}
                for one in sorted(tokens)
            ],
        )
    return frozenset(before | tokens)


def list_denied(conn: Connection, *, since: datetime) -> dict[str, datetime]:
    """Return when incidents were last denied, since then, by their ids; the last one first."""
    link, at = ReportLinkRow, func.max(ReportRow.received_at).label("at")
    query = (
        select(link.incident_id, at)
        .join(ReportRow, ReportRow.id == link.report_id)
        .where(
            ReportRow.outcome == "placed",
            ReportRow.received_at >= since,
            ReportRow.claim["reliability"].as_float() == DENIED,
        )
        .group_by(link.incident_id)
        .order_by(at.desc(), link.incident_id)
    )
    return {row.incident_id: row.at for row in conn.execute(query)}
