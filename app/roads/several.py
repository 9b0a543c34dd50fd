"""A place text that names several places (`Kadiolo, Misseni et Fourou`): each of them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.roads.areas import area_keys
from app.roads.folding import name_key
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import rough_km
from app.roads.locating import locate
from app.roads.phrases import Phrase, parse
from app.roads.places import Location, PlaceQuery, Shape, Unplaced

#: More is no list of where something happened, but of where somebody is at work.
_MOST = 8
#: Where so many of the names are known places, one that nobody knows is a village that nobody
#: recorded; of two names it may be anything (`Diéma et ses marchés`), and is asked about.
_FEWEST_KNOWN = 2
#: A position that is filed with a list is that of one of its places, this near to it.
_NEAR_KM = 50.0
_I = re.IGNORECASE
#: Of two only a list has "and" between: `Négala, Kati` is one village, and where it lies.
_LAST = re.compile(r"\s*,?\s+(?:et|and|ainsi que)\s+", _I)
_COMMA = re.compile(r"\s*[,;]\s*|\s+(?:et|and|ainsi que)\s+", _I)
_IN_PARENTHESES = re.compile(r"\s*(\([^()]*\))\s*$")
#: `Koutiala et sa région`: what is around a place is none.
_AROUND_IT = re.compile(r"^(?:tou[ts]e?s?\s+)?(?:sa|son|ses|leurs?|its|their)\b", _I)
#: What stands at the end of a list and names nothing: `Kadiolo, Fourou et environs`.
_NO_NAME = re.compile(
    r"^(?:les?\s+|la\s+|the\s+)?(?:plusieurs|quelques|certain\w*|several|some|many|all|"
    r"autres?|others?|environs|alentours|surroundings?|nearby|neighbou?ring|"
    r"(?:villages?|hameaux|localit\w+|villes?|towns?|communes?|zones?)"
    r"(?:\s+(?:voisin|environnant|alentour|autour|nearby|around)\w*|$))(?:\b|$)",
    _I,
)
#: `villages de Misseni et Fourou`; what several divisions are called is said of each.
_PLACES = re.compile(
    r"^(?:(?:dans|in|à|at)\s+)?(?:les?\s+|the\s+)?(?:deux\s+|trois\s+|two\s+|three\s+)?"
    r"(?:localit[ée]s|villages|villes|towns|communes)\s+(?:d['\u2019]|(?:de|of)\s+)?",
    _I,
)
_DIVISIONS = re.compile(
    r"^(?:(?:dans|in)\s+)?(?:les?\s+|the\s+)?(?P<one>r[ée]gion|cercle|circle)s\s+"
    r"(?:d['\u2019]|(?:de|of)\s+)",
    _I,
)
_DIVISIONS_BEHIND = re.compile(r"\s+(?P<one>region|circle|cercle)s$", _I)
_PLACES_BEHIND = re.compile(r"\s+(?:towns|villages)$", _I)
_OF = re.compile(r"^(?:d['\u2019]|(?:de|of|à|at)\s+)(?=\S)", _I)


def locate_each(query: PlaceQuery, gazetteer: Gazetteer) -> Location | Unplaced:
    """Return where a report says it happened, with what else it names in `also`; or what to ask.

    A list is taken for one only where each of its places is known for certain, by its name as it
    is written; of three and more, where two are: the others are left open, and the known ones do
    not wait for them. Of any other text the answer is that of `locate`.
    """
    parts = _parts_of(query.place, gazetteer) if query.km is None else ()
    # Two names beside a road may be which part of it is meant.
    if len(parts) > (1 if query.road is None else 2):
        found = {part: _alone(part, parts, query, gazetteer) for part in parts}
        main = _listed(found, query, gazetteer)
        if main is not None:
            return _or_the_road(main, query, gazetteer) or main
    return locate(query, gazetteer)


def _listed(
    found: Mapping[str, Location | Unplaced], query: PlaceQuery, gazetteer: Gazetteer
) -> Location | None:
    """Return the main place of a list, with the others; None where the text is no list."""
    left = tuple((part, one) for part, one in found.items() if isinstance(one, Unplaced))
    if not _LAST.search(query.place or "") and (left or _is_address(found, gazetteer)):
        return None
    places = _events([one for one in found.values() if isinstance(one, Location)])
    spots = [one for one in places if one.shape is Shape.POINT]
    if not places or (left and len(spots) < _FEWEST_KNOWN):
        return None
    main = _main(places, query)
    return replace(main, also=_others(places, main), left_open=left) if main else None


def _is_address(found: Mapping[str, Location | Unplaced], gazetteer: Gazetteer) -> bool:
    """Return whether a later name names a division around the first: `Loulouni, Kadiolo, Sikasso`.

    With no "and" before the last it may be one village, and where it lies. `Koro, Bankass,
    Bandiagara` is none: Bankass is the seat of another division, and not on the way from a village
    to its region.
    """
    first, *others = found
    spot = found[first]
    around = set(_areas_of(spot)) if isinstance(spot, Location) else set()
    named = [gazetteer.areas.named(one) for one in others]
    holds = [any(not around.isdisjoint(area.keys) for area in areas) for areas in named]
    apart = any(areas and not fits for areas, fits in zip(named[:-1], holds, strict=False))
    return any(holds) and not apart


def _or_the_road(main: Location, query: PlaceQuery, gazetteer: Gazetteer) -> Unplaced | None:
    """Return what to ask of what closes roads: `Kayes et Nioro` may be the two, or the way there.

    Held at the towns alone, 200 km that are closed would be open; held on the road, 200 km closed
    that are not.
    """
    both = [one for one in (main, *main.also) if one.shape is Shape.POINT and one.place_id]
    if not query.whole_road or len(both) != 2 or len(main.also) != 1 or main.left_open:  # noqa: PLR2004
        return None
    first, last = both[0].label, both[1].label
    detail = (
        f"{first} and {last}: the road between them, or each of the two? Write {first}-{last} for"
        " the road, and of two towns a report each."
    )
    places = (gazetteer.places[one.place_id] for one in both if one.place_id)
    candidates = tuple(gazetteer.candidate(place, 1.0) for place in places)
    return Unplaced(reason="several", detail=detail, candidates=candidates)


def _parts_of(place: str | None, gazetteer: Gazetteer) -> Sequence[str]:
    """Return the names of a list; () for a text that is none."""
    fewest = 1 if _LAST.search(place or "") else _FEWEST_KNOWN
    if not place or _is_of_a_road(parse(place)):
        return ()
    text, within = place.strip(" .,;:"), ""
    if hint := _IN_PARENTHESES.search(text):
        text, within = text[: hint.start()], f" {hint[1]}"
    if gazetteer.names.exact(name_key(text)):
        return ()
    before, text = _of_each(text)
    parts = [_OF.sub("", one.strip()) for one in _COMMA.split(text)]
    if len(parts) > _FEWEST_KNOWN and _NO_NAME.match(parts[-1]):
        parts.pop()
    if not fewest < len(parts) <= _MOST or not all(parts) or any(map(_AROUND_IT.match, parts)):
        return ()
    return [f"{before}{one}{within}" for one in parts]


def _is_of_a_road(phrase: Phrase) -> bool:
    """Return whether two names are those of a road's ends, or one tells where the other lies."""
    ends = phrase.stretch or phrase.parts or phrase.road or phrase.road_point
    return bool(ends or phrase.offset or phrase.border or phrase.midway or phrase.head)


