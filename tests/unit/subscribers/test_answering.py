"""Questions that are answered in words instead of by a number."""

import pytest

from app.subscribers.understood import Action, Choice, Missing, Reading, Standing
from tests.harness import understanding

NAMESAKES = (
    Choice(place="Kasséla", place_id="one", area="Banamba"),
    Choice(place="Kasséla", place_id="two", area="Kati"),
)
STOPS = (Choice(place="Diéma", place_id="d"), Choice(place="Sandaré", place_id="s"))


def read(text: str, missing: Missing | None = None, *question: Choice) -> Reading:
    return understanding.read(text, Standing(question=question, missing=missing))


@pytest.mark.parametrize("text", ["Kati", "à Kati svp", "KATI", "2 Kati", "2. Kasséla"])
def test_a_place_asked_for_may_be_answered_by_its_name(text: str) -> None:
    reading = read(text, Missing.PLACE, *NAMESAKES)

    assert (reading.action, reading.chosen) == (Action.CHOICE, NAMESAKES[1])


def test_a_place_that_was_not_offered_is_taken_as_the_answer() -> None:
    assert read("Sandaré", Missing.PLACE, *STOPS).chosen == STOPS[1]
    other = read("à Kita", Missing.PLACE, *STOPS).chosen
    first = read("Kita", Missing.PLACE).chosen

    assert other == first
    assert first is not None
    assert (first.place, first.kind) == ("Kita", None)


def test_what_happened_may_be_answered_in_words() -> None:
    choices = (Choice(kind="vehicle_attack"), Choice(kind="roadblock"))

    assert read("un barrage", Missing.KIND, *choices).chosen == Choice(kind="roadblock")
    assert read("embuscade", Missing.KIND, *choices).chosen == Choice(kind="convoy_ambush")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("OK Diema", Missing.PLACE),
        ("Diema?", Missing.PLACE),
        ("pas Diema", Missing.PLACE),
        ("1 Kita", Missing.PLACE),
        ("état Diéma", Missing.PLACE),
        ("pas de barrage", Missing.KIND),
        ("barrage à Kita", Missing.KIND),
        ("barrage ?", Missing.KIND),
        ("Diéma", Missing.KIND),
        ("Diéma", None),
        ("barrage", None),
    ],
)
def test_what_says_something_of_its_own_is_no_answer(text: str, missing: Missing | None) -> None:
    assert read(text, missing, *STOPS).action is not Action.CHOICE


def test_two_namesakes_cannot_both_be_meant() -> None:
    assert read("les deux", Missing.PLACE, *NAMESAKES).action is not Action.CHOICE
