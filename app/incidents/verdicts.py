"""What a moderator, or evidence, decides of an incident."""

from dataclasses import replace
from datetime import datetime

from app.core.errors import ConflictError, InvalidError
from app.incidents.filed import STARTS_WITHIN
from app.incidents.incident import CargoLift, Incident, Status
from app.incidents.joining import believed
from app.incidents.kinds import Kind
from app.incidents.policy import IncidentPolicy
from app.incidents.report import Family
from app.roads.places import Location

#: How `resolved_by` names the good news that answered a danger.
EVIDENCE = "incident:"


class IncidentMergedError(ConflictError):
    """The incident became part of another; decide on that one."""

    code = "incident-merged"
    title = "The incident was merged into another"


class StartError(InvalidError):
    """Only a closure begins on a day, and no day far off is one that anybody announced."""

    code = "start-invalid"
    title = "The incident cannot begin then"


def verdict(
    incident: Incident,
    *,
    by: str,
    at: datetime,
    policy: IncidentPolicy,
    status: Status | None = None,
    kind: Kind | None = None,
    location: Location | None = None,
    starts_at: datetime | None = None,
) -> Incident:
    """Return the next version of `incident` after a person decided; itself if nothing changes.

    `status` OPEN takes an earlier verdict back; a resolution holds from `at` on, or, of what good
    news has ended, from then on: now a person says so, and nobody waits for more. A `kind`,
    `location` or `starts_at` set here is what it was in truth: reports do not change it again. `by`
    is who decided, as the audit names them ("key:<id>").

    Raises:
        IncidentMergedError: It was merged away.
        ConflictError: `status` is MERGED, which only a merge sets.
        StartError: It is no closure, or `starts_at` lies too far ahead.
    """
    _refuse_merged(incident, status)
    decided = incident
    if status is not None and status is not incident.status:
        decided = _decide(decided, status, by=by, at=at)
    elif status is Status.CONFIRMED and incident.verdict_by is None:
        decided = replace(decided, verdict_by=by)
    elif status is Status.RESOLVED and by_evidence(incident):
        decided = replace(decided, verdict_by=by, resolved_by=by)
    if kind is not None:
        decided = _of_kind(decided, kind)
    if location is not None:
        decided = _moved(decided, location)
    if starts_at is not None:
        decided = _redated(decided, starts_at, at=at)
    if decided is incident:
        return incident
    return believed(replace(decided, version=incident.version + 1), policy)


def resolve_by_evidence(incident: Incident, *, answer: Incident, known_at: datetime) -> Incident:
    """Return the next version of `incident`, ended by a release, transit or reopening.

    It ended when that happened, which may be hours before anybody tells of it: what is done on the
    road in between is done anew. Where only the day is known, it ended when it became known.
    """
    return replace(
        incident,
        version=incident.version + 1,
        status=Status.RESOLVED,
        resolved_at=_ended_at(answer, known_at),
        resolved_by=f"{EVIDENCE}{answer.id}",
    )


def by_evidence(incident: Incident) -> bool:
    """Return whether good news ended it, of which no person has said yet that it is so."""
    return incident.resolved_by is not None and incident.resolved_by.startswith(EVIDENCE)


def _ended_at(answer: Incident, known_at: datetime) -> datetime:
    exact = answer.date_precision == "instant"
    return min(answer.occurred_at, known_at) if exact else known_at


def lift_part(incident: Incident, *, answer: Incident, known_at: datetime) -> Incident:
    """Return the next version of a danger, over where `answer` is and going on in the rest."""
    return replace(
        incident,
        version=incident.version + 1,
        lifted=(*incident.lifted, answer.location),
        lifted_since=incident.lifted_since or _ended_at(answer, known_at),
    )


def lift_for(
    incident: Incident, lift: CargoLift, *, answer: Incident, known_at: datetime
) -> Incident:
    """Return the next version of a danger, over for some cargoes and going on for the others."""
    return replace(
        incident,
        version=incident.version + 1,
        lifted_for=(*incident.lifted_for, lift),
        lifted_since=incident.lifted_since or _ended_at(answer, known_at),
    )


def goes_on(incident: Incident, *, answer: Incident, policy: IncidentPolicy) -> Incident:
    """Return the next version of `incident`, which `answer` had ended; itself if it had not.

    What a person held of it before holds again, and it is over no more in that part of an area, nor
    for those cargoes.
    """
    lifted = tuple(part for part in incident.lifted if part != answer.location)
    lifted_for = tuple(lift for lift in incident.lifted_for if lift.by != answer.id)
    since = incident.lifted_since if lifted or lifted_for else None
    going_on = replace(incident, lifted=lifted, lifted_since=since, lifted_for=lifted_for)
    if incident.resolved_by == f"{EVIDENCE}{answer.id}":
        status = Status.OPEN if incident.verdict_by is None else Status.CONFIRMED
        going_on = replace(going_on, status=status, resolved_at=None, resolved_by=None)
    if going_on == incident:
        return incident
    return believed(replace(going_on, version=incident.version + 1), policy)


def merge_away(incident: Incident, *, into: Incident, by: str) -> Incident:
    """Return the last version of `incident`, whose reports now speak of `into`.

    Raises:
        ConflictError: It is the same one, or one of the two was merged before.
    """
    if incident.id == into.id:
        raise ConflictError("an incident cannot be merged into itself")
    for one in (incident, into):
        if one.status is Status.MERGED:
            detail = f"incident {one.id} was merged into {one.merged_into} before: name that one"
            raise IncidentMergedError(detail)
    return replace(
        incident,
        version=incident.version + 1,
        status=Status.MERGED,
        merged_into=into.id,
        verdict_by=by,
    )


def _decide(incident: Incident, status: Status, *, by: str, at: datetime) -> Incident:
    resolved = status is Status.RESOLVED
    return replace(
        incident,
        status=status,
        verdict_by=None if status is Status.OPEN else by,
        resolved_at=at if resolved else None,
        resolved_by=by if resolved else None,
    )


def _refuse_merged(incident: Incident, status: Status | None) -> None:
    if incident.status is Status.MERGED:
        raise IncidentMergedError(f"decide on incident {incident.merged_into}")
    if status is Status.MERGED:
        raise ConflictError("incidents are merged by POST /v1/incidents/{id}/merge")


def _of_kind(incident: Incident, kind: Kind) -> Incident:
    if kind.code == incident.kind:
        return incident
    pinned = _pin(incident, "kind")
    return replace(incident, kind=kind.code, family=kind.family, pinned=pinned)


def _moved(incident: Incident, location: Location) -> Incident:
    if incident.spots == (location,):
        return incident
    pinned = _pin(incident, "location")
    return replace(incident, location=location, elsewhere=(), pinned=pinned)


def _redated(incident: Incident, starts_at: datetime, *, at: datetime) -> Incident:
    detail = None
    if incident.family is not Family.CLOSURE:
        detail = "only what closes a road begins on a day that is told before"
    elif starts_at > at + STARTS_WITHIN:
        detail = f"lies more than {STARTS_WITHIN.days} days ahead"
    if detail is not None:
        raise StartError(detail, errors=[{"pointer": "/starts_at", "detail": detail}])
    if starts_at == incident.starts_at:
        return incident
    return replace(incident, starts_at=starts_at, pinned=_pin(incident, "starts_at"))


def _pin(incident: Incident, what: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*incident.pinned, what)))
