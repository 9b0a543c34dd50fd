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
