"""A report comes in: the first of the three stories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.decide import Cause
from app.core.errors import ConflictError, InvalidError
from app.core.ids import new_id
from app.flows import answer_danger, assess, tell_reporter, turns
from app.flows.answers import effects_out
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.find_place import as_others_said
from app.flows.judge_source import judge_source
from app.flows.tell_reporter import Spoken
from app.flows.wire import candidate_out, instant, report_out
from app.incidents import store as incident_store
from app.incidents.filed import FiledReport, check_filed
from app.incidents.incident import Incident
from app.incidents.joining import join, join_told_together, open_incident
from app.incidents.matching import match
from app.incidents.origins import kept_body, marks_of
from app.incidents.reading import read_report
from app.incidents.report import Family, Report
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced


class ReportInvalidError(InvalidError):
    """A field of the report cannot be true, or is not a word Sira knows."""

    code: ClassVar[str] = "report-invalid"
    title: ClassVar[str] = "The report cannot be accepted"


class PlaceUnresolvedError(InvalidError):
    """No place, or more than one, fits what the report says of where. Send one of `candidates`."""

    code: ClassVar[str] = "place-unresolved"
    title: ClassVar[str] = "The place is unknown or ambiguous"

    def __init__(self, found: Unplaced, asked: PlaceQuery) -> None:
        super().__init__(
            found.detail,
            errors=[{"pointer": _where_asked(found, asked), "detail": found.detail}],
            extra={
                "reason": found.reason,
                "candidates": [candidate_out(candidate) for candidate in found.candidates],
            },
        )


def _where_asked(found: Unplaced, asked: PlaceQuery) -> str:
    """Return the pointer to what of the place cannot be accepted."""
    if asked.position is not None and (found.reason == "outside" or asked.place is None):
        return "/position"
    if asked.place is not None:
        return "/place"
    named = (("/road", asked.road), ("/region", asked.region))
    return next((pointer for pointer, value in named if value is not None), "/place")


class IdempotencyConflictError(ConflictError):
    """The same Idempotency-Key came with another report. Use a new key for a new report."""

    code: ClassVar[str] = "idempotency-conflict"
    title: ClassVar[str] = "The key was used for another report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A report on its way in.

    Attributes:
        key_id: The key it came with, or "cli".
        trusted: Filed by the desk or the operator: its source counts as known. A reporter's key
            becomes known by a record of confirmed reports.
        body_hash: Tells a repeated report from another one under the same idempotency key.
        backfill: History being filled in: rated, but nobody is alerted.
        keep_unplaced: Store a report whose place is not found for a moderator, rather than ask.
        free_text: As in files, a cargo in words that nobody knows is not known, and no fault.
        opens: The id of an incident that it opens, where its sender was told one.
    """

    filed: FiledReport
    key_id: str
    trusted: bool
    body_hash: str
    idempotency_key: str | None = None
    backfill: bool = False
    keep_unplaced: bool = False
    free_text: bool = False
    opens: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutcome:
    """What became of a report: the answer, whether it is a repeated one, and alerts raised.

    `bundle_id` is what the alerts are told by; None when there are none. `spoken` is the incident
    that it speaks of, of which the answer may tell less; None of one repeated, or not placed.
    `asked`: it waits for the desk, whatever the answer says.
    """

    answer: Mapping[str, Any]
    replayed: bool
    alerts: int
    bundle_id: str | None = None
    spoken: Spoken | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What a located report brought about."""

    spoken: Spoken
    answer: Mapping[str, Any]
    alerts: int
    bundle_id: str | None = None

    def link(self, conn: Connection, report_id: str, *, now: datetime) -> None:
        """Keep which incident the report speaks of, and why."""
        reason = ", ".join(self.spoken.match.reasons) if self.spoken.before else "first report"
        incident_store.link_report(conn, report_id, self.spoken.incident.id, reason=reason, now=now)


def check_and_locate(filing: Filing, *, context: Context, now: datetime) -> Location | Unplaced:
    """Return where the report says it happened, or what to ask.

    Pure: done before any transaction is open.

    Raises:
        ReportInvalidError: A field cannot be true or is not a known word.
    """
    config = context.config
    wrong = check_filed(
        filing.filed,
        kinds=config.kinds,
        cargoes=config.cargoes,
        now=now,
        free_text=filing.free_text,
    )
    if wrong:
        raise ReportInvalidError("; ".join(entry["detail"] for entry in wrong), errors=wrong)
    return locate(filing.filed.place_query(), context.gazetteer)


def report_incident(
    conn: Connection,
    filing: Filing,
    found: Location | Unplaced,
    *,
    context: Context,
    now: datetime,
) -> ReportOutcome:
    """Record a report and everything that follows from it, in one transaction.

    1. A report sent again is answered as the first time.
    2. One that could not be placed is, where others said of late that the name is; else it is
       asked back, or kept for a moderator, who is asked where.
    3. It joins the incident it speaks of, or opens one.
    4. Good news (a release, a safe transit, a reopened road) ends the dangers that it answers.
    5. Sections in reach are rated again; what the policy wants told becomes alerts.

    The alerts commit with the report; `fan_out` turns them into messages.

    Raises:
        IdempotencyConflictError: The idempotency key was used for another report.
        PlaceUnresolvedError: The place must be asked back, and the filing wants that.
    """
    found = as_others_said(conn, filing.filed, found)
    turns.for_report(
        conn,
        _key(filing),
        None if isinstance(found, Unplaced) else found,
        filing.filed.kind,
        kinds=context.config.kinds,
    )
    if replay := find_replay(conn, filing, context=context):
        return replay
    report_id = new_id(now)
    if isinstance(found, Unplaced):
        if not filing.keep_unplaced:
            raise PlaceUnresolvedError(found, filing.filed.place_query())
        return keep_for_moderator(
            conn, filing, found, report_id=report_id, context=context, now=now
        )
    report = read_located(conn, filing, found, report_id=report_id, context=context, now=now)
    placed = place_report(conn, filing, report, context=context, now=now)
    incident_store.add_report(
        conn,
        report,
        key_id=filing.key_id,
        idempotency_key=_kept_key(filing, context),
        body_hash=kept_body(filing.body_hash, context.keyed_hash),
        external_id=filing.filed.external_id,
        answer=placed.answer,
    )
    placed.link(conn, report.id, now=now)
    return ReportOutcome(
        answer=placed.answer,
        replayed=False,
        alerts=placed.alerts,
        bundle_id=placed.bundle_id,
        spoken=placed.spoken,
    )


def place_report(
    conn: Connection, filing: Filing, report: Report, *, context: Context, now: datetime
) -> Placed:
    """Join a located report to its incident and work out what follows: steps 3 to 5."""
    spoken = join_incident(conn, report, opens=filing.opens, context=context, now=now)
    cause = f"report:{report.id}"
    ended = answer_danger.resolve_answered(
        conn, spoken.incident, cause=cause, context=context, now=now
    )
    before = {old.id: old for old, _ in ended}
    if spoken.before is not None:
        before[spoken.before.id] = spoken.before
    assessment = assess.assess(
        conn,
        Changes(
            cause=Cause.RESOLVED if report.family is Family.POSITIVE else Cause.REPORT,
            incidents={one.id: one for one in (spoken.incident, *(new for _, new in ended))},
            before=before,
            trigger=spoken.incident.id,
            backfill=filing.backfill,
        ),
        actor=filing.key_id,
        context=context,
        now=now,
    )
    over = [new for _, new in ended]
    answer = {
        "report": report_out(report, external_id=filing.filed.external_id),
        "incident": tell_reporter.incident_told(spoken, over, context)
        if filing.trusted
        else tell_reporter.told_of(
            conn, spoken, report, key_id=filing.key_id, ended=over, context=context, now=now
        ),
        "effects": effects_out(
            assessment,
            context.config,
            language=context.config.subscribers.default_language,
            coarse=True,
        ),
    }
    bundle = (
        alert_store.get_alert(conn, assessment.alerts[0]).bundle_id if assessment.alerts else None
    )
    return Placed(spoken=spoken, answer=answer, alerts=len(assessment.alerts), bundle_id=bundle)


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
        conn, filed, key_id=filing.key_id, vouched=filing.trusted, context=context, now=now
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
    )


def _key(filing: Filing) -> str | None:
    """Return what a report that is sent again has in common with the first."""
    if filing.idempotency_key is None:
        return None
    return f"{filing.key_id} {filing.idempotency_key}"


def _kept_key(filing: Filing, context: Context) -> str | None:
    """Return what stands for the idempotency key at rest: senders make keys of their numbers."""
    if filing.idempotency_key is None:
        return None
    return context.keyed_hash(f"idempotency:{filing.idempotency_key}")


def find_replay(conn: Connection, filing: Filing, *, context: Context) -> ReportOutcome | None:
    """Return the answer to a report that came before under the key of this one, if any did.

    Raises:
        IdempotencyConflictError: The idempotency key was used for another report.
    """
    kept = _kept_key(filing, context)
    if filing.idempotency_key is None or kept is None:
        return None
    earlier = incident_store.find_replay(conn, filing.key_id, kept, formerly=filing.idempotency_key)
    if earlier is None:
        return None
    kept_body_hash = kept_body(filing.body_hash, context.keyed_hash)
    if earlier.body_hash not in {kept_body_hash, filing.body_hash}:  # earlier versions: no key
        raise IdempotencyConflictError(
            "This Idempotency-Key came before with another report; use a new one."
        )
    return ReportOutcome(answer=earlier.answer, replayed=True, alerts=0)


def keep_for_moderator(
    conn: Connection,
    filing: Filing,
    found: Unplaced,
    *,
    report_id: str,
    answer: Mapping[str, Any] | None = None,
    context: Context,
    now: datetime,
) -> ReportOutcome:
    """Keep a report that a moderator has to place; `answer`: what its sender is told, if not so."""
    filed = filing.filed
    source = judge_source(
        conn, filed, key_id=filing.key_id, vouched=filing.trusted, context=context, now=now
    )
    candidates = [candidate_out(candidate) for candidate in found.candidates]
    asked: dict[str, Any] = {
        "report": {
            "id": report_id,
            "external_id": filed.external_id,
            "kind": filed.kind,
            "outcome": "asked",
            "received_at": instant(now),
            "detail": found.detail,
            "candidates": candidates,
        },
        "incident": None,
        "effects": [],
    }
    incident_store.add_unlocated(
        conn,
        filed,
        report_id=report_id,
        origin=source.token,
        marks=marks_of(filed, context.keyed_hash, common=context.config.incidents.matching.common),
        known_source=source.known,
        reliability=source.reliability,
        judged=source.judged,
        backfill=filing.backfill,
        candidates=found.candidates,
        key_id=filing.key_id,
        idempotency_key=_kept_key(filing, context),
        body_hash=kept_body(filing.body_hash, context.keyed_hash),
        answer=answer or asked,
        received_at=now,
    )
    return ReportOutcome(answer=answer or asked, replayed=False, alerts=0, asked=True)
