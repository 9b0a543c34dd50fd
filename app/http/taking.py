"""A report taken, however it came over HTTP: checked, recorded, the worker woken, counted."""

from datetime import datetime

from app.core import metrics
from app.core.errors import DomainError
from app.core.logging import get_logger
from app.flows.messages import as_believed
from app.flows.reports.filing import (
    Filing,
    PlaceUnresolvedError,
    ReportOutcome,
    check_and_locate,
    find_replay,
)
from app.http.state import AppState
from app.roads.places import Location, Unplaced

log = get_logger(__name__)


async def take(filing: Filing, state: AppState, *, now: datetime) -> ReportOutcome:
    """Record a report and everything that follows from it.

    What its idempotency key says comes before what it says itself: one sent again is answered as
    the first time though it could not be taken now, and another one under that key is a conflict.

    Raises:
        DomainError: It cannot be taken as it is; nothing was changed.
    """
    try:
        found = check_and_locate(filing, context=state.context, now=now)
    except DomainError as refusal:
        outcome = await _answered_before(filing, state, otherwise=refusal)
    else:
        outcome = await _recorded(filing, found, state, now=now)
    if outcome.alerts:
        state.wake()
    _tell_of(outcome)
    return outcome


async def _recorded(
    filing: Filing, found: Location | Unplaced, state: AppState, *, now: datetime
) -> ReportOutcome:
    async with state.reports.place(filing.key_id):
        try:
            return await state.db.write(
                lambda conn: as_believed.take_report(
                    conn, filing, found, context=state.context, now=now
                )
            )
        except PlaceUnresolvedError:
            metrics.REPORTS.labels("refused").inc()
            raise


async def _answered_before(
    filing: Filing, state: AppState, *, otherwise: DomainError
) -> ReportOutcome:
    earlier = await state.db.read(lambda conn: find_replay(conn, filing, context=state.context))
    if earlier is None:
        metrics.REPORTS.labels("refused").inc()
        raise otherwise
    return earlier


def _tell_of(outcome: ReportOutcome) -> None:
    """Log and count what became of a report: the link from a request to its alerts."""
    report, spoken = outcome.answer["report"], outcome.spoken
    word = "repeated" if outcome.replayed else report["outcome"]
    if outcome.asked:
        word = "asked"
    elif spoken is not None:
        word = "opened" if spoken.before is None else "joined"
    metrics.REPORTS.labels(word).inc()
    log.info(
        "report.taken",
        outcome=word,
        report_id=report["id"],
        incident_id=spoken.incident.id if spoken is not None else None,
        bundle_id=outcome.bundle_id,
        alert_ids=[]
        if outcome.asked  # told perhaps, and there is none
        else [one["alert_id"] for one in outcome.answer["effects"] if one["alert_id"]],
    )
