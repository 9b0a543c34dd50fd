"""Good news that denies what an alert speaks of is said with it."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.alerts.alert import AlertFacts, AlertType
from app.alerts.codec import facts_from_json, facts_to_json
from app.alerts.compose import compose
from app.alerts.templates import load_templates
from tests.harness.alerts import some_facts

TEMPLATES = load_templates(Path(__file__).parents[3] / "config" / "templates")


def text_of(facts: AlertFacts, channel: str, language: str) -> str:
    return compose(
        facts,
        AlertType.ALERT,
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


def test_it_is_kept_with_the_facts() -> None:
    disputed = some_facts(disputed="safe_transit")

    assert facts_from_json(facts_to_json(disputed)) == disputed
