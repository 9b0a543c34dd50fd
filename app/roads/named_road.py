"""Which sections a place is on, and which are of the road that was named with it."""

from collections.abc import Collection, Iterable
from itertools import pairwise

from app.roads.gazetteer import Gazetteer
from app.roads.hints import Context
from app.roads.network import Network, road_numbers
from app.roads.places import Location, Place, Shape

#: A town lies on the roads that end in it, give or take what the map is off.
ON_IT_KM = 5.0
#: So far from a spot its road is known; nothing that is told there reaches farther.
_REACH_KM = 50.0


def sections_named(
    spot: Location, context: Context, gazetteer: Gazetteer
) -> tuple[str, ...] | None:
    """Return the sections near `spot` of the road that the report names; None when it names none.

    By the towns that the road joins, else by its number: the towns say which half of it. A road
    that the network does not have is none of those that lie there. Of an area, its sections of the
    road; where none is in it, the road is not what was meant.
    """
    network = gazetteer.network
    others = [town for town in context.towns if town.id != spot.place_id]
    if not others and not road_numbers(context.words):
        return None
    area = spot.shape is Shape.AREA
    near = list(network.reach(spot, _REACH_KM))
    at = frozenset(near) if area else sections_at(spot, network)
    for named in (
        _joining(pairwise(context.towns), gazetteer),
        _joining(_from_spot(spot, others, gazetteer), gazetteer),
        _numbered(context.words, near, network),
    ):
        if not named.isdisjoint(at):
            whole = network.same_road(sorted(named))
            return tuple(one for one in near if one in whole)
    return None if area else ()


def sections_at(where: Location, network: Network) -> frozenset[str]:
    """Return the sections that a stretch is made of, or that a spot may lie on."""
    if where.shape is Shape.ROAD:
        return frozenset(where.section_ids)
    within = network.sections_within(where.position, max(ON_IT_KM, where.radius_km))
    return frozenset(one for one, _ in within)


def _from_spot(
    spot: Location, towns: Iterable[Place], gazetteer: Gazetteer
) -> list[tuple[Place, Place]]:
    place = gazetteer.places.get(spot.place_id or "") if spot.shape is Shape.POINT else None
    return [(place, town) for town in towns] if place else []


def _joining(pairs: Iterable[tuple[Place, Place]], gazetteer: Gazetteer) -> set[str]:
    stretch = gazetteer.stretches.stretch
    return {one for a, b in pairs for one in stretch(a, b).section_ids}


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
