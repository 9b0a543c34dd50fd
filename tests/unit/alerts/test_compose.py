"""Every alert that can be written, in every language: letters, length, and what it must say."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import AlertType, Certainty, Reason
from app.alerts.beside import cargo_of
from app.alerts.compose import compose
from app.alerts.sms_text import segments, to_gsm7
from app.alerts.voice import Voice
from app.alerts.wording import event_of
from app.core.gsm7 import is_gsm7
from app.core.levels import Level
from tests.harness.texts import (
    BAMAKO,
    CARGOES,
    KINDS,
    LAKAMANE,
    LANGUAGES,
    LEVEL_CHANGES,
    LONGEST,
    NOW,
    SECTIONS,
    STATEMENTS,
    TEMPLATES,
    facts_on,
    sms,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cargo", CARGOES)
def test_every_statement_of_every_kind_is_gsm7_and_two_sms_at_most(
    cargo: str, language: str
) -> None:
    words = TEMPLATES.language(language).texts
    voice = Voice(texts=words, short_names=TEMPLATES.short_names, zone=BAMAKO)
    towns = [LONGEST.start_name, LONGEST.end_name]
    shown = [{to_gsm7(town), TEMPLATES.short_names.get(town, town)} for town in towns]
    cases = itertools.product([*KINDS, None], Certainty, STATEMENTS)
    for kind, certainty, (alert_type, reason, before, level) in cases:
        facts = facts_on(
            LONGEST,
            kind=kind,
            cargo=cargo,
            certainty=certainty,
            reason=reason,
            before=before,
            level=level,
        )

        message = sms(facts, alert_type, language)

        assert is_gsm7(message.text), message.text
        assert message.segments == segments(message.text) <= 2, message.text
        assert message.segments == len(smsutil.split(message.text).parts)
        assert "?" not in message.text
        assert words.brand in message.text
        assert any(to_gsm7(word) in message.text for word in words.cargoes[cargo])
        for names in shown:
            assert any(name in message.text for name in names), message.text
        if reason in LEVEL_CHANGES:
            assert message.segments == 1, message.text
            assert to_gsm7(words.levels[level].sms) in message.text
            assert to_gsm7(words.certainty[certainty].sms) in message.text
            assert any(to_gsm7(advice) in message.text for advice in words.levels[level].advice)
            assert any(to_gsm7(event) in message.text for event in event_of(facts, voice))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_of_level_on_any_section_is_one_sms(language: str) -> None:
    kinds = TEMPLATES.language(language).texts.kinds
    longest_kind = max(kinds, key=lambda code: len(kinds[code].event))
    statements = [case for case in STATEMENTS if case[1] in LEVEL_CHANGES]
    for section, statement in itertools.product(SECTIONS, statements):
        alert_type, reason, before, level = statement
        facts = facts_on(
            section,
            cargo="humanitarian",  # the longest word
            reason=reason,
            before=before,
            level=level,
            kind=longest_kind,
        )

        message = sms(facts, alert_type, language)

        assert message.segments == 1, message.text


@given(
    note=st.text(max_size=600),
    place=st.text(max_size=80),
    alternative=st.text(max_size=200),
    kind=st.sampled_from([*KINDS, None]),
    statement=st.sampled_from(STATEMENTS),
    language=st.sampled_from(LANGUAGES),
    exercise=st.booleans(),
)
def test_whatever_a_moderator_writes_is_gsm7_and_two_sms_at_most(
    note: str,
    place: str,
    alternative: str,
    kind: str | None,
    *,
    statement: tuple[AlertType, Reason, Level, Level],
    language: str,
    exercise: bool,
) -> None:
    alert_type, reason, before, level = statement
    facts = facts_on(
        LONGEST,
        note=note,
        place=place,
        alternative=alternative,
        kind=kind,
        reason=reason,
        before=before,
        level=level,
        exercise=exercise,
    )

    message = sms(facts, alert_type, language)

    assert is_gsm7(message.text)
    assert 1 <= message.segments <= 2
    assert "\n" not in message.text
    if exercise:
        assert message.text.startswith(TEMPLATES.language(language).texts.exercise)


@pytest.mark.parametrize(
    ("alert_type", "language", "changed", "text"),
    [
        (
            "alert",
            "fr",
            {},
            (
                "SIRA DANGER GRAVE carburant: Sandaré-Diéma (RN1), citernes interceptées à Lakamané"
                " le 14/09. NON CONFIRMÉ. Info 17h05. Ne partez pas; en route, arret en ville."
            ),
        ),
        (
            "alert",
            "en",
            {"alternative": "Bamako - Kita - Kéniéba - Dakar (southern corridor)"},
            (
                "SIRA SEVERE DANGER fuel: Sandaré-Diéma (RN1), tankers intercepted at Lakamané on"
                " 14 Sep. NOT CONFIRMED. News 17:05. Do not set out. Other road by Kita-Kéniéba."
            ),
        ),
        (
            "alert",
            "fr",
            {"occurred_at": NOW.replace(hour=12), "date_precision": "instant"},
            (
                "SIRA DANGER GRAVE carburant: Sandaré-Diéma, citernes interceptées à Lakamané le"
                " 14/09 12h05. NON CONFIRMÉ. Info 17h05. Ne partez pas; en route, arret en ville."
            ),
        ),
        (
            "alert",
            "en",
            {"occurred_at": NOW.replace(hour=12), "date_precision": "instant"},
            (
                "SIRA SEVERE DANGER fuel: Sandaré-Diéma, 40 tankers intercepted at Lakamané on 14"
                " Sep 12:05. NOT CONFIRMED. News 17:05. Do not set out; if driving, stop in town."
            ),
        ),
        (
            "all_clear",
            "fr",
            {"kind": "safe_transit", "level": Level.LOW, "before": Level.SEVERE, "vehicles": None},
            (
                "SIRA FIN D'ALERTE carburant: Sandaré-Diéma (RN1, axe Bamako-Dakar). Passage sans"
                " incident à Lakamané le 14/09. Info 17h05. Vous pouvez rouler; restez prudent."
            ),
        ),
        (
            "withdrawal",
            "fr",
            {"level": Level.UNKNOWN, "told_at": NOW, "told_kind": "fuel_interception"},
            (
                "SIRA ANNULATION carburant, Sandaré-Diéma (RN1): l'alerte du 14/09 17h05 (citernes"
                " interceptées) était fausse. Danger: inconnu. Renseignez-vous avant de partir."
            ),
        ),
    ],
)
def test_what_a_driver_reads(
    alert_type: str, language: str, changed: dict[str, Any], text: str
) -> None:
    message = sms(replace(LAKAMANE, **changed), AlertType(alert_type), language)

    assert message.text == text
    assert message.segments == 1


def test_time_alone_is_said_not_to_be_an_all_clear() -> None:
    facts = facts_on(LONGEST, reason=Reason.NO_FRESH_NEWS, level=Level.UNKNOWN, before=Level.HIGH)

    assert "CE N'EST PAS une fin d'alerte" in sms(facts, AlertType.UPDATE, "fr").text
    assert "NOT an all-clear" in sms(facts, AlertType.UPDATE, "en").text


def test_figures_are_told_as_ranges_and_singulars() -> None:
    def event(**changed: Any) -> str:
        return sms(replace(LAKAMANE, road=None, place=None, **changed)).text

    assert "40 citernes" in event()
    assert "20-130 citernes" in event(vehicles=(20, 130))
    assert "1 citerne interceptée" in event(vehicles=(1, 1))
    assert ", citernes interceptées" in event(vehicles=(0, 0))
    assert "6 personnes enlevées" in event(kind="abduction", abducted=(6, 6))


def test_a_moderators_words_are_worth_a_second_sms_before_they_are_cut() -> None:
    note = "Pont de Diéma fermé aux poids lourds jusqu'à lundi, détour par Nioro, fouilles longues"
    facts = replace(LAKAMANE, kind=None, note=note)

    message = sms(facts)

    assert note in message.text
    assert message.segments == 2


@pytest.mark.parametrize("language", ["fr", "en"])
def test_beside_an_incident_a_moderators_words_are_worth_a_second_sms_too(language: str) -> None:
    note = "Pont de Diéma fermé aux poids lourds jusqu'à lundi, détour par Nioro, fouilles longues"

    message = sms(facts_on(LONGEST, note=note), language=language)

    assert note in message.text
    assert "20-130" in message.text
    assert message.segments == 2


def test_figures_and_advice_are_shortened_before_a_moderators_words() -> None:
    note = (
        "Pont de Diéma fermé aux poids lourds jusqu'à lundi, détour par Nioro, fouilles longues, "
        "patrouilles entre Diéma et Sandaré, attendre le feu vert du syndicat avant de partir, "
        "ne pas rouler de nuit"
    )

    high = sms(facts_on(LONGEST, level=Level.HIGH, note=note), language="en")
    moderate = sms(facts_on(LONGEST, level=Level.MODERATE, note=note), language="en")

    assert f"20-130 tankers intercepted on 13 Sep. NOT CONFIRMED. {note}. Postpone." in high.text
    assert f" tankers intercepted on 13 Sep. NOT CONFIRMED. {note}. Drive by day." in moderate.text
    assert (high.segments, moderate.segments) == (2, 2)


@pytest.mark.parametrize("end", [AlertType.ALL_CLEAR, AlertType.WITHDRAWAL])
def test_a_moderators_words_stand_beside_an_end(end: AlertType) -> None:
    note = "Le pont est réparé."
    facts = replace(LAKAMANE, kind=None, note=note, level=Level.UNKNOWN)

    assert "Le pont est réparé." in sms(facts, end).text
    assert "réparé.." not in sms(facts, end).text


def test_a_language_without_wording_is_read_in_french() -> None:
    message = sms(LAKAMANE, language="bm")

    assert (message.language, message.text) == ("bm", sms(LAKAMANE).text)


def test_no_text_is_written_for_an_unknown_channel() -> None:
    with pytest.raises(ValueError, match="pigeon"):
        compose(
            LAKAMANE,
            AlertType.ALERT,
            channel="pigeon",
            language="fr",
            templates=TEMPLATES,
            zone=BAMAKO,
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"with_cargoes": ("goods", "passengers")}, "carburant, marchandises, passagers"),
        ({"with_cargoes": ("goods", "passengers", "humanitarian")}, "tous chargements"),
        ({"also": (("goods", Level.MODERATE),)}, "carburant (marchandises: modéré)"),
    ],
)
def test_an_sms_names_every_cargo_of_which_it_is_said(changes: dict[str, Any], said: str) -> None:
    facts = facts_on(LONGEST, reason=Reason.FIRST, level=Level.HIGH, cargo="fuel")

    forms = cargo_of(replace(facts, **changes), TEMPLATES.language("fr").texts)

    assert forms[0] == said
