"""Places a report from what it says: the one entry is `locate`."""

from dataclasses import replace

from app.roads import by_area, by_distance, by_name, by_road, in_town
from app.roads.case import Case
from app.roads.choosing import Outcome
from app.roads.gazetteer import Gazetteer
from app.roads.named_road import on_only_road, on_road, sections_named
from app.roads.places import Location, PlaceQuery, Shape, Unplaced
from app.roads.whole_road import all_that_has_number

#: So many letters of what was said are said back.
_QUOTED = 80
#: In this order; the first step that answers ends the search.
_STEPS = (
    by_name.outside,
    by_area.stands_for_area,
    by_road.kilometre,
    all_that_has_number,
    by_area.area_in_words,
    in_town.quarter,
    by_road.stretch_in_words,
    by_road.midpoint,
    by_road.two_towns,
    by_name.head,
    by_distance.namesake,
    by_name.name,
    by_distance.from_town,
    by_name.position,
    by_distance.told_beside,
    by_road.hints,
    by_road.road_given,
    by_name.named_within,
    by_area.region_given,
)


def locate(query: PlaceQuery, gazetteer: Gazetteer) -> Location | Unplaced:
    """Return where `query` says it happened, or what to ask back.

    The name comes first; a position, the region and the road choose among namesakes and bear out
    misspelt names; a position stands alone when the name is not known. What stays open is asked,
    never guessed.
    """
    said = replace(query, told=None)
    known = gazetteer.memo.get(said)
    if known is None:
        known = _search(Case(said, gazetteer))
        gazetteer.remember(said, known)
    if isinstance(known, Unplaced) and query.told:
        case = Case(query, gazetteer)
        found = by_name.near_a_town_told(case)
        return _with_its_road(found, case) if found else known
    return known


def _search(case: Case) -> Location | Unplaced:
    for step in _STEPS:
        if answer := step(case):
            return _with_its_road(answer, case)
    return _ask(case)


def _with_its_road(answer: Location | Unplaced, case: Case) -> Location | Unplaced:
    if isinstance(answer, Unplaced) or answer.shape is Shape.ROAD or answer.along is not None:
        return answer
    along, network = sections_named(answer, case.context, case.gazetteer), case.gazetteer.network
    if along is None and case.query.whole_road:
        return on_only_road(answer, network)
    return on_road(answer, along, network)


def _ask(case: Case) -> Unplaced:
    query, choice = case.query, case.choice
    said = query.place or query.road or query.region
    if not said:
        return Unplaced(reason="unknown", detail="No place was given.", candidates=())
    said = said[:_QUOTED]
    candidates = case.gazetteer.offer(choice.matches)
    if choice.outcome is Outcome.SEVERAL and len(candidates) == 1:
        detail = f"{said!r} is not known; {candidates[0].name} is spelt almost like it."
        return Unplaced(reason="unknown", detail=detail, candidates=candidates)
    if choice.outcome is Outcome.SEVERAL:
        detail = f"Several places may be meant by {said!r}."
        return Unplaced(reason="ambiguous", detail=detail, candidates=candidates)
    if choice.outcome is Outcome.ELSEWHERE:
        detail = f"{said!r} is known, but not where the rest of the report says."
        return Unplaced(reason="ambiguous", detail=detail, candidates=candidates)
    if case.only_a_direction():
        detail = f"{said!r} names a road: where on it, between which towns?"
        return Unplaced(reason="ambiguous", detail=detail, candidates=candidates)
    offers = tuple(case.gazetteer.find(said, region=query.region))
    detail = f"{said!r} is not known."
    if query.road and not query.place:
        detail = f"Where on {said!r}? Give its kilometre, or the towns it joins, as in Kayes-Diéma."
    return Unplaced(reason="unknown", detail=detail, candidates=offers)
