"""Cuts corridors into the sections that they share."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.roads.areas import keys_of
from app.roads.geometry import Position, between
from app.roads.network import Corridor, Section, Stop
from app.roads.places import Place

#: A stretch between main stops that is longer is cut at stops between them.
LONGEST_KM = 55.0
#: No cut closer than this to an end: slivers tell nobody anything.
SHORTEST_KM = 12.0
#: A stretch without stops to cut at is cut in equal parts from here on.
LONGEST_WITHOUT_STOP_KM = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A corridor as the file gives it, before it is cut."""

    code: str
    title: str
    road_refs: str
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNumber:
    """A documented number and the stretch of a corridor that carries it."""

    number: str
    corridor: str
    start: str
    end: str


_Ends = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Node:
    place_id: str
    km: float


def cut(
    routes: Sequence[Route], places: Mapping[str, Place], numbers: Iterable[RoadNumber]
) -> tuple[list[Section], list[Corridor]]:
    """Return the sections of all routes, and the corridors made of them.

    Two corridors share a section where they have the same stops in a row.
    """
    cuts = _cut_points(routes)
    maker = _Maker(routes, places, numbers)
    corridors = [
        maker.corridor(route, chain_ends=_chains(route.stops, cuts, maker)) for route in routes
    ]
    return maker.sections(), corridors


def _cut_points(routes: Sequence[Route]) -> set[str]:
    """Main stops, and stops where corridors part or meet."""
    points: set[str] = set()
    neighbours: dict[str, set[str]] = {}
    for route in routes:
        points.update(stop.place_id for stop in route.stops if stop.main)
        points.update((route.stops[0].place_id, route.stops[-1].place_id))
        for a, b in pairwise(route.stops):
            neighbours.setdefault(a.place_id, set()).add(b.place_id)
            neighbours.setdefault(b.place_id, set()).add(a.place_id)
    points.update(place for place, near in neighbours.items() if len(near) > 2)  # noqa: PLR2004
    return points


def _chains(stops: Sequence[Stop], cuts: set[str], maker: "_Maker") -> Iterator[list[Stop]]:
    chain = [stops[0]]
    for stop in stops[1:]:
        chain.append(stop)
        if stop.place_id in cuts:
            yield from maker.distinct(chain)
            chain = [stop]


