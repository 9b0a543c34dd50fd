"""A place text that names several places: each of them, or one that is asked or taken as before."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced
from app.roads.several import locate_each


def named(gazetteer: Gazetteer, place: str, **said: object) -> list[str]:
    found = locate_each(PlaceQuery(place=place, **said), gazetteer)  # type: ignore[arg-type]
    assert isinstance(found, Location), found
    return [one.label for one in (found, *found.also)]


@pytest.mark.parametrize(
    ("place", "labels"),
    [
        ("Kadiolo, Misseni et Fourou", ["Kadiolo", "Misséni", "Fourou"]),
        ("Kadiolo, Misseni et Fourou (Sikasso)", ["Kadiolo", "Misséni", "Fourou"]),
        ("villages de Misseni et Fourou", ["Misséni", "Fourou"]),
        ("Misseni and Fourou villages", ["Misséni", "Fourou"]),
        ("Kayes et Nioro du Sahel", ["Kayes", "Nioro"]),
        ("Diboli, Kayes, Sandaré, Gogui, Molodo et Niono",
         ["Diboli", "Kayes", "Sandaré", "Gogui", "Molodo", "Niono"]),
        ("régions de Kayes et de Nioro", ["région de Kayes", "cercle de Nioro"]),
        ("Kayes and Nioro regions", ["région de Kayes", "cercle de Nioro"]),
        ("Nioro, Kayes et Nioro", ["Nioro", "Kayes"]),
        ("Lakamané, cercle de Diéma et région de Kayes", ["Lakamané"]),
        ("Sandaré, Gogui, Molodo", ["Sandaré", "Gogui", "Molodo"]),
        ("Gao, Ansongo, Bourem", ["Gao", "Ansongo", "Bourem"]),
        ("Sandaré, Kita, Kayes", ["Sandaré", "Kita", "Kayes"]),
        ("Djenné, Douentza, Mopti", ["Djenné", "Douentza", "Mopti"]),
        ("Sandaré, Gogui et environs", ["Sandaré", "Gogui"]),
        ("Sandaré, Gogui et plusieurs autres villages", ["Sandaré", "Gogui"]),
        ("Sandaré, Gogui and nearby hamlets", ["Sandaré", "Gogui"]),
        ("Lakamané dans le cercle de Diéma et la région de Kayes", ["Lakamané"]),
    ],
)  # fmt: skip
def test_each_place_of_a_list_is_found(gazetteer: Gazetteer, place: str, labels: list[str]) -> None:
    assert named(gazetteer, place) == labels


@pytest.mark.parametrize(
    "place",
    [
        "Négala, Kati",
        "Fourou, Kadiolo, Sikasso",
        "Lakamané, Diéma, Kayes",
        "Diéma, Nioro, Kayes",
        "Kadiana, Tengréla, Côte d'Ivoire",
        "Sandaré, Zoumbalaka, Gogui",
        "Sandaré, Zoumbalaka et Trougoumbila",
        "Kita et ses environs",
        "Sandaré et alentours",
        "entre Kayes et Nioro, à Sandaré",
        "Didiéni, entre Bamako et Diéma",
        "Diéma-Lakamané",
        "route reliant Kita et Kéniéba",
        "axe Kayes et Nioro",
        "10 km de Kayes et Nioro",
        "Mamaribougou (Mande et Bamako)",
        "le pont de Kayes et la douane",
        "Farako et Kignan",
        "Diéma et Zoumbalaka",
        "Koutiala et sa région",
        "Mali et Niger",
        "région de Ségou et Mopti",
    ],
)
def test_what_is_no_list_of_known_places_is_read_as_ever(gazetteer: Gazetteer, place: str) -> None:
    query = PlaceQuery(place=place)

    assert locate_each(query, gazetteer) == locate(query, gazetteer)


def test_of_namesakes_the_one_near_the_others_is_meant(gazetteer: Gazetteer) -> None:
    alone = locate_each(PlaceQuery(place="Mahina"), gazetteer)

    assert isinstance(alone, Unplaced)
    assert named(gazetteer, "Mahina et Bafoulabé") == ["Mahina", "Bafoulabé"]


def test_a_position_is_that_of_the_place_that_it_is_near(gazetteer: Gazetteer) -> None:
    at_fourou, at_kayes = Position(10.7, -6.2), Position(14.45, -11.44)

    assert named(gazetteer, "Kadiolo, Misseni et Fourou", position=at_fourou)[0] == "Fourou"
    elsewhere = PlaceQuery(place="Kadiolo, Misseni et Fourou", position=at_kayes)
    assert locate_each(elsewhere, gazetteer) == locate(elsewhere, gazetteer)


def test_of_what_closes_roads_two_towns_may_be_the_ends_of_one(gazetteer: Gazetteer) -> None:
    asked = locate_each(PlaceQuery(place="Diéma et Lakamané", whole_road=True), gazetteer)

    assert isinstance(asked, Unplaced)
    assert (asked.reason, [one.name for one in asked.candidates]) == (
        "several",
        ["Diéma", "Lakamané"],
    )
    three = "Diéma, Lakamané et Sandaré"
    assert named(gazetteer, three, whole_road=True) == ["Diéma", "Lakamané", "Sandaré"]


@pytest.mark.parametrize(
    ("place", "labels", "left"),
    [
        ("Sandaré, Zoumbalaka et Gogui", ["Sandaré", "Gogui"], ["Zoumbalaka"]),
        ("Zoumbalaka, Sandaré et Gogui", ["Sandaré", "Gogui"], ["Zoumbalaka"]),
        ("villages de Sandaré, Gogui, Molodo et Zoumbalaka (Mali)",
         ["Sandaré", "Gogui", "Molodo"], ["Zoumbalaka (Mali)"]),
    ],
)  # fmt: skip
def test_the_known_places_of_a_list_do_not_wait_for_one_that_nobody_knows(
    gazetteer: Gazetteer, place: str, labels: list[str], left: list[str]
) -> None:
    found = locate_each(PlaceQuery(place=place), gazetteer)

    assert isinstance(found, Location)
    assert [one.label for one in (found, *found.also)] == labels
    assert [name for name, _ in found.left_open] == left


def test_a_name_of_a_list_that_is_spelt_almost_like_a_place_is_asked_about(
    gazetteer: Gazetteer,
) -> None:
    found = locate_each(PlaceQuery(place="Sandaré, Mollodo et Gogui"), gazetteer)

    assert isinstance(found, Location)
    ((name, asked),) = found.left_open
    assert (name, [one.name for one in asked.candidates]) == ("Mollodo", ["Molodo"])
    assert "Molodo" in asked.detail


def test_a_list_beside_a_road_is_one_where_it_is_longer_than_that_has_ends(
    gazetteer: Gazetteer,
) -> None:
    three, two = "Sandaré, Lakamané et Diéma", PlaceQuery(place="Diéma et Lakamané", road="RN1")

    assert named(gazetteer, three, road="RN1 Kayes-Diéma") == ["Sandaré", "Lakamané", "Diéma"]
    assert locate_each(two, gazetteer) == locate(two, gazetteer)


def test_of_three_names_one_unknown_two_are_not_the_ends_of_a_road(gazetteer: Gazetteer) -> None:
    three = "Diéma, Zoumbalaka et Lakamané"

    assert named(gazetteer, three, whole_road=True) == ["Diéma", "Lakamané"]
