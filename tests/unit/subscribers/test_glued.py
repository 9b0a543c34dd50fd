"""A town's name is found in words that are written as one, and in no other word."""

import pytest

from app.subscribers.glued import unglued
from app.subscribers.understood import Action
from tests.harness.api import shipped_config, shipped_gazetteer
from tests.harness.effort import counted
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("laroutedesofara camion mitraillé", "vehicle_attack", "Sofara"),
        ("yelimanéroute bloquée", "roadblock", "Yélimané"),
        ("barrage akayes", "roadblock", "Kayes"),
    ],
)
def test_what_happened_is_reported_though_the_blanks_are_missing(
    text: str, kind: str, place: str
) -> None:
    reading = read(text)

    assert (reading.action, reading.missing) == (Action.REPORT, None)
    assert (reading.kind, reading.places) == (kind, (place,))


@pytest.mark.parametrize(
    "word",
    [
        "Bamakois",
        "sikassoise",
        "inodation",
        "passeports",
        "malheureusement",
        "Kouloubadji",
        "Kafana",
    ],
)
def test_a_word_of_its_own_is_left_alone(word: str) -> None:
    assert unglued(word, shipped_config().commands, shipped_gazetteer()) == word


@pytest.mark.parametrize("word", ["kayes" * 320, "\ufb03" * 1_600])
def test_a_word_without_end_takes_no_time(word: str) -> None:
    read("laroutedesofara")  # what is made once

    with counted() as effort:
        reading = read(word)

    assert effort.calls < 200_000
    assert reading.action is Action.UNCLEAR
