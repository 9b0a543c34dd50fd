"""A route as a strip, like the line of a metro: its stops, the levels between, what is beside."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.levels import Level
from app.flows.readers.picture import Sighting
from app.flows.readers.route_picture import Beside, RoutePicture, SectionShown
from app.roads.network import Stop

#: A stop that ends a section is at its kilometre, up to rounding.
_AT_KM = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the strip: a stop, a level from here on, or an incident.

    Attributes:
        level: Of the rail beside it.
        begins: The level changes here.
        to_km: Where that level ends.
    """

    level: Level
    km: float
    stop: Stop | None = None
    incident: Sighting | None = None
    begins: bool = False
    to_km: float = 0.0


def strip_of(picture: RoutePicture) -> list[Row]:
    """Return the rows of a route's strip, from its first stop to its last."""
    rows: list[Row] = []
    stops = list(picture.corridor.stops)
    beside = [one for one in picture.incidents if one.km is not None]
    for place, section in enumerate(picture.sections):
        last = place == len(picture.sections) - 1
        inside = _until(section.to_km, stops, last=last)
        if inside and abs(inside[0].km - section.from_km) <= _AT_KM:
            rows.append(Row(level=section.level, km=inside[0].km, stop=inside.pop(0)))
        if place == 0 or picture.sections[place - 1].level is not section.level:
            end = _same_until(picture.sections[place:])
            rows.append(Row(level=section.level, km=section.from_km, begins=True, to_km=end))
        rows += _between(section, inside, beside, last=last)
    return rows


def _until(km: float, stops: list[Stop], *, last: bool) -> list[Stop]:
    """Take the stops before a kilometre from the front of `stops`; all that are left at the end."""
    count = 0
    while count < len(stops) and (last or stops[count].km < km - _AT_KM):
        count += 1
    taken = stops[:count]
    del stops[:count]
    return taken


def _same_until(sections: Sequence[SectionShown]) -> float:
    end = sections[0].to_km
    for one in sections:
        if one.level is not sections[0].level:
            break
        end = one.to_km
    return end


def _between(
    section: SectionShown, stops: Sequence[Stop], beside: Sequence[Beside], *, last: bool
) -> list[Row]:
    rows = [Row(level=section.level, km=stop.km, stop=stop) for stop in stops]
    for one in beside:
        km = one.km or 0.0
        if section.from_km <= km < section.to_km or (last and km >= section.to_km):
            rows.append(Row(level=section.level, km=km, incident=one.what))
    return sorted(rows, key=lambda row: (row.km, row.stop is None))
