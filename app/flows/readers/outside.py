"""A rating as others than the desk are told it: of convoys and operations that, not how many.

Whoever reports from place to place, and reads ratings, would see by their number which of his
reports joined one: there a convoy or soldiers are.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.flows.wire import HIDDEN
from app.incidents.kinds import Kinds
from app.risk.rating import Contribution, Rating


def told_outside(rating: Rating, kinds: Kinds) -> Rating:
    """Return a rating with what is hidden told once for each kind, rule and effect, at its first.

    What they add is added up, so that the parts of the rating are still the whole of it.
    """
    found: dict[tuple[object, ...], list[Contribution]] = {}
    for one in rating.contributions:
        kind = kinds.find(one.kind)
        hidden = kind is None or kind.family in HIDDEN
        alike = (one.kind, one.rule_id, one.cleared) if hidden else (one.incident_id, one.rule_id)
        found.setdefault(alike, []).append(one)
    if len(found) == len(rating.contributions):
        return rating
    return replace(rating, contributions=tuple(map(_together, found.values())))


def _together(alike: list[Contribution]) -> Contribution:
    first = alike[0]
    floors = [one for one in alike if one.floor is not None]
    worst = max(floors, key=lambda one: one.floor.rank if one.floor else 0, default=first)
    return replace(
        first,
        hazard=sum(one.hazard for one in alike),
        floor=worst.floor,
        floor_until=_last(one.floor_until for one in floors if one.floor is worst.floor),
    )


def _last(ends: Iterable[datetime | None]) -> datetime | None:
    """Return when the last of some floors ends; None: one holds until it is lifted."""
    known = list(ends)
    given = [one for one in known if one is not None]
    return max(given) if given and len(given) == len(known) else None
