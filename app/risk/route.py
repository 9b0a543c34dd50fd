"""The rating of a route: its worst section, `unknown` standing above `low`."""

from collections.abc import Mapping
from datetime import datetime

from app.core.levels import Level
from app.risk.rating import Rating, RouteRating, RouteState
from app.roads.network import Corridor


def rate_route(
    corridor: Corridor,
    ratings: Mapping[str, Rating],
    *,
    cargo: str,
    now: datetime,
    before: RouteState | None = None,
) -> RouteRating:
    """Return the route's rating for `cargo` from those of its sections, by section id.

    A section without a rating counts as `unknown`. The score is that of the worst section; of
    sections alike the first along the road.

    Args:
        corridor: The route.
        ratings: By section id, all for `cargo`.
        cargo: For whom.
        now: When.
        before: The route's last rating, so that `since` is that of the level, not of the section.
    """
    sections = tuple(ratings[one] for one in corridor.section_ids if one in ratings)
    worst = max(sections, key=lambda one: (one.level.rank, one.score), default=None)
    level = worst.level if worst is not None else Level.UNKNOWN
    if len(sections) < len(corridor.section_ids) and level is Level.LOW:
        level = Level.UNKNOWN
    since = min((one.since for one in sections if one.level is level), default=now)
    if before is not None:
        since = before.since if before.level is level else now
    return RouteRating(
        route=corridor.code,
        cargo=cargo,
        at=now,
        level=level,
        score=worst.score if worst is not None else 0.0,
        since=since,
        worst_section=worst.section_id if worst is not None else None,
        sections=sections,
        rule_set=worst.rule_set if worst is not None else 0,
    )


def route_state(rating: RouteRating) -> RouteState:
    """Return what the next rating of the route needs to know of this one."""
    return RouteState(
        route=rating.route,
        cargo=rating.cargo,
        level=rating.level,
        score=rating.score,
        worst_section=rating.worst_section,
        since=rating.since,
        rated_at=rating.at,
    )
