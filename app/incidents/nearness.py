"""How near two places are to one another, for two people may have told of one event. Pure."""

from math import exp

from app.incidents.incident import Incident
from app.incidents.report import Family
from app.roads.areas import area_keys
from app.roads.geometry import rough_km
from app.roads.places import Location, Shape

#: An area is searched this far around its anchor when the other location says nothing of areas, km.
_AREA_REACH_KM = 60.0
_FAR_KM = 50.0
#: Half of the longest road that a report is placed on unasked (`by_road.LONGEST_STRETCH_KM`): of a
#: longer one somebody said that nobody knows where on it.
LONG_KM = 110.0


def areas_of(location: Location) -> tuple[str, ...]:
    """Return the keys of the areas that hold `location`, smallest first."""
    named = [location.area] if location.area else []
    if location.country:
        around = area_keys(location.country, location.region, location.cercle)
        named += reversed(around)
    return tuple(dict.fromkeys(named))


def nearness(location: Location, incident: Incident, near_km: float) -> tuple[float, float, float]:
    """Return (near, far, same place) of a report's location and an incident, each 0..1."""
    other = incident.location
    same = same_place(location, incident)
    if incident.elsewhere:
        other = min(incident.spots, key=lambda one: rough_km(location.position, one.position))
    km = rough_km(location.position, other.position)
    if Shape.AREA in (location.shape, other.shape):
        if same:
            return 1.0, 0.0, 1.0
        inside = holds(location, other) or holds(other, location)
        if inside:
            return 0.5, 0.0, 0.0
        gap = max(0.0, km - _AREA_REACH_KM / 2 - _open_km(location, other))
    elif _is_of_roads(location, other, incident.family):
        shared = _shared(location, other)
        return shared, 1.0 - shared, float(same)
    else:
        gap = apart_km(location, other)
        same = same or is_on(location, other)  # a road that is closed is told of from its towns
    return exp(-gap / near_km), min(1.0, gap / _FAR_KM), float(same)


def _is_of_roads(one: Location, other: Location, family: Family) -> bool:
    """Return whether only roads that are the same are one: a town that opens is not all of one."""
    both = one.whole and other.whole
    return both or ((one.whole or other.whole) and family is Family.POSITIVE)


def apart_km(one: Location, other: Location) -> float:
    """Return how far two places are from one another beyond what both leave open.

    What is of all of a road leaves nothing open: half its length is no nearness.
    """
    if is_on(one, other):
        return 0.0
    return max(0.0, rough_km(one.position, other.position) - _open_km(one, other))


def is_by(location: Location, incident: Incident, near_km: float) -> bool:
    """Return whether a report may speak of a spot of `incident`, for what places leave open."""
    if Shape.AREA in (location.shape, incident.location.shape):
        return True
    return same_place(location, incident) or any(
        apart_km(location, spot) <= near_km for spot in incident.spots
    )


def _open_km(*places: Location) -> float:
    return max(0.0 if where.whole else where.radius_km for where in places)


def is_long(where: Location) -> bool:
    """Return whether it is of some spot on a long road, and nobody knows of which."""
    return where.shape is Shape.ROAD and not where.whole and where.radius_km > LONG_KM


def is_on(one: Location, other: Location) -> bool:
    """Return whether one is of all of a road, and the other of a part of that, or a spot on it."""
    if not (one.whole or other.whole):
        return False
    return not _road_of(one).isdisjoint(_road_of(other))


def _road_of(where: Location) -> frozenset[str]:
    return frozenset(where.section_ids or where.at)


def _shared(one: Location, other: Location) -> float:
    """Return which part of two roads is the same: Bamako-Ségou is no closure of Bamako-Mopti."""
    both, either = _road_of(one) & _road_of(other), _road_of(one) | _road_of(other)
    return len(both) / len(either) if either else 0.0


def same_place(location: Location, incident: Incident) -> bool:
    """Return whether `location` is where reports of `incident` place it, or the same area."""
    if location.shape is Shape.AREA or incident.location.shape is Shape.AREA:
        return location.area is not None and location.area == incident.location.area
    key = place_key(location)
    return any(key == place for place, _ in incident.places)


def place_key(location: Location) -> str:
    """Return what two locations of the same place share: area, place, stretch or label.

    Twenty kilometres from Kayes are another place on another road.
    """
    if location.area and location.shape is Shape.AREA:
        return location.area
    if location.place_id:
        return location.place_id
    if location.section_ids:
        return "~".join(location.section_ids)
    if location.counted:
        return f"{location.label} {location.position.lat:.1f} {location.position.lon:.1f}"
    return location.label


def holds(area: Location, inner: Location) -> bool:
    """Return whether `area` is an area, and `inner` lies in it."""
    return area.shape is Shape.AREA and area.area in areas_of(inner)
