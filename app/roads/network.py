"""Sections, corridors and the network they make; every lookup by position or by area."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from app.roads.areas import Country
from app.roads.folding import name_key
from app.roads.geometry import (
    LineIndex,
    Position,
    between,
    distance_km,
    distance_to_line_km,
    steps_along,
)
from app.roads.places import Location, Place, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of road between two neighbouring main stops, at most about 50 km.

    Attributes:
        id: Stable: `<place id>~<place id>` in sorted order, so that corridors share it. A long leg
            without a stop is cut in equal parts, with `~1`, `~2` ... appended.
        start: Place id of one end; `start_name` its name. `end`, `end_name` likewise. Parts of a
            long leg all have the ends of the leg.
        km: Length along the road.
        line: Its stops in order from `start`, at least two.
        corridors: Codes of the corridors that use it.
        areas: Area keys it touches: `region:ML/Kayes`, `cercle:ML/Kayes/Nioro`, `country:ML`.
        road: Documented road number(s) such as `RN1`, or None. Never a "ref to verify".
        part: (1, 4) for the first of four parts of a long leg; (1, 1) otherwise.
        schematic: Whether some of its line is only a straight line between distant stops.
    """

    id: str
    start: str
    end: str
    start_name: str
    end_name: str
    km: float
    line: tuple[Position, ...]
    corridors: tuple[str, ...]
    areas: frozenset[str]
    road: str | None
    part: tuple[int, int] = (1, 1)
    schematic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place on a corridor, `km` along the road from its first stop.

    `schematic`: the leg that ends here is drawn straight; the road is 10-25 % longer.
    """

    place_id: str
    name: str
    km: float
    main: bool
    schematic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """A road from end to end; the public word is route."""

    code: str
    title: str
    road_refs: str
    length_km: float
    stops: tuple[Stop, ...]
    section_ids: tuple[str, ...]
    #: Where each section of `section_ids` begins and ends, km along the corridor.
    section_km: tuple[tuple[float, float], ...] = ()


#: Answers kept of what lies within reach of a position: some kB each at most.
_REACHES_KEPT = 2_000
#: Answers kept of how far a section is: some 200 B each.
_DISTANCES_KEPT = 20_000
#: Lines of one road lie this near to one another; looked at in steps of so many km.
_SAME_ROAD_KM, _STEP_KM = 2.0, 2.0
#: A section runs on a road when so much of it does, and it is not too short to tell: at a junction
#: two roads begin side by side.
_SAME_SHARE, _SHORT_KM = 0.8, 5.0


_NUMBER = re.compile(r"\b(RN|N)\s?(\d+)\b", re.IGNORECASE)


class Network:
    """The roads: read-only once made."""

    def __init__(
        self,
        *,
        sections: Iterable[Section],
        corridors: Iterable[Corridor],
        places: Iterable[Place],
        countries: Iterable[Country],
        nearby_places: Iterable[Place] = (),
        numbered: Mapping[tuple[str, str], tuple[str, str]] | None = None,
    ) -> None:
        self.sections: Mapping[str, Section] = {s.id: s for s in sections}
        self.corridors: Mapping[str, Corridor] = {c.code: c for c in corridors}
        self._codes = {name_key(code): code for code in self.corridors}
        self._numbers = [road_numbers(c.road_refs) for c in self.corridors.values()]
        self.places: Mapping[str, Place] = {p.id: p for p in places}
        self.countries: Mapping[str, Country] = {c.code: c for c in countries}
        #: Places off the corridors that are shipped beside them.
        self.nearby_places: tuple[Place, ...] = tuple(nearby_places)
        #: Between which places a corridor bears a documented number, by (corridor, number).
        self._numbered = dict(numbered or {})
        self._ids = tuple(self.sections)
        self._index = LineIndex([s.line for s in self.sections.values()])
        # asked again and again of the same towns: of each report, and of each route near it
        self._within = lru_cache(_REACHES_KEPT)(self._find_within)
        self._distance = lru_cache(_DISTANCES_KEPT)(self._find_distance)
        self._same_road = lru_cache(_REACHES_KEPT)(self._find_same_road)
        self._routes_at: dict[str, tuple[str, ...]] = {}
        for corridor in self.corridors.values():
            for stop in corridor.stops:
                known = self._routes_at.get(stop.place_id, ())
                self._routes_at[stop.place_id] = (*known, corridor.code)
        by_area: dict[str, list[str]] = {}
        for section in self.sections.values():
            for key in section.areas:
                by_area.setdefault(key, []).append(section.id)
        self._by_area = {key: tuple(ids) for key, ids in by_area.items()}
        self.main_stops = frozenset(
            stop.place_id for c in self.corridors.values() for stop in c.stops if stop.main
        )

    def find_corridor(self, code: str) -> Corridor | None:
        """Return the corridor of a code as people write it: case and hyphens do not matter."""
        known = self._codes.get(name_key(code))
        return self.corridors[known] if known is not None else None

    def numbered(self, road: str) -> tuple[Corridor, ...]:
        """Return the corridors that have a road number of those in a text: `RN1`, `rn 6 / N2`."""
        wanted = road_numbers(road)
        if not wanted:
            return ()
        return tuple(
            corridor
            for numbers, corridor in zip(self._numbers, self.corridors.values(), strict=True)
            if wanted & numbers
        )

    def line_of(self, corridor: Corridor) -> tuple[Position, ...]:
        """Return where its stops are, in order."""
        return tuple(self.places[stop.place_id].position for stop in corridor.stops)

    def sections_within(self, position: Position, km: float) -> list[tuple[str, float]]:
        """Return (section id, km to its line) of every section within `km`, nearest first."""
        return list(self._within(position, km))

    def _find_within(self, position: Position, km: float) -> tuple[tuple[str, float], ...]:
        found = self._index.within(position, km)
        return tuple((self._ids[i], distance) for i, distance in found)

    def distance_to_section_km(self, position: Position, section_id: str) -> float:
        """Return the distance from `position` to the section's line, in km."""
        return self._distance(position, section_id)

    def _find_distance(self, position: Position, section_id: str) -> float:
        return distance_to_line_km(position, self.sections[section_id].line)

    def sections_in(self, area: str) -> tuple[str, ...]:
        """Return the ids of the sections that touch the area with this key."""
        return self._by_area.get(area, ())

    def reach(self, location: Location, km: float) -> dict[str, float]:
        """Return what an event there reaches: section id to its distance in km.

        A point reaches what lies within `km`; a stretch of road its own sections at 0 and what
        lies within `km` of its middle: what happened somewhere on 200 km was not at its ends, and
        so not on the other roads of the towns that it joins; all of a road its own sections and no
        others; an area all its sections at 0.
        """
        if location.shape is Shape.AREA and location.area:
            return dict.fromkeys(self.sections_in(location.area), 0.0)
        if location.whole:
            return dict.fromkeys(location.section_ids, 0.0)
        if location.shape is Shape.ROAD and location.section_ids:
            of_its_middle = dict(self.sections_within(location.position, km))
            return of_its_middle | dict.fromkeys(location.section_ids, 0.0)
        return dict(self.sections_within(location.position, km))

    def reach_any(self, locations: Sequence[Location], km: float) -> dict[str, float]:
        """Return what an event reaches that was at one of several places, see `reach`."""
        found = self.reach(locations[0], km)
        for location in locations[1:]:
            for section_id, distance in self.reach(location, km).items():
                found[section_id] = min(distance, found.get(section_id, distance))
        return found

    def same_road(self, section_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the sections, and behind them those of other corridors that run on the same road.

        Corridors that go one way out of a town need not have the same stops: from Bamako to
        Didiéni one is cut at Kati, the other is not.
        """
        return self._same_road(tuple(section_ids))

    def _find_same_road(self, section_ids: tuple[str, ...]) -> tuple[str, ...]:
        lines = [self.sections[one].line for one in section_ids]
        beside = {
            other
            for line in lines
            for point in steps_along(line, _STEP_KM)
            for other, _ in self.sections_within(point, _SAME_ROAD_KM)
        }
        others = (
            other
            for other in sorted(beside.difference(section_ids))
            if _runs_on(self.sections[other].line, lines)
            or any(_runs_on(line, [self.sections[other].line]) for line in lines)
        )
        return (*section_ids, *others)

    def routes_of(self, section_id: str) -> tuple[str, ...]:
        """Return the codes of the corridors that use the section."""
        return self.sections[section_id].corridors

    def routes_at(self, place_id: str) -> tuple[str, ...]:
        """Return the codes of the corridors that stop at the place."""
        return self._routes_at.get(place_id, ())

    def stretch_names(self, section_id: str) -> tuple[str, str]:
        """Return the names of the towns between which the section lies."""
        section = self.sections[section_id]
        return section.start_name, section.end_name

    def km_on_route(self, section_id: str, code: str) -> tuple[float, float]:
        """Return where the section begins and ends, km along the corridor from its first stop.

        Raises:
            KeyError: The corridor is unknown or does not use the section.
        """
        corridor = self.corridors[code]
        for known, span in zip(corridor.section_ids, corridor.section_km, strict=True):
            if known == section_id:
                return span
        raise KeyError(section_id)

    def stop_km(self, code: str, place_id: str) -> float | None:
        """Return the km of a place along the corridor, or None when it does not stop there."""
        for stop in self.corridors[code].stops:
            if stop.place_id == place_id:
                return stop.km
        return None

    def numbered_until(self, code: str, road: str) -> Stop | None:
        """Return the stop where the documented road number ends on the corridor, if it has one."""
        wanted = road.upper().replace(" ", "")
        for (corridor, number), (_, end) in self._numbered.items():
            if corridor == code and number in wanted.split("/"):
                return next(s for s in self.corridors[code].stops if s.place_id == end)
        return None

    def ends_of_road(self, number: str) -> tuple[Place, Place] | None:
        """Return between which places a number is documented; None: nowhere, or several are said.

        Every corridor that bears it is the same road.
        """
        said = road_numbers(number)
        ends = {ends for (_, known), ends in self._numbered.items() if known in said}
        if len(said) != 1 or len(ends) != 1:
            return None
        start, end = ends.pop()
        return self.places[start], self.places[end]

    def position_at(self, code: str, km: float) -> Position:
        """Return the point `km` along a corridor from its first stop.

        Raises:
            KeyError: The corridor is unknown.
            ValueError: `km` is not on the corridor.
        """
        stops = self.corridors[code].stops
        if not 0.0 <= km <= stops[-1].km:
            raise ValueError(f"{code} is {stops[-1].km:.0f} km long; {km:.0f} km is not on it")
        for a, b in pairwise(stops):
            if km <= b.km:
                share = (km - a.km) / (b.km - a.km) if b.km > a.km else 0.0
                return between(
                    self.places[a.place_id].position, self.places[b.place_id].position, share
                )
        return self.places[stops[-1].place_id].position

    def holds(self, position: Position) -> bool:
        """Return whether the position lies in the box of a configured country."""
        return any(country.holds(position) for country in self.countries.values())

    def corridor_km(self, code: str, position: Position) -> tuple[float, float]:
        """Return (km along the corridor, km off it) of the leg point nearest to `position`."""
        best = (0.0, float("inf"))
        stops = self.corridors[code].stops
        for a, b in pairwise(stops):
            ends = (self.places[a.place_id].position, self.places[b.place_id].position)
            off = distance_to_line_km(position, ends)
            if off < best[1]:
                to_a, to_b = distance_km(position, ends[0]), distance_km(position, ends[1])
                best = (a.km + (b.km - a.km) * to_a / ((to_a + to_b) or 1.0), off)
        return best


def has_number(road: str) -> bool:
    """Return whether a text has the number of a national road in it."""
    return bool(road_numbers(road))


def road_numbers(text: str) -> frozenset[str]:
    """Return the numbers of national roads in a text: `RN1`, `N2`."""
    return frozenset(f"{letters.upper()}{number}" for letters, number in _NUMBER.findall(text))


def _runs_on(line: Sequence[Position], road: Iterable[Sequence[Position]]) -> bool:
    """Return whether most of a line lies beside one of those that make the road."""
    if distance_km(line[0], line[-1]) < _SHORT_KM:
        return False
    points = steps_along(line, _STEP_KM)
    missing = (1.0 - _SAME_SHARE) * len(points)
    for point in points:
        if all(distance_to_line_km(point, one) > _SAME_ROAD_KM for one in road):
            missing -= 1
            if missing < 0:
                return False
    return True
