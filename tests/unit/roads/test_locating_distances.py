"""How far from a town, in the ways people say it: which way it counts, and what it tells."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import distance_km
from app.roads.places import PlaceQuery
from tests.harness.roads import asked, placed


def km_from(gazetteer: Gazetteer, query: PlaceQuery, name: str) -> float:
    town = placed(gazetteer, PlaceQuery(place=name)).position
    return distance_km(placed(gazetteer, query).position, town)


@pytest.mark.parametrize(
    ("said", "km", "town", "ahead"),
    [
        ("Kayes, 35 km vers Sadiola", 35, "Kayes", "Sadiola"),
        ("Kadiana, à 20 km, route de Kolondiéba", 20, "Kadiana", "Kolondiéba"),
        ("Bambara-Maoundé, 28 km vers Koryoumé", 28, "Bambara-Maoundé", "Koryoumé"),
        ("à la sortie de Sikasso, à 42 km, direction Koutiala", 42, "Sikasso", "Koutiala"),
        ("42 km à la sortie de Sikasso vers Koutiala", 42, "Sikasso", "Koutiala"),
        ("à 15 km de Kita en allant vers Badinko", 15, "Kita", "Badinko"),
        ("19 km après Niéna en allant à Sikasso", 19, "Niéna", "Sikasso"),
        ("15 km de Kayes côté Diboli", 15, "Kayes", "Diboli"),
        ("20 km past Diéma on the Nioro road", 20, "Diéma", "Nioro"),
        ("entre Hombori et Gossi, à 15 km de Hombori", 15, "Hombori", "Gossi"),
        ("between Ségou and Markala, 22 km from Ségou", 22, "Ségou", "Markala"),
        ("31 km de Yanfolila sur axe Yanfolila Bougouni", 31, "Yanfolila", "Bougouni"),
        ("axe Douentza-Bambara-Maoundé à 40 km de Douentza", 40, "Douentza", "Bambara-Maoundé"),
        ("Bamako-Ségou, 40 km vers Ségou", 40, "Bamako", "Ségou"),
        ("axe Kayes-Sandaré-Diéma, 15 km après Sandaré", 15, "Sandaré", "Diéma"),
        ("axe Kayes-Sandaré-Diéma, 15 km avant Sandaré", 15, "Sandaré", "Kayes"),
    ],
)
def test_a_distance_counts_from_its_town_to_the_other(
    said: str, km: float, town: str, ahead: str, gazetteer: Gazetteer
) -> None:
    query = PlaceQuery(place=said)
    whole = km_from(gazetteer, PlaceQuery(place=town), ahead)

    assert placed(gazetteer, query).aside_km == km
    assert 0.6 * km <= km_from(gazetteer, query, town) <= km + 1
    assert km_from(gazetteer, query, ahead) < whole


@pytest.mark.parametrize(
    "query",
    [
        PlaceQuery(place="15 km de Sandaré", road="RN1 Kayes-Diéma"),
        PlaceQuery(place="axe Kayes-Sandaré-Diéma, à 15 km de Sandaré"),
    ],
)
def test_which_way_is_asked_of_a_town_in_the_middle_of_the_road(
    query: PlaceQuery, gazetteer: Gazetteer
) -> None:
    assert "on which road" in asked(gazetteer, query).detail


def test_a_road_from_its_end_goes_one_way(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="10 km de Konobougou", road="RN6 Fana-Konobougou")

    assert km_from(gazetteer, query, "Fana") < km_from(
        gazetteer, PlaceQuery(place="Konobougou"), "Fana"
    )


def test_a_distance_counts_to_a_town_out_of_the_region_filed(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="30 km de Séfé vers Diéma", region="Kita / Kita")

    assert placed(gazetteer, query).aside_km == 30


@pytest.mark.parametrize(
    "said",
    [
        "Kounéla, à 61 km de Wolossébougou vers Bougouni",  # no misspelt Koupéla, 788 km away
        "Siséla, à 23 km de Ansongo vers Ménaka",
        "Kèbougou (23 km de Koloko, route de Sikasso)",
        "hameau de Niangola à 3 km de Ségou sur la route de Markala",
    ],
)
def test_a_name_not_known_is_where_the_distance_beside_it_says(
    said: str, gazetteer: Gazetteer
) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert found.counted
    assert "slip" not in found.how


@pytest.mark.parametrize(
    ("said", "cercle"),
    [
        ("Bankoumana, à 14 km de Bla", "Bla"),
        ("village de Bankoumana (à 14 km de Bla)", "Bla"),
    ],
)
def test_of_namesakes_the_one_so_far_from_the_town_is_meant(
    said: str, cercle: str, gazetteer: Gazetteer
) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).cercle == cercle


def test_the_area_around_one_of_two_namesakes_stays_an_area(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Kassela area (40 km from Bamako)"))

    assert (found.cercle, found.aside_km) == ("Kati", 0.0)


def test_a_kilometre_counts_from_the_end_that_is_named(gazetteer: Gazetteer) -> None:
    """Of two Bambas the one at the other end: not kilometre 13 from Gao."""
    query = PlaceQuery(road="route Bamba-Bourem", km=13)
    there = placed(gazetteer, PlaceQuery(place="Bamba", region="Bourem / Gao")).position

    assert distance_km(placed(gazetteer, query).position, there) < 14


def test_a_kilometre_of_a_road_with_an_end_not_known_is_asked(gazetteer: Gazetteer) -> None:
    assert "name the towns" in asked(gazetteer, PlaceQuery(road="Kolodialan-Kayes", km=40)).detail
