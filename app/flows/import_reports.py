"""A file of reports comes in: each row is taken, kept for a moderator, or listed with its fault."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time

from sqlalchemy import Connection

from app.core.errors import DomainError
from app.db.engine import Database
from app.flows.context import Context
from app.flows.report_incident import report_incident
from app.flows.reports.filing import (
    Filing,
    IdempotencyConflictError,
    ReportOutcome,
    check_and_locate,
)
from app.incidents.csvfile import BadRow, read_reports
from app.incidents.filed import FiledReport, as_history

#: The key that reports of the operator's own files are kept under.
OPERATOR = "cli"

_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_OTHERWISE_BEFORE = (
    "report_id: imported before with other words; a report is never edited: "
    "give what is new a report_id of its own"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A row that was taken.

    Attributes:
        outcome: "placed", "asked" (kept for a moderator to place) or "known" (imported before).
    """

    line: int
    filed: FiledReport
    outcome: str
    answer: Mapping[str, object]


def import_reports(
    db: Database,
    lines: Iterable[str],
    *,
    backfill: bool,
    context: Context,
    now: Callable[[], datetime],
) -> Iterator[Taken | BadRow]:
    """Yield what became of each row, in the order of the file; one bad row spoils no other.

    A row counts once however often its file is imported: it is known by its `report_id`, and
    without one by all that it says. Of rows of one file that say the same, each counts.

    Raises:
        ValueError: The file has no header that could be one of reports.
    """
    config = context.config
    started = now()
    alike: Counter[str] = Counter()
    for row in read_reports(lines, kinds=config.kinds, cargoes=config.cargoes, now=started):
        if isinstance(row, BadRow):
            yield row
            continue
        line, filed = row
        same = _words(filed, started)
        alike[same] += 1
        try:
            untold = backfill and filed.reported_at == started  # as rows that do not say are dated
            outcome = take(
                db,
                filed,
                backfill=backfill,
                known_by=f"row:{same}#{alike[same]}",
                untold=untold,
                context=context,
                now=now(),
            )
        except DomainError as error:
            yield refused(line, filed, error)
            continue
        yield Taken(line=line, filed=filed, outcome=outcome_of(outcome), answer=outcome.answer)


def refused(line: int, filed: FiledReport, error: DomainError) -> BadRow:
    """Return the row that was not taken, and why."""
    otherwise = isinstance(error, IdempotencyConflictError)
    reason = _OTHERWISE_BEFORE if otherwise else error.detail
    return BadRow(line, reason, {"report_id": filed.external_id or ""})


def take(
    db: Database,
    filed: FiledReport,
    *,
    backfill: bool,
    context: Context,
    now: datetime,
    known_by: str | None = None,
    untold: bool = False,
) -> ReportOutcome:
    """Take one report of a file; one whose place is not found is kept for a moderator.

    `known_by`: what is the same when its file is imported again, where it has no `report_id`.
    `untold`: of the past, and the file does not say when it was told.
    """
    key = f"csv:{filed.external_id}" if filed.external_id else known_by
    filing = Filing(
        filed=as_history(filed) if untold else filed,
        key_id=OPERATOR,
        trusted=True,
        body_hash=_fingerprint(filed),
        idempotency_key=key,
        backfill=backfill,
        keep_unplaced=True,
        free_text=True,
    )
    found = check_and_locate(filing, context=context, now=now)

    def work(conn: Connection) -> ReportOutcome:
        return report_incident(conn, filing, found, context=context, now=now)

    return db.write_now(work)


def _fingerprint(filed: FiledReport) -> str:
    """Return what is equal for a row imported again; without a date, rows are dated at import."""
    dated = filed.reported_at == filed.occurred_at
    same = replace(
        filed, reported_at=_ANY_TIME, occurred_at=_ANY_TIME if dated else filed.occurred_at
    )
    return _hash(same)


def _words(filed: FiledReport, started: datetime) -> str:
    """Return what is equal for a row without a `report_id` that is imported again.

    A row that does not say when is dated at import: it is the same for that day. The next day the
    same words may tell of something new, and a report too many is no report lost.
    """
    said = replace(
        filed,
        reported_at=_ANY_TIME if filed.reported_at == started else filed.reported_at,
        occurred_at=datetime.combine(started, time(), UTC)
        if filed.occurred_at == started
        else filed.occurred_at,
    )
    return _hash(said)


def _hash(filed: FiledReport) -> str:
    """Return a hash of what a row says; what older versions did not ask changes none of theirs."""
    said = asdict(filed)
    if said["starts_at"] is None:
        del said["starts_at"]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def outcome_of(outcome: ReportOutcome) -> str:
    """Return what became of a report in a word."""
    if outcome.replayed:
        return "known"
    report = outcome.answer["report"]
    return str(report["outcome"])
