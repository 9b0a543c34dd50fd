"""What a call and a WhatsApp message say, to somebody who reads nothing else."""

import re
from datetime import timedelta

import pytest

from app.alerts.alert import AlertType, Reason
from app.alerts.aloud import parse_aloud
from app.alerts.digest import Said
from app.alerts.spoken import write_call, write_whatsapp
from app.core.errors import ConfigError
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

    assert " 3 véhicules attaqués à Lakamané le 14 septembre à 12h. " in french
    assert " 3 vehicles attacked at Lakamané on 14 September at 12:00. " in english


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_call_has_no_date_and_no_range_in_figures(language: str, reason: Reason | None) -> None:
    said = call(
        language, AlertType.UPDATE, reason=reason, vehicles=(20, 130), hours_old=49,
        told_at=NOW - timedelta(hours=49), told_kind="roadblock",
    )  # fmt: skip

    assert not re.search(r"\d[/-]\d|\b(Sep|h)\b", said), said


def test_a_range_is_spoken_and_the_first_of_a_month_is_called_so() -> None:
    first = NOW.replace(day=1)
    said = call("fr", AlertType.ALERT, vehicles=(20, 130), occurred_at=first, reported_at=first)

    assert "De 20 à 130 citernes interceptées" in said
    assert " le 1er septembre à 14h." in said


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


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"months": ["mai"]}, "`spoken.months` must be 12 names"),
        ({"dat": "{day}"}, "`spoken.dat` is not known"),
        ({"date": "{dya}"}, r"`spoken.date` has the unknown slot \{dya\}"),
        ({"date": "{day"}, "`spoken.date` is no text with slots"),
        ({"date": 3}, "`spoken.date` is no text with slots"),
    ],
)
def test_a_wrong_form_for_the_ear_stops_start_up(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        parse_aloud(table, file="fr/texts.toml")


def test_a_call_says_that_the_other_road_is_lost_beside_what_else_there_is_to_say() -> None:
    beside = call("fr", AlertType.UPDATE, reason=Reason.ROSE, lost="Bamako - Kita - Dakar")
    alone = call(
        "fr",
        AlertType.UPDATE,
        reason=Reason.WAY_LOST,
        lost="Bamako - Kita - Dakar",
        lost_level=Level.HIGH,
    )

    assert beside.endswith("Ne passez plus par Kita.")
    assert alone.count("Kita") == 1
