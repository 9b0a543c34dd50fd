"""The desk decides: what is true, what is one event and what is two, where it was."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.change import Cause
from app.audit import store as audit_store
from app.core.errors import ConflictError, InvalidError
from app.core.ids import new_id
from app.flows import assess, turns
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.readers.answers import effects_out
from app.flows.reports import answer_danger
from app.flows.wire import incident_out, instant
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.incidents.joining import from_reports, rebuild
from app.incidents.kinds import Kind
from app.incidents.verdicts import merge_away, verdict
from app.roads.places import Location

_CAUSES: Mapping[Status | None, Cause] = {
    Status.CONFIRMED: Cause.VERDICT_CONFIRMED,
    Status.REFUTED: Cause.VERDICT_REFUTED,
    Status.RESOLVED: Cause.RESOLVED,
}


class SplitError(InvalidError):
    """A split takes some of an incident's reports, not all and none of another's."""

    code: ClassVar[str] = "split-invalid"
    title: ClassVar[str] = "The split is not possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a moderator says of an incident; None: nothing about that.

    Attributes:
        location: Where it was in truth.
        starts_at: From when what was announced holds in truth: put off, or begun early.
        note: Why, for the audit trail; no names.
    """

    status: Status | None = None
    kind: Kind | None = None
    location: Location | None = None
    starts_at: datetime | None = None
    note: str | None = None


