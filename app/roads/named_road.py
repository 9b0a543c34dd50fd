"""Which sections a place is on, and which are of the road that was named with it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from math import inf

from app.roads.gazetteer import Gazetteer
from app.roads.hints import Context
from app.roads.network import Corridor, Network, road_numbers
from app.roads.places import Location, Place, Shape
from app.roads.stretches import Stretch

#: A town lies on the roads that end in it, give or take what the map is off.
ON_IT_KM = 5.0
#: So far from a spot its road is known; nothing that is told there reaches farther.
_REACH_KM = 50.0
#: Of two roads between the same towns people take either, unless one is longer by more than this.
_NO_DETOUR = 1.2
#: Less of a section than this between two towns is only where it meets the next.
_TOUCH_KM = 0.1


def sections_named(
    spot: Location, context: Context, gazetteer: Gazetteer
) -> tuple[str, ...] | None:
    """Return the sections near `spot` of the road that the report names; None when it names none.

    By the towns that the road joins, else by its number: the towns say which half of it. A road
    that the network does not have is none of those that lie there. Of an area, its sections of the
    road; where none is in it, the road is not what was meant.
    """
    network = gazetteer.network
    towns = dict.fromkeys(chain.from_iterable(context.roads))
    others = [town for town in towns if town.id != spot.place_id]
    if not others and not road_numbers(context.words):
        return None
    area = spot.shape is Shape.AREA
    near = list(network.reach(spot, _REACH_KM))
    at = frozenset(near) if area else sections_at(spot, network)
    for named in (
        sections_joining(_in_turn(context.roads), context.words, gazetteer),
        sections_joining(_from_spot(spot, others, gazetteer), context.words, gazetteer),
        _numbered(context.words, near, network),
    ):
        if not named.isdisjoint(at):
            return _near_of(near, named, network)
    return None if area else ()


def of_stretch(spot: Location, stretch: Stretch, gazetteer: Gazetteer) -> Location:
    """Return `spot` as one of a stretch that has a name for it: "between Douentza and Boni".

    Its position may be that of Boni, and yet the road from there to Hombori is another.
    """
    near = list(gazetteer.network.reach(spot, _REACH_KM))
    along = _near_of(near, set(stretch.section_ids), gazetteer.network)
    return on_road(spot, along, gazetteer.network) if along else spot


def on_road(spot: Location, along: tuple[str, ...] | None, network: Network) -> Location:
    """Return `spot` as one of the road of which the sections `along` lie near it."""
    at = sections_at(spot, network) if along else ()
    return replace(spot, along=along, at=tuple(one for one in along or () if one in at))


def on_only_road(spot: Location, network: Network) -> Location:
    """Return `spot` as one of the only road there; where two meet, it is of neither."""
    at = sections_at(spot, network) if spot.shape is Shape.POINT else ()
    roads = [set(network.routes_of(one)) for one in at]
    return replace(spot, at=tuple(sorted(at))) if roads and set.intersection(*roads) else spot


def _near_of(near: Sequence[str], named: set[str], network: Network) -> tuple[str, ...]:
    """Return those near that are of the road named, or of another corridor on the same road."""
    whole = network.same_road(sorted(named.intersection(near)))
    return tuple(one for one in near if one in whole)


def sections_at(where: Location, network: Network) -> frozenset[str]:
    """Return the sections that a stretch is made of, or that a spot may lie on."""
    if where.shape is Shape.ROAD:
        return frozenset(where.section_ids)
    within = network.sections_within(where.position, max(ON_IT_KM, where.radius_km))
    return frozenset(one for one, _ in within)


def sections_joining(
    pairs: Iterable[tuple[Place, Place]], words: str, gazetteer: Gazetteer
) -> set[str]:
    """Return the sections of the roads that join the towns: of several, of those with the number.

    "Bamako-Dakar" is the northern road to one and the southern to the next: without a number, both.
    """
    found: set[str] = set()
    for a, b in pairs:
        way = gazetteer.stretches.stretch(a, b)
        found |= _by_corridors(a, b, way.km, words, gazetteer.network) or {*way.section_ids}
    return found


def _in_turn(roads: Iterable[Sequence[Place]]) -> Iterator[tuple[Place, Place]]:
    """Yield the towns of each road, each with the next."""
    return chain.from_iterable(map(pairwise, roads))


def _from_spot(
    spot: Location, towns: Iterable[Place], gazetteer: Gazetteer
) -> list[tuple[Place, Place]]:
    place = gazetteer.places.get(spot.place_id or "") if spot.shape is Shape.POINT else None
    return [(place, town) for town in towns] if place else []


def _by_corridors(a: Place, b: Place, km: float, words: str, network: Network) -> set[str]:
    joining = [
        corridor
        for code in network.routes_at(a.id)
        if _km_between(corridor := network.corridors[code], a, b) <= km * _NO_DETOUR
    ]
    numbered = [one for one in joining if road_numbers(words) & road_numbers(one.road_refs)]
    found: set[str] = set()
    for corridor in numbered or joining:
        low, high = sorted(one.km for one in corridor.stops if one.place_id in (a.id, b.id))
        found.update(
            section_id
            for section_id, (start, end) in zip(
                corridor.section_ids, corridor.section_km, strict=True
            )
            if min(end, high) - max(start, low) > _TOUCH_KM
        )
    return found


def _km_between(corridor: Corridor, a: Place, b: Place) -> float:
    at = [stop.km for stop in corridor.stops if stop.place_id in (a.id, b.id)]
    return abs(at[0] - at[1]) if len(at) == 2 else inf  # noqa: PLR2004 - both of them


def _numbered(words: str, section_ids: Collection[str], network: Network) -> set[str]:
    """Return which of the sections have a number of the text, or lie on a route that has it.

    Where none of them has it, the route is meant that has it elsewhere: from Bamako to Kayes people
    say RN1 of all of it, though the first part is RN3.
    """
    found: set[str] = set()
    for number in road_numbers(words):
        routes = {corridor.code for corridor in network.numbered(number)}
        on_route = {one for one in section_ids if routes.intersection(network.routes_of(one))}
        own = {one: network.sections[one].road for one in on_route}
        bearing = {one for one, road in own.items() if not road or number in road_numbers(road)}
        found |= bearing or on_route
    return found
