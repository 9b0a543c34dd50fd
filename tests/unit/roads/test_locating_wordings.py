"""Roads, communes and neighbours in the words of radios: what is the scene, what stands beside."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.places import PlaceQuery
from tests.harness.roads import asked, placed


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Doura près de Markala", "Doura"),  # and not Douna, which some call Doura
        ("Ogossogou près de Bankass", "Ogossogou"),  # one of two, 5 times as near as the other
        ("Nampala près de Diabali", "Nampala"),
    ],
)
def test_near_a_town_is_the_place_named_first(said: str, place: str, gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).label == place


def test_of_two_near_a_town_is_asked(gazetteer: Gazetteer) -> None:
    found = asked(gazetteer, PlaceQuery(place="Kodala près de Kita"))

    assert len(found.candidates) > 1


def test_of_namesakes_the_one_by_the_town_of_its_road_is_meant(gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place="Bamba, sur la route de Bourem")).cercle == "Bourem"


def test_who_says_the_middle_of_a_road_means_no_town_at_its_end(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Gossi", road="RN16 Gossi-Hombori", precision="road segment midpoint")

    assert placed(gazetteer, query).label == "Gossi - Hombori"
