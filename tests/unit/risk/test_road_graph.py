"""The network as junctions and roads: nothing lost, borders where they are, one road once."""

import random
from itertools import pairwise

import pytest

from app.core.levels import Level
from app.risk.journeys import RoadsNow, find_journeys
from app.risk.road_graph import Piece, road_graph
from tests.harness.api import shipped_config
from tests.unit.risk.test_journeys_exact import NOW, a_closure, a_standing, a_state

GRAPH = road_graph(shipped_config().network)
SPOTS = {spot.name: spot for spot in GRAPH.spots.values()}


def test_every_section_lies_in_exactly_one_chain() -> None:
    pieces = [piece.section_id for chain in GRAPH.chains for piece in chain.pieces]

    assert sorted(pieces) == sorted(shipped_config().network.sections)


def test_chains_hang_together_in_the_direction_they_are_driven() -> None:
    for chain in GRAPH.chains:
        for piece, before, after in zip(chain.pieces, chain.nodes, chain.nodes[1:], strict=False):
            assert GRAPH.ends_of(piece) == (before, after)


def test_every_stop_of_every_corridor_is_a_place_to_start_from() -> None:
    network = shipped_config().network

    stops = {stop.place_id for c in network.corridors.values() for stop in c.stops}
    assert GRAPH.spots.keys() == stops


def test_a_corridor_crosses_as_many_borders_as_its_stops_change_country() -> None:
    network = shipped_config().network
    for corridor in network.corridors.values():
        countries = [network.places[stop.place_id].country for stop in corridor.stops]
        changes = sum(a != b for a, b in pairwise(countries))

        on_sections = {
            (section_id, crossing)
            for section_id in corridor.section_ids
            for crossing in GRAPH.links[section_id].crossings
        }
        assert len(on_sections) == changes, corridor.code


def test_a_border_is_met_the_other_way_round_on_the_way_back() -> None:
    link = next(link for link in GRAPH.links.values() if link.crossings)
    there = GRAPH.crossings_of(Piece(link.section.id, 0.0, 1.0, along=True))
    back = GRAPH.crossings_of(Piece(link.section.id, 0.0, 1.0, along=False))

    assert [one.turned() for one in back[::-1]] == there
    assert GRAPH.crossings_of(Piece(link.section.id, 0.0, there[0].share / 2, along=True)) == []


def test_one_road_described_by_two_corridors_is_one_road() -> None:
    twins = [chain for chain in GRAPH.chains if sum(c.road == chain.road for c in GRAPH.chains) > 1]

    # the national road 1 of Senegal, of which both corridors to Dakar name other villages
    assert len(twins) == 12
    assert len({frozenset((chain.start, chain.end)) for chain in twins}) == 6


def test_a_section_is_split_at_a_village_and_both_ways_out_are_there() -> None:
    config = shipped_config()
    village = next(spot for spot in GRAPH.spots.values() if spot.section_id is not None)
    link = GRAPH.links[village.section_id or ""]
    metres = {}
    for node in (link.start, link.end):
        spot = GRAPH.spots.get(node)
        if spot is not None:
            (best, *_) = find_journeys(
                GRAPH, village, spot, {}, policy=config.journeys, now=NOW, limit=1
            )
            metres[node] = best.metres
            assert best.legs[0].piece.section_id == link.section.id
            assert 0 < best.legs[0].share < 1

    if len(metres) == 2:
        assert abs(sum(metres.values()) - link.metres) <= 2


def test_a_closed_way_is_shown_only_where_none_is_open() -> None:
    config, there = shipped_config(), (SPOTS["Bamako"], SPOTS["Conakry"])
    (alone,) = find_journeys(GRAPH, *there, {}, policy=config.journeys, now=NOW)
    section_id = alone.legs[3].piece.section_id
    held = {section_id: a_state(Level.HIGH, 5.0, a_closure())}
    over = {section_id: a_state(Level.HIGH, 5.0, a_closure(hours=-1))}

    (closed,) = find_journeys(GRAPH, *there, held, policy=config.journeys, now=NOW)
    (ran_out,) = find_journeys(GRAPH, *there, over, policy=config.journeys, now=NOW)

    assert (alone.open, closed.open, ran_out.open) == (True, False, True)
    assert closed.worst.piece.section_id == section_id
    assert closed.worst.closures == (a_closure(),)
    assert ran_out.level is Level.HIGH


@pytest.mark.parametrize("seed", range(40))
def test_a_way_that_is_no_detour_is_found_among_the_roads_that_are_near(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    policy = shipped_config().journeys
    corridor = chance.choice(list(shipped_config().network.corridors.values()))
    one, other = chance.sample(corridor.stops, 2)
    farthest_km = abs(one.km - other.km) * policy.longest
    spots = GRAPH.spots[one.place_id], GRAPH.spots[other.place_id]
    roads = RoadsNow(GRAPH, a_standing(chance), policy, NOW)

    near = GRAPH.chains_near(*spots, farthest_km)

    (best,) = roads.between(*spots, limit=1)
    found = roads.between(*spots, limit=1, chains=near)
    if best.metres <= farthest_km * 1_000:
        assert found == [best]
    used = {section.section_id for one in near for section in GRAPH.chains[one].pieces}
    for way in roads.between(*spots, limit=5):
        if way.metres <= farthest_km * 1_000:
            assert used.issuperset(leg.piece.section_id for leg in way.legs)


def test_what_lies_far_off_is_not_looked_at() -> None:
    near = GRAPH.chains_near(SPOTS["Lakamané"], SPOTS["Diéma"], 200)

    towns = {node for one in near for node in GRAPH.chains[one].nodes} & GRAPH.spots.keys()
    assert {GRAPH.spots[one].name for one in towns} >= {"Lakamané", "Diéma"}
    assert len(near) < len(GRAPH.chains) / 4
