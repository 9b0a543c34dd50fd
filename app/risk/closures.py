"""What closes a section for a cargo: an unanswered closure that a rule's floor holds there."""

from collections.abc import Iterable
from datetime import datetime

from app.risk.evidence import SectionEvidence
from app.risk.journey_policy import ClosurePolicy
from app.risk.rating import Closure

#: Closures kept of a section: those that hold longest.
CLOSURES_KEPT = 3


def closures_of(
    evidence: SectionEvidence, cargo: str, *, policy: ClosurePolicy, now: datetime
) -> tuple[Closure, ...]:
    """Return what closes the section for `cargo`, what holds longest first.

    A floor is there only while its incident is neither answered nor refuted, believed enough and
    near enough, and only for the cargoes it names: a road is closed to whom the rules say so.
    """
    place = evidence.book.cargoes.index(cargo)
    least = policy.from_level.rank
    found: dict[str, Closure] = {}
    for floor in evidence.floors_at(now, place):
        incident = floor.exposed.incident
        if incident.kind not in policy.kinds or floor.level.rank < least:
            continue
        known = found.get(incident.id)
        if known is None or floor.until > known.until:
            found[incident.id] = Closure(
                incident_id=incident.id,
                kind=incident.kind,
                rule_id=floor.rule.id,
                until=floor.until,
                lifted=floor.lifted,
                heard_at=incident.last_reported_at,
            )
    longest = sorted(found.values(), key=lambda one: (-one.until.timestamp(), one.incident_id))
    return tuple(longest[:CLOSURES_KEPT])


def holding(closures: Iterable[Closure], *, now: datetime) -> tuple[Closure, ...]:
    """Return the closures that still hold."""
    return tuple(one for one in closures if one.until > now)
