"""A name that several places bear is asked back unless nobody could mean another."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced
from tests.harness.roads import placed


def test_border_post_does_not_hide_the_villages_of_its_name(gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place="Moussala"), gazetteer)

    assert isinstance(asked, Unplaced)
    assert asked.reason == "ambiguous"
    assert {one.cercle for one in asked.candidates} >= {"Kayes", "Yélimané"}


def test_town_is_meant_before_villages_of_its_name(gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place="Kayes"), gazetteer)

    assert isinstance(found, Location)
    assert found.region == "Kayes"


@pytest.mark.parametrize("written", ["Segu", "SEGU", "Sɛgu"])
def test_town_of_our_roads_is_meant_where_a_town_abroad_has_the_name_as_a_variant_too(
    written: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=written), gazetteer)

    assert isinstance(found, Location)
    assert (found.label, found.region) == ("Ségou", "Ségou")


def test_a_town_recorded_twice_is_offered_once(gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place="Sego"), gazetteer)

    assert isinstance(asked, Unplaced)
    assert [one.name for one in asked.candidates].count("Ségou") == 1


@pytest.mark.parametrize(
    ("place", "cercle"),
    [
        ("Moussala, Yélimané", "Yélimané"),
        ("Sanankoroba, cercle de Yanfolila", "Yanfolila"),
        ("Bamba, Bourem", "Bourem"),
        ("Sagala, Ségou", "Ségou"),
    ],
)
def test_cercle_behind_a_comma_tells_which_namesake_is_meant(
    place: str, cercle: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=place), gazetteer)

    assert isinstance(found, Location)
    assert found.cercle == cercle


@pytest.mark.parametrize(
    "place",
    [
        "Kobri, Nioro",
        "Kobri (Nioro)",
        "Dandoko, cercle de Niono",
    ],
)
def test_village_far_from_the_cercle_beside_its_name_is_asked(
    place: str, gazetteer: Gazetteer
) -> None:
    assert isinstance(locate(PlaceQuery(place=place), gazetteer), Unplaced)


def test_neighbouring_town_beside_a_village_belies_nothing(gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place="Diafarabé (Macina)"), gazetteer)

    assert isinstance(found, Location)
    assert found.label == "Diafarabé"


@pytest.mark.parametrize(
    ("place", "region", "cercle"),
    [
        ("Kayes", "Mali", "Kayes"),
        ("Sokolo", "Mali", "Niono"),
        ("Sokolo (Mali)", None, "Niono"),
        ("Loulouni", "Mali / Sikasso", "Kadiolo"),
        ("Loulouni", "Sikasso / Mali", "Kadiolo"),
        ("Mali", "Mali / Labé", "Mali"),
        ("Gogui", "Mauritanie", "Nioro"),
        ("Labbezanga (Niger)", None, "Ansongo"),
    ],
)
def test_country_given_as_region_is_the_country_and_its_border_posts(
    place: str, region: str | None, cercle: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=place, region=region), gazetteer)

    assert isinstance(found, Location)
    assert found.cercle == cercle


def test_region_mali_alone_is_the_country(gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(region="Mali"), gazetteer)

    assert isinstance(found, Location)
    assert found.area == "country:ML"


def test_town_is_not_in_a_country_that_it_does_not_border(gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place="Kayes", region="Sénégal"), gazetteer)

    assert isinstance(asked, Unplaced)


def test_main_stop_is_meant_before_a_village_that_is_spelt_so_by_some(
    gazetteer: Gazetteer,
) -> None:
    found = locate(PlaceQuery(place="Boni"), gazetteer)

    assert isinstance(found, Location)
    assert found.cercle == "Douentza"


@pytest.mark.parametrize(
    "query",
    [PlaceQuery(place="cercle de Macina"), PlaceQuery(place="Macina", region="Macina / Ségou")],
)
def test_cercle_is_where_its_places_are_though_a_village_elsewhere_bears_its_name(
    query: PlaceQuery, gazetteer: Gazetteer
) -> None:
    found = locate(query, gazetteer)

    assert isinstance(found, Location)
    assert distance_km(found.position, Position(13.9641, -5.35791)) < 1


@pytest.mark.parametrize(
    "said",
    ["Bamba, Gao", "Bamba (Gao)", "Bamba, région de Gao", "Bamba, cercle de Bourem, Gao, Mali"],
)
def test_an_area_behind_a_name_tells_which_is_meant(gazetteer: Gazetteer, said: str) -> None:
    found = locate(PlaceQuery(place=said), gazetteer)

    assert isinstance(found, Location)
    assert (found.label, found.cercle) == ("Bamba", "Bourem")


@pytest.mark.parametrize("said", ["Bamba, Mali", "Bamba, Kayes", "Bamba, Zzzq"])
def test_what_stands_behind_a_name_and_tells_nothing_leaves_it_open(
    gazetteer: Gazetteer, said: str
) -> None:
    assert isinstance(locate(PlaceQuery(place=said), gazetteer), Unplaced)


@pytest.mark.parametrize(("place", "region"), [("Moura", "Mopti"), ("Dioro", "Segou")])
def test_another_letter_makes_another_village_of_a_whole_region(
    place: str, region: str, gazetteer: Gazetteer
) -> None:
    """Toura and Diord are of these regions, and 50 to 80 km from what is meant."""
    answer = locate(PlaceQuery(place=place, region=region), gazetteer)

    assert isinstance(answer, Unplaced)
    assert answer.reason == "unknown"
    assert answer.candidates


@pytest.mark.parametrize(
    ("place", "region", "meant"),
    [
        ("Toodo", "Kayes", "Torodo"),  # a letter left out
        ("Torood", "Kayes", "Torodo"),  # swapped
        ("Zantiguila", "Koulikoro", "Santiguila"),  # one sound, two letters
        ("Simby", "Kayes", "Simbi"),
        ("Labrzanga", "Gao", "Labézanga"),  # on our roads
        ("Toura", "Djenne / Mopti", "Kouara"),  # as it is recorded
    ],
)
def test_slip_of_the_pen_is_believed_where_the_region_bears_it_out(
    place: str, region: str, meant: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=place, region=region), gazetteer)

    assert isinstance(found, Location)
    assert found.label == meant


@pytest.mark.parametrize(
    ("query", "label"),
    [
        (PlaceQuery(place="Mali", road="all roads", precision="region proxy"), "Mali"),
        (PlaceQuery(place="Mali", region="Mali"), "Mali"),
        (PlaceQuery(place="Mali", region="Sikasso"), "région de Sikasso"),
        (PlaceQuery(place="Mali", road="RN6 Bamako-Ségou"), "Bamako - Ségou"),
        (PlaceQuery(place="Mali", position=Position(12.65, -8.0)), "Bamako"),
        (PlaceQuery(place="Nord du Mali", region="Tombouctou"), "région de Tombouctou"),
        (PlaceQuery(place="northern Sikasso region"), "région de Sikasso"),
    ],
)
def test_country_is_no_town_of_a_neighbour_that_has_its_name(
    query: PlaceQuery, label: str, gazetteer: Gazetteer
) -> None:
    found = locate(query, gazetteer)

    assert isinstance(found, Location), found
    assert (found.label, found.country) == (label, "ML")


def test_town_that_has_the_name_of_a_country_is_meant_in_its_own_region(
    gazetteer: Gazetteer,
) -> None:
    found = locate(PlaceQuery(place="Mali", region="Labé"), gazetteer)

    assert isinstance(found, Location)
    assert (found.country, found.region) == ("GN", "Labé")


@pytest.mark.parametrize("text", ["Nord du Mali", "northern Mali", "Southern Mali"])
def test_half_a_country_is_asked_back(text: str, gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place=text), gazetteer)

    assert isinstance(asked, Unplaced)
    assert (asked.reason, asked.detail) == (
        "ambiguous",
        "'Mali' is a country: which region, town or road of it?",
    )


def test_namesake_at_the_other_end_of_the_road_named_is_meant(gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place="Dioura", road="Tenenkou-Dioura"), gazetteer)

    assert isinstance(found, Location)
    assert found.cercle == "Ténenkou"


@pytest.mark.parametrize(
    ("place", "told", "cercle"),
    [
        ("Ségala", "Six chauffeurs enlevés à Ségala, à 50 km de Kayes", "Kayes"),
        ("Farabougou", "Farabougou encerclé, rien n'arrive de Niono", "Niono"),
    ],
)
def test_of_namesakes_the_one_near_a_town_told_of_is_meant(
    place: str, told: str, cercle: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=place, told=told), gazetteer)

    assert isinstance(found, Location)
    assert found.cercle == cercle
    assert isinstance(locate(PlaceQuery(place=place, told="hier soir"), gazetteer), Unplaced)


def test_a_better_known_namesake_is_asked_about_whatever_town_is_told_of(
    gazetteer: Gazetteer,
) -> None:
    query = PlaceQuery(place="Moussala", told="Camion venant de Kayes attaqué à Moussala")

    assert isinstance(locate(query, gazetteer), Unplaced)


def test_no_road_is_known_to_a_village_read_with_a_slip_far_away(gazetteer: Gazetteer) -> None:
    assert isinstance(locate(PlaceQuery(place="Koumara-Macina road"), gazetteer), Unplaced)
    near = locate(PlaceQuery(place="Kaniera-Lakaane road"), gazetteer)
    assert isinstance(near, Location)


def test_position_stands_for_a_village_that_is_no_misspelt_town(gazetteer: Gazetteer) -> None:
    at = Position(lat=14.32, lon=-11.05)
    village = locate(PlaceQuery(place="Kobri", position=at), gazetteer)
    town = locate(PlaceQuery(place="Kajes", position=Position(lat=12.65, lon=-8.0)), gazetteer)

    assert isinstance(village, Location)
    assert village.position == at
    assert isinstance(town, Unplaced)


@pytest.mark.parametrize("said", ["Bmako", "Bamao", "Bamaka", "Dkar"])
def test_a_slip_in_the_name_of_a_capital_is_no_village_as_near_to_it(
    said: str, gazetteer: Gazetteer
) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert gazetteer.places[found.place_id or ""].feature == "PPLC"
