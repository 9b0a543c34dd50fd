"""Where it was, as drivers write it in a hurry: kilometres of a stretch, edges, no accents."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.places import PlaceQuery, Shape
from tests.harness.roads import asked, placed


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("ver Nioro", "Nioro"),
        ("Nioro du sahel sortie sud", "Nioro"),
        ("Niono entrée", "Niono"),
        ("derriere Sandaré", "Sandaré"),
        ("RN1 apres Diboli", "Diboli"),
        ("RN1 avant Lakamané", "Lakamané"),
    ],
)
def test_words_beside_a_name_are_no_part_of_it(said: str, place: str, gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.POINT, place)


@pytest.mark.parametrize("said", ["RN6 vers Ségou", "RN1 vers Kayes"])
def test_the_number_of_a_road_and_which_way_is_no_place(said: str, gazetteer: Gazetteer) -> None:
    assert asked(gazetteer, PlaceQuery(place=said)).reason == "ambiguous"


@pytest.mark.parametrize(
    "query",
    [
        PlaceQuery(place="pk 45 Sikasso-Zegoua"),
        PlaceQuery(place="PK 45 Sikasso-Zegoua", road="RN7"),
        PlaceQuery(place="RN7 PK 45 Sikasso-Zégoua"),
        PlaceQuery(place="RN7 PK 45 route Sikasso-Zégoua"),
        PlaceQuery(road="RN7 Sikasso-Zégoua", km=45.0),
        PlaceQuery(road="RN7 Zégoua-Sikasso", km=45.0, towards="Zégoua"),
    ],
)
def test_a_kilometre_is_on_the_stretch_that_is_named(
    query: PlaceQuery, gazetteer: Gazetteer
) -> None:
    assert "km 45 from Sikasso to Zégoua" in placed(gazetteer, query).how


def test_the_posts_of_a_numbered_road_count_where_they_stand_on_the_stretch(
    gazetteer: Gazetteer,
) -> None:
    found = placed(gazetteer, PlaceQuery(place="RN6 PK 300 Ségou-Sévaré"))

    assert "of RN6 Ségou-Sévaré from Bamako" in found.how


@pytest.mark.parametrize(
    "place",
    ["RN7 PK 12 Farako-Kignan", "RN6 km 10 Bobo-Dioulasso", "RN6 Bla-Yyyyy km 45"],
)
def test_a_kilometre_from_a_town_that_is_not_known_is_asked(
    gazetteer: Gazetteer, place: str
) -> None:
    """Counted from Bamako, it would be in its suburbs, 300 km off."""
    assert "not known" in asked(gazetteer, PlaceQuery(place=place)).detail
