"""A command inside a sentence is offered as a choice; nothing is done before it is chosen."""

import pytest

from app.subscribers.understood import Action
from tests.harness.understanding import read


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("je voudrais recevoir les alertes de la route de Koro", Action.SUBSCRIBE),
        ("ne m'envoyez plus rien", Action.STOP),
        ("please don't send me that any more", Action.STOP),
        ("can you write me in english please", Action.LANGUAGE),
    ],
)
def test_what_is_wished_is_offered_and_not_done(text: str, offered: Action) -> None:
    reading = read(text)

    assert reading.missing is not None
    assert reading.choices[0].action is offered


def test_who_signs_up_in_so_many_words_is_signed_up() -> None:
    assert read("sign me up for Tombouctou").action is Action.SUBSCRIBE


def test_who_tells_of_a_barricade_is_not_offered_the_alerts() -> None:
    reading = read("abonne moi barrage Diema")

    assert Action.SUBSCRIBE not in [choice.action for choice in reading.choices]
