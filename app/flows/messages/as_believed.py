"""What somebody is answered who may be forced to write: as if he had been believed."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.alerts.change import Cause
from app.alerts.replies import News
from app.alerts.store import ChainMemory
from app.core.ids import first_id
from app.flows import assess, report_incident, turns
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.desk.unlocated import read_waiting, told_to_open
from app.flows.messages.inbound_news import news_for
from app.flows.reports import answer_danger
from app.flows.reports.filing import Filing, ReportOutcome, find_replay
from app.flows.reports.find_place import as_others_said
from app.flows.reports.join_incident import join_incident
from app.flows.reports.keep_unplaced import keep_for_moderator
from app.flows.reports.left_open import keep_left_open
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.incidents.reputation import Records
from app.incidents.store import StoredReport
from app.roads.geometry import distance_km
from app.roads.places import Location, Shape, Unplaced
from app.roads.several import locate_each
from app.subscribers.store import forced as forced_store
from app.subscribers.store.forced import Forced
from app.subscribers.understood import Reading

#: Nobody did it, and of the record nothing stays.
_NOBODY = "trial"
#: Of what waits, the last that counts for an answer; more is no reporter.
_MOST = 30
#: No rule reaches farther, and no report joins another from there.
_FAR_KM = 150.0


def take_report(
    conn: Connection,
    filing: Filing,
    found: Location | Unplaced,
    *,
    context: Context,
    now: datetime,
) -> ReportOutcome:
    """Record a report; of whoever may be forced it waits for the desk, and he is told that it does.

    What he is answered is what would have followed: that is done, looked at and undone.
    """
    forced = None if filing.trusted else forced_store.find_by_key(conn, filing.key_id)
    if forced is not None:  # of anybody else the story looks itself
        found = as_others_said(conn, filing.filed, found)
    if forced is None or isinstance(found, Unplaced):
        return report_incident.report_incident(conn, filing, found, context=context, now=now)
    return keep_forced(conn, filing, found, forced, context=context, now=now)


def keep_forced(
    conn: Connection,
    filing: Filing,
    found: Location,
    forced: Forced,
    *,
    context: Context,
    now: datetime,
) -> ReportOutcome:
    """Keep a report for the desk with the answer that it would have had."""
    turns.alone(conn)
    if replay := find_replay(conn, filing, context=context):
        return replay
    near = None if found.also else found
    with _believed(conn, filing.key_id, forced, near=near, context=context, now=now) as apart:
        outcome = report_incident.report_incident(conn, filing, found, context=apart, now=now)
    also = outcome.answer["also"]
    for one, told in zip(found.also, also[: len(found.also)], strict=True):
        _keep_also(conn, filing, one, told, context=context, now=now)
    left = also[len(found.also) :]
    keep_left_open(conn, filing, found.left_open, told=left, context=context, now=now)
    return keep_for_moderator(
        conn,
        filing,
        _as_asked(found, context),
        report_id=str(outcome.answer["report"]["id"]),
        answer=outcome.answer,
        context=context,
        now=now,
    )


def _keep_also(
    conn: Connection,
    filing: Filing,
    one: Location,
    told: Mapping[str, Any],
    *,
    context: Context,
    now: datetime,
) -> None:
    """Keep what is told of a further place by itself: he knows its id, and the desk places it."""
    there = replace(filing.filed, place=one.label, external_id=None)
    keep_for_moderator(
        conn,
        replace(filing, filed=there, idempotency_key=None, heard=None),
        _as_asked(one, context),
        report_id=str(told["report"]["id"]),
        answer={**told, "effects": []},
        context=context,
        now=now,
    )


def news_told(
    conn: Connection,
    reading: Reading,
    filed_by: str,
    forced: Forced | None,
    *,
    context: Context,
    now: datetime,
) -> News | None:
    """Return what a phone is told of a road.

    What came from whoever may be forced waits for the desk, and nobody's road changes by it. But
    whoever forces him has the phone, and need only ask about the road that he reported: were
    nothing known of it, he would be found out. So this phone alone is answered as if the desk had
    let those reports pass.
    """
    if forced is None:
        return news_for(conn, reading, context=context, now=now)
    with _believed(conn, filed_by, forced, context=context, now=now) as apart:
        return news_for(conn, reading, context=apart, now=now)


@contextmanager
def _believed(
    conn: Connection,
    filed_by: str,
    forced: Forced,
    *,
    near: Location | None = None,
    context: Context,
    now: datetime,
) -> Iterator[Context]:
    """Have what was filed by a forced sender count, with a context to look at it; then undo all.

    `near`: what is far from there need not count. None: nobody knows what will be looked at.
    """
    # what is undone must be remembered nowhere
    apart = replace(
        context,
        evidence=context.evidence.copied(),
        states=context.states.copied(),
        told=ChainMemory(),
        records=Records(),
    )
    filed = incident_store.list_reports_by(
        conn, filed_by, since_id=first_id(forced.since), limit=_MOST
    )
    trial = conn.begin_nested()
    try:
        _let_pass(conn, reversed(filed), near, context=apart, now=now)
        yield apart
    finally:
        trial.rollback()


def _let_pass(
    conn: Connection,
    filed: Iterable[StoredReport],
    near: Location | None,
    *,
    context: Context,
    now: datetime,
) -> None:
    """Have reports that wait count where they said, all of them rated at once.

    Whoever is answered late, and later with each report, is answered otherwise than always.
    """
    incidents: dict[str, Incident] = {}
    before: dict[str, Incident] = {}
    for stored in filed:
        if stored.filed is None:  # the desk believed it: it counts
            continue
        found = locate_each(stored.filed.place_query(context.config.kinds), context.gazetteer)
        if not isinstance(found, Location) or not _may_matter(found, near):
            continue
        found = replace(found, also=(), left_open=())  # each of a list waits by itself
        report = read_waiting(stored, stored.filed, found, context)
        spoken = join_incident(conn, report, opens=told_to_open(stored), context=context, now=now)
        incident_store.place_unlocated(conn, report)
        reason = "first report" if spoken.before is None else "joined"
        incident_store.link_report(conn, report.id, spoken.incident.id, reason=reason, now=now)
        ended = answer_danger.resolve_answered(
            conn, spoken.incident, cause=_NOBODY, context=context, now=now
        )
        for old, new in ((spoken.before, spoken.incident), *ended):
            if old is not None and new.id not in incidents:
                before[new.id] = old
            incidents[new.id] = new
    if incidents:
        changes = Changes(cause=Cause.REPORT, incidents=incidents, before=before)
        assess.assess(conn, changes, actor=_NOBODY, context=context, now=now)


def _may_matter(location: Location, near: Location | None) -> bool:
    """Tell whether what was reported at `location` could change an answer about `near`."""
    if near is None or Shape.AREA in {location.shape, near.shape}:
        return True
    return distance_km(location.position, near.position) <= _FAR_KM


def _as_asked(location: Location, context: Context) -> Unplaced:
    """Return what keeps a report for a moderator, with the place that it spoke of to choose."""
    place = context.gazetteer.places.get(location.place_id or "")
    offered = (context.gazetteer.candidate(place, 1.0),) if place else ()
    return Unplaced(reason="ambiguous", detail="It waits for the desk.", candidates=offered)
