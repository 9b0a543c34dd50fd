from pathlib import Path

import pytest

from app.roads.loading import load_network
from app.roads.network import Network
from app.subscribers.subscription import TownPair
from app.subscribers.targets import RoadNames, UnknownName, targets_of

NETWORK = Path(__file__).resolve().parents[3] / "config" / "network"


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(NETWORK)


@pytest.fixture(scope="module")
def roads(network: Network) -> RoadNames:
    return RoadNames(network)


def test_naming_nothing_means_every_road(roads: RoadNames) -> None:
    targets = targets_of(routes=[], regions=[], towns=[], roads=roads)

    assert targets.index == {"all"}
    assert targets.faults == ()


@pytest.mark.parametrize("name", ["ML-DKR-N", "ml-dkr-n", "ML DKR N"])
def test_routes_are_known_by_code(roads: RoadNames, name: str) -> None:
    targets = targets_of(routes=[name], regions=[], towns=[], roads=roads)

    assert targets.routes == ("ML-DKR-N",)
    assert targets.index == {"route:ML-DKR-N"}


@pytest.mark.parametrize(
    "name", ["Kayes", "kayes", "ML/Kayes", "region:ML/Kayes", "Region:ML/kayes"]
)
def test_regions_are_known_by_name_and_key(roads: RoadNames, name: str) -> None:
    assert targets_of(routes=[], regions=[name], towns=[], roads=roads).index == {"region:ML/Kayes"}


def test_a_cercle_is_an_area_too(roads: RoadNames) -> None:
    targets = targets_of(routes=[], regions=["cercle:ML/Kayes/Nioro"], towns=[], roads=roads)

    assert targets.index == {"cercle:ML/Kayes/Nioro"}


def test_accents_and_case_do_not_matter(roads: RoadNames) -> None:
    one = targets_of(routes=[], regions=["Ségou"], towns=[], roads=roads)
    two = targets_of(routes=[], regions=["SEGOU"], towns=[], roads=roads)

    assert one.index == two.index == {"region:ML/Segou"}


def test_two_towns_mean_the_sections_between_them(roads: RoadNames, network: Network) -> None:
    pair = TownPair(start="Kayes", end="Diboli")

    targets = targets_of(routes=[], regions=[], towns=[pair], roads=roads)

    sections = [word.removeprefix("section:") for word in targets.index]
    km = sum(network.sections[section].km for section in sections)
    assert targets.faults == ()
    assert all(word.startswith("section:") for word in targets.index)
    assert all("ML-DKR-N" in network.sections[section].corridors for section in sections)
    assert 60 < km < 160


def test_the_order_of_two_towns_does_not_matter(roads: RoadNames) -> None:
    there = roads.between(_town(roads, "Kayes"), _town(roads, "Diéma"))
    back = roads.between(_town(roads, "Diema"), _town(roads, "kayes"))

    assert there == back != ()


def test_every_road_that_joins_two_towns_counts(roads: RoadNames, network: Network) -> None:
    sections = roads.between(_town(roads, "Bamako"), _town(roads, "Dakar"))

    used = {code for section in sections for code in network.sections[section].corridors}
    assert {"ML-DKR-N", "ML-DKR-S"} <= used


def test_towns_that_no_corridor_joins_are_joined_over_the_network(
    roads: RoadNames, network: Network
) -> None:
    kayes, segou = _town(roads, "Kayes"), _town(roads, "Ségou")
    assert not any(
        kayes & {s.place_id for s in c.stops} and segou & {s.place_id for s in c.stops}
        for c in network.corridors.values()
    )

    sections = roads.between(kayes, segou)

    ends = [network.sections[s] for s in sections]
    assert any(kayes & {s.start, s.end} for s in ends)
    assert any(segou & {s.start, s.end} for s in ends)
    assert sum(section.km for section in ends) < 1200


def test_every_stop_reaches_every_other_or_nothing(roads: RoadNames, network: Network) -> None:
    bamako = _town(roads, "Bamako")
    for corridor in network.corridors.values():
        for stop in corridor.stops:
            sections = roads.between(bamako, frozenset({stop.place_id}))
            assert set(sections) <= set(network.sections)


@pytest.mark.parametrize(
    ("kind", "name", "near"),
    [("routes", "ML-DKR-M", "ML-DKR-N"), ("regions", "Kayess", "region:ML/Kayes")],
)
def test_a_slip_is_answered_with_what_is_near(
    roads: RoadNames, kind: str, name: str, near: str
) -> None:
    named = {
        "routes": [],
        "regions": [],
        kind: ["Bamako" if kind == "regions" else "ML-DKR-S", name],
    }

    targets = targets_of(**named, towns=[], roads=roads)

    (fault,) = targets.faults
    assert fault.pointer == f"/{kind}/1"
    assert near in fault.near
    assert "did you mean" in fault.detail


def test_unknown_towns_are_pointed_at(roads: RoadNames) -> None:
    pairs = [TownPair(start="Kayess", end="Qqqq")]

    targets = targets_of(routes=[], regions=[], towns=pairs, roads=roads)

    assert [fault.pointer for fault in targets.faults] == ["/towns/0/from", "/towns/0/to"]
    assert "Kayes" in targets.faults[0].near
    assert targets.faults[1].near == ()


def test_a_town_alone_has_no_road_between(roads: RoadNames) -> None:
    pairs = [TownPair(start="Kayes", end="kayes")]

    targets = targets_of(routes=[], regions=[], towns=pairs, roads=roads)

    (fault,) = targets.faults
    assert fault.pointer == "/towns/0"
    assert fault.detail.endswith("name two towns that routes join.")


@pytest.mark.parametrize("name", ["rn 1", "dakar"])
def test_a_road_number_or_a_town_names_the_routes_along_it(roads: RoadNames, name: str) -> None:
    found = roads.route(name, pointer="/routes/0")

    assert isinstance(found, UnknownName)
    assert found.near[0] == "ML-DKR-N"


def test_of_a_route_like_none_it_is_said_where_all_are_listed(roads: RoadNames) -> None:
    targets = targets_of(routes=["Qqqq"], regions=[], towns=[], roads=roads)

    (fault,) = targets.faults
    assert fault.detail == "There is no route 'Qqqq'; GET /v1/routes lists them all."


def _town(roads: RoadNames, name: str) -> frozenset[str]:
    found = roads.town(name, pointer="")
    assert not isinstance(found, UnknownName)
    return found
