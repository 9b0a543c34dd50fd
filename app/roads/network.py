"""Sections, corridors and the network they make; every lookup by position or by area."""

from dataclasses import dataclass

from app.roads.geometry import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of road between two neighbouring main stops, at most about 50 km.

    Attributes:
        id: Stable: `<place id>~<place id>` in sorted order, so that corridors share it.
        start: Place id of one end; `start_name` its name. `end`, `end_name` likewise.
        km: Length along the road.
        line: Its stops in order from `start`, at least two.
        corridors: Codes of the corridors that use it.
        areas: Area keys it touches: `region:ML/Kayes`, `cercle:ML/Kayes/Nioro`, `country:ML`.
        road: Documented road number(s) such as `RN1`, or None. Never a "ref to verify".
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place on a corridor, `km` along the road from its first stop."""

    place_id: str
    name: str
    km: float
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """A road from end to end; the public word is route."""

    code: str
    title: str
    road_refs: str
    length_km: float
    stops: tuple[Stop, ...]
    section_ids: tuple[str, ...]
