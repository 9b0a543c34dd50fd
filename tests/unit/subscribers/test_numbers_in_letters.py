"""A number in letters stands where one in digits does."""

from app.subscribers.understood import Action
from tests.harness.understanding import read


def test_three_persons_taken_are_an_abduction_as_3_are() -> None:
    text = "ils ont pris {} personnes et brulé leur vehicule a Diema"
    told = [read(text.format(number)) for number in ("3", "trois")]

    assert [one.kind for one in told] == ["abduction", "abduction"]


def test_about_thirty_is_no_place() -> None:
    reading = read("attaque de vehicule, une trentaine sur des motos")

    assert (reading.action, reading.said) == (Action.REPORT, None)
