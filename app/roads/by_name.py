"""Steps that place a report by the name it gives, or by its position."""

import math
from dataclasses import replace

from app.roads.areas import area_keys, keys_of
from app.roads.by_distance import TOLD_KM, belied_by_distance
from app.roads.by_road import road_given
from app.roads.case import Answer, Case
from app.roads.choosing import AGREES_KM, SAME_KM, WELL_KNOWN, Choice, Outcome
from app.roads.folding import fold, name_key
from app.roads.geometry import Position, rough_km
from app.roads.hints import Context
from app.roads.names import Match
from app.roads.places import Location, Place, Unplaced
from app.roads.placing import ROUGH_RADIUS_KM, at_place

#: Between what a spot is and the place that it is in: `gare de Kayes`.
_LINKS = frozenset({"de", "du", "d", "des", "of", "a", "at", "in", "near", "la", "le", "l", "the"})
#: What is in a place, or at its edge. A village that nobody recorded may be far from the town that
#: is named behind it, so no other word will do.
_SPOTS = frozenset(
    {
        "aire", "bac", "barrage", "base", "betail", "brigade", "camp", "carburant", "carrefour",
        "carriere", "caserne", "centre", "cimenterie", "clinic", "clinique", "colline",
        "commissariat", "controle", "cote", "croisement", "cscom", "csref", "culture", "customs",
        "depot", "dispensaire", "douane", "douanes", "dump", "echangeur", "ecole", "factory",
        "foire", "forage", "fuel", "garnison", "gendarmerie", "hameau", "hebdomadaire", "hopital",
        "hospital", "lycee", "mairie", "marche", "market", "mosque", "mosquee", "parc", "parking",
        "passage", "peage", "peloton", "point", "police", "pompe", "pont", "port", "post", "poste",
        "prefecture", "puits", "quai", "radier", "repos", "rond", "sante", "school", "service",
        "site", "sous", "stade", "station", "stop", "total", "tournant", "usine", "vge", "vilage",
        "village", "virage",
    }
)  # fmt: skip
#: Up to this far from the place named, a position beats the name: it happened out of town.
NEAR_KM = 50.0


def outside(case: Case) -> Unplaced | None:
    """Refuse a position that cannot be right."""
    position, network = case.query.position, case.gazetteer.network
    if position is None or (position.on_earth and network.holds(position)):
        return None
    detail = f"{position.lat:g}, {position.lon:g} lies outside the countries covered"
    turned = Position(lat=position.lon, lon=position.lat)
    if not (math.isfinite(position.lat) and math.isfinite(position.lon)):
        detail = "The position is not a pair of numbers"
    elif turned.on_earth and network.holds(turned):
        detail += "; latitude and longitude seem to be swapped"
    offers = case.gazetteer.find(case.query.place or "", region=case.query.region)
    return Unplaced(reason="outside", detail=f"{detail}.", candidates=tuple(offers))


def head(case: Case) -> Answer:
    """`Konna, près de Sévaré`: the one of its name by that town; else it is near the town.

    `Diamou, près de la cimenterie`, of which nobody knows where it is, is Diamou.
    """
    gazetteer = case.gazetteer
    matches = gazetteer.names.exact(name_key(case.phrase.head)) if case.phrase.head else []
    town = case.resolve_name() if matches else Choice(Outcome.NONE)
    if matches and town.outcome is Outcome.NONE:
        alone = gazetteer.chooser.choose(matches, case.context)
        known = alone.outcome is Outcome.ONE
        return at_place(alone.match.place, _how(alone.match, case)) if known else None
    if town.outcome is not Outcome.ONE:
        return None
    by_it = [m for m in gazetteer.chooser.apart(matches) if _is_by(m, town.match.place, case)]
    by_it = _nearest([m for m in by_it if m.main_name] or by_it, town.match.place)
    found = gazetteer.chooser.choose(by_it, Context(position=case.query.position))
    if found.outcome is Outcome.ONE:
        return at_place(
            found.match.place, f"{_how(found.match, case)}, near {town.match.place.name}"
        )
    if found.outcome is Outcome.NONE or case.query.position is not None:
        return None
    detail = f"Several places near {town.match.place.name} are called {case.phrase.head!r}."
    return Unplaced(reason="ambiguous", detail=detail, candidates=gazetteer.offer(by_it))


def _nearest(matches: list[Match], town: Place) -> list[Match]:
    """Return the one that is nearer to `town` than the others by half; else all of them."""
    km = {match.place.id: rough_km(match.place.position, town.position) for match in matches}
    if len(matches) < 2:  # noqa: PLR2004
        return matches
    first, second, *_ = sorted(matches, key=lambda match: km[match.place.id])
    return [first] if km[first.place.id] <= km[second.place.id] / 2 else matches


