"""Tells where the places of a message are together: a place, a way from it, a stretch. Pure."""

import re
from collections.abc import Sequence

from app.roads.by_distance import LONGEST_BLIND_OFFSET_KM
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import rough_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced
from app.subscribers.clock_words import clock_of
from app.subscribers.spotting import (
    POINT,
    Spot,
    is_of_a_way,
    road_number,
    side_by_side,
    word_before,
)
from app.subscribers.wording import Word

#: Words that say which of its namesakes a place is: "Kobe, près de Douentza".
_BY = frozenset("pres proche near dans in".split())  # noqa: SIM905
_NEAR_KM = 80.0
_DISTANCE = re.compile(r"^(\d{1,3})km$")
_FROM = frozenset("de du d avant apres from of before after".split())  # noqa: SIM905
#: Words between a place and the town that says on which side of it: "en venant de".
_WAY = frozenset(
    {
        "vers", "ver", "en", "venant", "provenance", "direction", "de", "du", "d", "sur", "la",
        "route", "axe", "towards", "coming", "from", "to", "on", "the", "road",
    }
)  # fmt: skip
_ROADS = frozenset({"route", "rte", "rout", "axe", "road"})
#: Between a kilometre and the town that its road leads to.
_TO_A_ROAD = _ROADS | {"de", "du", "d", "sur", "la", "l", "the", "of", "on", "to", "from", "vers"}
#: So many words may stand between a distance and what it is from: "km a l ouest de".
_BETWEEN = 5
_MINUTES = frozenset({"min", "mn", "minute", "minutes", "mins"})
#: Between a time and the town that it is driven from, the last of them one of `_OFF`.
_OFF = frozenset({"de", "du", "d", "from"})
_DRIVEN = _OFF | {"la", "route", "rte", "voiture", "camion", "moto", "conduite", "drive", "driving"}
#: Roads from other countries are called by a city of so many people, however far they are from it.
_METROPOLIS = 1_000_000
_ROAD = "route|routes|rte|rout|axe|voie|chemin|road|way|highway"
_LEADING = "qui mene a|menant a|mene a|allant a|en direction de|leading to"
_DRIVES = "allant|aller|vais|partant|go|going|drive|driving|travel|heading|headed|bound"
_BETWEEN_TOWNS = "partance|destination|direction|provenance|venant|coming"
#: What stands before the name of where a road leads, or somebody drives: "sur la route pour", "on
#: the way to", "en allant à", "bound for"; "la route à Dakar" is a road of that town.
_TOWARDS = re.compile(
    rf"(?:^| )(?:(?:{_ROAD}) (?:{_LEADING}|pour|vers|to|towards|for)"
    rf"|(?:{_DRIVES}) (?:a|pour|vers|to|towards|for)"
    rf"|(?:{_BETWEEN_TOWNS})(?: (?:a|de|d|pour|from))?)(?: (?:la|le|l|the))?$"
)
#: Between a vehicle and where it comes from or drives to: "camion pour Dakar".
_OF_A_DRIVE = frozenset({"pour", "for", "from", "to"})
_VEHICLES = frozenset({"group:vehicle", "group:tanker", "group:convoy"})
#: Behind the name of where a road leads: "the Dakar road".
_ROAD_BEHIND = frozenset({"road", "highway"})
#: A laden truck's, on these roads: only to offer what lies about there.
_KM_AN_HOUR = 40.0


def as_one(
    spots: Sequence[Spot],
    words: Sequence[Word],
    gazetteer: Gazetteer,
    *,
    whole_road: bool = False,
) -> Location | Unplaced:
    """Return where the spots together are: one place, a distance from it, or the stretch between.

    A stretch too long to be one place is asked, with its main stops to choose from, unless what is
    told is of a `whole_road`.
    """
    places = but_where_it_leads([spot for spot in spots if spot.found], words, gazetteer)
    far = distance_from(words, places[0])
    if len(places) == 1:
        return _by_one(places[0], far, words, gazetteer)
    if (km := point_at(words, places[0])) and len(places) == 2:  # noqa: PLR2004 - a road's ends
        road = f"{places[0].said} - {places[1].said}"
        return locate(PlaceQuery(place=f"pk {km}", road=road), gazetteer)
    if far and (on_the_way := _on_the_way(far, places[0], places[1], words, gazetteer)):
        return on_the_way
    first, second = places[0].said, places[1].said
    if len(places) > 2:  # noqa: PLR2004
        return _on_road(places, words, gazetteer)
    if word_before(words, places[1].start) in _BY or _two_before(words, places[1].start) in _BY:
        return _beside(places[0], places[1], gazetteer)
    between = PlaceQuery(place=f"entre {first} et {second}", whole_road=whole_road)
    return locate(between, gazetteer)


