"""A number in letters stands where one in digits does."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


def test_three_persons_taken_are_an_abduction_as_3_are() -> None:
    text = "ils ont pris {} personnes et brulé leur vehicule a Diema"
    told = [read(text.format(number)) for number in ("3", "trois")]

    assert [one.kind for one in told] == ["abduction", "abduction"]


def test_about_thirty_is_no_place() -> None:
    reading = read("attaque de vehicule, une trentaine sur des motos")

    assert (reading.action, reading.said) == (Action.REPORT, None)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("citernes brulées a vingt-cinq km de diema vers kayes", "km 25 from Diéma to Kayes"),
        ("embuscade dix kilometres apres sandare vers kayes", "km 10 from Sandaré to Kayes"),
        ("Trucks burned ten miles north of Kayes", "16 km from Kayes as the crow flies"),
    ],
)
def test_a_distance_in_letters_is_no_less_a_distance(text: str, how: str) -> None:
    location = read(text).location
    assert location is not None
    assert location.how == how


def test_a_distance_in_letters_without_a_road_is_asked_and_not_told_at_the_town() -> None:
    assert read("on a attaqué notre convoi à une trentaine de km de Nioro").location is None