def _is_by(match: Match, town: Place, case: Case) -> bool:
    """Return whether who says "near `town`" may mean `match`: a town from twice as far."""
    context, known = case.context, case.gazetteer.chooser.weight(match.place) >= WELL_KNOWN
    return (
        rough_km(match.place.position, town.position) <= TOLD_KM * (1 + known)
        and (context.fit is None or bool(context.fit(match.place)))
        and context.km_off(match.place) <= AGREES_KM
    )


def name(case: Case) -> Answer:
    """The place named, where the rest of the report bears it out."""
    case.choice = choice = _unless_far(case.resolve_name(), case)
    if choice.outcome is Outcome.ONE:
        if case.only_a_direction():
            return _road_with_one_end(choice.match, case)
        if inner := _in_its_region(choice.match, case):
            return inner
        if case.phrase.vague and case.context.km_off(choice.match.place) > ROUGH_RADIUS_KM:
            return _elsewhere(choice, case)  # "near Nara", and where near it
        return at_place(choice.match.place, _how(choice.match, case), vague=case.phrase.vague)
    if choice.outcome is Outcome.ELSEWHERE and case.query.position is not None:
        best = min(choice.matches, key=lambda match: case.context.km_off(match.place))
        return _in_its_region(best, case) or _elsewhere(choice, case)
    return None


def _in_its_region(named: Match, case: Case) -> Answer:
    """`Kayes, Diboli`, `Ségou (Niono)`: what lies in the region that a town gives its name to.

    Of two that give theirs to a division, either or both may be meant: they are asked, where no
    position lies at one of them.
    """
    gazetteer, town = case.gazetteer, named.place
    areas = gazetteer.areas.named(town.name)
    given = case.query.position is not None
    if named.slips or not areas or (given and case.context.km_off(town) <= AGREES_KM):
        return None
    for one in (*case.phrase.hints, *case.phrase.behind):
        alone = one.name == one.whole and not (one.parts or one.vague)
        name = one.name if alone else None  # `Kayes (sortie Diboli)` is at Kayes
        matches = [
            match
            for match in (gazetteer.names.exact(name_key(name)) if name else ())
            if any(not area.keys.isdisjoint(keys_of(match.place)) for area in areas)
        ]
        inner = gazetteer.chooser.choose(matches, Context())
        if inner.outcome is not Outcome.ONE:
            continue
        spot = inner.match.place
        if rough_km(spot.position, town.position) <= SAME_KM:
            continue
        if given and case.context.km_off(spot) > AGREES_KM:
            continue
        if gazetteer.areas.named(name or "") and not given:
            detail = f"{town.name} or {spot.name}: which of the two?"
            offers = gazetteer.offer((named, inner.match))
            return Unplaced(reason="ambiguous", detail=detail, candidates=offers)
        return at_place(spot, f"name, beside its region {town.name}")
    return None


def _unless_far(choice: Choice, case: Case) -> Choice:
    """A name misspelt or little known, and hundreds of kilometres off: another place.

    A town is known where it is.
    """
    if choice.outcome is not Outcome.ONE or case.query.position is not None:
        return choice
    known = case.gazetteer.chooser.weight(choice.match.place) >= WELL_KNOWN
    if (choice.match.slips or not known) and belied_by_distance(choice.match, case):
        return Choice(Outcome.ELSEWHERE, choice.matches)
    return choice


def named_within(case: Case) -> Location | None:
    """`gendarmerie de Diéma`, `Fana poste de contrôle`: something in the place it names."""
    words = fold(case.query.place or "").split()
    named = [at for at, word in enumerate(words) if word not in _SPOTS | _LINKS]
    first, end = (named[0], named[-1] + 1) if named else (0, 0)
    for at, spot, how in ((first, words[:first], "behind"), (0, words[end:], "before")):
        if not _SPOTS.intersection(spot):
            continue
        name = " ".join(words[at:] if how == "behind" else words[:end])
        choice = case.gazetteer.chooser.choose(
            case.gazetteer.names.exact(name_key(name)), case.context
        )
        if choice.outcome is Outcome.ONE:
            said = f"name, {how} {' '.join(spot)!r}"
            return replace(at_place(choice.match.place, said, vague=True), aside_km=None)
    return None


def position(case: Case) -> Location | None:
    """The position filed, for a name that is not known or not clear."""
    if case.choice.outcome is Outcome.SEVERAL:
        return case.at_filed_position("position; several places have the name")
    said = case.says_a_place()
    return case.at_filed_position("position; name not known" if said else "position")


