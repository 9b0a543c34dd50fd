"""Ways between two nodes in exact order: worst section, then danger, then metres. Pure.

A worst section is no sum, so that no shortest path finds it. For each rank in turn, the best first,
the graph is narrowed to the roads of that rank or better; within it danger and metres do add up,
and ways come in their order by best-first search: what is left of a way is estimated by the exact
shortest path to its end (Dijkstra, rustworkx), which is never too much. A way whose worst road is
better than the rank came already. So every way comes once, and in order.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, groupby, islice
from operator import attrgetter
from typing import NamedTuple

from rustworkx import PyGraph, dijkstra_shortest_path_lengths, has_path

from app.risk.road_graph import Piece

_RANK, _METRES, _COST = attrgetter("rank"), attrgetter("metres"), attrgetter("cost")
#: Danger counts before any metre: no way on earth is so long, 67,000 km. Paths are added up in
#: floats, which hold 53 bits: 27 are left for danger, 134 million of 0.0001 incidents each.
_LONGER_THAN_ANY = 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A road between two nodes.

    Attributes:
        road: Edges of one road between the same nodes are one road described twice: of them a way
            takes the better, and they make no other way.
        rank: Of its worst section; 0 for the best.
        danger: Added up over its sections.
        pieces: From `start` to `end`.
    """

    start: str
    end: str
    road: str
    rank: int
    danger: int
    metres: int
    pieces: tuple[Piece, ...]

    @property
    def cost(self) -> int:
        """Return danger and metres as one number in their order."""
        return self.danger * _LONGER_THAN_ANY + self.metres

    @property
    def ids(self) -> tuple[str, ...]:
        """Return its sections: what decides between equals."""
        return tuple(sorted(piece.section_id for piece in self.pieces))