def _by_one(
    spot: Spot, far: str | None, words: Sequence[Word], gazetteer: Gazetteer
) -> Location | Unplaced:
    """Return where it was that is said of one place: there, a distance or a drive from it."""
    km = None if far else drive_from(words, spot)
    if km is not None:
        near = km <= LONGEST_BLIND_OFFSET_KM
        far = f"pres de {spot.said}" if near else f"{km:.0f} km de {spot.said}"
    if far:
        return locate(PlaceQuery(place=far, road=road_number(words)), gazetteer)
    if far_ends(spot, words, gazetteer):
        detail = f"{spot.said!r} is where the road leads"
        return Unplaced(reason="ambiguous", detail=detail, candidates=())
    return spot.found or locate(PlaceQuery(place=spot.said), gazetteer)


def far_ends(spot: Spot, words: Sequence[Word], gazetteer: Gazetteer) -> frozenset[str]:
    """Return where the roads to another country begin that are called by their end, by place id.

    "Route de Dakar" is anywhere between Bamako and there; "route de Nioro" is taken for near Nioro.
    """
    place = gazetteer.places.get(spot.found.place_id or "") if spot.found else None
    if place is None or (place.population or 0) < _METROPOLIS:
        return frozenset()
    if not _is_where_it_leads(spot, words):
        return frozenset()
    stops = (one.stops for one in gazetteer.network.corridors.values())
    ends = [(one[0].place_id, one[-1].place_id) for one in stops]
    others = {a if b == place.id else b for a, b in ends if place.id in {a, b}}
    return frozenset(one for one in others if gazetteer.places[one].country != place.country)


def _is_where_it_leads(spot: Spot, words: Sequence[Word]) -> bool:
    """Return whether a road or a drive is what is spoken of, and the town only its end."""
    if is_of_a_way(spot.start, words):
        return True
    if _TOWARDS.search(" ".join(word.said for word in words[: spot.start])):
        return True
    if any(word.said in _ROAD_BEHIND for word in words[spot.end : spot.end + 1]):
        return True
    vehicle, link = (
        (words[spot.start - 2], words[spot.start - 1]) if spot.start > 1 else (None,) * 2
    )
    return bool(vehicle and link and link.said in _OF_A_DRIVE and vehicle.marks & _VEHICLES)


def but_where_it_leads(
    places: Sequence[Spot], words: Sequence[Word], gazetteer: Gazetteer
) -> Sequence[Spot]:
    """Return `places` without the end by which a road is called, where others say where on it.

    "Route de Dakar entre Diéma et Lakamané" is between the two, and so is "route de Kayes entre"
    them; "à Lakamané sur la route de Dakar" is there, and not on 900 km.
    """
    if len(places) == 3:  # noqa: PLR2004 - a road and a stretch of it
        groups = side_by_side(places, words)
        alone = [group[0] for group in groups if len(group) == 1]
        if len(groups) == len(places) - 1 and alone and is_of_a_way(alone[0].start, words):
            return [one for one in places if one is not alone[0]]
    if len(places) == 2:  # noqa: PLR2004
        for end, spot in (places, reversed(places)):
            if _is_only_direction(end, spot, words, gazetteer):
                return [spot]
    return places


def _is_only_direction(end: Spot, spot: Spot, words: Sequence[Word], gazetteer: Gazetteer) -> bool:
    """Return whether a road is called by `end`, in another country than `spot`, a place on it."""
    begins = far_ends(end, words, gazetteer)
    if not begins or end.found is None or spot.found is None:
        return False
    abroad = spot.found.country != end.found.country
    return abroad and spot.found.place_id not in begins


