"""What a call and a WhatsApp message say, to somebody who reads nothing else."""

from datetime import timedelta

import pytest

from app.alerts.alert import AlertType, Reason
from app.alerts.digest import Said
from app.alerts.spoken import write_call, write_whatsapp
from app.core.levels import Level
from tests.harness.alerts import NOW, some_facts
from tests.harness.texts import BAMAKO, LANGUAGES, STATEMENTS, TEMPLATES


def call(language: str, alert_type: AlertType, **facts: object) -> str:
    said = Said(facts=some_facts(**facts), type=alert_type)
    return write_call([said], language=language, templates=TEMPLATES, zone=BAMAKO).text


def test_a_call_says_what_happened_where_and_when() -> None:
    told = {"kind": "vehicle_attack", "vehicles": (3, 3), "place": "Lakamané"}

    french = call("fr", AlertType.ALERT, **told)
    english = call("en", AlertType.ALERT, **told)

    assert " 3 véhicules attaqués à Lakamané le 14/09 à 12h. " in french
    assert " 3 vehicles attacked at Lakamané on 14 Sep at 12:00. " in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_about_an_incident_names_it(language: str) -> None:
    named = TEMPLATES.language(language).texts.kinds["roadblock"].event.casefold()
    for alert_type, reason, before, level in STATEMENTS:
        if reason is Reason.REASSESSED:
            continue
        said = call(
            language, alert_type, kind="roadblock", reason=reason, before=before, level=level,
            told_at=NOW - timedelta(hours=9), told_kind="roadblock",
        )  # fmt: skip

        assert named in said.casefold(), said


def test_a_danger_that_eased_by_time_alone_names_no_incident() -> None:
    said = call(
        "fr", AlertType.UPDATE, reason=Reason.REASSESSED, kind="roadblock",
        before=Level.MODERATE, level=Level.LOW,
    )  # fmt: skip

    assert "barrage" not in said


def test_the_words_of_a_moderator_are_spoken() -> None:
    note = "Le pont de Lakamané est libre"
    for alert_type in (AlertType.UPDATE, AlertType.ALL_CLEAR):
        said = call("fr", alert_type, reason=None, level=Level.LOW, note=note)

        assert note in said


def test_a_whatsapp_message_says_what_happened_before_why() -> None:
    said = Said(facts=some_facts(kind="roadblock"), type=AlertType.ALERT)

    message = write_whatsapp([said], language="fr", templates=TEMPLATES, zone=BAMAKO)

    _, why, _ = message.text.split("\n")
    assert why.startswith("Barrage sur la route à Lakamané le 14/09 à 12h. Le danger")
