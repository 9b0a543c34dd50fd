"""Steps that place a report by how far from a town it is said to be."""

from collections.abc import Iterable
from dataclasses import replace

from app.roads.areas import keys_of
from app.roads.case import Answer, Case
from app.roads.choosing import SAME_KM, Choice, Outcome
from app.roads.distances import HYPHEN
from app.roads.folding import name_key
from app.roads.geometry import Position, offset, rough_km
from app.roads.named_road import ON_IT_KM
from app.roads.names import Match
from app.roads.phrases import Phrase, parse
from app.roads.places import Candidate, Location, Place, Unplaced
from app.roads.placing import at_distance, at_place
from app.roads.roadpoints import Spot, spot_between

#: "10 km from X" with no direction is near X up to this distance.
LONGEST_BLIND_OFFSET_KM = 10.0
#: A distance said of a village is right to so much: roads wind, and people round.
_SLACK_KM, _SLACK = 8.0, 0.35
#: A name with a slip is not that of a place this much farther off than said.
_BELIED_KM = 20.0
_ROUGHLY_KM = 150.0
#: Nothing is said to be near a town from farther off.
TOLD_KM = 80.0
#: A spot is offered by the name of a place so near.
_OFF_KM = 50.0


def from_town(case: Case) -> Answer:
    """`12 km au nord de Kayes`, `40 km from Bamako`, `15 km de Sandaré vers Diéma`."""
    asked = case.phrase.offset
    if asked is None:
        return None
    if case.query.position is not None:
        return case.at_filed_position("position")
    town = _town_towards(case.gazetteer.chooser.resolve(asked.name, case.context), case)
    if town.outcome is not Outcome.ONE:
        case.choice = town
        return None
    place, km = town.match.place, asked.km
    if km is None:
        return replace(at_place(place, "direction from a town", vague=True), radius_km=25.0)
    if asked.bearing is not None:
        spot = offset(place.position, asked.bearing, km)
        how = f"{km:g} km from {place.name} as the crow flies"
        radius = max(3.0, round(km * 0.3, 1))
        return at_distance(place, km, spot, case.gazetteer, how, radius_km=radius)
    return _along_road(place, km, asked.towards, case)


def namesake(case: Case) -> Location | None:
    """`Ouré, à 11 km de Zantiébougou`: the one of its name that lies about so far from there."""
    asked = next((said.offset for said in (case.phrase, *case.phrase.hints) if said.offset), None)
    chooser, names = case.gazetteer.chooser, case.gazetteer.names
    matches = chooser.apart(names.exact(name_key(case.phrase.name or "")))
    if asked is None or asked.km is None or len(matches) < 2:  # noqa: PLR2004
        return None
    town = chooser.resolve(asked.name, case.context)
    if town.outcome is not Outcome.ONE or case.query.position is not None:
        return None
    slack = max(_SLACK_KM, asked.km * _SLACK)
    near = [
        match
        for match in matches
        if abs(rough_km(match.place.position, town.match.place.position) - asked.km) <= slack
        and (case.context.fit is None or case.context.fit(match.place))
    ]
    if len(near) != 1:
        return None
    how = f"name, {asked.km:g} km from {town.match.place.name}"
    return at_place(near[0].place, how, vague=case.phrase.vague)


def told_beside(case: Case) -> Location | None:
    """The distance from a town that parentheses or the words of the report give a name unknown."""
    beside = [hint.whole for hint in case.phrase.hints if hint.offset]
    for said in (*beside, case.query.told_distance):
        found = from_town(Case(replace(case.query, place=said), case.gazetteer)) if said else None
        if isinstance(found, Location):
            return found
    return None


def belied_by_distance(match: Match, case: Case) -> bool:
    """Return whether the report puts the place named too far off, or too near, to be `match`.

    Who counts from a town afar counts roughly: that belies no name but one with a slip.
    """
    place = match.place
    told = parse(case.query.told_distance) if case.query.told_distance else None
    said = (case.phrase, *case.phrase.hints, *([told] if told else []))
    asked = next((phrase.offset for phrase in said if phrase.offset), None)
    if told and told.head and asked is None:
        return _is_far_from(told, place, case)
    if asked is None or asked.km is None or (asked.km > _ROUGHLY_KM and not match.slips):
        return False
    town = case.gazetteer.chooser.resolve(asked.name, case.context)
    if town.outcome is not Outcome.ONE:
        return False
    off = rough_km(place.position, town.match.place.position)
    return not asked.km / 2 - _BELIED_KM < off < asked.km + _BELIED_KM


def _is_far_from(told: Phrase, place: Place, case: Case) -> bool:
    """Return whether `place` is by no town that may be meant by what the report says is near.

    What lies in the region or the cercle of a town is told of as near it.
    """
    around = case.gazetteer.areas.named(told.name or "")
    if any(not area.keys.isdisjoint(keys_of(place)) for area in around):
        return False
    towns = case.gazetteer.names.exact(name_key(told.name or ""))
    return bool(towns) and all(
        rough_km(place.position, town.place.position) > TOLD_KM for town in towns
    )


