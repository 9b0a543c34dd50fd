"""Which roads a danger is of, where a road was named with it: pure."""

from collections.abc import Collection

from app.core.levels import Level
from app.incidents.incident import Incident
from app.incidents.report import Family
from app.roads.named_road import ON_IT_KM
from app.roads.network import Section
from app.roads.places import Location, Shape

#: What happened on one of the roads of an area; a blockade or a curfew holds on all of them.
_ON_ONE_ROAD = frozenset({Family.HOSTILE, Family.HAZARD})


def is_of(section: Section, incident: Incident, kinds: Collection[str]) -> bool:
    """Return whether a danger is of the section, so that what is insisted on holds there.

    Who shoots in a town can ride to its other roads. But where only the road is known for certain,
    because the spot on it is a guess or a whole area was told, it is of that road and of no other;
    and so is in any case what is decided of one road, such as by the `kinds` named: carriers that
    no longer drive from Bamako to Ségou have closed no other road out of Bamako. Where no road was
    named, or none that the network has, it may be any that lies there.
    """
    return any(_may_be(section, where, incident, kinds) for where in incident.spots)


def on_each_road(level: Level, incident: Incident) -> Level:
    """Return what is insisted on at most on each of the roads that a danger may be of.

    "An ambush in the region of Tombouctou", no road named, was on one of many: it is a warning on
    all of them, one level lower, and a closure of none. A cercle has two or three.
    """
    where = incident.location
    wide = where.shape is Shape.AREA and (where.area or "").startswith(("region:", "country:"))
    if not wide or where.along or incident.family not in _ON_ONE_ROAD:
        return level
    return {Level.SEVERE: Level.HIGH, Level.HIGH: Level.MODERATE}.get(level, level)


def _may_be(section: Section, where: Location, incident: Incident, kinds: Collection[str]) -> bool:
    road = where.section_ids if where.shape is Shape.ROAD else where.along
    if not road or section.id in road:
        return True
    if incident.kind in kinds:
        return False
    if where.shape is Shape.AREA:
        return incident.family not in _ON_ONE_ROAD
    return where.shape is Shape.ROAD or where.radius_km <= ON_IT_KM
