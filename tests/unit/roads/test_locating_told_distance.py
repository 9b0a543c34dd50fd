"""Villages that nobody recorded, of which the report says how far they lie from a known town."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import distance_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced
from app.roads.told_distance import told_distance
from tests.harness.incidents import KINDS, a_filed


@pytest.mark.parametrize(
    ("place", "words", "told"),
    [
        (
            "Zerbala",
            "Six tués à Zerbala, 38 km au nord de Ménaka, dont un chef",
            "Zerbala, 38 km au nord de Ménaka",
        ),
        (
            "Zerbala (Menaka)",
            "Camp burned at Zerbala about 38 km north of Menaka. More follows.",
            "Zerbala, 38 km north of Menaka",
        ),
        (
            "Zerbala",
            "Embuscade à Zerbala (à une quarantaine de kilomètres d'Aguelhok)",
            "Zerbala, 40 kilomètres d'Aguelhok",
        ),
        (
            "Zerbala",
            "Ambush at Zerbala some forty kilometres from Aguelhok; denied",
            "Zerbala, 40 kilometres from Aguelhok",
        ),
        (
            "Zerbala",
            "Le village de Zerbala, situé à 12 km au sud de Gao, est vide",
            "Zerbala, 12 km au sud de Gao",
        ),
    ],
)
def test_the_distance_is_read_behind_the_name(place: str, words: str, told: str) -> None:
    assert told_distance(place, words) == told


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("Zerbala", "Convoi parti de Gao, 38 km au nord de Ménaka, vers Zerbala"),
        ("Zerbala", "Attaque à Zerbala. Un autre village brûlé, 38 km au nord de Ménaka"),
        ("Zerbala", "Nizerbala, 38 km au nord de Ménaka"),
        ("Zerbala", "Attaque à Zerbala"),
        ("In", "Attaque à In, 38 km au nord de Ménaka"),
        (None, "38 km au nord de Ménaka"),
    ],
)
def test_a_distance_of_something_else_is_not_read(place: str | None, words: str) -> None:
    assert told_distance(place, words) is None


def test_an_unknown_village_lies_where_the_report_says(gazetteer: Gazetteer) -> None:
    said = a_filed(
        place="Zerbala", summary="Six tués à Zerbala, 38 km au nord de Ménaka", region="Ménaka"
    )
    menaka = locate(PlaceQuery(place="Ménaka"), gazetteer)
    found = locate(said.place_query(KINDS), gazetteer)

    assert isinstance(menaka, Location)
    assert isinstance(found, Location)
    assert distance_km(found.position, menaka.position) == pytest.approx(38, abs=0.5)
    assert found.position.lat > menaka.position.lat
    assert found.told == ("Ménaka", 38)


def test_without_a_direction_the_road_filed_says_which_way(gazetteer: Gazetteer) -> None:
    words = "Embuscade à Zerbala à une quarantaine de km d'Aguelhok"

    on_a_road = a_filed(place="Zerbala", road="Anefis-Aguelhok", summary=words)
    anywhere = a_filed(place="Zerbala", road=None, summary=words)

    found = locate(on_a_road.place_query(KINDS), gazetteer)
    assert isinstance(found, Location)
    assert found.told == ("Aguelhok", 40)
    assert isinstance(
        locate(anywhere.place_query(KINDS), gazetteer), Unplaced
    )  # no misspelt Zébala


def test_a_slip_is_no_place_that_lies_elsewhere(gazetteer: Gazetteer) -> None:
    said = a_filed(place="Zerbala", summary="Attaque à Zerbala, 38 km au nord de Ménaka")
    near = a_filed(place="Zerbala", summary="Attaque à Zerbala, 40 km au sud de Koutiala")

    found = [locate(one.place_query(KINDS), gazetteer) for one in (said, near)]

    assert [one.label for one in found if isinstance(one, Location)] == ["Ménaka", "Zébala"]


def test_a_known_place_lies_where_it_lies(gazetteer: Gazetteer) -> None:
    said = a_filed(place="Gossi", summary="Attaque à Gossi, 300 km au nord de Kayes")

    assert locate(said.place_query(KINDS), gazetteer) == locate(
        PlaceQuery(place="Gossi"), gazetteer
    )


@pytest.mark.parametrize("road", ["sur la RN33", "on RN33", "along the RN 33"])
def test_the_number_of_the_road_behind_a_distance_takes_nothing_from_it(
    road: str, gazetteer: Gazetteer
) -> None:
    bare = locate(PlaceQuery(place="35 km à l'ouest de Bourem"), gazetteer)

    assert isinstance(bare, Location)
    assert locate(PlaceQuery(place=f"35 km à l'ouest de Bourem {road}"), gazetteer) == bare


@pytest.mark.parametrize(
    "place",
    [
        "sur l'axe Bamako-Ségou, à 40 km de Bamako",
        "Bamako - Ségou, 40 km de Bamako",
        "route de Ségou à 40 km de Bamako",
        "on the Bamako-Segou road 40 km from Bamako",
        "40 km from Bamako, Segou road",
        "RN6, à 40 km de Bamako",
        "à 40 km de Bamako sur la RN6",
    ],
)
def test_the_road_says_which_way_wherever_it_stands(place: str, gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place=place), gazetteer)
    towards = locate(PlaceQuery(place="40 km de Bamako vers Ségou"), gazetteer)

    assert isinstance(found, Location)
    assert isinstance(towards, Location)
    assert found.told == towards.told == ("Bamako", 40)
    assert found.position == towards.position


@pytest.mark.parametrize("place", ["RN1 à 20 km de Kayes", "Wara-Wara, à 12 km de Fana"])
def test_a_road_that_goes_both_ways_or_is_a_village_is_asked(
    place: str, gazetteer: Gazetteer
) -> None:
    assert isinstance(locate(PlaceQuery(place=place), gazetteer), Unplaced)
