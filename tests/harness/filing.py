"""Reports filed straight into the flow, by whichever process the test is about."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.db.engine import Database
from app.flows.context import Context
from app.flows.report_incident import report_incident
from app.flows.reports.filing import Filing, ReportOutcome, check_and_locate
from app.incidents.filed import FiledReport
from app.incidents.report import Basis


def a_filing(
    kind: str,
    place: str,
    *,
    now: datetime,
    key: str | None = None,
    source: str | None = None,
) -> Filing:
    filed = FiledReport(
        kind=kind,
        occurred_at=now - timedelta(hours=2),
        reported_at=now,
        place=place,
        basis=Basis.FIRSTHAND,
        source_name=source,
        summary=f"{kind} near {place}, told at {now:%H:%M}",
    )
    return Filing(
        filed=filed,
        key_id="desk" if key else f"desk {source}",
        trusted=True,
        body_hash=f"{kind} {place}",
        idempotency_key=key,
    )


def take(
    db: Database,
    filing: Filing,
    *,
    context: Context,
    now: datetime,
    then: Callable[[Connection], object] | None = None,
) -> ReportOutcome:
    """Take a report in a transaction of its own; `then` runs before the commit."""
    found = check_and_locate(filing, context=context, now=now)

    def work(conn: Connection) -> ReportOutcome:
        outcome = report_incident(conn, filing, found, context=context, now=now)
        if then is not None:
            then(conn)
        return outcome

    return db.write_now(work)
