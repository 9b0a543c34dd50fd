"""A report comes in: the first of the three stories. What it brings with it is a `Filing`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.change import Cause
from app.core.ids import new_id
from app.flows import assess, turns
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.readers.answers import effects_out
from app.flows.reports import answer_danger, tell_reporter
from app.flows.reports.filing import (
    Filing,
    MessageFiledError,
    PlaceUnresolvedError,
    ReportOutcome,
    find_replay,
)
from app.flows.reports.find_place import as_others_said
from app.flows.reports.join_incident import join_incident, link
from app.flows.reports.keep_unplaced import keep_for_moderator
from app.flows.reports.left_open import keep_left_open
from app.flows.reports.read_located import read_located
from app.flows.reports.tell_reporter import Spoken
from app.flows.wire import report_out
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.incidents.origins import kept_body
from app.incidents.report import Family, Report
from app.roads.places import Location, Unplaced
from app.subscribers.store import inbound

#: Dangers before and after.
_Turned = list[tuple[Incident, Incident]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What a located report brought about."""

    spoken: Spoken
    answer: Mapping[str, Any]
    alerts: int
    bundle_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Also:
    """What the report of a further place that was named brought about, and what is said of it."""

    spoken: Spoken
    answer: Mapping[str, Any]


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
    3. It joins the incident it speaks of, or opens one; where it names several places, at each of
       them, as a report of its own; what nobody knows of a list waits for a moderator.
    4. Good news (a release, a safe transit, a reopened road) ends the dangers that it answers.
    5. Sections in reach are rated again; what the policy wants told becomes alerts.
    6. A message that the desk made it of is done with, and makes no second report.

    The alerts commit with the report; `fan_out` turns them into messages.

    Raises:
        IdempotencyConflictError: The idempotency key was used for another report.
        MessageFiledError: A report was made of the message before.
        PlaceUnresolvedError: The place must be asked back, and the filing wants that.
    """
    found = as_others_said(conn, filing.filed, found)
    turns.for_report(
        conn,
        filing.once,
        None if isinstance(found, Unplaced) else found,
        filing.filed.kind,
        kinds=context.config.kinds,
    )
    if replay := find_replay(conn, filing, context=context):
        return replay
    report_id = new_id(now)
    if isinstance(found, Unplaced):
        if not filing.keep_unplaced:
            raise PlaceUnresolvedError(found, filing.filed.place_query(context.config.kinds))
        outcome = keep_for_moderator(
            conn, filing, found, report_id=report_id, context=context, now=now
        )
    else:
        outcome = _take_located(conn, filing, found, report_id=report_id, context=context, now=now)
    if filing.heard is not None:
        _be_done_with(conn, filing.heard, report_id)
    return outcome


def _take_located(
    conn: Connection,
    filing: Filing,
    location: Location,
    *,
    report_id: str,
    context: Context,
    now: datetime,
) -> ReportOutcome:
    """Record a report at `location` and what follows from it: steps 3 to 5."""
    also = [_also_at(conn, filing, one, context=context, now=now) for one in location.also]
    left = keep_left_open(conn, filing, location.left_open, context=context, now=now)
    location = replace(location, also=(), left_open=())
    report = read_located(conn, filing, location, report_id=report_id, context=context, now=now)
    placed = place_report(conn, filing, report, also=also, left=left, context=context, now=now)
    incident_store.add_report(
        conn,
        report,
        key_id=filing.key_id,
        idempotency_key=filing.kept_key(context),
        body_hash=kept_body(filing.body_hash, context.keyed_hash),
        external_id=filing.filed.external_id,
        answer=placed.answer,
    )
    link(conn, report.id, placed.spoken, now=now)
    return ReportOutcome(
        answer=placed.answer,
        replayed=False,
        alerts=placed.alerts,
        bundle_id=placed.bundle_id,
        spoken=placed.spoken,
    )


def _also_at(
    conn: Connection, filing: Filing, location: Location, *, context: Context, now: datetime
) -> Also:
    """Record a report at one more place that it names; what follows is told with the first.

    Only the first has the sender's key: sent again, the report is answered by that one.
    """
    report = read_located(conn, filing, location, report_id=new_id(now), context=context, now=now)
    spoken = join_incident(conn, report, opens=None, context=context, now=now)
    told = _told(conn, filing, report, spoken, over=(), context=context, now=now)
    incident_store.add_report(
        conn,
        report,
        key_id=filing.key_id,
        idempotency_key=None,
        body_hash=kept_body(filing.body_hash, context.keyed_hash),
        answer={**told, "effects": []},
    )
    link(conn, report.id, spoken, now=now)
    return Also(spoken=spoken, answer=told)


def _be_done_with(conn: Connection, message: str, report_id: str) -> None:
    """Let a message wait for nobody any more; last, as whoever makes another waits for its row."""
    earlier = inbound.keep_report(conn, message, report_id)
    if earlier is not None:
        raise MessageFiledError(
            "A report was made of this message before.", extra={"report_id": earlier}
        )


def place_report(
    conn: Connection,
    filing: Filing,
    report: Report,
    *,
    also: Sequence[Also] = (),
    left: Sequence[Mapping[str, Any]] = (),
    context: Context,
    now: datetime,
) -> Placed:
    """Join a located report to its incident and work out what follows: steps 3 to 5.

    `also`: what its words brought about at other places; all of it is rated, and told, at once.
    `left`: what its sender is told of names that wait for a moderator.
    """
    spoken = join_incident(conn, report, opens=filing.opens, context=context, now=now)
    spoke = [*(one.spoken for one in also), spoken]
    again, ended = [], []
    for one in spoke:
        taken_up, over = _answered(conn, one, cause=f"report:{report.id}", context=context, now=now)
        again += taken_up
        ended += over
    assessment = assess.assess(
        conn,
        _changes(report, spoke, [*again, *ended], backfill=filing.backfill),
        actor=filing.key_id,
        context=context,
        now=now,
    )
    raised = assessment.alerts
    return Placed(
        spoken=spoken,
        answer={
            **_told(
                conn,
                filing,
                report,
                spoken,
                over=[new for _, new in ended],
                context=context,
                now=now,
            ),
            "effects": effects_out(
                assessment,
                context.config,
                language=context.config.subscribers.default_language,
                coarse=True,
            ),
            "also": [*(one.answer for one in also), *left],
        },
        alerts=len(raised),
        bundle_id=alert_store.get_alert(conn, raised[0]).bundle_id if raised else None,
    )


def _answered(
    conn: Connection, spoken: Spoken, *, cause: str, context: Context, now: datetime
) -> tuple[_Turned, _Turned]:
    """Let good news end what it answers; return (before, after) of each danger that it does.

    Before these, of what it had ended and is now said not to have: for some it goes on.
    """
    news, before = spoken.incident, spoken.before
    again = (
        answer_danger.take_up(conn, before, news, cause=cause, context=context, now=now)
        if before is not None and (news.shut, news.escorted) != (before.shut, before.escorted)
        else []
    )
    ended = answer_danger.resolve_answered(conn, news, cause=cause, context=context, now=now)
    return again, ended


def _changes(
    report: Report,
    spoke: Sequence[Spoken],
    turned: _Turned,
    *,
    backfill: bool,
) -> Changes:
    """Return what sections are to be rated again for: the incidents, and the dangers they turned.

    `spoke`: of each place that was named, the first of them last.
    """
    before = {old.id: old for old, _ in reversed(turned)}
    opened = {one.incident.id for one in spoke if one.before is None}
    for one in reversed(spoke):
        if one.before is not None and one.before.id not in opened:
            before[one.before.id] = one.before
    told = [one.incident for one in spoke]
    return Changes(
        cause=Cause.RESOLVED if report.family is Family.POSITIVE else Cause.REPORT,
        incidents={one.id: one for one in (*told, *(new for _, new in turned))},
        before=before,
        trigger=told[-1].id,
        corrected=frozenset().union(*map(_corrected, spoke)),
        backfill=backfill,
    )


def _corrected(spoken: Spoken) -> frozenset[str]:
    """Return the incident where its source says itself that it told its kind or place wrong."""
    old, new = spoken.before, spoken.incident
    if old is None or not spoken.match.corrects:
        return frozenset()
    moved = old.location.position != new.location.position
    return frozenset({new.id}) if moved or old.kind != new.kind else frozenset()


def _told(
    conn: Connection,
    filing: Filing,
    report: Report,
    spoken: Spoken,
    *,
    over: Sequence[Incident],
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    """Return what is said of a report and its incident; `over` are the dangers that it ended."""
    return {
        "report": report_out(report, external_id=filing.filed.external_id),
        "incident": tell_reporter.incident_told(spoken, over, context)
        if filing.trusted
        else tell_reporter.told_of(
            conn, spoken, report, key_id=filing.key_id, ended=over, context=context, now=now
        ),
    }
