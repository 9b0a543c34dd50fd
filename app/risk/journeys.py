"""Where to drive: the ways between two places, ranked by their danger for a cargo. Pure."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.levels import Level
from app.risk.closures import holding
from app.risk.journey_policy import JourneyPolicy
from app.risk.rating import Closure, SectionCargoState
from app.risk.road_graph import Chain, Crossing, Piece, RoadGraph, Spot
from app.risk.ways import Edge, Way, best_ways

#: Danger is counted in whole steps of this many expected incidents: sums are exact.
_STEP = 1e-4
#: Metres of road for which `counts_as` speaks: a whole section.
_COUNTED_M = 50_000
#: A score of 100.0 is rounded; what it stands for is not certainty.
_SUREST = 0.9995
#: Towns named to tell one way from another.
VIA = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A section on the way.

    Attributes:
        level, score: For the cargo; `unknown` and 0 when it was never rated.
        evidence_at: The newest evidence, None without any. `by_day`: as of a rating.
        closures: What closes it.
        share: How much of the section is driven.
    """

    piece: Piece
    level: Level
    score: float
    evidence_at: datetime | None
    by_day: bool
    closures: tuple[Closure, ...]
    metres: int
    hours: float
    crossings: tuple[Crossing, ...]

    @property
    def share(self) -> float:
        """Return how much of the section is driven."""
        return self.piece.high - self.piece.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A way from end to end, for one cargo.

    Attributes:
        open: No section of it is closed.
        level: Of its worst section, in the order of the policy.
        score: 100 x the chance of at least one serious incident on some section of it in the
            horizon, by the statistics alone; what nobody knows adds nothing.
        danger: Expected incidents that it is ranked by, a level counting at least as the policy
            says.
        worst: The leg to worry about most.
        hours: On the road and at borders.
        countries: In order of travel.
        via: Towns that tell it from other ways.
    """

    legs: tuple[Leg, ...]
    open: bool
    level: Level
    score: float
    danger: float
    worst: Leg
    metres: int
    hours: float
    wait_hours: float
    countries: tuple[str, ...]
    via: tuple[str, ...]

    @property
    def crossings(self) -> tuple[Crossing, ...]:
        """Return the borders on the way."""
        return tuple(one for leg in self.legs for one in leg.crossings)

    @property
    def last_news_at(self) -> datetime | None:
        """Return when anything was last heard of any of it."""
        heard = [leg.evidence_at for leg in self.legs if leg.evidence_at is not None]
        heard += [closure.heard_at for leg in self.legs for closure in leg.closures]
        return max(heard, default=None)

    @property
    def unknown_metres(self) -> int:
        """Return on how much of it nobody has news."""
        return sum(leg.metres for leg in self.legs if leg.level is Level.UNKNOWN)


def find_journeys(
    graph: RoadGraph,
    start: Spot,
    end: Spot,
    states: Mapping[str, SectionCargoState],
    *,
    policy: JourneyPolicy,
    now: datetime,
    limit: int | None = None,
) -> list[Journey]:
    """Return the ways from `start` to `end`, the one to take first; see `RoadsNow.between`."""
    return RoadsNow(graph, states, policy, now).between(start, end, limit=limit)


class RoadsNow:
    """The roads as they stand for one cargo at one instant."""

    def __init__(
        self,
        graph: RoadGraph,
        states: Mapping[str, SectionCargoState],
        policy: JourneyPolicy,
        now: datetime,
    ) -> None:
        """Look at the roads.

        Args:
            graph: The roads.
            states: What is kept of the sections' ratings for the cargo; absent ones are unknown.
            policy: How ways are ranked.
            now: When: closures that have run out are none.
        """
        self._graph, self._states, self._policy, self._now = graph, states, policy, now
        self._least = {level: _expected(chance) for level, chance in policy.counts_as.items()}
        self._known: dict[int, Edge] = {}

    def between(
        self,
        start: Spot,
        end: Spot,
        *,
        limit: int | None = None,
        chains: Sequence[int] | None = None,
    ) -> list[Journey]:
        """Return the ways from one spot to another, the one to take first; all open or all closed.

        Ranked by the worst section, then by the danger of the whole way, then by its length. Closed
        ways are returned only where no way is open; none at all where no road leads there.

        Args:
            start: Where the journey begins.
            end: Where it ends; another spot.
            limit: At most so many; the policy's without.
            chains: The places of those of the graph that may be used, the spots' own among them;
                None: all. What is known of others is not looked at.
        """
        policy = self._policy
        ways = best_ways(
            self._edges((start, end), range(len(self._graph.chains)) if chains is None else chains),
            start.node,
            end.node,
            limit=limit or policy.limit,
            longest=policy.longest,
            differ_m=policy.differ_m,
            differ_share=policy.differ_share,
            closed_rank=policy.closed_rank,
        )
        passed = [self._nodes_of(way) for way in ways]
        nobody: frozenset[str] = frozenset()
        return [
            self._journey(way, start, others=nobody.union(*passed[:index], *passed[index + 1 :]))
            for index, way in enumerate(ways)
        ]

    def worst_of(self, legs: Sequence[Leg]) -> Level | None:
        """Return the worst level of these legs for this cargo; None where one is closed."""
        rank = max(self._standing(leg.piece)[0] for leg in legs)
        return next((one for one, place in self._policy.order.items() if place == rank), None)

    def closures_at(self, section_id: str) -> tuple[Closure, ...]:
        """Return what closes a section to whoever drives the whole of it."""
        state = self._states.get(section_id)
        piece = Piece(section_id, 0.0, 1.0, along=True)
        return self._closures(piece, state) if state is not None else ()

    def _edges(self, spots: Sequence[Spot], chains: Iterable[int]) -> list[Edge]:
        """Return the roads of these chains between junctions and spots, in their order."""
        inside: dict[int, list[Spot]] = {}
        for spot in spots:
            if (index := self._graph.chain_of(spot)) is not None:
                inside.setdefault(index, []).append(spot)
        edges: list[Edge] = []
        for index in chains:
            if index not in inside:
                edges.append(self._whole(index))
                continue
            chain = self._graph.chains[index]
            edges += [
                self._edge(start, end, f"{chain.road}/{number}", pieces)
                for number, (start, end, pieces) in enumerate(_split(chain, inside[index]))
            ]
        return edges

    def _whole(self, index: int) -> Edge:
        """Return a chain as the road from junction to junction that it is; made once."""
        if index not in self._known:
            chain = self._graph.chains[index]
            self._known[index] = self._edge(chain.start, chain.end, chain.road, chain.pieces)
        return self._known[index]

    def _edge(self, start: str, end: str, road: str, pieces: Sequence[Piece]) -> Edge:
        rank = danger = metres = 0
        for piece in pieces:
            ranked, danger_here = self._standing(piece)
            rank = max(rank, ranked)
            danger += danger_here
            metres += self._graph.metres_of(piece)
        return Edge(
            start=start,
            end=end,
            road=road,
            rank=rank,
            danger=danger,
            metres=metres,
            pieces=tuple(pieces),
        )

    def _standing(self, piece: Piece) -> tuple[int, int]:
        """Return the rank and the danger of a piece: those of its whole section.

        What a level counts for at least is in proportion to the length; statistics know it.
        """
        state = self._states.get(piece.section_id)
        level = state.level if state is not None else Level.UNKNOWN
        rank, score = self._policy.order[level], state.score if state is not None else 0.0
        if state is not None and state.closures and self._closures(piece, state):
            rank, level = self._policy.closed_rank, Level.SEVERE
        least = self._least[level] * self._graph.metres_of(piece) / _COUNTED_M
        return rank, round(max(_expected(score / 100.0), least) / _STEP)

    def _closures(self, piece: Piece, state: SectionCargoState) -> tuple[Closure, ...]:
        """Return what closes a piece; a closed border closes the crossing alone."""
        held = holding(state.closures, now=self._now)
        at_borders = self._policy.closed.at_borders
        if all(one.kind not in at_borders for one in held) or self._graph.crossings_of(piece):
            return held
        return tuple(one for one in held if one.kind not in at_borders)

    def _nodes_of(self, way: Way) -> frozenset[str]:
        return frozenset(node for piece in way.pieces for node in self._graph.ends_of(piece))

    def _journey(self, way: Way, start: Spot, *, others: frozenset[str]) -> Journey:
        """Return a way as it is told; `others`: what the other ways pass."""
        legs = tuple(self._leg(piece) for piece in way.pieces)
        crossings = [one for leg in legs for one in leg.crossings]
        wait = self._policy.wait_hours * len(crossings)
        worst = max(legs, key=lambda leg: (*self._standing(leg.piece), leg.metres))
        home = self._graph.network.places[start.place_id].country
        return Journey(
            legs=legs,
            open=way.rank < self._policy.closed_rank,
            level=worst.level,
            score=round(100.0 * (1.0 - math.exp(-sum(map(_hazard, legs)))), 1),
            danger=round(way.danger * _STEP, 4),
            worst=worst,
            metres=way.metres,
            hours=sum(leg.hours for leg in legs) + wait,
            wait_hours=wait,
            countries=tuple(dict.fromkeys((home, *(one.countries[1] for one in crossings)))),
            via=via_of(self._graph, legs, apart=others)
            or via_of(self._graph, legs, apart=frozenset()),
        )

    def _leg(self, piece: Piece) -> Leg:
        state = self._states.get(piece.section_id)
        section = self._graph.links[piece.section_id].section
        metres = self._graph.metres_of(piece)
        road = "schematic" if section.schematic else "numbered" if section.road else "other"
        longer = self._policy.schematic_longer if section.schematic else 1.0
        return Leg(
            piece=piece,
            level=state.level if state is not None else Level.UNKNOWN,
            score=state.score if state is not None else 0.0,
            evidence_at=state.evidence_at if state is not None else None,
            by_day=state is not None and state.by_day,
            closures=self._closures(piece, state) if state is not None else (),
            metres=metres,
            hours=metres / 1_000.0 * longer / self._policy.speed_kmh[road],
            crossings=tuple(self._graph.crossings_of(piece)),
        )


def via_of(
    graph: RoadGraph, legs: Sequence[Leg], *, apart: frozenset[str], most: int = VIA
) -> tuple[str, ...]:
    """Return the names of the largest towns on the way that are not among `apart`, in order."""
    network = graph.network
    inner = dict.fromkeys(graph.ends_of(leg.piece)[1] for leg in legs[:-1])
    towns = [node for node in inner if node in network.main_stops and node not in apart]
    largest = sorted(towns, key=lambda node: (-(network.places[node].population or 0), node))
    return tuple(network.places[node].name for node in towns if node in largest[:most])


def _expected(chance: float) -> float:
    """Return the expected incidents behind a chance of at least one."""
    return -math.log(1.0 - min(chance, _SUREST))


def _hazard(leg: Leg) -> float:
    return _expected(leg.score / 100.0)


def _split(chain: Chain, spots: Sequence[Spot]) -> Iterator[tuple[str, str, tuple[Piece, ...]]]:
    """Yield the stretches of a chain between its ends and the spots on it."""
    at, stretch = chain.start, []
    nodes = {spot.node for spot in spots if spot.section_id is None}
    for piece, node in zip(chain.pieces, chain.nodes[1:], strict=True):
        low = 0.0
        for share, name in _inside(piece, spots):
            stretch.append(Piece(piece.section_id, low, share, piece.along))
            yield at, name, tuple(stretch)
            at, stretch, low = name, [], share
        stretch.append(Piece(piece.section_id, low, 1.0, piece.along))
        if node in nodes and node != chain.end:
            yield at, node, tuple(stretch)
            at, stretch = node, []
    yield at, chain.end, tuple(stretch)


def _inside(piece: Piece, spots: Sequence[Spot]) -> list[tuple[float, str]]:
    """Return the spots within a section, in the direction of travel."""
    return sorted(
        (spot.share if piece.along else 1.0 - spot.share, spot.node)
        for spot in spots
        if spot.section_id == piece.section_id
    )
