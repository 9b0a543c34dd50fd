"""What waits for the desk, by urgency: read in one snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import ENDS
from app.alerts.records import AlertFilter, StoredAlert
from app.audit import store as audit_store
from app.delivery.outbox import reach, standings
from app.delivery.outbox.reach import Later
from app.delivery.routing import Standing
from app.flows.context import Context
from app.flows.desk.desk_closures import half_open, quiet_closures
from app.flows.desk.desk_messages import Talk, list_talks, read_unread
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.incidents.store import Hold, IncidentFilters, StoredReport
from app.subscribers.store import forced as forced_store
from app.subscribers.store import inbound
from app.subscribers.store.forced import Forced
from app.subscribers.store.inbound import Heard

#: Incidents nobody was told of are shown so long; a person decides on them in these days or never.
OPEN_FOR = timedelta(days=7)
#: What was decided is shown so long, to be ended, corrected or taken back.
DECIDED_FOR = timedelta(days=30)
#: Who was not reached is called within these hours; later the alert is old.
CALLED_WITHIN = timedelta(hours=48)
#: Shown on one page; more is a bad day, and the worst come first.
MOST = 40
_ALL = 2_000
_Waits = TypeVar("_Waits")
#: What takes lives on the road comes first.
_FIRST = {Family.HOSTILE: 0, Family.CLOSURE: 1, Family.MILITARY: 2, Family.HAZARD: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An incident that people were told of as unconfirmed, and that waits for a word.

    Attributes:
        deadline: By then it is answered, by a person or by the clock; None: it was said to be
            unconfirmed still, and stays open.
        told: People who heard of it.
        later: Who hears of it later only.
    """

    incident: Incident
    alerts: tuple[StoredAlert, ...]
    deadline: datetime | None
    told: int
    later: Later | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A report that waits for a place; `forced`: who sent it may have been made to."""

    report: StoredReport
    forced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Everything that waits.

    Attributes:
        held: Alerts that only unknown sources speak for: told to nobody until released. Those of
            one cause together.
        denied: Dangers and good news of which people were told, and which somebody denies since.
        doubts: The one with the nearest deadline first.
        open: Incidents that nobody was told of, those first of which somebody will be, then the
            gravest.
        later: By incident of these, who hears of it later only.
        messages: SMS that tell of a danger and made no report: nobody's, or not understood. Calls
            for help first, then the newest.
        lapsed: Those that nobody dealt with while they were news.
        put_aside: Those that somebody set aside, the last first.
        put_by: Names of who did, by their keys.
        talks: Who was answered by somebody at the desk, those first who wrote again.
        calls: Alerts of the last days with somebody to call, and how many; the gravest first.
        half_open: Closures that stand although somebody said that the road is open, or to some.
        quiet: Closures that hold a road still and that nobody has spoken of for long.
        forced: Who may be forced to write, until somebody says that he is free.
        decided: What is held to be true, false or over, the last first.
        aside: Reports whose place nobody looks for any more, the last first.
        total: How many there are of each list by name, where the first alone would not be all.
        refused: Providers that refuse the account.
        holds: Who works on what.
    """

    held: tuple[tuple[StoredAlert, ...], ...]
    denied: tuple[Incident, ...]
    doubts: tuple[Doubt, ...]
    open: tuple[Incident, ...]
    later: Mapping[str, Later]
    unlocated: tuple[Waiting, ...]
    messages: tuple[Heard, ...]
    lapsed: tuple[Heard, ...]
    put_aside: tuple[Heard, ...]
    put_by: Mapping[str, str]
    talks: tuple[Talk, ...]
    calls: tuple[tuple[StoredAlert, int], ...]
    half_open: tuple[Incident, ...]
    quiet: tuple[Incident, ...]
    forced: tuple[Forced, ...]
    decided: tuple[Incident, ...]
    aside: tuple[Waiting, ...]
    total: Mapping[str, int]
    refused: tuple[Standing, ...]
    holds: Mapping[str, Hold]


def read_inbox(
    conn: Connection,
    *,
    context: Context,
    organisation_id: str | None,
    now: datetime,
    whole: str = "",
) -> Inbox:
    """Return what waits for the desk; who was told is counted of `organisation_id` where given.

    `whole`: the list, by its name here, of which all is returned; of others the first.
    """
    sms = read_unread(
        conn, organisation_id=organisation_id, context=context, now=now, whole=whole, most=MOST + 1
    )
    total = dict(sms.in_all)

    def first(name: str, found: Sequence[_Waits]) -> tuple[_Waits, ...]:
        if len(found) > MOST:
            total.setdefault(name, len(found))
        return tuple(found if name == whole else found[:MOST])

    active = alert_store.list_alerts(conn, AlertFilter(status="active"), after=None, limit=_ALL)
    doubted = _doubts(conn, active, organisation_id=organisation_id)
    doubts = [one for one in doubted if one.told]
    untold = _untold(conn, {one.incident.id for one in doubts}, now=now)
    later = {one.incident.id: one.later for one in doubted if one.later}
    untold.sort(key=lambda one: one.id not in later)
    talks = list_talks(conn, organisation_id=organisation_id, context=context, now=now)
    unlocated = first("places", _unlocated(conn))
    since = now - DECIDED_FOR
    aside = first("aside", incident_store.list_set_aside(conn, since=since, limit=_ALL))
    forced = inbound.under_duress(conn, [one.id for one in (*unlocated, *aside)])
    captive = forced_store.list_forced(conn, organisation_id=organisation_id, limit=_ALL)
    calls = first("calls", _calls(conn, context, organisation_id=organisation_id, now=now))
    most = _ALL if whole == "decided" else MOST + 1
    decided = first("decided", incident_store.list_decided(conn, since=since, limit=most))
    if "decided" in total:
        total["decided"] = incident_store.count_decided(conn, since=since)
    return Inbox(
        held=first("held", _held(conn)),
        denied=first("denied", _denied(conn, now=now)),
        doubts=first("doubts", doubts),
        open=first("open", untold),
        later=later,
        unlocated=tuple(Waiting(report=one, forced=one.id in forced) for one in unlocated),
        messages=first("messages", sms.fresh),
        lapsed=first("lapsed", sms.lapsed),
        put_aside=first("put_aside", sms.put_aside),
        put_by=sms.put_by,
        talks=first("talks", talks),
        calls=tuple((alert_store.get_alert(conn, alert_id), n) for alert_id, n in calls),
        half_open=first("half_open", half_open(conn, context=context, now=now)),
        quiet=first("quiet", quiet_closures(conn, context=context, now=now)),
        forced=first("captive", captive),
        decided=decided,
        aside=tuple(Waiting(report=one, forced=one.id in forced) for one in aside),
        total=total,
        refused=tuple(
            one
            for one in standings.list_standings(conn)
            if one.code and one.rests_until is not None and one.rests_until > now
        ),
        holds=incident_store.list_holds(conn, now=now),
    )


