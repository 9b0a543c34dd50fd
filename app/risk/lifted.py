"""Where and for whom a danger is over although it goes on, and of which road good news speaks."""

from collections.abc import Sequence

from app.incidents.incident import Incident, Status
from app.incidents.openings import REOPENED
from app.roads.geometry import distance_to_line_km
from app.roads.named_road import ON_IT_KM
from app.roads.network import Section
from app.roads.places import Location, Shape


def is_resolved(incident: Incident) -> bool:
    """Return whether evidence has answered the danger."""
    return incident.status is Status.RESOLVED or incident.resolved_at is not None


def over_for(section: Section, incident: Incident, cargoes: Sequence[str]) -> tuple[bool, ...]:
    """Return of each cargo whether the danger is over for it on the section.

    It is where the danger is over as a whole, in a part that was freed, on that road, or for that
    cargo. A section that leaves the part is not freed: beyond it the danger goes on. Of a town
    every section that touches it is, unless a road was named: that is what makes the town
    reachable.
    """
    if is_resolved(incident) or any(_frees(part, section) for part in incident.lifted):
        return (True,) * len(cargoes)
    if not incident.lifted_for:
        return (False,) * len(cargoes)
    freed = {
        code
        for lift in incident.lifted_for
        if lift.where is None or _frees(lift.where, section)
        for code in lift.cargo
    }
    return tuple(cargo in freed for cargo in cargoes)


def closes_still(incident: Incident, section: Section, cargo: str) -> bool:
    """Return whether an incident is neither refuted nor over there for the cargo."""
    stands = incident.status in (Status.OPEN, Status.CONFIRMED)
    return stands and not any(over_for(section, incident, (cargo,)))


def eased_by(news: Incident, cargoes: Sequence[str]) -> tuple[bool, ...]:
    """Return of each cargo whether good news may lower what it is rated at.

    To whom a road was opened, to those alone. What is said for others by a load that passed, is for
    the rules to weigh, cargo by cargo.
    """
    if news.shut or news.kind == REOPENED:
        return tuple(is_for(news, cargo) for cargo in cargoes)
    return (True,) * len(cargoes)


def is_for(news: Incident, cargo: str) -> bool:
    """Return whether good news is for a cargo: it names it, or none and does not leave it out."""
    return (not news.cargo or cargo in news.cargo) and cargo not in news.shut


def speaks_of(news: Incident, distance_km: float, section: Section) -> bool:
    """Return whether good news is about the section, so far from it.

    Who drove one road into town, or opened it, has not seen the three others. Good news is about
    the road that was named with it; where none was, about what lies at its place. A road that is
    open one way, or to some, is open to nobody that we could tell.
    """
    where = news.location
    if news.in_part:
        return False
    if where.shape is Shape.AREA:
        return True
    if where.shape is Shape.ROAD:
        return section.id in where.section_ids
    if where.along is None:
        return distance_km <= ON_IT_KM
    return section.id in where.along and distance_km <= max(ON_IT_KM, where.radius_km)


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
