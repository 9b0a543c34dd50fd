"""What denies what an alert speaks of, or holds its level in its stead, is said with it."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.alerts.alert import AlertFacts, AlertType, Certainty, Reason
from app.alerts.codec import facts_from_json, facts_to_json
from app.alerts.compose import compose
from app.alerts.spoken import sentences
from app.alerts.templates import load_templates
from tests.harness.alerts import some_facts

TEMPLATES = load_templates(Path(__file__).parents[3] / "config" / "templates")


def text_of(
    facts: AlertFacts, channel: str, language: str, alert_type: AlertType = AlertType.ALERT
) -> str:
    return compose(
        facts,
        alert_type,
        channel=channel,
        language=language,
        templates=TEMPLATES,
        zone=ZoneInfo("Africa/Bamako"),
    ).text


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", "Contredit par: passage sans incident."), ("en", "Disputed: safe passage reported.")],
)
def test_what_is_disputed_is_said_by_mail_and_where_it_fits_by_sms(
    language: str, words: str
) -> None:
    disputed = some_facts(disputed="safe_transit", vehicles=None, road=None)

    assert words in text_of(disputed, "email", language)
    assert words not in text_of(some_facts(), "email", language)
    assert len(text_of(disputed, "sms", language)) <= 306


@pytest.mark.parametrize(
    ("language", "in_short", "words"),
    [
        (
            "fr",
            "enu par: barrage sur la route",
            "Niveau tenu par: barrage sur la route (non confirmé).",
        ),
        ("en", "ue to: roadblock", "Level due to: roadblock (not confirmed)."),
    ],
)
@pytest.mark.parametrize(
    "reason", [Reason.CONFIRMED, Reason.NOT_CONFIRMED, Reason.NOT_OVER, Reason.ROSE, Reason.FELL]
)
def test_what_holds_the_level_is_said_on_every_channel_rather_than_left_out_for_a_segment(
    language: str, in_short: str, words: str, reason: Reason
) -> None:
    lesser = some_facts(
        reason=reason,
        kind="road_damage",
        held_kind="roadblock",
        held_certainty=Certainty.UNCONFIRMED,
    )
    spoken = sentences(
        lesser,
        AlertType.UPDATE,
        language=language,
        templates=TEMPLATES,
        zone=ZoneInfo("Africa/Bamako"),
    )

    assert in_short in text_of(lesser, "sms", language, AlertType.UPDATE)
    assert words in text_of(lesser, "email", language, AlertType.UPDATE)
    assert words in spoken.whole
    assert facts_from_json(facts_to_json(lesser)) == lesser


def test_it_is_kept_with_the_facts() -> None:
    disputed = some_facts(disputed="safe_transit")

    assert facts_from_json(facts_to_json(disputed)) == disputed