def _of_each(text: str) -> tuple[str, str]:
    """Return what is said of each of a list, to be put before its name, and the list."""
    if told := _DIVISIONS.match(text):
        return f"{told['one']} de ", text[told.end() :]
    if told := _DIVISIONS_BEHIND.search(text):
        return f"{told['one']} of ", text[: told.start()]
    return "", _PLACES_BEHIND.sub("", _PLACES.sub("", text))


def _alone(
    part: str, parts: Sequence[str], query: PlaceQuery, gazetteer: Gazetteer
) -> Location | Unplaced:
    """Return a place of a list, if that is certain: of several of its name one near the others."""
    others = ", ".join(one for one in parts if one != part)
    told = f"{others}. {query.told or ''}"
    found = locate(replace(query, place=part, position=None, told=told), gazetteer)
    if isinstance(found, Unplaced):
        return found
    if found.shape is Shape.ROAD or found.how.startswith("slip"):
        place = gazetteer.places.get(found.place_id or "")
        meant = f"; it may be {found.label}" if found.label else ""
        return Unplaced(
            reason="unknown",
            detail=f"{part!r} is not known{meant}.",
            candidates=(gazetteer.candidate(place, 1.0),) if place else (),
        )
    return found


def _events(places: Sequence[Location]) -> Sequence[Location]:
    """Return the places of a list without the areas that only say where others of it lie.

    `Lakamané, Sandaré et région de Kayes` is two villages: all of Kayes is not in danger. () where
    no list is left, or an area stands beside what is not in it: what is meant has to be asked.
    """
    if any(one.area and one.area.startswith("country:") for one in places):
        return ()
    spots = [one for one in places if one.shape is not Shape.AREA]
    if not spots:
        return places
    around = [key for one in spots for key in _areas_of(one)]
    beside = [one for one in places if one.shape is Shape.AREA and one.area not in around]
    return spots if len(spots) > 1 and not beside else ()


def _areas_of(spot: Location) -> Sequence[str]:
    return area_keys(spot.country, spot.region, spot.cercle) if spot.country else ()


def _main(places: Sequence[Location], query: PlaceQuery) -> Location | None:
    """Return the place that comes first, or at the position filed; None where none is there."""
    at = query.position
    if at is None:
        return places[0]
    near = min(places, key=lambda one: rough_km(at, one.position))
    if near.shape is Shape.AREA or rough_km(at, near.position) <= _NEAR_KM:
        return near
    return None


def _others(places: Sequence[Location], main: Location) -> tuple[Location, ...]:
    """Return the places of a list but for `main`, each once."""
    once = {one.area or one.place_id: one for one in places}
    return tuple(one for key, one in once.items() if key != (main.area or main.place_id))