def decide_incident(
    conn: Connection,
    incident_id: str,
    said: Verdict,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    """Take a moderator's word, and let everything downstream follow.

    1. The incident gets a new version; the old ones stay as they were known.
    2. Good news that a person confirms ends the dangers that it answers; what was ended by news
       that was none goes on.
    3. Its sections are rated again; who was told something false is told so.

    Raises:
        IncidentNotFoundError: There is no such incident.
        IncidentMergedError: It became part of another.
        StartError: It begins on no such day.
    """
    turns.alone(conn)
    before = incident_store.get_incident(conn, incident_id)
    after = verdict(
        before,
        by=f"key:{actor}",
        at=now,
        policy=context.config.incidents,
        status=said.status,
        kind=said.kind,
        location=said.location,
        starts_at=said.starts_at,
    )
    audit_store.record(
        conn, "incident.decided", incident_id, detail=said_out(said), actor=actor, now=now
    )
    if after is before:
        return _answer(after, [])
    cause = f"key:{actor}"
    incident_store.update_incident(conn, after, cause=cause, now=now)
    _learn(conn, after, context, now=now)
    again = answer_danger.take_up(conn, before, after, cause=cause, context=context, now=now)
    ended = answer_danger.resolve_answered(conn, after, cause=cause, context=context, now=now)
    others = [*again, *ended]
    corrected = {after.id} if said.kind is not None or said.location is not None else set()
    changes = Changes(
        cause=Cause.RESOLVED if ended else _CAUSES.get(said.status, Cause.REPORT),
        incidents={one.id: one for one in (after, *(new for _, new in others))},
        before={one.id: one for one in (before, *(old for old, _ in reversed(others)))},
        trigger=after.id,
        corrected=frozenset(corrected),
        redated=after.starts_at != before.starts_at,
    )
    return _follow(conn, after, changes, actor=actor, context=context, now=now)


def merge(
    conn: Connection,
    incident_id: str,
    into_id: str,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    """Let two incidents be one: the reports of `incident_id` speak of `into_id` from now on.

    Whoever was told of the one that goes is told the end of the one that stays.

    Raises:
        IncidentNotFoundError: One of the two does not exist.
        ConflictError: They are the same, or one was merged before.
    """
    turns.alone(conn)
    gone = incident_store.get_incident(conn, incident_id)
    kept = incident_store.get_incident(conn, into_id)
    merged = merge_away(gone, into=kept, by=f"key:{actor}")
    cause = f"key:{actor}"
    reports = incident_store.list_reports_of(conn, gone.id)
    incident_store.relink_reports(
        conn, [report.id for report in reports], to=kept.id, reason="merged by the desk", now=now
    )
    whole = rebuild(
        kept,
        incident_store.list_reports_of(conn, kept.id),
        policy=context.config.incidents,
        kinds=context.config.kinds,
    )
    incident_store.update_incident(conn, merged, cause=cause, now=now)
    incident_store.update_incident(conn, whole, cause=cause, now=now)
    _learn(conn, merged, context, now=now)
    _learn(conn, whole, context, now=now)
    alert_store.speak_also_of(conn, told_of=gone.id, also=kept.id)
    audit_store.record(
        conn, "incident.merged", gone.id, detail={"into": kept.id}, actor=actor, now=now
    )
    changes = Changes(
        cause=Cause.REPORT,
        incidents={merged.id: merged, whole.id: whole},
        before={gone.id: gone, kept.id: kept},
        trigger=whole.id,
        corrected=_left_alone(gone, whole, context),
    )
    return _follow(conn, whole, changes, actor=actor, context=context, now=now)


def split(
    conn: Connection,
    incident_id: str,
    report_ids: Collection[str],
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    """Let some reports of an incident be of another one, which is opened.

    Raises:
        IncidentNotFoundError: There is no such incident.
        SplitError: The reports are not a part of it, or are all of it.
    """
    turns.alone(conn)
    whole = incident_store.get_incident(conn, incident_id)
    if whole.status is Status.MERGED:
        raise ConflictError("the incident was merged into another; split that one")
    reports = incident_store.list_reports_of(conn, incident_id)
    taken = [report for report in reports if report.id in set(report_ids)]
    if len(taken) != len(set(report_ids)) or not 0 < len(taken) < len(reports):
        detail = "name some of the incident's own reports, and leave it at least one"
        raise SplitError(detail, errors=[{"pointer": "/report_ids", "detail": detail}])
    policy, kinds = context.config.incidents, context.config.kinds
    part = from_reports(taken, incident_id=new_id(now), policy=policy, kinds=kinds)
    rest = rebuild(
        whole, [report for report in reports if report not in taken], policy=policy, kinds=kinds
    )
    cause = f"key:{actor}"
    incident_store.add_incident(conn, part, cause=cause, now=now)
    incident_store.update_incident(conn, rest, cause=cause, now=now)
    ids = [report.id for report in taken]
    incident_store.relink_reports(conn, ids, to=part.id, reason="split off by the desk", now=now)
    _learn(conn, rest, context, now=now)
    alert_store.speak_also_of(conn, told_of=whole.id, also=part.id)
    audit_store.record(
        conn, "incident.split", whole.id, detail={"off": part.id}, actor=actor, now=now
    )
    changes = Changes(
        cause=Cause.REPORT,
        incidents={part.id: part, rest.id: rest},
        before={whole.id: whole},
        trigger=part.id,
    )
    return _follow(conn, part, changes, actor=actor, context=context, now=now)


def _learn(conn: Connection, incident: Incident, context: Context, *, now: datetime) -> None:
    """Keep what a person held of the incident for every source that reported it.

    That it is over says nothing of who reported it; that it became part of another takes back
    what was held of it alone.
    """
    if incident.status is Status.RESOLVED:
        return
    by_person = incident.verdict_by is not None
    held = incident.status if by_person else None
    confirmed = {Status.CONFIRMED: True, Status.REFUTED: False}.get(held) if held else None
    tokens = incident_store.keep_verdict(conn, incident.id, confirmed=confirmed, now=now)
    context.records.forget(tokens)


def said_out(said: Verdict) -> dict[str, Any]:
    """Return a verdict as the audit trail keeps it."""
    return {
        "status": said.status.value if said.status is not None else None,
        "kind": said.kind.code if said.kind is not None else None,
        "moved": said.location is not None,
        "starts_at": instant(said.starts_at),
        "note": said.note,
    }


def _left_alone(gone: Incident, whole: Incident, context: Context) -> frozenset[str]:
    """Return the merged incident's id where what stays does not reach all that it reached.

    Those who were told of it there were told of something that was elsewhere.
    """
    reach = context.config.network.reach_any
    near = context.config.risk.default_reach_km
    stays = set(reach(whole.spots, near))
    return frozenset({gone.id}) if set(reach(gone.spots, near)) - stays else frozenset()


def _follow(
    conn: Connection,
    incident: Incident,
    changes: Changes,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> dict[str, Any]:
    assessment = assess.assess(conn, changes, actor=f"key:{actor}", context=context, now=now)
    language = context.config.subscribers.default_language
    effects = effects_out(assessment, context.config, language=language)
    return _answer(incident, effects)


def _answer(incident: Incident, effects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"incident": incident_out(incident, full=True), "effects": list(effects)}
