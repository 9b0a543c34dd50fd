"""Which incidents made a rating, and how much each added."""

from datetime import datetime

import numpy as np

from app.risk.evidence import SectionEvidence
from app.risk.hazard import DECIMALS, Floats
from app.risk.rating import Contribution
from app.risk.weighing import HeldFloor, Weighed

#: Pieces of good news told beside the dangers, newest first.
GOOD_NEWS = 2


def reasons(evidence: SectionEvidence, place: int, *, now: datetime) -> tuple[Contribution, ...]:
    """Return what spoke for the cargo at `place`: floors that hold, good news, then by hazard.

    At most `policy.reasons`; what the others add is `hazard - prior` less the sum of these.
    """
    limit, items = evidence.book.policy.reasons, evidence.items
    floors: dict[str, HeldFloor] = {}
    for floor in evidence.floors_at(now, place):
        floors.setdefault(floor.exposed.incident.id, floor)
    added = evidence.moment(now).each[place]
    good = evidence.good_news(place)[-GOOD_NEWS:]
    by_hazard = sorted((-float(added[n]), items[n].id, n) for n in _largest(added, limit))
    where = {item.id: n for n, item in enumerate(items) if item.id in floors} if floors else {}
    holding = [where[known] for known in floors][: limit - len(good)]
    most = [n for _, _, n in by_hazard[:limit]]
    chosen = list(dict.fromkeys([*holding, *good, *most]))[:limit]
    ages = evidence.ages(now)
    told = [
        _contribution(items[n], place, float(ages[n]), float(added[n]), floors.get(items[n].id))
        for n in chosen
    ]
    return tuple(sorted(told, key=lambda one: (-one.hazard, one.incident_id)))


def _largest(hazards: Floats, limit: int) -> list[int]:
    """Return the places of the largest hazards above 0: `limit` of them, and those as large."""
    if len(hazards) <= limit:
        return np.flatnonzero(hazards > 0).tolist()
    least = np.partition(hazards, -limit)[-limit]
    return np.flatnonzero((hazards >= least) & (hazards > 0)).tolist()


def _contribution(
    item: Weighed, place: int, age_days: float, hazard: float, floor: HeldFloor | None
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
        age_days=round(age_days, 2),
        credibility=round(incident.credibility, 3),
        weight=-item.judgement.weights[place] if cleared else item.judgement.weights[place],
        hazard=round(hazard, DECIMALS),
        floor=floor.level if floor is not None else None,
        floor_until=None if floor is None or floor.lifted else floor.until,
        cleared=cleared,
        rule_title_fr=spoke.title_fr if spoke is not None else "",
    )
