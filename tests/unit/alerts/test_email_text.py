"""E-mails: a subject one can act on, nothing unescaped, no word missing."""

import itertools
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typing_extensions import override

from app.alerts.alert import AlertFacts, AlertType, Message, Reason
from app.alerts.compose import compose
from app.alerts.templates import load_templates
from tests.harness.alerts import some_facts

TEMPLATES = load_templates(Path(__file__).parents[3] / "config" / "templates")
NOW = datetime(2025, 9, 14, 17, 5, tzinfo=UTC)
FACTS = some_facts(
    route_title="Bamako - Kayes - Dakar (northern corridor)",
    occurred_at=NOW.replace(hour=12, minute=0),
    date_precision="day",
    reported_at=NOW,
    serious=False,
)
VOID = {"meta", "br", "hr", "img", "link"}


class Balance(HTMLParser):
    """Collects tags left open, text and links."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def email(
    facts: AlertFacts = FACTS,
    alert_type: AlertType = AlertType.ALERT,
    *,
    language: str = "fr",
    public_url: str | None = None,
) -> Message:
    return compose(
        facts,
        alert_type,
        channel="email",
        language=language,
        templates=TEMPLATES,
        zone=ZoneInfo("Africa/Bamako"),
        public_url=public_url,
    )


def parsed(message: Message) -> Balance:
    page = Balance()
    page.feed(message.html or "")
    page.close()
    return page


def test_a_subject_says_how_bad_where_what_when_and_how_sure() -> None:
    assert email().subject == (
        "[Sira] DANGER GRAVE carburant Bamako-Kayes-Dakar: Sandaré-Diéma,"
        " 20-130 citernes interceptées le 14/09, non confirmé"
    )
    assert email(language="en").subject == (
        "[Sira] SEVERE DANGER fuel Bamako-Kayes-Dakar: Sandaré-Diéma,"
        " 20-130 tankers intercepted on 14 Sep, not confirmed"
    )


def test_text_and_html_say_the_same() -> None:
    message = email(
        replace(FACTS, alternative="Bamako - Kita - Dakar"), public_url="https://s.example/"
    )
    page = " ".join("".join(parsed(message).texts).split())

    for said in (
        "DANGER GRAVE, carburant: Sandaré-Diéma (RN1, axe Bamako-Dakar)",
        "Ne partez pas. En route: arrêt à la ville la plus proche.",
        "Bamako - Kita - Dakar",
        "était inconnu; il est maintenant grave",
        "Non confirmé",
        "Lakamané",
        "20-130",
        "14/09 17h05",
    ):
        assert said in message.text
        assert said in page
    assert "https://s.example/routes/ML-DKR-N" in message.text
    own = "https://s.example/ok/" + "x" * 30
    assert own in message.text
    assert parsed(message).links == [own, "https://s.example/routes/ML-DKR-N"]


@pytest.mark.parametrize("language", sorted(TEMPLATES.languages))
def test_every_statement_renders_whole_and_balanced(language: str) -> None:
    words = TEMPLATES.language(language).texts
    for alert_type, reason, kind in itertools.product(
        AlertType, words.statements, ["ied", "safe_transit", None]
    ):
        facts = replace(FACTS, reason=reason, kind=kind, told_at=NOW, told_kind="roadblock")

        message = email(facts, alert_type, language=language)

        page = parsed(message)
        assert page.open == []
        assert page.links == []
        for text in (message.subject or "", message.text, message.html or ""):
            assert "None" not in text
            assert "{" not in text


def test_no_sign_of_french_begins_a_line() -> None:
    message = email(replace(FACTS, alternative="Bamako - Kita - Dakar"))

    for text in (message.text, " ".join(parsed(message).texts)):
        assert "Que faire\N{NO-BREAK SPACE}: Ne partez pas" in text
        assert re.findall(r" [:;?!»]|« ", text) == []


HOSTILE = '<script>alert(1)</script> & "x" \' {{ 7*7 }}'


def test_html_escapes_whatever_comes_from_outside() -> None:
    facts = replace(
        FACTS,
        place=HOSTILE,
        note=HOSTILE,
        alternative=HOSTILE,
        route_title=HOSTILE,
        stretch=(HOSTILE, HOSTILE),
        road=HOSTILE,
    )

    message = email(facts, public_url="https://s.example")

    assert "script" not in parsed(message).tags
    assert "<script" not in (message.html or "")
    assert "{{ 7*7 }}" in message.text


def test_a_subject_is_one_line() -> None:
    message = email(replace(FACTS, kind=None, note="Pont coupé\r\nBcc: x@example.org"))

    assert "\n" not in (message.subject or "")
    assert "\r" not in (message.subject or "")


@pytest.mark.parametrize(
    ("changed", "absent"),
    [
        ({"vehicles": None}, "Véhicules"),
        ({"place": None}, "Lieu"),
        ({"occurred_at": None}, "Quand"),
        ({"reported_at": None}, "Dernière information"),
    ],
)
def test_what_is_not_known_has_no_row(changed: dict[str, Any], absent: str) -> None:
    message = email(replace(FACTS, **changed))

    assert absent in email().text
    assert absent in (email().html or "")
    assert absent not in message.text
    assert absent not in (message.html or "")


def test_an_exercise_is_marked_everywhere() -> None:
    message = email(replace(FACTS, exercise=True))

    assert (message.subject or "").startswith("[Sira EXERCICE]")
    assert "EXERCICE SIRA" in message.text
    assert "EXERCICE SIRA" in (message.html or "")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Ce lien répond en votre nom : effacez-le si vous transférez ce message."),
        ("en", "This link answers in your name: take it out if you forward this message."),
    ],
)
def test_whoever_forwards_a_mail_is_told_whose_name_its_link_answers_in(
    language: str, said: str
) -> None:
    linked = email(language=language, public_url="https://s.example")
    without = email(language=language)

    for told in (linked.text, " ".join(parsed(linked).texts)):
        assert said in " ".join(told.split())
    assert said not in " ".join(without.text.split())


@pytest.mark.parametrize("language", sorted(TEMPLATES.languages))
def test_what_was_false_is_not_listed_among_what_is_known(language: str) -> None:
    facts = replace(FACTS, reason=Reason.REFUTED, told_at=NOW, told_kind=FACTS.kind)

    message = email(facts, AlertType.WITHDRAWAL, language=language)

    known = message.text.partition("Ce que l'on sait" if language == "fr" else "What is known")[2]
    assert "RN1" in known
    told = [said for said in ("iterne", "anker", "Lakaman", "20-130") if said in known]
    assert told == []
    page = " ".join(parsed(message).texts)
    assert "Lakaman" not in page
    assert "20-130" not in page


def test_an_end_says_nothing_of_certainty() -> None:
    message = email(replace(FACTS, reason=Reason.REFUTED), AlertType.WITHDRAWAL)

    assert "Non confirmé" not in message.text
