"""Steps that place a report in a region, a cercle or a country."""

from dataclasses import replace

from app.roads.areas import Area, division_name
from app.roads.case import Answer, Case
from app.roads.choosing import AGREES_KM, Outcome
from app.roads.geometry import rough_km
from app.roads.places import Location, Place, Unplaced
from app.roads.placing import in_area

#: A position within this of a known place lies in that place's region.
_NEAR_KM = 50.0
#: The precision of a report whose town only stands for its region.
REGION_PROXY = "region proxy"


def stands_for_area(case: Case) -> Location | None:
    """The report says that its town stands for a region ("region proxy")."""
    if case.query.precision != REGION_PROXY:
        return None
    how = "area: the place stands for it"
    for phrase in (case.phrase, *case.phrase.hints):
        if phrase.area and (area := _area_named(phrase.area, case)):
            return in_area(area, how)
    if country := _country(case.phrase.name, case):
        return _region_given(case) or _around_position(case) or in_area(country, how)
    choice = case.resolve_name()
    if choice.outcome is Outcome.ONE:
        place = choice.match.place
        if area := _area_of(place, case):
            return in_area(area, how, place)
    return _region_given(case) or _around_position(case)


def area_in_words(case: Case) -> Answer:
    """`région de Kayes`, `cercle de Nioro`, `Timbuktu region`; a country by its name."""
    if not case.phrase.area:
        return _country_named(case)
    if area := _area_named(case.phrase.area, case):
        if not _is_narrowed(area, case):
            return in_area(area, "area")
        case.phrase = replace(case.phrase, name=None, whole=None)
        return None
    case.phrase = replace(case.phrase, name=division_name(case.phrase.area or ""))
    return None


def _is_narrowed(area: Area, case: Case) -> bool:
    """Return whether the report says that its position is where in the area it was.

    One that says nothing of what its position is may mean the whole area: `blocus de la région`.
    """
    position = case.query.position
    if position is None or not case.query.precision:
        return False
    away = rough_km(position, area.anchor.position) > AGREES_KM
    return away and case.gazetteer.fits_region(case.phrase.area, position)


def _country_named(case: Case) -> Answer:
    """`Mali`: what else the report says tells where; `northern Mali` is too much of it."""
    if case.phrase.border:
        return None  # "frontière du Sénégal" is one of its posts, and not all of Senegal
    offset = case.phrase.offset
    part = offset.name if offset is not None and offset.km is None else None
    country = _country(part or case.phrase.name, case)
    if country is None:
        return None
    if not case.context.bare:
        case.phrase = replace(case.phrase, name=None, whole=None, offset=None)
        return None
    if part is None:
        return in_area(country, "area: a country")
    detail = f"{part!r} is a country: which region, town or road of it?"
    return Unplaced(reason="ambiguous", detail=detail, candidates=())


def _country(name: str | None, case: Case) -> Area | None:
    """Return the country of that name, unless the region filed is abroad.

    `Mali` is a country, and a town of Guinea to who says that it lies there.
    """
    named = case.gazetteer.areas.named(name or "")
    country = next((area for area in named if area.kind == "country"), None)
    if country is None or not case.query.region:
        return country
    around = case.gazetteer.region(case.query.region).narrow
    return country if all(area.country == country.country for area in around) else None


def region_given(case: Case) -> Location | None:
    """The region filed, for a report that gives nothing smaller."""
    return None if case.says_a_place() else _region_given(case)


def _region_given(case: Case) -> Location | None:
    hint = case.gazetteer.region(case.query.region) if case.query.region else None
    if not hint or len({area.country for area in hint.narrow}) != 1:
        return None
    wide = [area for area in hint.wide if area.kind == "region"]
    stands_for_wide = case.query.precision == REGION_PROXY and not _is_seat(hint.narrow[0], case)
    area = wide[0] if wide and stands_for_wide else hint.narrow[0]
    return in_area(area, "area: the region given")


def _is_seat(area: Area, case: Case) -> bool:
    """Return whether the position filed is that of the main town of `area`: it stands for that."""
    at = case.query.position
    return at is not None and rough_km(at, area.anchor.position) <= AGREES_KM


def _area_named(text: str, case: Case) -> Area | None:
    """Return the area; None when countries have areas of that name and nothing tells which."""
    narrow = case.gazetteer.region(text).narrow
    if len(narrow) > 1 and case.context.fit is not None:
        fit = case.context.fit
        narrow = tuple(area for area in narrow if fit(area.anchor) > 1) or narrow
    countries = {area.country for area in narrow}
    return narrow[0] if len(countries) == 1 else None


def _area_of(place: Place, case: Case) -> Area | None:
    """Return the widest area whose main town `place` is; else the smallest around it."""
    around = [area for area in case.gazetteer.areas.of(place) if area.kind != "country"]
    own = [area for area in around if area.anchor.id == place.id]
    return next(iter([*own, *reversed(around)]), None)


def _around_position(case: Case) -> Location | None:
    position = case.query.position
    found = case.gazetteer.nearest(position, _NEAR_KM) if position else None
    area = _area_of(found[0], case) if found else None
    return in_area(area, "area: around the position") if area else None
