"""Where a danger is over although the incident goes on: in a part of its area, on one road."""

from app.incidents.incident import Incident
from app.roads.geometry import distance_to_line_km
from app.roads.named_road import ON_IT_KM
from app.roads.network import Section
from app.roads.places import Location, Shape


def is_lifted_on(section: Section, incident: Incident) -> bool:
    """Return whether a danger is over on the section: in a part that was freed, or on that road.

    A section that leaves the part is not freed: beyond it the danger goes on. Of a town every
    section that touches it is, unless a road was named: that is what makes the town reachable.
    """
    return any(_frees(part, section) for part in incident.lifted)


def _frees(part: Location, section: Section) -> bool:
    if part.shape is Shape.AREA:
        of_its_sort = f"{(part.area or '').partition(':')[0]}:"
        named = {area for area in section.areas if area.startswith(of_its_sort)}
        return named == {part.area}
    if part.shape is Shape.ROAD:
        return section.id in part.section_ids
    if part.along is not None and section.id not in part.along:
        return False
    return distance_to_line_km(part.position, section.line) <= ON_IT_KM