def _on_road(
    places: Sequence[Spot], words: Sequence[Word], gazetteer: Gazetteer
) -> Location | Unplaced:
    """Return the spot of "entre A et B, à C", and of "à C sur la route A B".

    Of more places none is guessed: each may be meant.
    """
    if len(places) > 3:  # noqa: PLR2004 - a road's ends, and a place on it
        ids = [one.found.place_id for one in places if one.found and one.found.place_id]
        offers = tuple(gazetteer.candidate(gazetteer.places[i], 0.5) for i in ids)
        return Unplaced(reason="ambiguous", detail="several places", candidates=offers)
    alone = len(side_by_side(places, words)[0]) == 1
    spot, ends = (places[0], places[1:3]) if alone else (places[2], places[:2])
    road = " - ".join(end.said for end in ends)
    return locate(PlaceQuery(place=spot.said, road=road, told=road), gazetteer)


def _on_the_way(
    far: str, spot: Spot, end: Spot, words: Sequence[Word], gazetteer: Gazetteer
) -> Location | None:
    """Return where "20 km avant Kayes en venant de Bamako", "5 km from Ansongo on Gao road" is."""
    link = ["vers" if word.said == "ver" else word.said for word in words[spot.end : end.start]]
    if not link or not _WAY.issuperset(link):
        return None
    if "on" in link:
        link = ["vers"]
    answer = locate(PlaceQuery(place=" ".join([far, *link, end.said])), gazetteer)
    return answer if isinstance(answer, Location) else None


def _beside(spot: Spot, town: Spot, gazetteer: Gazetteer) -> Location | Unplaced:
    """Return where `spot` is when it is the one near `town`; else both are asked."""
    if spot.found and town.found:
        if rough_km(spot.found.position, town.found.position) <= _NEAR_KM:
            return spot.found
        ids = [found.place_id for found in (spot.found, town.found) if found.place_id]
        offers = tuple(gazetteer.candidate(gazetteer.places[i], 0.5) for i in ids)
        detail = f"{spot.said!r} is far from {town.said!r}"
        return Unplaced(reason="ambiguous", detail=detail, candidates=offers)
    return Unplaced(reason="unknown", detail=f"{spot.said!r} is not known", candidates=())


def _two_before(words: Sequence[Word], start: int) -> str:
    return words[start - 2].said if start > 1 else ""


def distance_from(words: Sequence[Word], spot: Spot) -> str | None:
    """Return "15 km a l ouest de diema" when the message gives a distance from `spot`."""
    if (km := point_at(words, spot)) is not None:
        road = _ROADS & {word.said for word in words[max(0, spot.start - _BETWEEN) : spot.start]}
        return f"pk {km} route de {spot.said}" if road else f"{km} km de {spot.said}"
    for at in range(max(0, spot.start - _BETWEEN - 2), spot.start):
        said = [word.said for word in words[at : spot.start]]
        glued = _DISTANCE.match(said[0])
        if glued:
            said = [glued[1], "km", *said[1:]]
        if len(said) > 2 and said[0].isdigit() and said[1] == "km" and said[-1] in _FROM:  # noqa: PLR2004
            return " ".join([*said, spot.said])
    return None


def drive_from(words: Sequence[Word], spot: Spot) -> float | None:
    """Return about how many km "2h de Kayes", "30 min de route de Bla" are; None: nothing said."""
    for at in range(max(0, spot.start - _BETWEEN), spot.start):
        said = [word.said for word in words[at : spot.start]]
        clock = clock_of(said[0])
        minutes = clock.hour * 60 + clock.minute if clock else None
        if said[0].isdigit() and said[1:2] and said[1] in _MINUTES:
            minutes = int(said.pop(0))
        if minutes is not None and said[1:] and _DRIVEN.issuperset(said[1:]) and said[-1] in _OFF:
            return minutes / 60.0 * _KM_AN_HOUR
    return None


def point_at(words: Sequence[Word], spot: Spot) -> str | None:
    """Return the kilometre of "pk 45 route de Bougouni", "Bougouni km 45"; None without one."""
    said = [word.said for word in words]
    if said[spot.end : spot.end + 1] and said[spot.end] in POINT:
        follows = said[spot.end + 1 : spot.end + 2]
        return follows[0] if follows and follows[0].isdigit() else None
    for at in range(max(0, spot.start - _BETWEEN - 2), spot.start - 1):
        before = said[at + 2 : spot.start]
        if said[at] in POINT and said[at + 1].isdigit() and _TO_A_ROAD.issuperset(before):
            return said[at + 1]
    return None
