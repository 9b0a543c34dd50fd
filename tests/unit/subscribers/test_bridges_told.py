"""A bridge that was blown up, a road that somebody cut: nobody takes them for water, or a mine."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("le pont de Markala a sauté", "infrastructure_sabotage"),
        ("explosion sur le pont de Markala", "infrastructure_sabotage"),
        ("les djihadistes ont détruit le pont de Konna", "infrastructure_sabotage"),
        ("ils ont creusé une tranchée a Hombori", "infrastructure_sabotage"),
        ("they dug a trench at Hombori", "infrastructure_sabotage"),
        ("ils ont coupé la route a Sandare", "roadblock"),
        ("ils ont couper la route a Sandare", "roadblock"),
        ("l'eau a coupé la route a Sandare", "flood_damage"),
        ("le pont de Konna est détruit", "flood_damage"),
        ("mine explosée sur le pont de Markala", "ied"),
        ("pont cassé a Bla", "road_damage"),
    ],
)
def test_what_cut_the_road_is_told_apart(said: str, kind: str) -> None:
    reading = read(said)

    assert (reading.action, reading.kind, reading.missing) == (Action.REPORT, kind, None)


@pytest.mark.parametrize(
    "said", ["ils vont creuser une tranchée a Hombori", "camion sauté sur le pont de Markala"]
)
def test_what_is_not_plain_is_asked(said: str) -> None:
    assert read(said).missing is not None


@pytest.mark.parametrize(
    "said", ["pont réparé a Konna", "le pont de Konna est réparé", "bridge repaired at Konna"]
)
def test_whether_it_is_repaired_is_asked_and_can_be_said_by_a_number(said: str) -> None:
    assert "road_reopened" in {choice.kind for choice in read(said).choices}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("pont réparé a Konna puis encore dynamité", "infrastructure_sabotage"),
        ("pont dynamité a Konna pas réparé", "infrastructure_sabotage"),
        ("mine au pont réparé de Konna", "ied"),
        ("l'eau a emporté le pont réparé de Konna", "flood_damage"),
    ],
)
def test_a_danger_at_a_repaired_bridge_is_one(said: str, kind: str) -> None:
    reading = read(said)

    assert reading.kind == kind
    assert "road_reopened" not in {choice.kind for choice in reading.choices}
