"""What people want of the service itself, in words of their own: its news, and their language."""

import pytest

from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read


@pytest.mark.parametrize("text", ["recevoir sms Sikasso", "recevoir les infos sikasso"])
def test_who_wants_to_get_news_is_told(text: str) -> None:
    assert (read(text).action, read(text).places) == (Action.SUBSCRIBE, ("Sikasso",))


@pytest.mark.parametrize("text", ["change la langue en anglais", "change language to english"])
def test_the_language_that_is_named_is_taken(text: str) -> None:
    assert (read(text).action, read(text).language) == (Action.LANGUAGE, "en")


def test_how_bad_it_is_is_no_town_though_one_is_called_almost_so() -> None:
    told = read("barrage sévère à Mopti")
    wished = read("abonner Mopti severe")

    assert (told.kind, told.places, told.missing) == ("roadblock", ("Mopti",), None)
    assert wished.places == ("Mopti",)
    assert wished.missing in (None, Missing.MEANING)
    assert read("barrage à Sévaré").places == ("Sévaré",)
    assert read("barrage a sevare").places == ("Sévaré",)
