"""Steps that place a report on a road: by a kilometre of it, or on a stretch."""

from collections.abc import Sequence
from dataclasses import replace

from app.roads.case import Answer, Case
from app.roads.choosing import AGREES_KM, WELL_KNOWN, Choice, Outcome
from app.roads.folding import name_key
from app.roads.geometry import between, distance_to_line_km, nearest_on_line, rough_km
from app.roads.hints import ROAD_KM, Context
from app.roads.named_road import of_stretch
from app.roads.pairs import find_pair
from app.roads.phrases import Phrase, RoadPoint, parse
from app.roads.places import MIDPOINT, Candidate, Location, Place, PlaceQuery, Unplaced
from app.roads.placing import (
    ROUGH_RADIUS_KM,
    at_place,
    at_position,
    long_road,
    on_stretch,
    spread,
)
from app.roads.roadpoints import ROAD_ERROR, Spot, find_spot
from app.roads.stretches import Stretch
from app.roads.whole_road import all_of_road

#: How long a stretch may be to place an event by its middle: when only the road text gives it;
#: when it stands in parentheses behind an unknown name; when it is the place itself (the news says
#: no more than "entre Bougouni et Sikasso", 210 km, the longest way between two towns that follow
#: each other in the news, and all of it is warned); when there is no place but the road text; when
#: whoever was asked where on it cannot say, or means its middle: Bamako - Sikasso is 364 km long.
LONGEST_BESIDE_KM = 60.0
LONGEST_HINT_KM = 120.0
LONGEST_STRETCH_KM = 220.0
LONGEST_ALONE_KM = 300.0
LONGEST_SOMEWHERE_KM = 400.0
#: On a stretch longer than this nothing may be named that is not on it: "Konna, entre ...".
_LONG_KM = 200.0
#: A place given with a road may lie aside from the straight line by this share of its length.
_WINDING = 0.2
#: A commune reaches about so far around its seat.
_COMMUNE_KM = 20.0
#: A position this far from the stretch named is not on it.
_OFF_ROAD_KM = 50.0
#: Of a stretch longer than this, only the part in the region filed is meant.
_LONG_KM = 100.0
#: A place lies in the region filed (see `RegionHint.fit`); looked for in steps of so many km.
_INSIDE, _STEP_KM = 3, 10.0
#: Who says "halfway" means it to about this share of the way.
_HALFWAY = 0.1
#: So many stops of a long road are offered.
_MOST_STOPS = 8


def kilometre(case: Case) -> Answer:
    """`RN1 PK 340 vers Kayes`, in the place text, as the road, or as road and km."""
    point, query = case.phrase.road_point, case.query
    if query.road and not query.place:
        point = parse(query.road).road_point
    if point is None and query.km is not None and query.road:
        point = RoadPoint(road=query.road, km=query.km, towards=query.towards)
    if point is None:
        return None
    road = point.road or query.road or ""
    found = find_spot(road, point.km, point.towards or query.towards, case.gazetteer)
    if isinstance(found, Spot):
        if clash := _place_elsewhere(found, case):
            return clash
        radius = max(2.0, round(point.km * ROAD_ERROR, 1))
        return at_position(found.position, case.gazetteer, found.how, radius_km=radius)
    if query.position is not None:
        return None
    if isinstance(found, str):
        return Unplaced(reason="unknown", detail=found, candidates=())
    near = (case.gazetteer.nearest(spot.position, _OFF_ROAD_KM) for spot in found[:8])
    detail = "; ".join(spot.how for spot in found)
    return Unplaced(
        reason="ambiguous",
        detail=f"That kilometre is on several roads: {detail}. Name the towns the road joins.",
        candidates=tuple(case.gazetteer.candidate(n[0], 0.5) for n in near if n),
    )


def _place_elsewhere(spot: Spot, case: Case) -> Unplaced | None:
    """Return the question which is right, where the place named lies far from the kilometre."""
    choice = case.resolve_name()
    if choice.outcome is not Outcome.ONE or case.phrase.road_point is not None:
        return None
    place = choice.match.place
    km = rough_km(place.position, spot.position)
    if km <= _OFF_ROAD_KM:
        return None
    near = case.gazetteer.nearest(spot.position, _OFF_ROAD_KM)
    return Unplaced(
        reason="ambiguous",
        detail=f"{place.name} lies {km:.0f} km from {spot.how}: which is right?",
        candidates=tuple(
            case.gazetteer.candidate(one, 0.5) for one in (place, near[0] if near else None) if one
        ),
    )


