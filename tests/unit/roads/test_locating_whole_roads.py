"""What is told of a road as a whole is all of it; what happened at a spot of it is asked where."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.locating import locate
from app.roads.network import Network
from app.roads.places import Location, PlaceQuery, Shape, Unplaced


def all_of(gazetteer: Gazetteer, place: str | None = None, **said: str) -> Location:
    found = locate(PlaceQuery(place=place, whole_road=True, **said), gazetteer)  # type: ignore[arg-type]
    assert isinstance(found, Location), found
    assert (found.shape, found.whole) == (Shape.ROAD, True)
    return found


def corridors_of(found: Location, network: Network) -> set[str]:
    return {code for one in found.section_ids for code in network.routes_of(one)}


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("axe Bamako-Ségou", "Bamako - Ségou"),
        ("route Bamako-Sikasso", "Bamako - Sikasso"),
        ("toute la route Bamako-Sikasso", "Bamako - Sikasso"),
        ("RN6 Bamako Ségou", "Bamako - Ségou"),
        ("de Bamako à Ségou", "Bamako - Ségou"),
        ("axe Kita-Kéniéba", "Kita - Kéniéba"),
        ("tronçon Kayes-Diboli", "Kayes - Diboli"),
    ],
)
def test_a_road_that_is_closed_is_all_of_it(said: str, label: str, gazetteer: Gazetteer) -> None:
    assert all_of(gazetteer, said).label == label


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ({"road": "RN7"}, "Bamako - Zégoua"),
        ({"place": "toute la RN 16"}, "Sévaré - Gao"),
        ({"place": "axe RN6"}, "Bamako - Sévaré"),
        ({"place": "Route Nationale n°1"}, "Diéma - Diboli"),
        ({"place": "RN7", "road": "Bougouni-Sikasso"}, "Bougouni - Sikasso"),
        ({"place": "RN7 (Bougouni-Sikasso)"}, "Bougouni - Sikasso"),
    ],
)
def test_a_number_alone_is_all_that_is_documented_with_it(
    said: dict[str, str], label: str, gazetteer: Gazetteer
) -> None:
    assert all_of(gazetteer, **said).label == label


@pytest.mark.parametrize(
    "said",
    [
        {"road": "RN11"},
        {"place": "N1"},
        {"place": "RN1/RN3"},
        {"place": "RN7", "road": "RN6"},
        {"place": "RN7 Zod-Zad"},
        {"place": "RN7 vers Sikasso"},
        {"place": "Zodville", "road": "RN7"},
    ],
)
def test_a_number_of_no_one_road_or_of_a_part_of_it_is_asked(
    said: dict[str, str], gazetteer: Gazetteer
) -> None:
    assert isinstance(locate(PlaceQuery(whole_road=True, **said), gazetteer), Unplaced)  # type: ignore[arg-type]


@pytest.mark.parametrize("said", ["axe Bamako-Ségou", "route Bamako-Sikasso", "RN6 Bamako Ségou"])
def test_what_happened_somewhere_on_it_is_asked_where(said: str, gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place=said), gazetteer)

    assert isinstance(asked, Unplaced)
    assert "where on it?" in asked.detail
    assert len(asked.candidates) > 1


def test_the_road_is_the_same_from_either_end(gazetteer: Gazetteer) -> None:
    there, back = all_of(gazetteer, "Bamako-Ségou"), all_of(gazetteer, "Ségou-Bamako")

    assert there.section_ids == back.section_ids


def test_no_other_road_out_of_its_towns_is_closed_with_it(
    gazetteer: Gazetteer, network: Network
) -> None:
    found = all_of(gazetteer, "axe Bamako-Ségou")

    assert corridors_of(found, network) == {"ML-RN6"}
    assert network.reach(found, 60.0) == dict.fromkeys(found.section_ids, 0.0)


def test_the_towns_between_say_which_way_it_goes(gazetteer: Gazetteer, network: Network) -> None:
    by_segou = all_of(gazetteer, "Bamako-Ségou-Sikasso")

    assert corridors_of(by_segou, network) >= {"ML-RN6", "ML-SIK-KTL"}
    assert not corridors_of(by_segou, network) & {"ML-RN7", "ML-ABJ"}


def test_of_two_roads_that_people_take_both_are_closed(
    gazetteer: Gazetteer, network: Network
) -> None:
    assert corridors_of(all_of(gazetteer, "Bamako-Dakar"), network) >= {"ML-DKR-N", "ML-DKR-S"}


def test_the_road_may_be_named_beside_no_place(gazetteer: Gazetteer) -> None:
    alone = all_of(gazetteer, road="Bamako-Sikasso")

    assert alone.section_ids == all_of(gazetteer, "Bamako-Sikasso").section_ids


def test_a_spot_named_on_the_road_is_where_it_is_closed(gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place="axe Bamako-Ségou, à Fana", whole_road=True), gazetteer)

    assert isinstance(found, Location)
    assert (found.shape, found.label) == (Shape.POINT, "Fana")


def test_a_position_at_one_end_does_not_make_it_less(gazetteer: Gazetteer) -> None:
    segou = Position(13.44, -6.26)
    query = PlaceQuery(place="axe Bamako-Ségou", position=segou, whole_road=True)

    assert locate(query, gazetteer) == all_of(gazetteer, "axe Bamako-Ségou")


def test_of_a_road_that_we_do_not_have_it_is_asked_where(gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place="piste Kidal-Taoudénit", whole_road=True), gazetteer)

    assert isinstance(asked, Unplaced)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"place": "Zinzana", "road": "RN6"}, {"Zinzana", "Bla", "Ségou"}),
        ({"place": "Konobougou"}, {"Fana", "Konobougou", "Kélé"}),
        ({"place": "Fana"}, set()),
        ({"place": "Fana", "road": "RN6"}, {"Korokoro", "Fana", "Konobougou"}),
    ],
)
def test_where_it_is_closed_it_lies_on_the_road_named_or_the_only_one(
    said: dict[str, str], told: set[str], gazetteer: Gazetteer, network: Network
) -> None:
    found = locate(PlaceQuery(whole_road=True, **said), gazetteer)  # type: ignore[arg-type]

    assert isinstance(found, Location)
    assert {town for one in found.at for town in network.stretch_names(one)} == told
