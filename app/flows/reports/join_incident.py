"""A located report joins the incident it speaks of, or opens one."""

from datetime import datetime

from sqlalchemy import Connection

from app.core.ids import new_id
from app.flows import turns
from app.flows.context import Context
from app.flows.reports.tell_reporter import Spoken
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.incidents.joining import join, join_told_together, open_incident
from app.incidents.matching import match
from app.incidents.report import Report


def join_incident(
    conn: Connection, report: Report, *, opens: str | None, context: Context, now: datetime
) -> Spoken:
    """Join `report` to the incident it speaks of, or open one."""
    policy, kinds = context.config.incidents, context.config.kinds
    candidates = incident_store.find_candidates(conn, report, kinds=kinds, policy=policy.matching)
    found = match(report, candidates, policy=policy.matching, kinds=kinds)
    cause = f"report:{report.id}"
    known = next((one for one in candidates if one.id == found.incident_id), None)
    if known is None:
        new = opens or new_id(now)
        incident = open_incident(report, incident_id=new, policy=policy, kinds=kinds)
        incident_store.add_incident(conn, incident, cause=cause, now=now)
    else:
        turns.for_joining(conn, known)
        incident = _joined(conn, known, report, context)
        incident_store.update_incident(conn, incident, cause=cause, now=now)
    return Spoken(incident=incident, before=known, match=found)


def _joined(conn: Connection, known: Incident, report: Report, context: Context) -> Incident:
    """Return `known` with `report`; of reports told at one instant the order of arrival is none."""
    policy, kinds = context.config.incidents, context.config.kinds
    together = report.reported_at == known.last_reported_at
    # In a crowd one more changes little, and reading all of it again would cost more each time.
    if not together or known.reports >= policy.joining.voices:
        return join(known, report, policy=policy, kinds=kinds)
    earlier = incident_store.list_reports_of(conn, known.id)
    return join_told_together(known, report, earlier, policy=policy, kinds=kinds)


def link(conn: Connection, report_id: str, spoken: Spoken, *, now: datetime) -> None:
    """Keep which incident a report speaks of, and why."""
    reason = ", ".join(spoken.match.reasons) if spoken.before else "first report"
    incident_store.link_report(conn, report_id, spoken.incident.id, reason=reason, now=now)