def _held(conn: Connection) -> list[tuple[StoredAlert, ...]]:
    """Return what is released together, the worst of each first; what lapses first before all."""
    held = alert_store.list_alerts(conn, AlertFilter(status="held"), after=None, limit=_ALL)
    by_cause: dict[str, list[StoredAlert]] = {}
    for one in sorted(held, key=lambda one: (-one.level.rank, one.id)):
        by_cause.setdefault(one.bundle_id, []).append(one)
    return sorted(map(tuple, by_cause.values()), key=lapses_at)


def lapses_at(held: Sequence[StoredAlert]) -> datetime:
    """Return when the first of what waits together lapses."""
    return min(one.expires_at for one in held)


def _denied(conn: Connection, *, now: datetime) -> list[Incident]:
    """Return what was told, stands, and was denied since; good news, too: "dément la levée".

    A person's word after the denial settles it, also one that changes nothing.
    """
    denied = incident_store.list_denied(conn, since=now - OPEN_FOR)
    known = {one.id: one for one in incident_store.list_incidents_of(conn, denied)}
    told = alert_store.told_among(conn, known)
    decided = audit_store.last_of_each(conn, "incident", known)
    return [
        known[one]
        for one, at in denied.items()
        if known[one].status in (Status.OPEN, Status.CONFIRMED)
        and one in told
        and (one not in decided or decided[one] < at)
    ]


def _unlocated(conn: Connection) -> list[StoredReport]:
    """Return what waits for a place, the newest first; an import of old news behind what is new."""
    waiting = incident_store.list_unlocated(conn, after=None, limit=_ALL)
    return sorted(waiting, key=lambda one: one.backfill)


def _doubts(
    conn: Connection, active: Sequence[StoredAlert], *, organisation_id: str | None
) -> list[Doubt]:
    """Return what chains told as unconfirmed, and no person or evidence settled since."""
    # what was told last of each: what took back an older danger is in force beside a new one
    subjects = {(one.route, one.cargo): one for one in reversed(active) if not one.facts.exercise}
    waiting: dict[str, list[tuple[StoredAlert, datetime | None]]] = {}
    for subject, state in alert_store.told_state(conn, subjects).items():
        if state.type in ENDS:
            continue
        for incident_id in state.doubtful & state.incident_ids:
            deadline = state.expires_at if incident_id in state.unanswered else None
            waiting.setdefault(incident_id, []).append((subjects[subject], deadline))
    found = []
    told_later = reach.alerts_told_later(conn)
    for incident_id, said in waiting.items():
        incident = incident_store.find_incident(conn, incident_id)
        if incident is None or incident.status is not Status.OPEN or incident.certain:
            continue
        ids = [one.id for one in alert_store.alerts_of_incident(conn, incident_id)]
        found.append(
            Doubt(
                incident=incident,
                alerts=tuple(alert for alert, _ in said),
                deadline=min((until for _, until in said if until is not None), default=None),
                told=reach.count_told_people(conn, ids, organisation_id=organisation_id),
                later=reach.find_later(conn, ids, organisation_id=organisation_id)
                if told_later.intersection(ids)
                else None,
            )
        )
    return sorted(found, key=_urgency)


def _urgency(one: Doubt) -> tuple[bool, datetime, int, str]:
    """What has a time limit first, the nearest; then what most were told of."""
    last = one.incident.last_reported_at
    return one.deadline is None, one.deadline or last, -one.told, one.incident.id


def _untold(conn: Connection, known: set[str], *, now: datetime) -> list[Incident]:
    wanted = IncidentFilters(statuses=frozenset({Status.OPEN}), since=now - OPEN_FOR)
    found = incident_store.list_incidents(conn, filters=wanted, after=None, limit=_ALL)
    asked = [one for one in found if one.id not in known and not one.certain]
    asked.sort(key=lambda one: one.last_reported_at, reverse=True)
    asked.sort(key=lambda one: _FIRST.get(one.family, len(_FIRST)))
    return asked


def _calls(
    conn: Connection, context: Context, *, organisation_id: str | None, now: datetime
) -> list[tuple[str, int]]:
    found = reach.list_unreached_alerts(
        conn,
        since=now - CALLED_WITHIN,
        organisation_id=organisation_id,
        receipt_within=context.config.delivery.receipt_within,
        now=now,
        limit=_ALL,
    )
    return [(one.alert_id, one.number) for one in found]
