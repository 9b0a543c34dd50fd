"""All of a road between towns, for what is told of a road and not of a spot on it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from app.roads.case import Case
from app.roads.distances import NUMBERED
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import between, nearest_on_line
from app.roads.named_road import sections_joining
from app.roads.network import road_numbers
from app.roads.phrases import parse
from app.roads.places import Location, Place
from app.roads.placing import on_stretch
from app.roads.stretches import Stretch

#: `la RN7`, `axe RN6`, `toute la RN16`: a number, and nothing that says where on the road.
_ONLY_NUMBER = re.compile(
    rf"(?:(?:sur|on|along|toute?|all|of|the|la|le|l|route|road|axe|highway)\W+)*(?P<number>{NUMBERED})",
    re.IGNORECASE,
)


def all_that_has_number(case: Case) -> Location | None:
    """`RN7`, where it is told of a road as a whole: all of it that is documented with the number.

    Who gives a kilometre, a region, a position, or a town that we do not know, means a part.
    """
    query = case.query
    if not query.whole_road or query.region or query.position is not None:
        return None
    said = [_only_number(text) for text in (query.place, query.road) if text]
    number = " ".join(dict.fromkeys(filter(None, said)))
    ends = case.gazetteer.network.ends_of_road(number) if all(said) else None
    if ends is None:
        return None
    case.context = replace(case.context, words=f" {number} ")
    return all_of_road(*ends, case)


def _only_number(text: str) -> str | None:
    phrase = parse(text)
    if phrase.road and not (phrase.whole or phrase.hints or phrase.behind):
        return phrase.road
    found = _ONLY_NUMBER.fullmatch(text.strip())
    return found["number"] if found else None


def all_of_road(a: Place, b: Place, case: Case) -> Location | None:
    """Return all of the road from `a` to `b`; None where the network has none.

    It is that over the towns named between them, that of the number named, and of several that
    people take, each: carriers that stop the line stop on all of them.
    """
    gazetteer = case.gazetteer
    towns = _in_turn(a, b, case)
    legs = [gazetteer.stretches.stretch(*ends) for ends in pairwise(towns)]
    if not all(leg.along_road for leg in legs):
        return None
    found = on_stretch(a, b, _as_one(legs, a, b), gazetteer, "all of the road")
    number = " ".join(sorted(road_numbers(case.context.words))) or None
    towns_told = tuple(town.id for town in towns)
    return measured(replace(found, whole=True, towns=towns_told, number=number), gazetteer)


def measured(where: Location, gazetteer: Gazetteer) -> Location:
    """Return a stretch with the sections that it has on the roads as they are now.

    Where one of its towns is gone, or no road joins them any more, it stays as it was.
    """
    towns = [gazetteer.places[one] for one in where.towns if one in gazetteer.places]
    legs = list(pairwise(towns))
    if not legs or len(towns) < len(where.towns):
        return where
    if where.whole:
        named = sections_joining(legs, f" {where.number or ''} ", gazetteer)
        sections = tuple(sorted(gazetteer.network.same_road(sorted(named))))
    else:
        own = gazetteer.stretches.stretch(*legs[0]).section_ids
        sections = gazetteer.network.same_road(own)
    return replace(where, section_ids=sections) if sections else where


def _in_turn(a: Place, b: Place, case: Case) -> tuple[Place, ...]:
    """Return the towns that the road goes through: `Bamako-Ségou-Sikasso` is not over Bougouni."""
    for said in (case.query.place, case.query.road):
        towns = case.gazetteer.towns(said) if said else ()
        if {a.id, b.id} == {town.id for town in (*towns[:1], *towns[-1:])}:
            return towns
    return a, b


def _as_one(legs: Sequence[Stretch], a: Place, b: Place) -> Stretch:
    if len(legs) == 1:
        return legs[0]
    line = tuple(point for leg in legs for point in leg.line)
    return replace(
        legs[0],
        middle=nearest_on_line(between(a.position, b.position, 0.5), line),
        km=sum(leg.km for leg in legs),
        section_ids=tuple(dict.fromkeys(one for leg in legs for one in leg.section_ids)),
        line=line,
        stops=tuple(dict.fromkeys(stop for leg in legs for stop in leg.stops)),
        leg_km=tuple(km for leg in legs for km in leg.leg_km),
    )
