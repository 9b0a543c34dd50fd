"""The evidence of the past as `assess` was given it, put together again from its versions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from itertools import groupby

from app.alerts.change import Cause
from app.flows.assess import Changes
from app.incidents.incident import Incident, Status
from app.incidents.kinds import Kinds
from app.incidents.report import Family
from app.incidents.store import Version

_VERDICTS: Mapping[Status, Cause] = {
    Status.CONFIRMED: Cause.VERDICT_CONFIRMED,
    Status.REFUTED: Cause.VERDICT_REFUTED,
    Status.RESOLVED: Cause.RESOLVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of evidence: when it was learnt, and what `assess` was told of it."""

    at: datetime
    cause: str
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was known at the beginning, each change after it, and how it was held in the end."""

    known: tuple[Incident, ...]
    steps: tuple[Step, ...]
    last: Mapping[str, Incident]


@dataclass(slots=True)
class _Told:
    """One transaction of the past: the versions it made."""

    at: datetime
    cause: str
    versions: list[Version] = field(default_factory=list)


def past_of(versions: Sequence[Version], *, since: datetime, until: datetime, kinds: Kinds) -> Past:
    """Return the past from `since` to `until` of every version in the order known.

    What was reported in the past and filed later, by an import, counts from when it was reported:
    a rule is tried on what happened, not on the day on which the file was read. No version comes
    before the one it replaces.
    """
    known: dict[str, Incident] = {}
    start: dict[str, Incident] = {}
    steps: list[Step] = []
    for told in sorted(_dated(versions), key=lambda one: one.at):
        if told.at > until:
            break
        after = {one.incident.id: one.incident for one in told.versions}
        before = {one: known[one] for one in after if one in known}
        if told.at > since:
            changes = _changes(told, before, after, kinds)
            steps.append(Step(at=told.at, cause=told.cause, changes=changes))
        else:
            start |= after
        known |= after
    return Past(known=tuple(start.values()), steps=tuple(steps), last=known)


def _dated(versions: Iterable[Version]) -> list[_Told]:
    """Return the transactions in order, each with the instant from which it counts."""
    latest: dict[str, datetime] = {}
    found: list[_Told] = []
    for _, together in groupby(versions, key=lambda one: one.known_at):
        for told in _in_turn(_transactions(together)):
            at = max([_counts_from(told.versions[0]), *_earlier(told, latest)])
            told.at = at
            latest |= dict.fromkeys((one.incident.id for one in told.versions), at)
            found.append(told)
    return found


def _earlier(told: _Told, latest: Mapping[str, datetime]) -> list[datetime]:
    ids = (one.incident.id for one in told.versions)
    return [latest[incident_id] for incident_id in ids if incident_id in latest]


def _transactions(together: Iterable[Version]) -> list[_Told]:
    """Return what was done at one instant, by its cause: ids of reports rise."""
    by_cause = sorted(together, key=lambda one: (one.cause, one.incident.version))
    return [
        told
        for cause, group in groupby(by_cause, key=lambda one: one.cause)
        for told in _apart(group, cause)
    ]


def _in_turn(parts: Sequence[_Told]) -> list[_Told]:
    """Return the transactions of one instant with none before one whose version it replaces."""
    made = {
        (one.incident.id, one.incident.version): place
        for place, told in enumerate(parts)
        for one in told.versions
    }
    turns = TopologicalSorter(
        {
            place: {
                made[replaced]
                for one in told.versions
                if (replaced := (one.incident.id, one.incident.version - 1)) in made
            }
            for place, told in enumerate(parts)
        }
    )
    turns.prepare()
    found: list[_Told] = []
    ready: list[int] = []
    while turns.is_active():
        for place in turns.get_ready():
            heappush(ready, place)
        found.append(parts[first := heappop(ready)])
        turns.done(first)
    return found


def _apart(group: Iterable[Version], cause: str) -> list[_Told]:
    """Split what one key did at one instant where it changed an incident twice."""
    parts: list[_Told] = []
    for version in group:
        fitting = next(
            (
                part
                for part in parts
                if all(one.incident.id != version.incident.id for one in part.versions)
            ),
            None,
        )
        if fitting is None:
            fitting = _Told(version.known_at, cause)
            parts.append(fitting)
        fitting.versions.append(version)
    return parts


def _counts_from(version: Version) -> datetime:
    if version.reported_at is None or version.received_at is None:
        return version.known_at
    return version.reported_at + (version.known_at - version.received_at)


def _changes(
    told: _Told, before: Mapping[str, Incident], after: Mapping[str, Incident], kinds: Kinds
) -> Changes:
    if (kind := told.versions[0].kind) is not None:
        family = kinds[kind].family if kind in kinds else None
        return Changes(
            cause=Cause.RESOLVED if family is Family.POSITIVE else Cause.REPORT,
            incidents=after,
            before=before,
            trigger=_spoken_of(before, after),
        )
    return _decided(before, after)


def _spoken_of(before: Mapping[str, Incident], after: Mapping[str, Incident]) -> str:
    """Return the incident that the report speaks of; the others it ended."""
    for incident_id, incident in after.items():
        if incident_id not in before or incident.reports > before[incident_id].reports:
            return incident_id
    return next(iter(after))


def _decided(before: Mapping[str, Incident], after: Mapping[str, Incident]) -> Changes:
    """Return what the desk decided: a merge, a split, or a verdict and what it ended."""
    merged = [
        one
        for one in after.values()
        if one.status is Status.MERGED and before[one.id].status is not Status.MERGED
    ]
    if merged:
        return Changes(
            cause=Cause.REPORT,
            incidents=after,
            before=before,
            trigger=merged[0].merged_into if merged[0].merged_into in after else merged[0].id,
            corrected=frozenset(
                one.id for one in merged if _moved(one, after.get(one.merged_into or ""))
            ),
        )
    new = [one for one in after if one not in before]
    if new:
        return Changes(cause=Cause.REPORT, incidents=after, before=before, trigger=new[0])
    return _verdict(before, after)


def _moved(gone: Incident, whole: Incident | None) -> bool:
    return whole is None or gone.location not in whole.spots


def _verdict(before: Mapping[str, Incident], after: Mapping[str, Incident]) -> Changes:
    main = _decided_on(before, after)
    old = before[main.id]
    cause = Cause.REPORT
    if any(_is_ended(before[one.id], one) for one in after.values() if one is not main):
        cause = Cause.RESOLVED
    elif main.status is not old.status or main.verdict_by != old.verdict_by:
        cause = _VERDICTS.get(main.status, Cause.REPORT)
    corrected = main.kind != old.kind or main.location != old.location
    return Changes(
        cause=cause,
        incidents=after,
        before=before,
        trigger=main.id,
        corrected=frozenset({main.id}) if corrected else frozenset(),
        redated=main.starts_at != old.starts_at,
    )


def _decided_on(before: Mapping[str, Incident], after: Mapping[str, Incident]) -> Incident:
    """Return what the verdict was on: of several the good news, which ends the others or did."""
    news = (one for one in after.values() if Family.POSITIVE in (one.family, before[one.id].family))
    return next(news, next(iter(after.values())))


def _is_ended(old: Incident, new: Incident) -> bool:
    over = new.status is Status.RESOLVED and old.status is not Status.RESOLVED
    return over or _lifts(new) > _lifts(old)


def _lifts(one: Incident) -> int:
    return len(one.lifted) + len(one.lifted_for)
