"""The answer equals brute force, for any standing of the sections of the network."""

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.levels import Level
from app.risk.journeys import Journey, find_journeys
from app.risk.rating import Closure, SectionCargoState
from app.risk.road_graph import RoadGraph, road_graph
from app.risk.ways import Edge, Way, best_ways, ranked
from tests.harness.api import shipped_config
from tests.harness.ways import BruteForce, Street, danger_of, told_of

NOW = datetime(2025, 9, 20, tzinfo=UTC)
#: Ends whose simple paths can all be held at once.
PAIRS = [
    ("Dakar", "Bamako"), ("Bamako", "Abidjan"), ("Bamako", "Gao"), ("Nouakchott", "Bamako"),
    ("Kayes", "Sikasso"), ("Tombouctou", "Bamako"), ("Ouagadougou", "Bamako"), ("Nioro", "Kita"),
    ("Tambacounda", "Ségou"), ("Bamako", "Conakry"),
]  # fmt: skip


def a_closure(hours: float = 24.0) -> Closure:
    return Closure(
        incident_id="i",
        kind="roadblock",
        rule_id="r",
        until=NOW + timedelta(hours=hours),
        lifted=True,
        heard_at=NOW - timedelta(hours=3),
    )


def a_state(level: Level, score: float = 1.0, *closures: Closure) -> SectionCargoState:
    return SectionCargoState(
        level=level,
        score=score,
        since=NOW,
        calm_since=None,
        evidence_at=NOW - timedelta(hours=5),
        positive_at=None,
        rated_at=NOW,
        closures=closures,
    )


@cache
def the_graph() -> RoadGraph:
    return road_graph(shipped_config().network)


@cache
def roads(start: str, end: str) -> dict[str, str]:
    """Return the road of each section; to leave a town on a road one way or the other is two."""
    spots = {spot.name: spot.node for spot in the_graph().spots.values()}
    halts = {spots[start], spots[end]}
    named = {}
    for chain in the_graph().chains:
        part = 0
        for node, piece in zip(chain.nodes, chain.pieces, strict=False):
            part += node in halts
            named[piece.section_id] = f"{chain.road}/{part}" if part else chain.road
    return named


@cache
def brute_force(start: str, end: str) -> BruteForce:
    """Every simple path over the shipped sections, ends of sections taken as nodes."""
    named = roads(start, end)
    streets = [
        Street(link.section.id, (link.start, link.end), link.metres, named[link.section.id])
        for link in the_graph().links.values()
    ]
    graph = the_graph()
    spots = {spot.name: spot.node for spot in graph.spots.values()}
    return BruteForce(streets, spots[start], spots[end], shipped_config().journeys)


def a_standing(rng: random.Random) -> dict[str, SectionCargoState]:
    """Return sections of which a random share is closed, rated, or never heard of."""
    closing, rated = rng.choice([0.0, 0.05, 0.2, 0.5]), rng.random()
    states = {}
    for section_id in the_graph().links:
        if rng.random() < closing:
            states[section_id] = a_state(Level.HIGH, rng.randint(0, 300) / 10, a_closure())
        elif rng.random() < rated:
            level = rng.choice(list(Level))
            states[section_id] = a_state(level, rng.randint(0, 300) / 10)
    return states


def compare(
    start: str,
    end: str,
    states: dict[str, SectionCargoState],
    limit: int,
    found: list[Journey] | None = None,
) -> None:
    """Check an answer against brute force."""
    graph, policy = the_graph(), shipped_config().journeys
    spots = {spot.name: spot for spot in graph.spots.values()}
    brute = brute_force(start, end)
    ranks, dangers = [], []
    for street in brute.streets:
        state = states.get(street.id)
        level = state.level if state else Level.UNKNOWN
        rank = policy.order[level]
        if state and state.closures:
            rank, level = policy.closed_rank, Level.SEVERE
        ranks.append(rank)
        dangers.append(danger_of(level, state.score if state else 0.0, street.metres, policy))

    if found is None:
        found = find_journeys(
            graph, spots[start], spots[end], states, policy=policy, now=NOW, limit=limit
        )

    named = roads(start, end)
    assert [told_of(one, named, policy) for one in found] == brute.alternatives(
        ranks, dangers, limit
    )


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_the_answer_equals_brute_force_whatever_is_closed(start: str, end: str) -> None:
    rng = random.Random(f"{start}{end}")  # noqa: S311 - no secret
    for _ in range(12):
        compare(start, end, a_standing(rng), rng.randint(1, 5))


