"""A place that a message names is never passed over for a better known one."""

import pytest

from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("5 citernes brulées cette nuit entre Sikasso et Loulouni", "Sikasso - Loulouni"),
        (
            "minibus a saute sur une mine entre Niono et Dogofri hier matin, 4 morts et 9 blessés",
            "Niono - Dogofri",
        ),
    ],
)
def test_the_little_known_end_of_a_stretch_counts_as_the_town_does(text: str, label: str) -> None:
    reading = read(text)

    assert reading.location is not None
    assert reading.location.label == label


def test_an_end_that_nobody_knows_is_asked_and_not_left_out() -> None:
    reading = read("5 citernes brulées cette nuit entre Sikasso et Xyzzyba par des hommes")

    assert (reading.location, reading.said) == (None, "xyzzyba")


def test_a_village_called_so_is_named_beside_the_town_before_it() -> None:
    reading = read("DIEMA - attaque village Diangounté Camara nuit dernière 3 morts 5 blessés")

    assert "Diangouté Kamara" in reading.places


def test_of_two_places_told_together_neither_is_left_out() -> None:
    reading = read("Attaque Tessalit et Aguelhok par FLA cette nuit, plusieurs soldats tués")

    assert reading.places == ("Tessalit", "Aguelhok")


def test_what_there_is_does_not_stand_where_a_place_does() -> None:
    reading = read("entre Kolokani et Didiéni y a embouteillage à cause d un accident")

    assert reading.location is not None
    assert reading.location.label == "Kolokani - Didiéni"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("camion attaqué à Bara près d'Ansongo ce matin, chauffeur tué", "Bara"),
        ("attaque village Ségala ya des morts, route Kayes Ambidédi", "Ségala Ndi"),
        ("Embuscade à Mondoro, 5 soldats tués. Mondoro cercle de Douentza", "Mondoro"),
    ],
)
def test_what_stands_beside_a_place_tells_which_it_is(text: str, label: str) -> None:
    reading = read(text)

    assert reading.location is not None
    assert reading.location.label == label


def test_each_of_a_list_of_places_is_named_and_not_the_first_alone() -> None:
    reading = read("embuscade a Kadiolo, Misseni et Fourou")

    assert reading.places == ("Kadiolo", "Misséni", "Fourou")
    assert [choice.place for choice in reading.choices] == ["Kadiolo", "Misséni", "Fourou"]
    assert reading.each


def test_of_two_names_with_a_comma_the_second_may_be_where_the_first_lies() -> None:
    assert read("barrage a Kadiolo, Misseni").places == ("Kadiolo",)


@pytest.mark.parametrize(
    "text",
    [
        "attaque convoi Loulouni, Sikasso",
        "camion brule Loulouni Sikasso",
        "attaque convoi Sikasso Loulouni",
    ],
)
def test_a_village_said_beside_its_town_is_not_passed_over(text: str) -> None:
    assert set(read(text).places) == {"Loulouni", "Sikasso"}


@pytest.mark.parametrize(
    "text", ["convoi attaqué Heremakono, Sikasso", "barrage Sikasso Heremakono"]
)
def test_the_town_said_beside_it_tells_which_of_namesakes_a_village_is(text: str) -> None:
    assert set(read(text).places) == {"Hérémakono", "Sikasso"}


def test_a_word_that_is_a_village_far_off_is_none_beside_a_town() -> None:
    assert read("attaque convoi Loulouni Kayes").places == ("Kayes",)
