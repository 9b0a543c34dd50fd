"""The gazetteer as a whole: hardly a wrong guess under noise, and what it offers to type-ahead."""

import random

import pytest

from app.roads.folding import without_accents
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.locating import locate
from app.roads.places import Place, PlaceQuery, Unplaced
from tests.harness.roads import far_off, placed

LAKAMANE = Position(14.5095, -9.9099)


def slipped(name: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(name) - 1)
    letter: str = dice.choice(["", *"abcdefghijklmnopqrstuvwxyz"])
    return name[:at] + letter + name[at + dice.randrange(2) :]


def test_misspelt_names_are_hardly_ever_placed_elsewhere(gazetteer: Gazetteer) -> None:
    dice = random.Random(7)  # noqa: S311 - noise, no secret
    places = [p for p in gazetteer.places.values() if len(p.name) > 3 and p.region]
    wrong = 0
    for _ in range(600):
        place = dice.choice(places)
        name = slipped(without_accents(place.name), dice)
        wrong += far_off(gazetteer, place, PlaceQuery(place=name, region=place.region))
    assert wrong <= 6


def test_every_main_stop_is_found_by_name_and_region(gazetteer: Gazetteer) -> None:
    for place_id in gazetteer.network.main_stops:
        place = gazetteer.places[place_id]
        region = f"{place.cercle} / {place.region}" if place.cercle else place.region
        assert not far_off(gazetteer, place, PlaceQuery(place=place.name, region=region)), place


def test_type_ahead_offers_beginnings_first(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Lakam")[0].name == "Lakamané"
    assert gazetteer.find("kaye")[0].name == "Kayes"
    assert "ML-DKR-N" in gazetteer.find("Kayes")[0].routes


def test_type_ahead_leans_to_the_region_and_to_what_is_near(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Madina", region="Diéma", limit=1)[0].cercle == "Diéma"
    near = gazetteer.find("Madina", near=LAKAMANE, limit=1)[0]
    assert distance_km(near.position, LAKAMANE) < 100.0


@pytest.mark.parametrize("text", ["", " ", "()", "-", "\x00"])
def test_type_ahead_of_nothing_is_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.find(text) == []


def test_imported_places_are_found_beside_the_shipped_ones(gazetteer: Gazetteer) -> None:
    village = Place(
        id="gn:1", name="Zobekoro", country="ML", region="Kayes", cercle="Kita", position=LAKAMANE
    )
    wider = Gazetteer(gazetteer.network, [village])
    assert placed(wider, PlaceQuery(place="zobe-koro")).place_id == "gn:1"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Kayes N'Di", {"Kayes"}),
        ("Kolokani ou Didieni", {"Kolokani", "Didiéni"}),
        ("Gao puis Ansongo", {"Gao", "Ansongo"}),
    ],
)
def test_known_names_within_words_not_known_are_offered(
    gazetteer: Gazetteer, words: str, names: set[str]
) -> None:
    asked = locate(PlaceQuery(place=words), gazetteer)

    assert isinstance(asked, Unplaced)
    assert {candidate.name for candidate in asked.candidates} >= names