NODES = ["a", "b", "c", "d", "e", "f"]
PIECES = st.builds(
    lambda ends, road, rank, danger, metres: Edge(
        start=ends[0],
        end=ends[1],
        road=f"{ends[0]}{ends[1]}{road}",
        rank=rank,
        danger=danger,
        metres=metres,
        pieces=(),
    ),
    ends=st.sampled_from([pair for pair in product(NODES, NODES) if pair[0] < pair[1]]),
    road=st.integers(0, 1),
    rank=st.integers(0, 3),
    danger=st.integers(0, 3),
    metres=st.integers(1, 4),
)


def as_told(way: Way) -> tuple[tuple[str, ...], int, int, int]:
    return way.roads, way.rank, way.danger, way.metres


@settings(max_examples=200, deadline=None)
@given(edges=st.lists(PIECES, max_size=18))
def test_every_way_of_any_network_comes_once_and_in_order(edges: list[Edge]) -> None:
    streets = [
        Street(str(number), (edge.start, edge.end), edge.metres, edge.road)
        for number, edge in enumerate(edges)
    ]
    brute = BruteForce(streets, "a", "f", shipped_config().journeys)

    found = list(ranked(edges, "a", "f"))

    expected = sorted(
        brute.ranked([edge.rank for edge in edges], [edge.danger for edge in edges]),
        key=lambda way: way.order,
    )
    assert [as_told(way) for way in found] == [
        (way.roads, way.rank, way.danger, way.metres) for way in expected
    ]


def test_a_metre_decides_however_dangerous_the_roads_are() -> None:
    """They are added up as one float: where it rounds, the longer way comes first."""

    def road(start: str, end: str, danger: int, metres: int) -> Edge:
        name = f"{start}-{end}"
        return Edge(
            start=start, end=end, road=name, rank=0, danger=danger, metres=metres, pieces=()
        )

    danger = 9_999_999
    edges = [
        road("a", "f", 2 * danger, 18_601),
        road("a", "b", danger, 9_300),
        road("b", "f", danger, 9_300),
    ]

    assert [way.roads for way in ranked(edges, "a", "f")] == [("a-b", "b-f"), ("a-f",)]


@settings(max_examples=200, deadline=None)
@given(edges=st.lists(PIECES, max_size=18), limit=st.integers(1, 5))
def test_alternatives_of_any_network_equal_brute_force(edges: list[Edge], limit: int) -> None:
    policy = shipped_config().journeys
    edges = [
        Edge(
            start=edge.start,
            end=edge.end,
            road=edge.road,
            rank=policy.closed_rank if edge.rank == 3 else edge.rank,
            danger=edge.danger,
            metres=edge.metres * 50_000,
            pieces=(),
        )
        for edge in edges
    ]
    streets = [
        Street(str(number), (edge.start, edge.end), edge.metres, edge.road)
        for number, edge in enumerate(edges)
    ]
    brute = BruteForce(streets, "a", "f", policy)

    found = best_ways(
        edges,
        "a",
        "f",
        limit=limit,
        longest=policy.longest,
        differ_m=policy.differ_m,
        differ_share=policy.differ_share,
        closed_rank=policy.closed_rank,
    )

    expected = brute.alternatives(
        [edge.rank for edge in edges], [edge.danger for edge in edges], limit
    )
    assert [as_told(way) for way in found] == [
        (way.roads, way.rank, way.danger, way.metres) for way in expected
    ]
