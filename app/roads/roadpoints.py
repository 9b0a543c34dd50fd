"""`RN1 PK 340 vers Kayes`: a kilometre on a road that a report names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.roads.choosing import Outcome
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, between, distance_to_line_km, rough_km
from app.roads.hints import Context
from app.roads.network import Corridor, has_number
from app.roads.phrases import parse
from app.roads.places import Place

#: Two corridors that put a kilometre this near to one another mean the same spot.
_SAME_KM = 8.0
#: Kilometre posts and our measurement along the road differ by up to this share of the distance.
ROAD_ERROR = 0.02
#: "Bobo-Dioulasso" may be two ends, "http://example" is none.
_A_NAME = re.compile(r"[^\W\d_]+(?:[ '\u2019][^\W\d_]+){0,3}")
_NO_GOAL = "{towards!r}, towards which the kilometres count, is not known; name a town of the road."
_NO_NUMBER = "No road called {road!r} is known; name the towns it joins, as in Kayes-Diéma."
_NO_ENDS = "{road!r} joins a town that is not known; name two that the road leads through."


@dataclass(frozen=True, slots=True)
class Spot:
    """A kilometre found on a road."""

    position: Position
    how: str


def find_spot(
    road: str, km: float, towards: str | None, gazetteer: Gazetteer
) -> Spot | list[Spot] | str:
    """Return the spot; several when roads of that name differ; a reason when there is none.

    Kilometres count from the end of the road opposite to `towards`: from the first stop (Bamako,
    for most) unless `towards` is that stop itself. Between two named towns they count from the
    first named, or from the second when `towards` is the first; also on a road with a number, where
    its own kilometre lies on another part of it: km 45 of "RN7 Sikasso-Zégoua" is not near Bamako.
    """
    goal = _goal(towards, gazetteer) if towards and towards.strip() else None
    if km < 0 or isinstance(goal, str):
        return goal if isinstance(goal, str) else "A kilometre is never below 0."
    towns = gazetteer.towns(road)
    is_back = goal is not None and goal.id in {town.id for town in towns[:1]}
    ends = towns[::-1] if is_back else towns
    if not has_number(road) and len(towns) > 1:
        return spot_between(ends[0], ends[-1], km, gazetteer)
    if has_number(road) and len(towns) < len(_ends_named(road)):
        return _NO_ENDS.format(road=road)  # it may count from the end that is not known
    corridors = _corridors(road, towns, goal, gazetteer)
    if not corridors:
        return _NO_NUMBER.format(road=road)
    found = _on_corridors(corridors, road, km, goal, gazetteer)
    if len(towns) > 1 and not _lies_between(found, towns, gazetteer):
        counted = spot_between(ends[0], ends[-1], km, gazetteer)
        return counted if isinstance(counted, Spot) else found
    return found


def _ends_named(road: str) -> Sequence[str]:
    """Return the two names that stand for the ends of a road; () for words that are no names."""
    parts = parse(road).parts
    return parts if len(parts) == 2 and all(map(_A_NAME.fullmatch, parts)) else ()  # noqa: PLR2004


def _lies_between(found: Spot | list[Spot] | str, towns: Sequence[Place], gaz: Gazetteer) -> bool:
    """Return whether one of the spots found is on the stretch that the towns name."""
    if isinstance(found, str):
        return False
    line = gaz.stretches.stretch(towns[0], towns[-1]).line
    spots = found if isinstance(found, list) else [found]
    return any(distance_to_line_km(spot.position, line) <= _SAME_KM for spot in spots)


def _on_corridors(
    corridors: list[Corridor], road: str, km: float, goal: Place | None, gazetteer: Gazetteer
) -> Spot | list[Spot] | str:
    spots = [spot for c in corridors if (spot := _on_corridor(c, road, km, goal, gazetteer))]
    if not spots:
        longest = max(corridor.length_km for corridor in corridors)
        return f"{road} is {longest:.0f} km long; kilometre {km:.0f} is not on it."
    if all(rough_km(spots[0].position, s.position) <= _SAME_KM for s in spots):
        return spots[0]
    return spots


def _goal(towards: str, gazetteer: Gazetteer) -> Place | str | None:
    """Return the town that kilometres count towards; None: one of several.

    A reason where nobody knows it: from the other end of the road they lead somewhere else.
    """
    for name in (towards, towards.partition(",")[0]):
        choice = gazetteer.chooser.resolve(name, Context())
        if choice.outcome is not Outcome.NONE:
            return choice.match.place if choice.outcome is Outcome.ONE else None
    return _NO_GOAL.format(towards=towards)


def spot_between(a: Place, b: Place, km: float, gazetteer: Gazetteer) -> Spot | str:
    """Return the spot that far from `a` on the way to `b`; a reason when there is none."""
    stretch = gazetteer.stretches.stretch(a, b)
    if km > stretch.km * (1.0 + ROAD_ERROR):
        return f"{a.name} - {b.name} is {stretch.km:.0f} km; kilometre {km:.0f} is not on it."
    left = min(km, sum(stretch.leg_km))
    how = f"km {km:g} from {a.name} to {b.name}"
    for (start, end), leg in zip(pairwise(stretch.line), stretch.leg_km, strict=True):
        if left <= leg:
            return Spot(between(start, end, left / leg if leg else 0.0), how)
        left -= leg
    return Spot(stretch.line[-1], how)


def _corridors(
    road: str, towns: tuple[Place, ...], goal: Place | None, gazetteer: Gazetteer
) -> list[Corridor]:
    """Return the corridors of that number or code; those of the towns named, if there are any."""
    network = gazetteer.network
    coded = network.find_corridor(road)
    named = [coded] if coded else list(network.numbered(road))
    joins_unknown = len(parse(road).parts) > 1  # it may count from the end that is not known
    if not named and towns and not has_number(road) and not joins_unknown:
        named = [network.corridors[code] for code in network.routes_at(towns[0].id)]
        named = [c for c in named if c.stops[0].place_id != towns[0].id]
    for town in (*towns, goal):
        if town is not None:
            through = [c for c in named if c.code in network.routes_at(town.id)]
            named = through or named
    return named


def _on_corridor(
    corridor: Corridor, road: str, km: float, goal: Place | None, gazetteer: Gazetteer
) -> Spot | None:
    network = gazetteer.network
    first = corridor.stops[0]
    start_name = first.name
    along = km
    if goal is not None and goal.id == first.place_id:
        end = network.numbered_until(corridor.code, road) or corridor.stops[-1]
        along, start_name = end.km - km, end.name
    if not 0.0 <= along <= corridor.length_km:
        return None
    position = network.position_at(corridor.code, along)
    return Spot(position, f"km {km:g} of {road or corridor.title} from {start_name}")
