"""Reports into one incident: ranges widen, the most said is held, voices are heard once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.incidents.correcting import corrected, corrects
from app.incidents.credibility import credibility, hear, is_certain, only_unknown
from app.incidents.escorts import is_escorted
from app.incidents.figures import widest
from app.incidents.incident import Incident, Status, Voice
from app.incidents.kinds import Kinds
from app.incidents.most_said import counted, most_said, place_said, when_said
from app.incidents.nearness import place_key
from app.incidents.opened import opened_by
from app.incidents.policy import IncidentPolicy, JoinPolicy
from app.incidents.report import Family, Report
from app.incidents.words import stems

T = TypeVar("T")

#: So long one piece of news comes round with and without the day from which it is to hold.
_SAME_NEWS = timedelta(days=2)


def open_incident(
    report: Report, *, incident_id: str, policy: IncidentPolicy, kinds: Kinds
) -> Incident:
    """Return the incident of which `report` is the first that is known."""
    incident = Incident(
        id=incident_id,
        version=0,
        kind=report.kind,
        family=report.family,
        status=Status.OPEN,
        occurred_at=report.occurred_at,
        date_precision=report.date_precision,
        first_reported_at=report.reported_at,
        last_reported_at=report.reported_at,
        location=report.location,
        actor=None,
        target=None,
        cargo=(),
        fatalities=None,
        abducted=None,
        vehicles=None,
        figures=(),
        voices=(),
        reports=0,
        credibility=0.0,
        certain=False,
        only_unknown=True,
    )
    return join(incident, report, policy=policy, kinds=kinds)


def join(incident: Incident, report: Report, *, policy: IncidentPolicy, kinds: Kinds) -> Incident:
    """Return the next version of `incident`, with `report` joined.

    A source without a record is heard, but changes nothing of what known ones say happened: else
    a stranger could turn an attack that an agency reports into a graver one, with its credit.
    """
    bounds = policy.joining
    if corrects(report, incident, policy.matching.corrected, kinds):
        incident = corrected(incident, report)
    if report.known_source or incident.only_unknown:
        base = _claimed(_forget_strangers(incident, report), report, kinds, policy)
    else:
        base = incident
    joined = replace(
        base,
        version=incident.version + 1,
        first_reported_at=min(incident.first_reported_at, report.reported_at),
        last_reported_at=max(incident.last_reported_at, report.reported_at),
        figures=_bounded(incident.figures, report.figures, bounds.figures),
        texts=_bounded(incident.texts, sorted(stems(report.summary)), bounds.words),
        roads=_roads(incident, report, bounds),
        voices=_loudest(
            hear(incident.voices, report, policy.credibility, marks=bounds.marks), bounds.voices
        ),
        reports=incident.reports + 1,
    )
    return believed(joined, policy)


def _forget_strangers(incident: Incident, report: Report) -> Incident:
    """Return `incident` without what only strangers claimed, when the first known source speaks.

    Where and when stay: they are weighed by how exact they are.
    """
    if not (report.known_source and incident.only_unknown and incident.reports):
        return incident
    return replace(
        incident,
        kinds=(),
        days=(),
        places=(),
        elsewhere=(),
        in_part=False,
        shut=(),
        called_off=False,
        escorted=False,
        starts_at=incident.starts_at if "starts_at" in incident.pinned else None,
        actor=None,
        target=None,
        cargo=(),
        fatalities=None,
        abducted=None,
        vehicles=None,
    )


def _claimed(incident: Incident, report: Report, kinds: Kinds, policy: IncidentPolicy) -> Incident:
    """Return `incident` with what `report` says of it: the most said is held, ranges widen."""
    kind_tally = incident.kinds if report.for_now else counted(incident.kinds, report.kind)
    most = kinds.held(dict(kind_tally), most_said(kind_tally, incident.kind), incident.kind)
    kind = incident.kind if "kind" in incident.pinned else most
    occurred_at, precision, days = when_said(incident, report)
    family = kinds[kind].family if kind in kinds else incident.family
    location, places, elsewhere = place_said(
        incident, report, family, whole=kinds.is_of_whole_roads(kind)
    )
    return replace(
        incident,
        kind=kind,
        family=family,
        kinds=kind_tally,
        occurred_at=occurred_at,
        date_precision=precision,
        days=days,
        location=location,
        places=places,
        elsewhere=elsewhere,
        **opened_by(incident, report, policy.answering.openings, policy.starting),
        escorted=incident.escorted or is_escorted(report, policy.answering.escorts),
        starts_at=_starts_at(incident, report),
        actor=incident.actor or report.actor,
        target=incident.target or report.target,
        fatalities=widest([incident.fatalities, report.fatalities]),
        abducted=widest([incident.abducted, report.abducted]),
        vehicles=widest([incident.vehicles, report.vehicles]),
    )


def _starts_at(incident: Incident, report: Report) -> datetime | None:
    """Return from when an announced closure holds, as it was last said; most say nothing of it.

    Told to be there under another name (a barrage where a blockade was announced), or for longer
    than the same news takes to come round, it holds already: what is then announced is a next one.
    """
    held = incident.starts_at
    if "starts_at" in incident.pinned or report.family is not Family.CLOSURE:
        return held
    if held is not None and report.reported_at >= held:
        return held
    if report.starts_at is None:
        return held if report.kind == incident.kind else None
    fresh = report.reported_at - incident.first_reported_at <= _SAME_NEWS
    return report.starts_at if held is not None or fresh else None


def rebuild(
    incident: Incident, reports: Sequence[Report], *, policy: IncidentPolicy, kinds: Kinds
) -> Incident:
    """Return the next version of `incident`, made of exactly `reports`: after a merge or a split.

    What a moderator decided and pinned stays.

    Raises:
        ValueError: No report is left; close the incident instead.
    """
    if not reports:
        raise ValueError("an incident has at least one report")
    in_order = sorted(reports, key=_as_told)
    built = from_reports(in_order, incident_id=incident.id, policy=policy, kinds=kinds)
    kept = replace(
        built,
        version=incident.version + 1,
        status=_kept_status(incident),
        verdict_by=incident.verdict_by,
        resolved_at=incident.resolved_at,
        resolved_by=incident.resolved_by,
        pinned=incident.pinned,
        lifted=incident.lifted,
        lifted_since=incident.lifted_since,
        lifted_for=incident.lifted_for,
        kind=incident.kind if "kind" in incident.pinned else built.kind,
        family=incident.family if "kind" in incident.pinned else built.family,
        location=incident.location if "location" in incident.pinned else built.location,
        elsewhere=() if "location" in incident.pinned else built.elsewhere,
        starts_at=incident.starts_at if "starts_at" in incident.pinned else built.starts_at,
    )
    return believed(kept, policy)


def join_told_together(
    incident: Incident,
    report: Report,
    earlier: Sequence[Report],
    *,
    policy: IncidentPolicy,
    kinds: Kinds,
) -> Incident:
    """Return the next version of `incident` with `report`, told at the instant of the last one.

    Of what is told at one instant none came first: whoever is heard first must not decide what is
    held. So the incident is made anew of all its reports, in an order that is their own.
    """
    return rebuild(incident, [*earlier, report], policy=policy, kinds=kinds)


def _as_told(report: Report) -> tuple[Any, ...]:
    """Return what reports are ordered by: when they were told, then what they say.

    By who says it only at the end: an origin is a hash with a key, another in each installation.
    """
    return (
        report.reported_at,
        report.occurred_at,
        report.kind,
        place_key(report.location),
        report.summary,
        report.source_name or "",
        report.source_type,
        report.actor or "",
        report.target or "",
        report.figures,
        report.known_source,
        report.origin,
        report.id,
    )


def from_reports(
    reports: Iterable[Report], *, incident_id: str, policy: IncidentPolicy, kinds: Kinds
) -> Incident:
    """Return the incident, at version 1, that `reports` make in their order: a split's new part."""
    incident: Incident | None = None
    for report in reports:
        if incident is None:
            incident = open_incident(report, incident_id=incident_id, policy=policy, kinds=kinds)
        else:
            incident = join(incident, report, policy=policy, kinds=kinds)
    if incident is None:
        raise ValueError("an incident has at least one report")
    return replace(incident, version=1)