class Step(NamedTuple):
    """An edge as it is driven."""

    edge: Edge
    along: bool

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return its pieces in the direction of travel."""
        if self.along:
            return self.edge.pieces
        return tuple(piece.turned() for piece in self.edge.pieces[::-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way from end to end, no town twice."""

    steps: tuple[Step, ...]
    rank: int
    danger: int
    metres: int

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Return what is driven, in order."""
        return tuple(piece for step in self.steps for piece in step.pieces)

    @property
    def roads(self) -> tuple[str, ...]:
        """Return the roads it takes: what makes it another way."""
        return tuple(step.edge.road for step in self.steps)

    @property
    def order(self) -> tuple[int, int, int, tuple[str, ...]]:
        """Return what ways are ranked by; names of roads decide between equals."""
        return self.rank, self.danger, self.metres, self.roads


def best_ways(
    edges: Sequence[Edge],
    start: str,
    end: str,
    *,
    limit: int,
    longest: float,
    differ_m: int,
    differ_share: float,
    closed_rank: int,
) -> list[Way]:
    """Return the best way, and the next ones that differ from all before them, in order.

    Open ways only; where there is none, closed ones. None at all: no road leads there.

    Args:
        edges: Every road.
        start: Node.
        end: Another.
        limit: At most so many.
        longest: No way but the best is longer than the shortest by this factor.
        differ_m: Another way runs so many metres on roads of none before it,
        differ_share: or this share of its length, where that is less.
        closed_rank: From this rank on a road is closed.
    """
    if limit == 1:
        return list(islice(ranked(edges, start, end), 1))
    usable = [edge for edge in edges if edge.rank < closed_rank]
    shortest = _shortest(usable, start, end)
    if shortest is None:
        usable = list(edges)
        shortest = _shortest(usable, start, end)
    if shortest is None:
        return []
    found = [next(ranked(usable, start, end))]
    for way in ranked(usable, start, end, most_m=int(shortest * longest)):
        if all(_differs(way, other, differ_m, differ_share) for other in found):
            found.append(way)
            if len(found) == limit:
                break
    return found


def ranked(
    edges: Iterable[Edge], start: str, end: str, *, most_m: int | None = None
) -> Iterator[Way]:
    """Yield every way of at most `most_m` metres, in order."""
    groups: dict[tuple[str, str, str], list[Edge]] = {}
    for edge in edges:
        if edge.start != edge.end:
            one, other = sorted((edge.start, edge.end))
            groups.setdefault((one, other, edge.road), []).append(edge)
    least = _least_rank(groups.values(), start, end)
    if least is not None:
        for rank in sorted({edge.rank for group in groups.values() for edge in group}):
            if rank >= least:
                yield from _Narrowed(groups.values(), rank, end).ways(start, end, most_m)


def _least_rank(groups: Iterable[Sequence[Edge]], start: str, end: str) -> int | None:
    """Return the rank from which on the roads join two nodes; None: they never do."""
    best = sorted((min(group, key=_RANK) for group in groups), key=_RANK)
    roads = _Roads(best, start, end)
    for rank, edges in groupby(best, key=_RANK):
        roads.add(edges)
        if has_path(roads.graph, roads.numbers[start], roads.numbers[end]):
            return int(rank)
    return None


def _shortest(edges: Sequence[Edge], start: str, end: str) -> int | None:
    roads = _Roads(edges, start, end)
    roads.add(edges)
    return roads.to(end, _METRES).get(start)


class _Roads:
    """The nodes of roads and, once they are added, the roads, for a library that numbers nodes."""

    def __init__(self, edges: Iterable[Edge], *others: str) -> None:
        ends = (node for edge in edges for node in (edge.start, edge.end))
        nodes = list(dict.fromkeys((*ends, *others)))
        self.numbers = {node: number for number, node in enumerate(nodes)}
        self.graph = PyGraph[str, Edge]()
        self.graph.add_nodes_from(nodes)

    def add(self, edges: Iterable[Edge]) -> None:
        """Add roads between nodes that there are."""
        self.graph.add_edges_from(
            [(self.numbers[edge.start], self.numbers[edge.end], edge) for edge in edges]
        )

    def to(self, end: str, weight: Callable[[Edge], int]) -> dict[str, int]:
        """Return the least sum of weights to the end from each node that is joined to it."""
        found = dijkstra_shortest_path_lengths(self.graph, self.numbers[end], weight)
        return {end: 0} | {self.graph[node]: int(length) for node, length in found.items()}


def _differs(way: Way, other: Way, differ_m: int, differ_share: float) -> bool:
    roads = set(other.roads)
    own = sum(step.edge.metres for step in way.steps if step.edge.road not in roads)
    return own >= min(differ_m, differ_share * way.metres)


class _Narrowed:
    """The roads of a rank or better, of each the better description.

    Attributes:
        ahead: Least cost to the end from each node that is joined to it.
    """

    def __init__(self, groups: Iterable[Sequence[Edge]], rank: int, end: str) -> None:
        self._rank = rank
        self._from: dict[str, list[tuple[str, Step, bool]]] = {}
        kept = []
        for group in groups:
            fit = [edge for edge in group if edge.rank <= rank]
            if not fit:
                continue
            best = fit[0] if len(fit) == 1 else min(fit, key=lambda edge: (edge.cost, edge.ids))
            # whether the road was there at a better rank already
            new = min(edge.rank for edge in fit) == rank
            self._from.setdefault(best.start, []).append((best.end, Step(best, True), new))  # noqa: FBT003
            self._from.setdefault(best.end, []).append((best.start, Step(best, False), new))  # noqa: FBT003
            kept.append(best)
        self._end, self._roads = end, _Roads(kept, end)
        self._roads.add(kept)
        self.ahead = self._roads.to(end, _COST)

    @cached_property
    def _ahead_m(self) -> Mapping[str, int]:
        """Return the least metres to the end, likewise."""
        return self._roads.to(self._end, _METRES)

    def ways(self, start: str, end: str, most_m: int | None) -> Iterator[Way]:
        """Yield the ways whose worst road has the rank, in order; equals by their roads."""
        equal: list[Way] = []
        for way in self._by_cost(start, end, most_m):
            if way is not None:
                equal.append(way)
                continue
            yield from sorted(equal, key=lambda one: one.order)
            equal = []
        yield from sorted(equal, key=lambda one: one.order)

    def _by_cost(self, start: str, end: str, most_m: int | None) -> Iterator[Way | None]:
        """Yield ways as their cost grows; None when no other of the last cost can follow."""
        number = count()
        last: int | None = None
        first: tuple[Step, ...] = ()
        # least cost in the end, number, node, cost, metres, whether of the rank, steps, nodes
        queue = [(self.ahead[start], next(number), start, 0, 0, False, first, frozenset({start}))]
        while queue:
            least, _, node, cost, metres, of_rank, steps, visited = heapq.heappop(queue)
            if last is not None and least > last:
                yield None
                last = None
            if node == end:
                if of_rank:
                    last = cost
                    danger = sum(step.edge.danger for step in steps)
                    yield Way(steps=steps, rank=self._rank, danger=danger, metres=metres)
                continue
            for other, step, new in self._from.get(node, ()):
                if other in visited or other not in self.ahead:
                    continue
                far = metres + step.edge.metres
                if most_m is not None and far + self._ahead_m[other] > most_m:
                    continue
                spent = cost + step.edge.cost
                entry = (
                    *(spent + self.ahead[other], next(number), other, spent, far),
                    *(of_rank or new, (*steps, step), visited | {other}),
                )
                heapq.heappush(queue, entry)
