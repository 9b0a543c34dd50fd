"""What a filing says, as a report at the place where it was found to be."""

from datetime import datetime

from sqlalchemy import Connection

from app.flows.context import Context
from app.flows.reports.filing import Filing
from app.flows.reports.judge_source import judge_source
from app.incidents.origins import marks_of
from app.incidents.reading import read_report
from app.incidents.report import Report
from app.incidents.starting import start_of
from app.roads.places import Location


def read_located(
    conn: Connection,
    filing: Filing,
    location: Location,
    *,
    report_id: str,
    context: Context,
    now: datetime,
) -> Report:
    """Return the report that the filing makes at `location`, its source known only by tokens."""
    filed, config = filing.filed, context.config
    source = judge_source(
        conn, filed, key_id=filing.speaker, vouched=filing.trusted, context=context, now=now
    )
    return read_report(
        filed,
        report_id=report_id,
        location=location,
        origin=source.token,
        received_at=now,
        kinds=config.kinds,
        cargoes=config.cargoes,
        marks=marks_of(filed, context.keyed_hash, common=context.config.incidents.matching.common),
        known_source=source.known,
        reliability=source.reliability,
        judged=source.judged,
        starts_at=start_of(filed, config.incidents.starting, config.alerts.zone),
        denying=config.incidents.denying,
    )
