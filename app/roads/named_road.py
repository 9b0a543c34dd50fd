"""Which sections a place is on, and which are of the road that was named with it."""

from collections.abc import Iterable
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
    that the network does not have is none of those that lie there.
    """
    network = gazetteer.network
    others = [town for town in context.towns if town.id != spot.place_id]
    if not others and not road_numbers(context.words):
        return None
    near = [one for one, _ in network.sections_within(spot.position, _REACH_KM)]
    for named in (
        _joining(pairwise(context.towns), gazetteer),
        _joining(_from_spot(spot, others, gazetteer), gazetteer),
        _numbered(context.words, near, network),
    ):
        if not named.isdisjoint(sections_at(spot, network)):
            return tuple(one for one in near if one in named)
    return ()


def sections_at(where: Location, network: Network) -> frozenset[str]:
    """Return the sections that a stretch is made of, or that a spot may lie on."""
    if where.shape is Shape.ROAD:
        return frozenset(where.section_ids)
    within = network.sections_within(where.position, max(ON_IT_KM, where.radius_km))
    return frozenset(one for one, _ in within)


def _from_spot(
    spot: Location, towns: Iterable[Place], gazetteer: Gazetteer
) -> list[tuple[Place, Place]]:
    place = gazetteer.places.get(spot.place_id or "")
    return [(place, town) for town in towns] if place else []


def _joining(pairs: Iterable[tuple[Place, Place]], gazetteer: Gazetteer) -> set[str]:
    stretch = gazetteer.stretches.stretch
    return {one for a, b in pairs for one in stretch(a, b).section_ids}


def _numbered(words: str, section_ids: Iterable[str], network: Network) -> set[str]:
    """Return which of the sections have the number, or lie on a route that has it."""
    wanted = road_numbers(words)
    routes = {corridor.code for corridor in network.numbered(words)}
    return {
        one
        for one in section_ids
        if (
            wanted & road_numbers(road)
            if (road := network.sections[one].road)
            else routes.intersection(network.routes_of(one))
        )
    }
