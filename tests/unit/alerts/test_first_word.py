"""What was said to those who knew, as the first word to somebody who did not."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.alerts.alert import AlertFacts, AlertType, Message, Reason, Stretch
from app.alerts.digest import Said, compose_digest
from app.alerts.first_word import first_word
from app.alerts.sms_text import segments
from app.alerts.spoken import write_call
from app.alerts.templates import load_templates
from app.core.levels import Level
from tests.harness.alerts import some_facts
from tests.harness.texts import (
    BAMAKO,
    CARGOES,
    CONFIG,
    KINDS,
    LANGUAGES,
    SECTIONS,
    TEMPLATES,
    facts_on,
)

SANDARE, LAKAMANE = ("Sandaré", "Kayes"), ("Diéma", "Lakamané")
HOW: dict[str, Any] = {"templates": TEMPLATES, "zone": BAMAKO}


def now(**levels: Level) -> Any:
    """Return how bad the stretches are, by their first town; the others are not known."""

    def level_of(stretch: Stretch | None) -> Level:
        return levels.get(stretch[0] if stretch else "", Level.UNKNOWN)

    return level_of


def told(stretch: Stretch, reason: Reason, **changes: Any) -> AlertFacts:
    given: dict[str, Any] = {"kind": "convoy_ambush", "level": Level.SEVERE, "told_at": None}
    return replace(some_facts(stretch=stretch, reason=reason), **(given | changes))


def test_the_worst_stretch_comes_first_whichever_was_told_last() -> None:
    last = told(SANDARE, Reason.OTHER_STRETCH, alternative="Bamako - Kita - Dakar")
    before = told(LAKAMANE, Reason.FIRST)

    said = first_word(last, [before], level_of=now(Sandaré=Level.HIGH, Diéma=Level.SEVERE))

    assert [(one.stretch, one.level) for one in said] == [
        (LAKAMANE, Level.SEVERE),
        (SANDARE, Level.HIGH),
    ]
    assert {one.reason for one in said} == {Reason.STANDS}
    assert said[0].alternative == last.alternative  # what was said last of the whole road


def test_what_holds_in_an_area_is_told_beside_an_attack_at_one_place() -> None:
    blockade = told(SANDARE, Reason.FIRST, kind="roadblock", place="région de Kayes", area=True)
    blockade = replace(blockade, stretch=None, level=Level.HIGH)
    last = told(LAKAMANE, Reason.OTHER_STRETCH)

    said = first_word(last, [blockade], level_of=lambda _: Level.SEVERE)

    found = [(one.stretch, one.kind, one.level) for one in said]
    assert found == [
        (LAKAMANE, "convoy_ambush", Level.SEVERE),
        (None, "roadblock", Level.HIGH),
    ]


def test_a_stretch_that_is_quiet_by_now_is_not_told() -> None:
    said = first_word(
        told(SANDARE, Reason.OTHER_STRETCH),
        [told(LAKAMANE, Reason.FIRST)],
        level_of=now(Sandaré=Level.SEVERE, Diéma=Level.MODERATE),
    )

    assert [one.stretch for one in said] == [SANDARE]


def test_what_eased_without_a_word_of_what_it_was_names_what_was_told_before() -> None:
    eased = told(LAKAMANE, Reason.FELL, kind=None, level=Level.HIGH, told_kind="convoy_ambush")

    (said,) = first_word(eased, [told(LAKAMANE, Reason.FIRST)], level_of=now(Diéma=Level.HIGH))

    assert (said.kind, said.level) == ("convoy_ambush", Level.HIGH)


def test_where_nothing_is_known_of_any_event_it_is_said_as_it_stands() -> None:
    note = told(LAKAMANE, Reason.BY_HAND, kind=None, note="Route barrée.")

    (said,) = first_word(note, [], level_of=now())

    assert (said.note, said.reason) == (note.note, Reason.STANDS)


def everywhere(number: int = 60) -> list[Said]:
    return [
        Said(facts=facts_on(one, reason=Reason.STANDS, route=f"ML-{n}"), type=AlertType.UPDATE)
        for n, one in enumerate(SECTIONS[:number])
    ]


def sms(said: list[Said], language: str, public_url: str | None = None) -> Message:
    return compose_digest(said, channel="sms", language=language, public_url=public_url, **HOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_many_roads_an_sms_names_some_and_counts_the_rest(language: str) -> None:
    short = sms(everywhere(), language)
    linked = sms(everywhere(), language, "https://sira.example.org")

    assert short.segments == segments(short.text) <= 3
    assert linked.segments <= 3
    assert linked.text.endswith("https://sira.example.org")
    news = [
        Said(facts=replace(one.facts, reason=Reason.FIRST), type=AlertType.ALERT)
        for one in everywhere()
    ]
    assert sms(news, language).segments > 3  # who was told of each reads of each


def test_an_end_is_never_what_is_only_counted() -> None:
    over = Said(
        facts=facts_on(SECTIONS[-1], reason=Reason.RESOLVED, level=Level.UNKNOWN),
        type=AlertType.ALL_CLEAR,
    )

    assert "fin d'alerte" in sms([*everywhere(), over], "fr").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_names_no_more_than_can_be_taken_in(language: str) -> None:
    call = write_call(everywhere(), language=language, **HOW).text

    severe = TEMPLATES.language(language).texts.levels[Level.SEVERE].sms
    assert call.count(severe) == 6
    assert " 54 " in call


def test_a_copy_without_words_for_how_many_more_leaves_none_out(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CONFIG / "templates", tmp_path / "templates"))
    wording = folder / "fr" / "texts.toml"
    lines = wording.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("and_more")]
    wording.write_text("".join(kept), encoding="utf-8")
    templates = load_templates(folder, kinds=KINDS, cargoes=CARGOES)

    call = write_call(everywhere(), language="fr", templates=templates, zone=BAMAKO).text

    assert call.count(TEMPLATES.language("fr").texts.levels[Level.SEVERE].sms) == 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_email_says_why_it_comes_and_nothing_of_what_was_before(language: str) -> None:
    (said,) = first_word(
        told(LAKAMANE, Reason.ROSE, before=Level.HIGH), [], level_of=now(Diéma=Level.SEVERE)
    )
    alike = [Said(facts=said, type=AlertType.UPDATE)]

    mail = compose_digest(alike, channel="email", language=language, **HOW)

    before = {"fr": "avant", "en": "before"}[language]
    assert f"({before}" not in mail.text
    assert f"({before}" not in str(mail.html)
    because = {"fr": "Vous recevez désormais", "en": "You now receive"}[language]
    assert because in mail.text
    rose = {"fr": "AGGRAVATION", "en": "WORSE"}[language]
    assert rose not in str(mail.subject)
