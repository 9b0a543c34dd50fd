"""A report whose place nobody found: a moderator places it, or sets it aside."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.audit import store as audit_store
from app.core.errors import ConflictError
from app.flows import turns
from app.flows.context import Context
from app.flows.report_incident import place_report
from app.flows.reports.filing import Filing
from app.flows.reports.join_incident import link
from app.incidents import store as incident_store
from app.incidents.filed import FiledReport
from app.incidents.reading import read_report
from app.incidents.report import Report
from app.incidents.starting import start_of
from app.incidents.store import StoredReport
from app.roads.places import Location


class ReportPlacedError(ConflictError):
    """The report has a place already; move its incident instead."""

    code: ClassVar[str] = "report-placed"
    title: ClassVar[str] = "The report has a place already"


def place_unlocated(
    conn: Connection,
    report_id: str,
    location: Location,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    """Place a report that waits for it; return what follows, as for a report that just came in.

    Raises:
        ReportNotFoundError: There is no such report.
        ReportPlacedError: It is placed already.
    """
    turns.alone(conn)
    stored = incident_store.get_report(conn, report_id)
    if stored.filed is None:
        raise ReportPlacedError("The report has a place already; move its incident instead.")
    report = read_waiting(stored, stored.filed, location, context)
    filing = Filing(
        filed=stored.filed,
        key_id=stored.key_id,
        trusted=True,
        body_hash="",
        backfill=stored.backfill,
        opens=told_to_open(stored),
    )
    placed = place_report(conn, filing, report, context=context, now=now)
    incident_store.place_unlocated(conn, report)
    link(conn, report.id, placed.spoken, now=now)
    audit_store.record(
        conn,
        actor=actor,
        action="report.placed",
        subject_id=report.id,
        detail={"how": location.how},
        now=now,
    )
    return dict(placed.answer)


def read_waiting(
    stored: StoredReport, filed: FiledReport, location: Location, context: Context
) -> Report:
    """Return the report that waits, at the place that it speaks of."""
    return read_report(
        filed,
        report_id=stored.id,
        location=location,
        origin=stored.origin,
        received_at=stored.received_at,
        kinds=context.config.kinds,
        cargoes=context.config.cargoes,
        marks=stored.marks,
        known_source=stored.known_source,
        reliability=stored.reliability,
        judged=stored.judged,
        starts_at=start_of(filed, context.config.incidents.starting, context.config.alerts.zone),
        denying=context.config.incidents.denying,
    )


def told_to_open(stored: StoredReport) -> str | None:
    """Return the incident that its sender was told it opened; None: he was told of none."""
    incident = stored.answer.get("incident") or {}
    return incident.get("id") if incident.get("is_new") else None


def set_aside(
    conn: Connection, report_id: str, *, note: str | None, actor: str, now: datetime
) -> dict[str, Any]:
    """Look for a report's place no more: nothing follows from it, and it may still be placed.

    One that is set aside stays as it is.

    Raises:
        ReportNotFoundError: There is no such report.
        ReportPlacedError: It has a place.
    """
    if _waiting(conn, report_id).set_aside_at is not None:
        return {}
    incident_store.set_aside(conn, report_id, at=now)
    detail = {"note": note} if note else {}
    audit_store.record(conn, "report.set_aside", report_id, detail=detail, actor=actor, now=now)
    return {}


def put_back(conn: Connection, report_id: str, *, actor: str, now: datetime) -> dict[str, Any]:
    """Let a report that was set aside wait for its place again; one that waits goes on waiting.

    Raises:
        ReportNotFoundError: There is no such report.
        ReportPlacedError: It has a place.
    """
    if _waiting(conn, report_id).set_aside_at is None:
        return {}
    incident_store.set_aside(conn, report_id, at=None)
    audit_store.record(conn, "report.put_back", report_id, actor=actor, now=now)
    return {}


def _waiting(conn: Connection, report_id: str) -> StoredReport:
    turns.alone(conn)
    stored = incident_store.get_report(conn, report_id)
    if stored.filed is None:
        raise ReportPlacedError("The report has a place already; move its incident instead.")
    return stored
