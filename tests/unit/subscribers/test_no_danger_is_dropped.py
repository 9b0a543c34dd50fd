"""A danger that is named is asked back, whatever else is in the message."""

import pytest

from app.subscribers.understood import Action, Missing
from tests.harness.understanding import read


def test_who_does_not_know_where_is_asked_where() -> None:
    reading = read("il y a eu une attaque mais je sais pas où exactement")

    assert (reading.action, reading.missing) == (Action.REPORT, Missing.PLACE)


@pytest.mark.parametrize(
    "text",
    [
        "On a évité l'attaque de justesse à Dioura",
        "Les terro n'ont pas attaqué Kona hier mais aujourd'hui oui",
        "personne n'est venu et ils ont brulé les maisons",
    ],
)
def test_a_danger_beside_a_negation_is_offered_as_a_report(text: str) -> None:
    reading = read(text)

    assert reading.action is Action.UNCLEAR
    assert Action.REPORT in [choice.action for choice in reading.choices]


@pytest.mark.parametrize(
    "text", ["il n'y a pas eu d'attaque", "merci beaucoup pour tout", "Bonjour"]
)
def test_nothing_is_offered_where_no_danger_is_or_it_is_plainly_denied(text: str) -> None:
    assert not read(text).choices