class _Maker:
    """Makes each stretch once, whichever corridor comes first."""

    def __init__(
        self, routes: Sequence[Route], places: Mapping[str, Place], numbers: Iterable[RoadNumber]
    ) -> None:
        self._places = places
        self._paths: dict[_Ends, tuple[str, ...]] = {}
        self._pieces: dict[tuple[str, ...], list[Section]] = {}
        self._users: dict[str, list[str]] = {}
        self._schematic = {
            frozenset((a.place_id, b.place_id))
            for route in routes
            for a, b in pairwise(route.stops)
            if b.schematic
        }
        self._numbers: dict[frozenset[str], str] = {}
        by_code = {route.code: route for route in routes}
        for number in numbers:
            self._carry(number, by_code[number.corridor])

    def _carry(self, number: RoadNumber, route: Route) -> None:
        ids = [stop.place_id for stop in route.stops]
        inside = ids[ids.index(number.start) : ids.index(number.end) + 1]
        for leg in pairwise(inside):
            self._numbers[frozenset(leg)] = number.number

    def distinct(self, chain: list[Stop]) -> Iterator[list[Stop]]:
        """Yield the chain; in two when another chain already joins the same ends otherwise.

        A chain without a stop between its ends is the same road, less closely described.
        """
        ids = tuple(stop.place_id for stop in chain)
        path = min(ids, ids[::-1])
        ends = (path[0], path[-1])
        if len(path) > 2 and self._paths.setdefault(ends, path) != path:  # noqa: PLR2004
            half = (chain[0].km + chain[-1].km) / 2.0
            middle = min(range(1, len(chain) - 1), key=lambda i: abs(chain[i].km - half))
            yield chain[: middle + 1]
            yield chain[middle:]
        else:
            yield chain

    def corridor(self, route: Route, chain_ends: Iterable[list[Stop]]) -> Corridor:
        """Return the corridor with its sections in order of travel."""
        ids: list[str] = []
        spans: list[tuple[float, float]] = []
        for chain in chain_ends:
            pieces = self._pieces_of(chain)
            scale = (chain[-1].km - chain[0].km) / sum(piece.km for piece in pieces)
            at = chain[0].km
            for piece in pieces:
                ids.append(piece.id)
                spans.append((round(at, 3), round(at + piece.km * scale, 3)))
                at += piece.km * scale
                self._users.setdefault(piece.id, []).append(route.code)
        return Corridor(
            code=route.code,
            title=route.title,
            road_refs=route.road_refs,
            length_km=route.stops[-1].km,
            stops=route.stops,
            section_ids=tuple(ids),
            section_km=tuple(spans),
        )

    def sections(self) -> list[Section]:
        """Return every section made, once."""
        made = {piece.id: piece for pieces in self._pieces.values() for piece in pieces}
        return [
            replace(s, corridors=tuple(dict.fromkeys(self._users[s.id]))) for s in made.values()
        ]

    def _pieces_of(self, chain: list[Stop]) -> list[Section]:
        """Return the sections of a chain in its order."""
        nodes = [_Node(stop.place_id, stop.km - chain[0].km) for stop in chain]
        backwards = nodes[0].place_id > nodes[-1].place_id
        if backwards:
            nodes = [_Node(n.place_id, nodes[-1].km - n.km) for n in reversed(nodes)]
        path = tuple(node.place_id for node in nodes)
        if len(path) == 2:  # noqa: PLR2004 - no stop between the ends
            path = self._paths.setdefault(path, path)
        if path not in self._pieces:
            self._pieces[path] = [
                section for run in _split(nodes) for section in self._sections_of(run)
            ]
        pieces = self._pieces[path]
        return pieces[::-1] if backwards else pieces

    def _sections_of(self, run: Sequence[_Node]) -> Iterator[Section]:
        if run[0].place_id > run[-1].place_id:
            run = [_Node(n.place_id, run[-1].km - n.km) for n in reversed(run)]
            yield from reversed(list(self._sections_of(run)))
            return
        km = run[-1].km - run[0].km
        parts = 1 if km <= LONGEST_WITHOUT_STOP_KM else math.ceil(km / LONGEST_KM)
        for part in range(parts):
            low = run[0].km + km * part / parts
            high = run[0].km + km * (part + 1) / parts
            yield self._section(run, low, high, (part + 1, parts))

    def _section(
        self, run: Sequence[_Node], low: float, high: float, part: tuple[int, int]
    ) -> Section:
        start, end = self._places[run[0].place_id], self._places[run[-1].place_id]
        legs = [(a, b) for a, b in pairwise(run) if a.km < high and b.km > low] or [
            (run[0], run[-1])
        ]
        touched = [self._places[n.place_id] for leg in legs for n in leg]
        numbers = {self._numbers.get(frozenset((a.place_id, b.place_id))) for a, b in legs}
        base = f"{start.id}~{end.id}"
        return Section(
            id=base if part[1] == 1 else f"{base}~{part[0]}",
            start=start.id,
            end=end.id,
            start_name=start.name,
            end_name=end.name,
            km=round(high - low, 3),
            line=self._line(legs, low, high),
            corridors=(),
            areas=frozenset(key for p in touched for key in keys_of(p)),
            road=numbers.pop() if len(numbers) == 1 else None,
            part=part,
            schematic=any(frozenset((a.place_id, b.place_id)) in self._schematic for a, b in legs),
        )

    def _line(
        self, legs: Sequence[tuple[_Node, _Node]], low: float, high: float
    ) -> tuple[Position, ...]:
        points = [self._point(*legs[0], low)]
        points += [self._places[a.place_id].position for a, _ in legs[1:]]
        points.append(self._point(*legs[-1], high))
        return tuple(points)

    def _point(self, a: _Node, b: _Node, km: float) -> Position:
        start, end = self._places[a.place_id].position, self._places[b.place_id].position
        if km <= a.km:
            return start
        return end if km >= b.km else between(start, end, (km - a.km) / (b.km - a.km))


def _split(nodes: list[_Node]) -> list[list[_Node]]:
    """Cut a chain at the stops that make the pieces most even, until none is too long."""
    km = nodes[-1].km - nodes[0].km
    if km <= LONGEST_KM:
        return [nodes]
    pieces = math.ceil(km / LONGEST_KM)
    ideal = nodes[0].km + km * (pieces // 2) / pieces
    fit = [
        i
        for i, node in enumerate(nodes)
        if nodes[0].km + SHORTEST_KM <= node.km <= nodes[-1].km - SHORTEST_KM
    ]
    if not fit:
        return [nodes]
    at = min(fit, key=lambda i: abs(nodes[i].km - ideal))
    return _split(nodes[: at + 1]) + _split(nodes[at:])
