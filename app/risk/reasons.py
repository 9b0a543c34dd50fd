"""Which incidents made a rating, and how much each added."""

from datetime import datetime

from app.risk.evidence import SectionEvidence
from app.risk.hazard import DECIMALS
from app.risk.rating import Contribution
from app.risk.weighing import HeldFloor, Weighed, days_of


def reasons(evidence: SectionEvidence, place: int, *, now: datetime) -> tuple[Contribution, ...]:
    """Return what spoke for the cargo at `place`: floors that hold, good news, then by hazard.

    At most `policy.reasons`; what the others add is `hazard - prior` less the sum of these.
    """
    limit = evidence.book.policy.reasons
    floors: dict[str, HeldFloor] = {}
    for floor in evidence.floors_at(now, place):
        floors.setdefault(floor.exposed.incident.id, floor)
    added = evidence.moment(now).each[place]
    told = [
        _contribution(item, place, now, float(hazard), floors.get(item.exposed.incident.id))
        for item, hazard in zip(evidence.items, added.tolist(), strict=True)
        if hazard > 0 or item.ease[place] > 0 or item.exposed.incident.id in floors
    ]
    told.sort(key=_importance)
    return tuple(sorted(told[:limit], key=lambda one: (-one.hazard, one.incident_id)))


def _importance(one: Contribution) -> tuple[int, float, float, str]:
    """Return what puts a held floor first, fresh good news next to the dangers it eases."""
    rank = one.floor.rank if one.floor is not None else 0
    return -rank, one.age_days if one.cleared else 0.0, -one.hazard, one.incident_id


def _contribution(
    item: Weighed, place: int, now: datetime, hazard: float, floor: HeldFloor | None
) -> Contribution:
    incident, rule = item.exposed.incident, item.judgement.by[place]
    spoke = floor.rule if floor is not None else rule
    cleared = item.ease[place] > 0
    return Contribution(
        incident_id=incident.id,
        incident_version=incident.version,
        kind=incident.kind,
        rule_id=spoke.id if spoke is not None else "",
        rule_title=spoke.title if spoke is not None else "",
        distance_km=round(item.exposed.distance_km, 1),
        age_days=round(max(0.0, days_of(now) - days_of(incident.occurred_at)), 2),
        credibility=round(incident.credibility, 3),
        weight=-item.judgement.weights[place] if cleared else item.judgement.weights[place],
        hazard=round(hazard, DECIMALS),
        floor=floor.level if floor is not None else None,
        floor_until=None if floor is None or floor.lifted else floor.until,
        cleared=cleared,
        rule_title_fr=spoke.title_fr if spoke is not None else "",
    )