def stretch_in_words(case: Case) -> Answer:
    """`entre Diboli et Kayes`, `Diboli-Kayes`, `Kaniera-Lakamane road`."""
    phrase = case.phrase
    if not phrase.parts or (not phrase.stretch and _is_one_name(case)):
        return None
    pair = find_pair(phrase.parts, case.context, case.gazetteer, slips=phrase.stretch)
    pair = pair or _one_end_misspelt(case)
    if isinstance(pair, tuple):
        return _on_pair(*pair, case)
    if pair is None or case.query.position is not None:
        return None
    return Unplaced(
        reason="ambiguous",
        detail=f"It is not clear which places {' - '.join(phrase.parts)} are.",
        candidates=case.gazetteer.offer(pair),
    )


def _one_end_misspelt(case: Case) -> tuple[Place, Place] | None:
    """`Kadilo-Loulouni`: Loulouni as it is written, and a town near it that is a letter away.

    A village that nobody recorded may have two names in its own.
    """
    pair = find_pair(case.phrase.parts, case.context, case.gazetteer, slips=True)
    if not isinstance(pair, tuple):
        return None
    names, weight = case.gazetteer.names, case.gazetteer.chooser.weight
    written = {m.place.id for part in case.phrase.parts for m in names.exact(name_key(part))}
    slipped = [place for place in pair if place.id not in written]
    if len(slipped) > 1:
        return None
    joined = case.gazetteer.stretches.way(pair[0].id, pair[1].id) is not None
    return pair if joined or all(weight(place) >= WELL_KNOWN for place in slipped) else None


def midpoint(case: Case) -> Location | None:
    """A town at one end of the road whose middle is said to be meant: `Gossi`, of Gossi-Hombori."""
    query, phrase = case.query, parse((case.query.road or "").split(";")[0])
    if query.precision != MIDPOINT or query.position is not None or case.phrase.parts:
        return None
    said = name_key(case.phrase.name or "")
    if said not in {name_key(part) for part in (phrase.parts[:1] + phrase.parts[-1:])}:
        return None
    return _short_stretch(phrase, case, LONGEST_STRETCH_KM, "middle of the road given")


def two_towns(case: Case) -> Answer:
    """`Diéma Nioro`, `Bamako Ségou`: two towns of one road, with nothing between their names."""
    name = case.phrase.name or ""
    words = name.split()
    if len(words) < 2 or "," in name or case.phrase.parts:  # noqa: PLR2004
        return None
    if case.gazetteer.names.exact(name_key(name)):
        return None
    for at in range(1, len(words)):
        if pair := _on_one_road((" ".join(words[:at]), " ".join(words[at:])), case):
            return _on_pair(*pair, case)
    return None


def hints(case: Case) -> Location | None:
    """What stands in parentheses, for a name that is not known: a short stretch, a commune."""
    if case.choice.outcome is Outcome.SEVERAL:
        return None
    for hint in (*case.phrase.hints, *(said for said in case.phrase.behind if _is_around(said))):
        how = "name not known; road given with it"
        if hint.parts and (found := _short_stretch(hint, case, LONGEST_HINT_KM, how)):
            return found
        choice = _exact_hint(hint, case)
        if choice.outcome is not Outcome.ONE:
            continue
        near = at_place(choice.match.place, "name not known; place given with it", vague=True)
        if _is_around(hint) and not case.phrase.stretch:
            return replace(near, radius_km=_COMMUNE_KM)
        if case.context.fit is not None and not _is_seat_filed(choice.match.place, case):
            return near
    return None


def _is_around(hint: Phrase) -> bool:
    """Return whether words say that it is near or in what is named: `commune de`, `secteur de`."""
    return hint.name is not None and hint.name != hint.whole and not (hint.parts or hint.stretch)


def _is_seat_filed(place: Place, case: Case) -> bool:
    """Return whether the region filed is the one of which `place` is the seat.

    `Forêt du Wagadou (Nara)` in the cercle of Nara is anywhere in it, not near its town.
    """
    filed = case.gazetteer.region(case.query.region or "").narrow
    return any(area.anchor.id == place.id for area in filed)


def road_given(case: Case) -> Location | None:
    """The road text, for a report without a place or with one that is not known."""
    if case.choice.outcome is Outcome.SEVERAL and not case.only_a_direction():
        return None
    longest = LONGEST_BESIDE_KM if case.says_a_place() else LONGEST_ALONE_KM
    if case.only_a_direction():
        longest = LONGEST_STRETCH_KM
    elif case.query.precision == MIDPOINT and not case.says_a_place():
        longest = LONGEST_SOMEWHERE_KM
    for clause in (case.query.road or case.phrase.road or "").split(";"):
        road = parse(clause)
        for phrase in (*road.hints, road):
            if phrase.parts and (found := _short_stretch(phrase, case, longest, "road given")):
                return found
    return None


