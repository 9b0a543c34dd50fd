"""Makes locations: spots, stretches of road and areas, with what to print for them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from app.core.text import de
from app.roads.areas import Area, keys_of
from app.roads.folding import name_key
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.places import Location, LongRoad, Place, Shape
from app.roads.stretches import Stretch

T = TypeVar("T")

#: How far an event may be from a town that was named; from a filed position; "near X".
TOWN_RADIUS_KM = 2.0
ROUGH_RADIUS_KM = 12.0
#: A position this near to a place is in it, or as good as.
IN_IT_KM = 4.0
#: A bare position is named after a place no farther than this.
NAMED_AFTER_KM = 30.0
_BETWEEN = " - "
_SOMEWHERE = "stretch of road; nobody can say where on it"
#: Features of GeoNames that reach far around their position: mines, forests.
_WIDE = frozenset({"MN", "FRST"})
#: Countries whose capital is a district of its own and in no region.
_DISTRICTS = frozenset({"ML"})
_KINDS = {"region": "région", "cercle": "cercle"}


def at_place(place: Place, how: str, *, vague: bool = False) -> Location:
    """Return the spot of a known place; around it, where it is as wide as a mine or a forest."""
    vague = vague or place.feature in _WIDE
    return Location(
        shape=Shape.POINT,
        position=place.position,
        radius_km=ROUGH_RADIUS_KM if vague else TOWN_RADIUS_KM,
        label=place.name,
        place_id=place.id,
        country=place.country,
        region=place.region,
        cercle=place.cercle,
        aside_km=0.0 if vague else None,
        how=how,
    )


def at_position(
    position: Position,
    gazetteer: Gazetteer,
    how: str,
    *,
    label: str | None = None,
    radius_km: float = ROUGH_RADIUS_KM,
) -> Location:
    """Return a filed position; region and, without a label, name are those of the nearest place.

    A label that is no name of the gazetteer is told to nobody but the desk.
    """
    found = gazetteer.nearest(position, NAMED_AFTER_KM)
    place, km = found or (None, 0.0)
    known = place.name if place else f"{position.lat:.2f}, {position.lon:.2f}"
    aside_km = round(km, 1) if km > IN_IT_KM else None
    if place is not None and label is None:
        how = f"{how}, {km:.0f} km from {place.name}"
    words = label is not None and not _is_known(label, gazetteer)
    return Location(
        shape=Shape.POINT,
        position=position,
        radius_km=radius_km,
        label=label or known,
        country=place.country if place else _country_at(position, gazetteer),
        region=place.region if place else None,
        cercle=place.cercle if place else None,
        aside_km=aside_km if label is None else None,
        near=known if words else None,
        near_km=aside_km if words else None,
        how=how,
    )


def _is_known(label: str, gazetteer: Gazetteer) -> bool:
    names = ends_of(label) or (label,)
    return all(gazetteer.names.exact(name_key(name)) for name in names)


def at_distance(
    town: Place,
    km: float,
    position: Position,
    gazetteer: Gazetteer,
    how: str,
    *,
    radius_km: float = ROUGH_RADIUS_KM,
) -> Location:
    """Return a spot that was counted from a town, called as it was said: "20 km from Kayes".

    The village nearest to it may be known to nobody but those who live there.
    """
    spot = at_position(position, gazetteer, how, label=town.name, radius_km=radius_km)
    return replace(spot, aside_km=km, counted=True)


def on_stretch(a: Place, b: Place, stretch: Stretch, gazetteer: Gazetteer, how: str) -> Location:
    """Return the stretch of road between two places."""
    found = gazetteer.nearest(stretch.middle, NAMED_AFTER_KM)
    near = found[0] if found and keys_of(a) != keys_of(b) else a
    return Location(
        shape=Shape.ROAD,
        position=stretch.middle,
        radius_km=round(stretch.km / 2.0, 1),
        label=between_label(a.name, b.name),
        section_ids=gazetteer.network.same_road(stretch.section_ids),
        towns=(stretch.stops[0], stretch.stops[-1]) if stretch.along_road else (),
        country=near.country,
        region=near.region,
        cercle=near.cercle,
        how=how if stretch.along_road else f"{how}, straight line: no known road",
    )


def long_road(a: Place, b: Place, stretch: Stretch, *, may_be_all: bool) -> LongRoad | None:
    """Return a road too long to be one place; None where the network has none."""
    if not stretch.along_road:
        return None
    return LongRoad(ends=(a.id, b.id), label=between_label(a.name, b.name), may_be_all=may_be_all)


def somewhere_on(ends: tuple[str, str], gazetteer: Gazetteer) -> Location | None:
    """Return the road between two places by their ids, where nobody can say where on it.

    None where the network has no such road any more.
    """
    a, b = (gazetteer.places.get(one) for one in ends)
    if a is None or b is None:
        return None
    stretch = gazetteer.stretches.stretch(a, b)
    return on_stretch(a, b, stretch, gazetteer, _SOMEWHERE) if stretch.along_road else None


def spread(found: Sequence[T], most: int) -> tuple[T, ...]:
    """Return at most so many of what lies along a road, evenly spread, both ends among them."""
    if len(found) <= most:
        return tuple(found)
    return tuple(found[round(at * (len(found) - 1) / (most - 1))] for at in range(most))


def in_area(area: Area, how: str, anchor: Place | None = None) -> Location:
    """Return an area, anchored at its main town or at the place that stands for it."""
    return Location(
        shape=Shape.AREA,
        position=(anchor or area.anchor).position,
        radius_km=0.0,
        label=area_label(area),
        place_id=(anchor or area.anchor).id,
        area=area.key,
        country=area.country,
        region=area.region,
        cercle=area.cercle,
        how=how,
    )


def between_label(start: str, end: str) -> str:
    """Return what a stretch between two towns is called."""
    return _BETWEEN.join((start, end))


def ends_of(label: str) -> tuple[str, str] | None:
    """Return the two ends that the label of a stretch names; None for any other label."""
    ends = label.split(_BETWEEN)
    return (ends[0], ends[1]) if len(ends) == 2 else None  # noqa: PLR2004 - two ends


def area_label(area: Area) -> str:
    """Return what to print: `région de Kayes`, `cercle d'Ansongo`, `Mali`."""
    kind = _KINDS.get(area.kind)
    if kind is None:
        return area.name
    if area.kind == "region" and area.country in _DISTRICTS and area.anchor.feature == "PPLC":
        kind = "district"
    return f"{kind} {de(area.name)}"


def printed(text: str) -> str:
    """Return a filed text fit to print: shouted and whispered names get capitals."""
    text = " ".join(text.split())
    return text.title() if text.isupper() or text.islower() else text


def _country_at(position: Position, gazetteer: Gazetteer) -> str | None:
    inside = [c.code for c in gazetteer.network.countries.values() if c.holds(position)]
    return inside[0] if len(inside) == 1 else None
