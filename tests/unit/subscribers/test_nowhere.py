"""Nobody can say where on a road it was, and the message says so itself."""

import pytest

from app.roads.places import Shape
from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "kind", "sort"),
    [
        ("attaque entre Kayes et Diéma lieu exact inconnu", "town_attack", "asked"),
        ("barrage entre Kayes et Diéma (lieu inconnu)", "roadblock", "said"),
        ("Lieu exact inconnu: citerne brûlée entre Kayes et Diéma", "fuel_interception", "said"),
        (
            "convoi attaqué entre Kayes et Diéma, on ne sait pas où exactement",
            "convoy_ambush",
            False,
        ),
        ("ambush between Kayes and Diema, exact location unknown", "convoy_ambush", "said"),
    ],
)
def test_it_is_told_at_once_of_all_of_the_road(text: str, kind: str, sort: str) -> None:
    reading = read(text)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)
    assert reading.location is not None
    assert reading.location.shape is Shape.ROAD
    assert reading.location.label == "Kayes - Diéma"
    assert reading.for_now is (sort == "asked")  # of what sort, where that is not said


def test_where_on_a_road_too_long_to_warn_is_asked() -> None:
    reading = read("convoi attaqué entre Bamako et Kayes, on ne sait pas où")

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.PLACE)
    assert reading.choices


@pytest.mark.parametrize(
    "text", ["attaque à Diéma, on ne sait pas", "on dit une attaque à Diéma, je ne sais pas"]
)
def test_beside_one_place_it_is_a_doubt_of_all_of_it(text: str) -> None:
    assert read(text).action is Action.UNCLEAR


def test_who_asks_reports_nothing() -> None:
    assert read("attaque entre Kayes et Diéma? lieu inconnu").action is not Action.REPORT


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("route de Dakar a Lakamané attaque", "Lakamané"),
        ("attaque sur la route de Dakar à Lakamané", "Lakamané"),
        ("SOS on nous attaque entre Diéma et Lakamané", "Diéma - Lakamané"),
    ],
)
def test_an_attack_on_a_road_is_told_before_its_sort_is_asked(text: str, where: str) -> None:
    reading = read(text)

    assert (reading.action, reading.missing, reading.for_now) == (Action.REPORT, None, True)
    assert reading.location is not None
    assert reading.location.label == where


def test_an_attack_at_two_places_is_asked_first() -> None:
    assert read("attaque à Diéma et à Lakamané").missing is Missing.PLACE