def _is_one_name(case: Case) -> bool:
    """`Kani-Bonzon` is one village, not a road between two; so is `Kani-Bonzn`."""
    choice = case.resolve_name()
    if any(match.slips == 0 for match in choice.matches):
        return True
    return choice.outcome is Outcome.ONE and _on_one_road(case.phrase.parts, case) is None


def _on_one_road(parts: Sequence[str], case: Case) -> tuple[Place, Place] | None:
    """Return the two towns that are named, as written, when a road that we have joins them."""
    pair = find_pair(parts, case.context, case.gazetteer, slips=False)
    if not isinstance(pair, tuple):
        return None
    return pair if case.gazetteer.stretches.way(pair[0].id, pair[1].id) else None


def _on_pair(a: Place, b: Place, case: Case) -> Answer:
    """Return the place on the stretch that is given with it, the position, or its middle."""
    stretch = case.gazetteer.stretches.stretch(a, b)
    if case.phrase.midway and case.query.position is None:
        how = f"halfway between {a.name} and {b.name}"
        radius = round(max(ROUGH_RADIUS_KM, stretch.km * _HALFWAY), 1)
        return at_position(stretch.middle, case.gazetteer, how, radius_km=radius)
    around = tuple(one for one in case.phrase.behind if not _is_an_end(one, a, b))
    beside = tuple(one for one in _road_hints(case) if not _is_an_end(one, a, b))
    said = (*case.phrase.hints, *beside, *around)
    if _LONG_KM < stretch.km <= LONGEST_STRETCH_KM and not case.query.whole_road:
        around = (*around, *case.phrase.hints)
    if told := _spot_on(said, a, b, stretch, case) or _apart_from(a, b, around, case):
        return told
    position = case.query.position
    away = position is not None and distance_to_line_km(position, stretch.line) > _OFF_ROAD_KM
    if case.query.whole_road and not away and (whole := all_of_road(a, b, case)):
        return whole
    if position is not None and rough_km(position, stretch.middle) > AGREES_KM:
        return _at_position(f"{a.name} - {b.name}", stretch, case, away=away)
    stretch = _part_in_region(stretch, case.query, case)
    midpoint = case.query.precision == MIDPOINT
    longest = LONGEST_SOMEWHERE_KM if midpoint else LONGEST_STRETCH_KM
    if stretch.km > longest and position is None:
        return Unplaced(
            reason="ambiguous",
            detail=f"{a.name} - {b.name} is {stretch.km:.0f} km long: where on it?",
            candidates=_along(stretch, case),
            road=long_road(a, b, stretch, may_be_all=stretch.km <= LONGEST_SOMEWHERE_KM),
        )
    found = on_stretch(a, b, stretch, case.gazetteer, "stretch of road")
    return _where_on_it(found, stretch, case.query)


def _at_position(label: str, stretch: Stretch, case: Case, *, away: bool) -> Location | None:
    """Return the position that was given with a stretch, as a spot on it or `away` from it."""
    if away:
        return case.at_filed_position("position, away from the road named", label=label)
    spot = case.at_filed_position(f"position, on the road {label}", label=label)
    return of_stretch(spot, stretch, case.gazetteer) if spot else None


def _where_on_it(found: Location, stretch: Stretch, query: PlaceQuery) -> Location:
    """Return the stretch with the position given on it; who means its middle is given ours."""
    if (position := query.position) is None:
        return found
    if distance_to_line_km(position, stretch.line) > ROUGH_RADIUS_KM:
        return replace(found, position=position)  # the road may run where our line of it does not
    if query.precision == MIDPOINT and rough_km(position, stretch.middle) <= ROUGH_RADIUS_KM:
        return found
    return replace(found, position=nearest_on_line(position, stretch.line))


def _is_an_end(said: Phrase, *ends: Place) -> bool:
    """`Sikasso-Niéna road, Sikasso` is in the region, and not in the town at its end."""
    names = {name_key(name) for end in ends for name in (end.name, *end.alt_names)}
    return name_key(said.name or "") in names


def _apart_from(a: Place, b: Place, around: Sequence[Phrase], case: Case) -> Unplaced | None:
    """Ask of a town behind a road that is neither on it nor in whose region it is.

    "Ségou-Bla, San" may be any of three towns in a row: San is not to be forgotten.
    """
    if case.query.position is not None:
        return None
    regions = {name_key(one) for end in (a, b) for one in (end.region, end.cercle) if one}
    filed = name_key(case.query.region or "")
    for one in around:
        choice = _exact_hint(one, case)
        if choice.outcome is not Outcome.ONE or name_key(one.name or "") in {*regions, filed}:
            continue
        return Unplaced(
            reason="ambiguous",
            detail=f"{choice.match.place.name} is not on the road {a.name} - {b.name}: where?",
            candidates=tuple(
                case.gazetteer.candidate(place, 0.5) for place in (choice.match.place, a, b)
            ),
        )
    return None


