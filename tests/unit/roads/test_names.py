"""Folding, the index of names, and the areas they stand for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from app.roads.areas import area_keys, division_name
from app.roads.folding import fold, name_key
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.names import NameIndex
from app.roads.phrases import parse
from app.roads.places import Place

NAMES = st.text("abceiknorsu", min_size=1, max_size=9)


def place(name: str) -> Place:
    return Place(id=f"t:{name}", name=name, country="ML", position=Position(14.0, -9.0))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ségou", "SEGOU"),
        ("Kani-Bonzon", "kani bonzon"),
        ("N'Débougou", "Ndebougou"),
        ("N\u2019Débougou", "n'debougou"),
        ("Kɔnna", "Konna"),
        ("  Kayes ", "kayes"),
        ("Ṭinṭâne", "Tintane"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert name_key(text).isascii()


@pytest.mark.parametrize("said", ["Watagouna", "Ouatagouna", "Uataguna"])
def test_one_sound_is_one_name_however_it_is_written(said: str) -> None:
    index = NameIndex([place("Ouatagouna"), place("Walia")])

    assert [match.place.name for match in index.exact(name_key(said))] == ["Ouatagouna"]


@given(st.lists(NAMES, max_size=30, unique=True), NAMES)
def test_index_finds_every_name_within_two_slips(names: list[str], asked: str) -> None:
    index = NameIndex(map(place, names))
    for slips in (1, 2):
        measured = {
            name
            for name in names
            if OSA.distance(asked, name) == slips and max(len(asked), len(name)) >= 4
        }
        assert {match.place.name for match in index.slipped(asked, slips)} == measured
    assert {match.place.name for match in index.exact(asked)} == {n for n in names if n == asked}


def test_a_slip_of_the_own_name_is_one_though_a_variant_is_as_near() -> None:
    town = replace(place("Bamako"), alt_names=("Bamaco", "Bamakas"))

    assert [match.main_name for match in NameIndex([town]).slipped("bamao", 1)] == [True]


def test_the_own_name_comes_first_of_those_that_sound_alike() -> None:
    town = replace(place("Ouagadougou"), alt_names=("Wagadougou", "Ouagadugou", "Uagadougou"))

    assert NameIndex([town]).exact("uagadugu")[0].main_name


@given(st.lists(NAMES, max_size=30, unique=True), NAMES)
def test_index_finds_every_beginning(names: list[str], asked: str) -> None:
    found = {match.place.name for match in NameIndex(map(place, names)).beginning(asked, 100)}
    assert found == {name for name in names if name.startswith(asked)}


@pytest.mark.parametrize(
    "text",
    ["Cercle de Bourem", "Bourem Cercle", "Province du Bourem", "région de Bourem", "Bourem"],
)
def test_divisions_lose_what_they_are(text: str) -> None:
    assert division_name(text) == "Bourem"


def test_area_keys_carry_no_accents_and_go_from_wide_to_narrow() -> None:
    assert area_keys("ML", "Ségou", "Barouéli") == (
        "country:ML",
        "region:ML/Segou",
        "cercle:ML/Segou/Baroueli",
    )
    assert area_keys("CI", None, "x") == ("country:CI",)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Kayes", "region:ML/Kayes"),
        ("région de Ségou", "region:ML/Segou"),
        ("Timbuktu", "region:ML/Tombouctou"),
        ("Nioro", "cercle:ML/Kayes/Nioro"),
        ("Tambacounda", "region:SN/Tambacounda"),
        ("Ivory Coast", "country:CI"),
        ("Côte d'Ivoire", "country:CI"),
    ],
)
def test_areas_are_found_by_their_names(gazetteer: Gazetteer, text: str, key: str) -> None:
    assert gazetteer.areas.named(text)[0].key == key


def test_newer_region_covers_the_cercles_it_was_made_of(gazetteer: Gazetteer) -> None:
    nioro = gazetteer.areas.named("Nioro")[0]
    assert nioro.keys == {"cercle:ML/Kayes/Nioro", "cercle:ML/Kayes/Diema"}


@pytest.mark.parametrize(
    ("text", "narrow", "wide"),
    [
        ("Diema / Nioro (ex-Kayes)", {"cercle:ML/Kayes/Diema"}, "region:ML/Kayes"),
        ("Kayes / Kayes (Senegal border)", {"cercle:ML/Kayes/Kayes"}, "region:ML/Kayes"),
        ("Tenenkou-Djenne / Mopti", {"cercle:ML/Mopti/Tenenkou", "cercle:ML/Mopti/Djenne"},
         "region:ML/Mopti"),
        ("Bagoue (Cote d'Ivoire)", {"country:CI"}, None),
        ("Sgou", set(), None),
        ("Koulikro", {"region:ML/Koulikoro"}, None),
        ("Atlantis", set(), None),
    ],
)  # fmt: skip
def test_region_texts_are_read(
    gazetteer: Gazetteer, text: str, narrow: set[str], wide: str | None
) -> None:
    hint = gazetteer.region(text)
    assert {area.key for area in hint.narrow} == narrow
    assert wide is None or wide in {area.key for area in hint.wide}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Minena", "Minena"),
        ("Portokoro", "Portokoro"),
        ("mine de Loulo", "Loulo"),
        ("près de Kita", "Kita"),
        ("Kita area", "Kita"),
        ("à Kita", "Kita"),
        ("Place not given", None),
        ("Kobe (Gao-Ansongo road)", "Kobe"),
    ],
)
def test_words_that_say_what_it_is_are_left_aside(text: str, name: str | None) -> None:
    assert parse(text).name == name