def believed(incident: Incident, policy: IncidentPolicy) -> Incident:
    """Return `incident` with its credibility and certainty from its voices and any verdict."""
    by_voices = is_certain(incident.voices, policy.credibility)
    believed_by = credibility(incident.voices, policy.credibility)
    status = incident.status
    if incident.verdict_by is None and status in (Status.OPEN, Status.CONFIRMED):
        status = Status.CONFIRMED if by_voices else Status.OPEN
    person_confirmed = incident.verdict_by is not None and status is Status.CONFIRMED
    refuted = status is Status.REFUTED
    return replace(
        incident,
        status=status,
        credibility=0.0 if refuted else 1.0 if person_confirmed else believed_by,
        certain=not refuted and (person_confirmed or by_voices),
        only_unknown=not person_confirmed and only_unknown(incident.voices),
    )


def _loudest(voices: tuple[Voice, ...], limit: int) -> tuple[Voice, ...]:
    """Return the voices without the least that one too many is; it would add nothing by then."""
    if len(voices) <= limit:
        return voices
    least = min(range(len(voices)), key=lambda n: (voices[n].known, voices[n].reliability, -n))
    return (*voices[:least], *voices[least + 1 :])


def _kept_status(incident: Incident) -> Status:
    by_person = incident.verdict_by is not None or incident.status is Status.RESOLVED
    return incident.status if by_person else Status.OPEN


def _roads(incident: Incident, report: Report, bounds: JoinPolicy) -> tuple[str, ...]:
    named = stems(f"{report.road_text or ''} {report.place_text or ''}")
    return _bounded(incident.roads, sorted(named), bounds.road_words)


def _bounded(held: tuple[T, ...], new: Iterable[T], limit: int) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*held, *new)))[:limit]
