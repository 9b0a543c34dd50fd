"""Which of the roads at a town is the one that a report names."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.network import Network
from app.roads.places import PlaceQuery, Shape
from tests.harness.roads import placed


def roads_named(
    gazetteer: Gazetteer, network: Network, place: str, road: str | None
) -> set[str] | None:
    """Return the routes of the sections at `place` that the report speaks of."""
    spot = placed(gazetteer, PlaceQuery(place=place, road=road))
    if spot.along is None:
        return None
    here = {one for one, km in network.sections_within(spot.position, 5.0)}
    return {network.routes_of(one)[0] for one in here.intersection(spot.along)}


@pytest.mark.parametrize(
    ("place", "road", "routes"),
    [
        ("Gao", None, None),
        ("Gao", "Gao", None),
        ("Gao", "RN17", {"ML-RN17"}),
        ("Gao", "rn 17", {"ML-RN17"}),
        ("Gao", "RN17 Niamey-Labbezanga-Ansongo-Gao", {"ML-RN17"}),
        ("Gao", "route de Labbezanga", {"ML-RN17"}),
        ("Gao (RN16)", None, {"ML-RN16"}),
        ("Gao", "RN99", set()),
        ("Bamako", "Sikasso-Bougouni-Bamako", {"ML-RN7"}),
        ("Bamako", "Bamako-Segou / Bamako-Kayes", {"ML-RN6", "ML-DKR-N", "ML-RN4"}),
        ("Bamako", "Bamako-Kayes; Bamako-Segou", {"ML-RN6", "ML-DKR-N", "ML-RN4"}),
    ],
)
def test_the_road_named_is_told_from_the_others_of_the_town(
    place: str,
    road: str | None,
    routes: set[str] | None,
    gazetteer: Gazetteer,
    network: Network,
) -> None:
    assert roads_named(gazetteer, network, place, road) == routes


def test_the_towns_say_which_half_of_a_road_is_meant(
    gazetteer: Gazetteer, network: Network
) -> None:
    whole = placed(gazetteer, PlaceQuery(place="Kayes", road="RN1")).along
    east = placed(gazetteer, PlaceQuery(place="Kayes", road="RN1 Kayes-Diema")).along

    assert whole is not None
    assert east is not None
    at = {network.stretch_names(one) for one in whole if "Kayes" in network.stretch_names(one)}
    assert at == {("Niamiga", "Kayes"), ("Kayes", "Ambidédi")}
    assert ("Kayes", "Ambidédi") not in {network.stretch_names(one) for one in east}
    assert ("Niamiga", "Kayes") in {network.stretch_names(one) for one in east}


@pytest.mark.parametrize(
    ("place", "road", "routes"),
    [
        ("Kati", "RN1", {"ML-DKR-N", "ML-DKR-S", "ML-RN4"}),
        ("Kolokani", "Bamako-Nioro", {"ML-DKR-N", "ML-RN4"}),
        ("Tambacounda", "Dakar-Bamako", {"ML-DKR-N", "ML-DKR-S"}),
        ("Bamako", "Dakar-Bamako", {"ML-DKR-N", "ML-DKR-S", "ML-RN4"}),
        ("Zégoua", "Sikasso-Zégoua", {"ML-RN7", "ML-ABJ"}),
    ],
)
def test_a_road_is_meant_by_whichever_of_its_numbers_and_corridors(
    place: str, road: str, routes: set[str], gazetteer: Gazetteer, network: Network
) -> None:
    """All of Bamako-Kayes is called RN1; and on the first half of it one drives to Nioro, too."""
    spot = placed(gazetteer, PlaceQuery(place=place, road=road))

    assert {route for one in spot.along or () for route in network.routes_of(one)} == routes


def test_of_an_area_the_road_named_in_it_is_known(gazetteer: Gazetteer, network: Network) -> None:
    def in_sikasso(road: str | None) -> set[str] | None:
        query = PlaceQuery(place="Sikasso", region="Sikasso", precision="region proxy", road=road)
        spot = placed(gazetteer, query)
        assert spot.shape is Shape.AREA
        return None if spot.along is None else set(spot.along)

    named = in_sikasso("RN7 Bougouni-Sikasso-Zegoua")

    assert named
    assert named < set(network.sections_in("region:ML/Sikasso"))
    others = ("ML-YAN", "ML-ABJ-W", "ML-SIK-KTL", "ML-SIK-BF")
    assert all(named.isdisjoint(network.corridors[code].section_ids) for code in others)
    assert in_sikasso(None) is None
    assert in_sikasso("Gao-Ansongo") is None  # not in it: that is not what was meant


def test_of_two_roads_between_towns_the_number_says_which(
    gazetteer: Gazetteer, network: Network
) -> None:
    """40 km out of Bamako the roads to Dakar have parted."""
    alone = set(network.corridors["ML-DKR-N"].section_ids) - {
        *network.corridors["ML-DKR-S"].section_ids
    }

    def named(road: str) -> set[str]:
        query = PlaceQuery(position=Position(12.92, -8.02), road=road)
        return set(placed(gazetteer, query).along or ())

    assert named("RN1 Dakar-Bamako") & alone
    assert named("Dakar-Bamako") > named("RN1 Dakar-Bamako")


@pytest.mark.parametrize("road", [None, "RN16 Douentza-Hombori"])
def test_position_of_a_town_does_not_move_what_was_said_to_be_on_one_side_of_it(
    road: str | None, gazetteer: Gazetteer, network: Network
) -> None:
    """Who drives from Boni to Hombori was told of a mine "between Douentza and Boni"."""
    boni = Position(lat=15.07658, lon=-2.21976)

    found = placed(gazetteer, PlaceQuery(place="entre Douentza et Boni", position=boni, road=road))

    assert found.along is not None
    told = {network.stretch_names(one) for one in found.along}
    assert told == {("Nokara", "Boni"), ("Nokara", "Douentza")}


@pytest.mark.parametrize(
    ("counted", "road"),
    [
        ("15 km de Sikasso vers Bougouni", "RN7 Sikasso-Bougouni"),
        ("15 km de Sikasso, route de Bougouni", "RN7 Sikasso-Bougouni"),
        ("20 km de Ségou vers Bla", "Ségou-Bla"),
    ],
)
def test_a_distance_counted_towards_a_town_names_the_road_there(
    counted: str, road: str, gazetteer: Gazetteer
) -> None:
    """It set the other roads out of Sikasso to `high`, which the same road named did not."""
    town = counted.partition(" vers")[0].partition(",")[0]
    beside = placed(gazetteer, PlaceQuery(place=town, road=road))

    assert placed(gazetteer, PlaceQuery(place=counted)).along == beside.along
    assert beside.along


def test_a_village_beside_the_road_says_which_it_is(gazetteer: Gazetteer, network: Network) -> None:
    along = placed(gazetteer, PlaceQuery(place="15 km de Sikasso vers Loulouni")).along

    assert {network.routes_of(one)[0] for one in along or ()} == {"ML-RN7", "ML-ABJ"}
    assert all("Tiérouala" not in network.stretch_names(one) for one in along or ())


def test_a_kilometre_of_a_numbered_road_is_of_that_road(
    gazetteer: Gazetteer, network: Network
) -> None:
    along = placed(gazetteer, PlaceQuery(place="RN7 PK 340")).along

    assert along
    assert {network.sections[one].road for one in along} <= {"RN7", None}
    assert not {"ML-SIK-BF", "ML-SIK-KTL"} & {network.routes_of(one)[0] for one in along}


def test_as_the_crow_flies_no_road_is_named(gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place="15 km à l'ouest de Sikasso")).along is None
