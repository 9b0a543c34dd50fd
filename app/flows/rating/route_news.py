"""A route rated again, and what holds its level: pure."""

from dataclasses import dataclass

from app.core.levels import Level
from app.incidents.incident import Incident
from app.incidents.report import Family
from app.risk.evidence import SectionEvidence
from app.risk.rating import Rating, SectionCargoState

#: Incidents named behind a level that no floor holds: those that add most.
_BEHIND = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteNews:
    """A route rated again for one cargo.

    Attributes:
        worst: The rating of the section that sets the level now, with its reasons.
        evidence: Of that section.
        held: The rating that it followed; `afresh`: without hysteresis.
        graver: Where the news is of another section than that which sets the level: that one.
    """

    route: str
    cargo: str
    before: Level
    after: Level
    worst: Rating
    evidence: SectionEvidence
    held: SectionCargoState | None = None
    afresh: bool = False
    graver: "RouteNews | None" = None


def holders(news: RouteNews) -> tuple[Incident, ...]:
    """Return the incidents that hold the level up, the one that matters most first.

    Where floors hold it: those whose floor is as high; else those that add most to the hazard.
    """
    dangers = [one for one in news.worst.contributions if not one.cleared]
    holding = [one for one in dangers if one.floor is not None and one.floor is news.after]
    known = {item.exposed.incident.id: item.exposed.incident for item in news.evidence.items}
    holding.sort(
        key=lambda one: (
            not known[one.incident_id].certain,
            one.age_days,
            one.distance_km,
            one.incident_id,
        )
    )
    if not holding:
        by_hazard = sorted(dangers, key=lambda one: (-one.hazard, one.incident_id))
        holding = by_hazard[:_BEHIND]
    return tuple(known[one.incident_id] for one in holding)


def holds_floor(news: RouteNews) -> bool:
    """Return whether a floor holds the level, and not the statistics."""
    return any(one.floor is news.after and not one.cleared for one in news.worst.contributions)


def coming_of(speaks: Incident | None, news: RouteNews) -> Level | None:
    """Return the level that an announced closure will hold from its day on, before that day."""
    if speaks is None or speaks.starts_at is None:
        return None
    place = news.evidence.book.cargoes.index(news.cargo)
    to_come = news.evidence.floors_to_come(news.worst.at, place)
    return next((one.level for one in to_come if one.exposed.incident.id == speaks.id), None)


def weighs(news: RouteNews, speaks: Incident, coming: Level | None = None) -> bool:
    """Return whether the incident alone would hold the road at this level, or just below `severe`.

    Below that it is one more drop: part of the rating, and no message of its own. What is to come
    weighs as it will.
    """
    own = max(
        (
            one.floor.rank
            for one in news.worst.contributions
            if one.incident_id == speaks.id and one.floor is not None
        ),
        default=0,
    )
    own = max(own, coming.rank if coming is not None else 0)
    enough = news.after.rank
    if news.after is Level.SEVERE and speaks.family is Family.HOSTILE:
        enough = Level.HIGH.rank
    return own >= enough