def _town_towards(town: Choice, case: Case) -> Choice:
    """Return the one of several namesakes from which a road leads to where the report heads."""
    towards = case.phrase.offset.towards if case.phrase.offset else None
    if town.outcome is not Outcome.SEVERAL or not towards:
        return town
    goal = case.gazetteer.chooser.resolve(towards, case.context)
    if goal.outcome is not Outcome.ONE:
        return town
    network = case.gazetteer.network
    roads = [network.corridors[code] for code in network.routes_at(goal.match.place.id)]
    heading = replace(case.context, numbered=tuple(network.line_of(road) for road in roads))
    return case.gazetteer.chooser.choose(town.matches, heading)


def _along_road(place: Place, km: float, towards: str | None, case: Case) -> Answer:
    ends = _ends_ahead(place, towards, case)
    ways = (spot_between(place, end, km, case.gazetteer) for end in ends)
    spots = [spot for spot in ways if isinstance(spot, Spot)]
    if spots and all(rough_km(spots[0].position, one.position) <= SAME_KM for one in spots):
        if towards:
            on_it = tuple((place, _stop_by(end, place, case)) for end in ends)
            case.context = replace(case.context, roads=(*case.context.roads, *on_it))
        return at_distance(place, km, spots[0].position, case.gazetteer, spots[0].how)
    if not spots and (spot := _only_spot_on_number(place, km, case)):
        how = f"km {km:g} from {place.name}, the only way that the road goes"
        return at_distance(place, km, spot, case.gazetteer, how)
    if km <= LONGEST_BLIND_OFFSET_KM:
        near = at_place(place, f"{km:g} km from it, no direction given", vague=True)
        return replace(near, radius_km=max(km, 2.0), aside_km=km, counted=True)
    return Unplaced(
        reason="ambiguous",
        detail=f"{km:g} km from {place.name}, on which road?",
        candidates=_around(place, km, case),
    )


def _stop_by(end: Place, start: Place, case: Case) -> Place:
    """Return `end`, or where a road that it lies on leads behind it, as counted from `start`."""
    network = case.gazetteer.network
    if network.routes_at(end.id):
        return end
    beside = network.sections_within(end.position, ON_IT_KM)
    stops = {
        stop: rough_km(network.places[stop].position, start.position)
        for section_id, _ in beside[:1]
        for stop in (network.sections[section_id].start, network.sections[section_id].end)
    }
    return network.places[max(stops, key=lambda one: stops[one])] if stops else end


def _ends_ahead(place: Place, towards: str | None, case: Case) -> list[Place]:
    """Return where the distance may count to: what is said, else both ends of the road named.

    `15 km de Sandaré` on the road Kayes-Diéma may be on either side of it.
    """
    anywhere = replace(case.context, fit=None, cercle=False)  # a road may lead out of its region
    for name in (towards, HYPHEN.split(towards)[-1]) if towards else ():
        for context in (case.context, anywhere):
            said = case.gazetteer.chooser.resolve(name, context)
            if said.outcome is Outcome.ONE:
                return [said.match.place]
    towns = case.context.towns
    return [town for town in dict.fromkeys((*towns[:1], *towns[-1:])) if town.id != place.id]


def _only_spot_on_number(place: Place, km: float, case: Case) -> Position | None:
    """Return the one spot that far from `place` on the road of the number given, `RN6`."""
    network = case.gazetteer.network
    numbered = {road.code for road in network.numbered(case.context.words)}
    spots = _spots_along(place, km, numbered.intersection(network.routes_at(place.id)), case)
    if not spots or any(rough_km(spots[0], spot) > SAME_KM for spot in spots):
        return None
    return spots[0]


def _around(place: Place, km: float, case: Case) -> tuple[Candidate, ...]:
    """Return the places that far from `place` along each corridor."""
    found = dict[str, Candidate]()
    for spot in _spots_along(place, km, case.gazetteer.network.routes_at(place.id), case):
        if near := case.gazetteer.nearest(spot, _OFF_KM):
            found[near[0].id] = case.gazetteer.candidate(near[0], 0.5)
    return tuple(found.values())[:8]


def _spots_along(place: Place, km: float, codes: Iterable[str], case: Case) -> list[Position]:
    """Return where one is so far from `place` along the corridors, either way."""
    network = case.gazetteer.network
    starts = {code: network.stop_km(code, place.id) or 0.0 for code in codes}
    return [
        network.position_at(code, along)
        for code, start in starts.items()
        for along in (start - km, start + km)
        if 0.0 <= along <= network.corridors[code].length_km
    ]
