"""What the next contact is told while nobody answers: one segment, whatever is said."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
import smsutil

from app.alerts.alert import AlertType, Certainty
from app.alerts.asking import asks_for_answer
from app.alerts.digest import Said
from app.alerts.escalation_text import (
    NAME,
    Unanswered,
    Written,
    compose_escalation,
    with_name,
)
from app.core.levels import Level
from tests.harness.alerts import NOW, some_facts
from tests.harness.api import shipped_config

CONFIG = shipped_config()
CARGOES = CONFIG.cargoes.codes
LONG = ("Saint-Louis du Sénégal", "Tambacounda Gare Routière")


def escalation(
    said: list[Said],
    *,
    language: str = "fr",
    number: int = 1,
    hours: int = 1,
    channel: str = "sms",
    can_answer: bool = False,
) -> Written:
    message = compose_escalation(
        said,
        Unanswered(number=number, told_at=NOW - timedelta(hours=hours)),
        channel=channel,
        language=language,
        templates=CONFIG.templates,
        zone=CONFIG.alerts.zone,
        now=NOW,
        public_url="https://sira.example",
        can_answer=can_answer,
    )
    return Written(subject=message.subject, text=message.text, html=message.html, language=language)


def a_said(**changes: object) -> Said:
    return Said(facts=replace(some_facts(level=Level.SEVERE), **changes), type=AlertType.ALERT)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", sorted(CONFIG.templates.languages))
def test_every_sms_is_one_segment_of_gsm7_with_the_longest_name(language: str) -> None:
    roads = [[*pair] for pair in itertools.combinations(CONFIG.network.corridors, 2)]
    choices = itertools.product(
        (1, 5_000), (1, 30), (False, True), (None, LONG), Certainty, (False, True)
    )
    for (number, hours, answer, stretch, certainty, exercise), routes in itertools.product(
        choices, roads[:3]
    ):
        said = [
            a_said(
                cargo=cargo, route=route, stretch=stretch, certainty=certainty, exercise=exercise
            )
            for route in routes
            for cargo in CARGOES
        ]
        for count in (1, 2, len(said)):
            written = escalation(
                said[:count], language=language, number=number, hours=hours, can_answer=answer
            )
            whole = with_name(written, "Ibrahima [Boubacar] Traoré-Ndiayé dit le Grand")
            found = smsutil.split(whole.text)
            assert (len(found.parts), found.encoding) == (1, "gsm0338"), whole.text
            assert answer or not asks_for_answer(whole.text)
            assert "§" not in whole.text


def test_it_says_who_has_not_answered_and_of_what() -> None:
    written = escalation([a_said()], can_answer=True)

    text = with_name(written, "Moussa Traoré").text

    assert text == (
        "SIRA Moussa Traoré n'a pas répondu à l'alerte (13h): grave non confirmé carburant: "
        "Sandaré-Diéma. Ne partez pas. Répondez OK."
    )


def test_of_many_the_number_is_said_and_the_day_where_it_is_another() -> None:
    text = escalation([a_said()], language="en", number=12, hours=20).text

    assert text.startswith("SIRA 12 told, nobody acknowledged the alert (")
    assert NAME not in text


def test_the_email_says_it_in_subject_and_text_and_has_the_link() -> None:
    written = with_name(escalation([a_said()], channel="email"), "Moussa")

    assert written.subject == "[Sira] SANS RÉPONSE: grave non confirmé carburant"
    assert written.text.startswith("Moussa n'a pas répondu à l'alerte (")
    assert "https://sira.example/ok/xxx" in written.text


@pytest.mark.parametrize("name", [None, "", "[]", "😀"])
def test_a_name_that_is_gone_or_has_no_letters_is_a_contact(name: str | None) -> None:
    assert with_name(escalation([a_said()]), name).text.startswith("SIRA un contact n'a")