def near_a_town_told(case: Case) -> Location | None:
    """Of several that have the name, the one near a town of which the report speaks.

    A namesake that is better known is still asked about: a lorry may have come from that town.
    """
    choice = case.resolve_name()
    if choice.outcome is not Outcome.SEVERAL or case.query.position is not None:
        return None
    towns = case.gazetteer.towns_told(case.query.told or "")
    near = [
        match
        for match in case.gazetteer.chooser.apart(choice.matches)
        if any(rough_km(match.place.position, town.position) <= TOLD_KM for town in towns)
    ]
    weight = case.gazetteer.chooser.weight
    if len(near) != 1 or any(
        not match.slips and weight(match.place) > weight(near[0].place) for match in choice.matches
    ):
        return None
    return at_place(near[0].place, f"{_how(near[0], case)}, near a town told of")


def _road_with_one_end(match: Match, case: Case) -> Location | None:
    """`Roads to Bamako` says little, `Dougabougou road` more: few roads lead to a village."""
    if spot := _spot_on_it(match.place, case):
        return spot
    found = case.at_filed_position("position; only a road was named") or road_given(case)
    if found is None and case.gazetteer.chooser.weight(match.place) < WELL_KNOWN:
        return at_place(match.place, _how(match, case), vague=True)
    return found


def _spot_on_it(end: Place, case: Case) -> Location | None:
    """`route de Kayes (Sandaré)`: the place beside the road's name, if it has a road to its end.

    `route de Ségou (Bamako)` is the road from there; so may be what closes all of a road. `route de
    Nioro, Kayes` may name the region of Nioro.
    """
    gazetteer = case.gazetteer
    if case.query.whole_road:
        return None
    around = set(area_keys(end.country, end.region, end.cercle))
    for one in (*case.phrase.hints, *case.phrase.behind):
        name = None if one.area or one.stretch else one.name
        matches = gazetteer.names.exact(name_key(name)) if name else []
        choice = gazetteer.chooser.choose(matches, case.context)
        if choice.outcome is not Outcome.ONE or choice.match.place.id == end.id:
            continue
        if any(not around.isdisjoint(area.keys) for area in gazetteer.areas.named(name or "")):
            continue
        spot = choice.match.place
        near = rough_km(spot.position, end.position) <= TOLD_KM
        here = spot.feature != "PPLC" and (near or gazetteer.stretches.way(spot.id, end.id))
        if here:
            return at_place(spot, f"name, on the road to {end.name}")
    return None


def _how(match: Match, case: Case) -> str:
    how = "name" if match.main_name else "name, a variant"
    if match.slips:
        letters = "one letter" if match.slips == 1 else "two letters"
        how = f"slip of {letters}: {case.phrase.name or case.phrase.whole}"
    if case.query.position is not None:
        how += f", {case.context.km_off(match.place):.0f} km from the position given"
    return how


def _elsewhere(choice: Choice, case: Case) -> Location | Unplaced | None:
    """The name is known, but far from the position: out of town, a namesake, or a mistake."""
    best = min(choice.matches, key=lambda match: case.context.km_off(match.place))
    km = case.context.km_off(best.place)
    if km <= NEAR_KM or _is_on_its_road(best.place, case):
        found = case.at_filed_position(f"position, {km:.0f} km from {best.place.name}")
        return replace(found, aside_km=round(km, 1)) if found else None
    if case.only_a_direction() or not _conflicts(choice, case):
        return case.at_filed_position("position; no place of that name is known near it")
    candidates = case.gazetteer.offer(choice.matches, limit=7)
    if case.query.position and (near := case.gazetteer.nearest(case.query.position, NEAR_KM)):
        candidates += (case.gazetteer.candidate(near[0], 0.5),)
    return Unplaced(
        reason="ambiguous",
        detail=f"{best.place.name} lies {km:.0f} km from the position given: which is right?",
        candidates=candidates,
    )


def _is_on_its_road(place: Place, case: Case) -> bool:
    """Return whether the position lies on the road given, and that leads to the place named.

    "Kéniéba", on the road Kayes - Kéniéba and 60 km from it, is on the way there.
    """
    return case.context.position_on_road and place.id in {one.id for one in case.context.towns}


def _conflicts(choice: Choice, case: Case) -> bool:
    """Return whether name and position cannot both be right.

    A village may have a namesake that nobody recorded; a town is known where it is, unless the
    region filed speaks for the position, or the road against a misspelt name.
    """
    weight, fit = case.gazetteer.chooser.weight, case.context.fit
    key = name_key(case.phrase.name or case.phrase.whole or "")
    towns = [
        match
        for match in choice.matches
        if weight(match.place) >= WELL_KNOWN
        and (not match.slips or case.gazetteer.chooser.stands_bare(key, match))
    ]
    if not towns or (case.context.position_on_road and all(match.slips for match in towns)):
        return False
    if fit is None or case.query.position is None:
        return True
    named_fits = any(fit(match.place) > 1 for match in choice.matches)
    return named_fits or not case.gazetteer.fits_region(case.query.region, case.query.position)
