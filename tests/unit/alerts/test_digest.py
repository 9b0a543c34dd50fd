"""Several alerts in one message."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.alerts.alert import AlertType, Certainty, Message
from app.alerts.compose import compose
from app.alerts.digest import Said, compose_digest, gathered
from app.alerts.sms_text import segments
from app.core.levels import Level
from tests.harness.alerts import some_facts
from tests.harness.api import shipped_config

REPORTED = datetime(2025, 9, 8, 14, 30, tzinfo=UTC)
BAMAKO = ZoneInfo("Africa/Bamako")
TEMPLATES = shipped_config().templates
KAYES = some_facts(
    stretch=("Diéma", "Sandaré"),
    certainty=Certainty.CONFIRMED,
    occurred_at=None,
    date_precision="day",
    reported_at=None,
    vehicles=None,
    serious=False,
)


def said(kind: AlertType = AlertType.ALERT, **changes: Any) -> Said:
    return Said(facts=replace(KAYES, **changes), type=kind)


def written(*alerts: Said, channel: str = "sms", language: str = "fr") -> Message:
    return compose_digest(
        alerts, channel=channel, language=language, templates=TEMPLATES, zone=BAMAKO
    )


GAO: dict[str, Any] = {
    "route": "ML-GAO",
    "ends": ("Bamako", "Gao"),
    "stretch": ("Sévaré", "Douentza"),
}
SEGOU: dict[str, Any] = {
    "route": "ML-SGU",
    "ends": ("Bamako", "Ségou"),
    "stretch": ("Fana", "Ségou"),
}


def test_one_alert_reads_as_it_would_alone() -> None:
    alone = compose(
        KAYES, AlertType.ALERT, channel="sms", language="fr", templates=TEMPLATES, zone=BAMAKO
    )

    assert written(said()) == alone


def test_cargoes_of_one_road_are_said_once() -> None:
    alerts = [said(), said(cargo="goods"), said(cargo="passengers", level=Level.HIGH)]

    (together,) = gathered(alerts)

    assert together.facts.with_cargoes == ("goods",)
    assert together.facts.also == (("passengers", Level.HIGH),)
    assert "carburant, marchandises" in written(*alerts).text
    assert "Aussi" not in written(*alerts).text


def test_the_worst_is_said_in_full_and_the_others_by_name() -> None:
    text = written(said(**GAO, level=Level.HIGH), said(), said(**SEGOU, level=Level.HIGH)).text

    assert text.startswith("SIRA DANGER GRAVE carburant: ")
    assert text.endswith(" Aussi: élevé carburant: Sévaré-Douentza, Fana-Ségou.")


def test_what_is_as_bad_is_named_by_the_road_alone_and_a_shared_stretch_once() -> None:
    again: dict[str, Any] = {"ends": ("Bamako", "Mopti"), "stretch": ("Fana", "Ségou")}

    text = written(said(), said(**SEGOU), said(route="ML-MOP", **again)).text

    assert text.endswith(" Aussi: Fana-Ségou.")


def test_no_danger_is_taken_for_one_more_road_to_take_instead() -> None:
    text = written(said(alternative="Bamako - Kita - Dakar"), said(**SEGOU)).text

    assert "Bamako-Kita-Dakar. DANGER Aussi: Fana-Ségou." in text


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (said(**GAO, level=Level.HIGH, certainty=Certainty.UNCONFIRMED), "élevé non confirmé"),
        (said(AlertType.UPDATE, **GAO, level=Level.UNKNOWN), "sans nouvelles"),
        (said(AlertType.ALL_CLEAR, **GAO, level=Level.UNKNOWN), "fin d'alerte"),
        (said(AlertType.WITHDRAWAL, **GAO, level=Level.UNKNOWN), "annulé"),
    ],
)
def test_each_says_what_it_is(other: Said, words: str) -> None:
    assert f" Aussi: {words} carburant: Sévaré-Douentza." in written(said(), other).text


def test_an_exercise_is_marked_and_comes_last() -> None:
    text = written(said(**GAO, exercise=True), said(**SEGOU, level=Level.MODERATE)).text

    assert text.startswith("SIRA DANGER MODÉRÉ")
    assert "Aussi: EXERCICE SIRA grave carburant" in text


def test_the_parts_of_an_sms_are_counted_whole() -> None:
    many = [said(**(GAO | {"route": f"R{n}", "stretch": ("Bla", f"Ville {n}")})) for n in range(12)]

    message = written(said(), *many)

    assert message.segments == segments(message.text) >= 2
    assert all(f"Bla-Ville {n}" in message.text for n in range(12))


@pytest.mark.parametrize(("language", "also"), [("fr", "Aussi"), ("en", "Also")])
def test_a_mail_lists_the_others_with_what_to_do(language: str, also: str) -> None:
    mail = written(said(), said(**GAO, level=Level.HIGH), channel="email", language=language)

    assert mail.subject is not None
    assert mail.subject.endswith("(+1)")
    assert f"\n{also}\n" in mail.text
    assert "Sévaré-Douentza" in mail.text
    assert f">{also}</h2>" in (mail.html or "")
    assert "Sévaré-Douentza" in (mail.html or "")


def test_a_mail_says_of_the_others_what_happened_unless_it_is_the_same() -> None:
    facts = replace(KAYES, **GAO, kind="ied", place="Konna")
    other = Said(facts=facts, type=AlertType.ALERT)
    once = said(**SEGOU)

    mail = written(said(), other, once, channel="email")

    lines = [line for line in mail.text.splitlines() if line.startswith("- DANGER")]
    assert "Engin explosif à Konna" in lines[0]
    assert "Engin explosif à Konna" in (mail.html or "")
    assert "iterne" not in lines[1]


def test_a_second_sms_that_others_need_anyway_has_room_for_what_was_left_out() -> None:
    first = replace(KAYES, occurred_at=REPORTED, date_precision="instant", reported_at=REPORTED)
    alone = written(Said(facts=first, type=AlertType.ALERT)).text

    both = written(Said(facts=first, type=AlertType.ALERT), said(**SEGOU, level=Level.HIGH))

    assert "En route: arret" not in alone
    assert "En route: arret à la ville la plus proche." in both.text
    assert both.segments == segments(both.text) == 2