def _spot_on(
    said: Sequence[Phrase], a: Place, b: Place, stretch: Stretch, case: Case
) -> Location | None:
    """Return the first place of those named with a stretch that lies on it."""
    for one in said:
        choice = _on_it(_exact_hint(one, case), a, b, stretch, case)
        if choice.outcome is Outcome.ONE:
            return at_place(choice.match.place, f"name, on the road {a.name} - {b.name}")
    return None


def _on_it(choice: Choice, a: Place, b: Place, stretch: Stretch, case: Case) -> Choice:
    """Return which of the places found lies on the stretch."""
    lines = (stretch.line, (a.position, b.position))
    aside = max(ROAD_KM, _WINDING * rough_km(a.position, b.position))
    beside = [
        match
        for match in choice.matches
        if min(distance_to_line_km(match.place.position, line) for line in lines) <= aside
    ]
    return case.gazetteer.chooser.choose(beside, Context())


def _road_hints(case: Case) -> tuple[Phrase, ...]:
    """Return what stands in parentheses behind the road: `Hombori-Gao (Gossi)`."""
    clauses = (case.query.road or "").split(";")
    return tuple(hint for clause in clauses for hint in parse(clause).hints)


def _along(stretch: Stretch, case: Case) -> tuple[Candidate, ...]:
    """Return up to eight of its main stops, spread over its length, both ends among them."""
    main = [i for i in stretch.stops if i in case.gazetteer.network.main_stops]
    places = (case.gazetteer.places[i] for i in spread(main, _MOST_STOPS))
    return tuple(case.gazetteer.candidate(place, 0.5) for place in places)


def _part_in_region(stretch: Stretch, query: PlaceQuery, case: Case) -> Stretch:
    """Return the part of a long stretch that lies in the region filed."""
    fit = case.context.fit
    if fit is None or not stretch.along_road or query.precision == MIDPOINT:
        return stretch
    places = case.gazetteer.places
    inside = [n for n, i in enumerate(stretch.stops) if fit(places[i]) == _INSIDE]
    if stretch.km <= _LONG_KM or len(inside) < 2 or len(inside) == len(stretch.stops):  # noqa: PLR2004
        return stretch
    first, last = inside[0], inside[-1]
    first -= first > 0 and _is_mostly_inside(stretch, first - 1, case)
    last += last < len(stretch.stops) - 1 and _is_mostly_inside(stretch, last, case)
    return case.gazetteer.stretches.stretch(
        places[stretch.stops[first]], places[stretch.stops[last]]
    )


def _is_mostly_inside(stretch: Stretch, leg: int, case: Case) -> bool:
    """Return whether most of a leg lies in the region filed, by the villages beside it.

    A division does not end at its last stop: the road leaves the cercle of Kayes 45 km behind it.
    """
    start, end = stretch.line[leg], stretch.line[leg + 1]
    steps = max(2, round(stretch.leg_km[leg] / _STEP_KM))
    beside = [
        case.gazetteer.nearest(between(start, end, step / steps), ROAD_KM)
        for step in range(1, steps)
    ]
    fit = case.context.fit
    held = sum(fit is not None and one is not None and fit(one[0]) == _INSIDE for one in beside)
    return 2 * held > len(beside)


def _exact_hint(hint: Phrase, case: Case) -> Choice:
    """Return the place that a hint names as written; a slip in a hint proves nothing."""
    name = None if hint.stretch else hint.name  # `Ouro-Koladé` is one, though it has a hyphen
    matches = case.gazetteer.names.exact(name_key(name)) if name else []
    return case.gazetteer.chooser.choose(matches, case.context)


def _short_stretch(phrase: Phrase, case: Case, longest: float, how: str) -> Location | None:
    """Return a stretch given beside the place, unless one of its ends is the place in doubt."""
    pair = find_pair(phrase.parts, case.context, case.gazetteer, slips=True)
    if not isinstance(pair, tuple):
        return None
    if not case.only_a_direction() and any(case.named(end) for end in pair):
        return None
    stretch, only_road = case.gazetteer.stretches.stretch(*pair), not case.says_a_place()
    if only_road and (spot := _spot_on(phrase.hints, *pair, stretch, case)):
        return spot  # `RN7 Sikasso-Bougouni (Niéna)`
    if only_road and case.query.whole_road and (found := all_of_road(*pair, case)):
        return found
    stretch = _part_in_region(stretch, case.query, case)
    return on_stretch(*pair, stretch, case.gazetteer, how) if stretch.km <= longest else None
