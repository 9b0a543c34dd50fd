"""Journeys by brute force: every simple path over the sections, ranked as the policy says.

Written from the words of config/policy/journeys.toml; shares nothing with `app.risk.ways`.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from app.core.levels import Level
from app.risk.journey_policy import JourneyPolicy
from app.risk.journeys import Journey


@dataclass(frozen=True)
class Street:
    """A section for brute force: its ends, metres, and the road it is one description of."""

    id: str
    ends: tuple[str, str]
    metres: int
    road: str


@dataclass(frozen=True)
class Told:
    """What is compared: the roads of a way, its rank, danger (1e-4) and metres."""

    roads: tuple[str, ...]
    rank: int
    danger: int
    metres: int

    @property
    def order(self) -> tuple[int, int, int, tuple[str, ...]]:
        return self.rank, self.danger, self.metres, self.roads


class BruteForce:
    """All simple paths between two nodes, found once, and ranked for any standing of sections."""

    def __init__(
        self, streets: Sequence[Street], start: str, end: str, policy: JourneyPolicy
    ) -> None:
        self.streets, self.policy = list(streets), policy
        self.paths = _simple_paths(self.streets, start, end)
        self.metres = np.array([street.metres for street in self.streets])

    @cached_property
    def uses(self) -> np.ndarray:
        """Return which path uses which section."""
        uses = np.zeros((len(self.paths), len(self.streets)), dtype=bool)
        for row, path in enumerate(self.paths):
            uses[row, path] = True
        return uses

    @cached_property
    def roads(self) -> list[tuple[str, ...]]:
        """Return the roads of each path, each named once in a row."""
        named = []
        for path in self.paths:
            roads = [self.streets[index].road for index in path]
            named.append(tuple(r for i, r in enumerate(roads) if i == 0 or roads[i - 1] != r))
        return named

    def ranked(self, ranks: Sequence[int], dangers: Sequence[int]) -> Iterator[Told]:
        """Yield every way in order, of each the best of its descriptions; open ones if any."""
        if not self.paths:
            return
        closed = self.policy.closed_rank
        worst = np.where(self.uses, np.array(ranks), -1).max(axis=1)
        danger, metres = self.uses @ np.array(dangers), self.uses @ self.metres
        keep = worst < closed if (worst < closed).any() else np.ones(len(worst), dtype=bool)
        self._shortest = int(metres[keep].min())
        rows = np.lexsort((metres, danger, worst))
        seen: set[tuple[str, ...]] = set()
        ways = (
            Told(self.roads[row], int(worst[row]), int(danger[row]), int(metres[row]))
            for row in rows[keep[rows]].tolist()
        )
        for _, equal in groupby(ways, key=lambda way: way.order[:3]):
            for way in sorted(equal, key=lambda way: way.roads):
                if way.roads not in seen:
                    seen.add(way.roads)
                    yield way

    def alternatives(self, ranks: Sequence[int], dangers: Sequence[int], limit: int) -> list[Told]:
        """Return the answer: the best, then each next that is not too long and differs."""
        told: list[Told] = []
        length = self._road_metres(ranks, dangers)
        for way in self.ranked(ranks, dangers):
            too_long = way.metres > int(self._shortest * self.policy.longest)
            if told and (too_long or not all(self._differs(way, one, length) for one in told)):
                continue
            told.append(way)
            if len(told) == limit:
                break
        return told

    def _differs(self, way: Told, other: Told, length: Callable[[Told, str], int]) -> bool:
        own = sum(length(way, road) for road in way.roads if road not in other.roads)
        return own >= min(self.policy.differ_m, self.policy.differ_share * way.metres)

    def _road_metres(
        self, ranks: Sequence[int], dangers: Sequence[int]
    ) -> Callable[[Told, str], int]:
        """Return the metres of a road as the way takes it: its better description."""

        def length(way: Told, road: str) -> int:
            found = []
            for pieces in self.descriptions[road]:
                rank = max(ranks[index] for index in pieces)
                cost = (
                    sum(dangers[index] for index in pieces),
                    sum(self.streets[index].metres for index in pieces),
                )
                if rank <= way.rank:
                    found.append(cost)
            return min(found)[1]

        return length

    @cached_property
    def descriptions(self) -> dict[str, set[tuple[int, ...]]]:
        """Return the descriptions of each road on any path, as sections."""
        found: dict[str, set[tuple[int, ...]]] = {}
        for path in self.paths:
            run: list[int] = []
            for index in (*path, None):
                if run and (index is None or self.streets[index].road != self.streets[run[0]].road):
                    found.setdefault(self.streets[run[0]].road, set()).add(tuple(sorted(run)))
                    run = []
                if index is not None:
                    run.append(index)
        return found


def danger_of(level: Level, score: float, metres: int, policy: JourneyPolicy) -> int:
    """Return the danger of a section as the policy words it, in steps of 1e-4."""
    least = -math.log(1.0 - policy.counts_as[level]) * metres / 50_000
    return round(max(-math.log(1.0 - min(score / 100.0, 0.9995)), least) / 1e-4)


def told_of(journey: Journey, roads: Mapping[str, str], policy: JourneyPolicy) -> Told:
    """Return what of a journey is compared."""
    names = [roads[leg.piece.section_id] for leg in journey.legs]
    return Told(
        roads=tuple(name for i, name in enumerate(names) if i == 0 or names[i - 1] != name),
        rank=policy.order[journey.level] if journey.open else policy.closed_rank,
        danger=round(journey.danger / 1e-4),
        metres=journey.metres,
    )


def _simple_paths(streets: Sequence[Street], start: str, end: str) -> list[list[int]]:
    at: dict[str, list[tuple[str, int]]] = {}
    for index, street in enumerate(streets):
        one, other = street.ends
        at.setdefault(one, []).append((other, index))
        at.setdefault(other, []).append((one, index))
    found: list[list[int]] = []
    visited = {start}
    path: list[int] = []

    def walk(node: str) -> None:
        if node == end:
            found.append(list(path))
            return
        for other, index in at.get(node, ()):
            if other not in visited:
                visited.add(other)
                path.append(index)
                walk(other)
                path.pop()
                visited.discard(other)

    walk(start)
    return found
