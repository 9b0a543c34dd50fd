"""What a person has to read, and what not: nobody else reads what Sira made nothing of."""

import pytest

from app.subscribers.conversation import Outcome
from app.subscribers.for_person import is_for_person
from app.subscribers.understood import Standing
from tests.harness.api import shipped_config
from tests.harness.understanding import read

STRANGERS, ASKED = Outcome.UNKNOWN, Outcome.ASKED


def is_read(text: str, outcome: Outcome) -> bool:
    return is_for_person(read(text), outcome, shipped_config().kinds)


@pytest.mark.parametrize("outcome", [STRANGERS, ASKED])
@pytest.mark.parametrize(
    "text",
    [
        "ALERTE FANA CITERNES BRULEES",
        "ALERTE ZZZQ TIRS",
        "Ils ont pris mon frere a Lakamane",
        "J'ai vu des hommes armes a moto vers Sandare ce soir, ils arretent les camions",
        "Aidez moi je suis blesse",
        "mon camion en panne a diema besoin de mecanicien svp",
        "c'est faux il n'y a rien a Diema la route est libre",
    ],
)
def test_a_danger_a_denial_and_a_call_for_help_are_read(text: str, outcome: Outcome) -> None:
    assert is_read(text, outcome)


@pytest.mark.parametrize("outcome", [STRANGERS, ASKED, Outcome.UNCLEAR])
@pytest.mark.parametrize(
    "text",
    ["bonjour, qui est-ce ?", "quelle heure le convoi", "Kayes", "ETAT KAYES", "OK DIEMA", "ARRET"],
)
def test_a_question_a_greeting_and_a_command_are_not(text: str, outcome: Outcome) -> None:
    assert not is_read(text, outcome)


@pytest.mark.parametrize(
    "outcome", [Outcome.DONE, Outcome.ANSWERED, Outcome.LOOP, Outcome.FLOOD, Outcome.AUTOMATIC]
)
def test_what_was_done_and_what_machines_write_is_not(outcome: Outcome) -> None:
    assert not is_read("ALERTE FANA CITERNES BRULEES", outcome)
    assert not is_read("Aidez moi je suis blesse", outcome)


def test_a_danger_that_is_moved_is_read_as_what_was_told_first_stands() -> None:
    told = read("convoi attaqué à Diéma")
    moved = read("erreur, c'est à Sandaré", Standing(told=told))

    assert is_for_person(moved, Outcome.DONE, shipped_config().kinds)
    assert not is_for_person(told, Outcome.DONE, shipped_config().kinds)


@pytest.mark.parametrize(
    ("text", "read_by_one"),
    [
        ("barrage Koro, Xyzzy et Bandiagara", True),
        ("barrage Koro, urgent, Bandiagara", False),
        ("camion brulé à Diéma, chauffeurs et passagers à Sandaré", False),
    ],
)
def test_a_name_that_nobody_knows_is_read_by_a_person(text: str, *, read_by_one: bool) -> None:
    assert is_read(text, Outcome.DONE) is read_by_one
