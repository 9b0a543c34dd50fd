"""For numbers that only one segment reaches whole, and for those that cannot answer."""

import itertools
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from app.alerts.alert import AlertType, Certainty
from app.alerts.asking import asks_for_answer, has_link, refuse_impossible
from app.alerts.digest import Said, compose_digest
from app.alerts.sms_text import segments, to_gsm7
from app.core.errors import ConfigError
from app.core.gsm7 import is_gsm7
from app.core.levels import Level
from tests.harness.texts import (
    BAMAKO,
    KINDS,
    LANGUAGES,
    LONGEST,
    SECTIONS,
    STATEMENTS,
    TEMPLATES,
    facts_on,
    random_texts,
    sms,
)

#: Counts of `random_texts` by Twilio's own calculator; `bench/segments.py` writes it.
COUNTED = json.loads((Path(__file__).parent / "segments_counted.json").read_text())


def test_segments_of_random_texts_are_those_of_twilios_calculator() -> None:
    texts = random_texts()
    assert sha256("\0".join(texts).encode()).hexdigest() == COUNTED["texts_sha256"]

    assert "".join(f"{segments(text):x}" for text in texts) == COUNTED["segments"]
    assert len(texts) == 10_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_fits_one_segment_where_no_more_arrive(language: str) -> None:
    notes = (None, "Barrage au pont de Faleya. " * 9)
    for kind, certainty, (alert_type, reason, before, level) in itertools.product(
        [*KINDS, None], Certainty, STATEMENTS
    ):
        facts = facts_on(
            LONGEST, kind=kind, certainty=certainty, reason=reason, before=before, level=level
        )
        for note in notes if kind is None else (None,):
            message = sms(replace(facts, note=note), alert_type, f"{language}-x-1")

            assert message.segments == segments(message.text) == 1, message.text
            assert is_gsm7(message.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [2, 5, 9])
def test_a_message_of_many_alerts_names_the_worst_and_counts_what_has_no_room(
    language: str, number: int
) -> None:
    levels = itertools.cycle((Level.HIGH, Level.SEVERE, Level.MODERATE))
    said = [
        Said(facts=facts_on(section, route=f"R{place}", level=next(levels)), type=AlertType.ALERT)
        for place, section in enumerate(SECTIONS[-number:])
    ]

    message = compose_digest(
        said, channel="sms", language=f"{language}-x-1", templates=TEMPLATES, zone=BAMAKO
    )

    words = TEMPLATES.language(language).texts
    assert message.segments == segments(message.text) == 1
    severe = to_gsm7(words.levels[Level.SEVERE].name)
    assert severe in message.text.lower()
    assert message.text.startswith(words.brand)


def test_no_alert_asks_for_an_answer_or_has_a_link() -> None:
    refuse_impossible(TEMPLATES, answers=False, links=False)


@pytest.mark.parametrize(
    ("wording", "complaint"),
    [("Répondez OK.", "asks for an answer"), ("Voir www.sira.ml", "has a link")],
)
def test_a_wording_that_asks_what_a_reader_cannot_do_stops_the_start(
    wording: str, complaint: str
) -> None:
    french = TEMPLATES.languages["fr"]
    levels = dict(french.texts.levels)
    levels[Level.SEVERE] = replace(levels[Level.SEVERE], advice=(wording,))
    changed = replace(french, texts=replace(french.texts, levels=levels))
    templates = replace(TEMPLATES, languages={"fr": changed})

    with pytest.raises(ConfigError, match=complaint):
        refuse_impossible(templates, answers=False, links=False)

    refuse_impossible(templates, answers=True, links=True)


def test_a_place_is_no_link_and_a_respondent_no_question() -> None:
    for section in SECTIONS[::7]:
        text = sms(facts_on(section)).text

        assert not asks_for_answer(text)
        assert not has_link(text), text
