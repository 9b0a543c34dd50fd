"""All of a road between towns, for what is told of a road and not of a spot on it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from app.roads.case import Case
from app.roads.geometry import between, nearest_on_line
from app.roads.named_road import sections_joining
from app.roads.places import Location, Place
from app.roads.placing import on_stretch
from app.roads.stretches import Stretch


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
    named = sections_joining(list(pairwise(towns)), case.context.words, gazetteer)
    found = on_stretch(a, b, _as_one(legs, a, b), gazetteer, "all of the road")
    sections = gazetteer.network.same_road(sorted(named))
    return replace(found, section_ids=tuple(sorted(sections)), whole=True)


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
