"""What a correction by SMS calls the alert that was false: a driver may hold three of one day."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from app.alerts.alert import AlertType, Reason
from app.alerts.sms_text import to_gsm7
from app.core.levels import Level
from tests.harness.alerts import NOW, some_facts
from tests.harness.texts import KINDS, LANGUAGES, TEMPLATES, sms

FACTS = some_facts(
    reason=Reason.CORRECTED,
    stretch=("Diéma", "Lakamané"),
    told_at=NOW - timedelta(hours=3),
    vehicles=None,
)
HOUR = {"fr": " 11h.", "en": " 11:00."}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("level", [Level.MODERATE, Level.HIGH, Level.SEVERE])
def test_the_false_alert_is_told_from_others_of_its_day(level: Level, language: str) -> None:
    texts = TEMPLATES.language(language).texts
    for false, left in itertools.product(KINDS, ("roadblock", "convoy_ambush")):
        facts = replace(FACTS, told_kind=false, kind=left, level=level)

        message = sms(facts, AlertType.UPDATE, language)

        taken_back, _, _ = message.text.partition(texts.levels[level].sms)
        named = to_gsm7(texts.kinds[false].event) in taken_back
        assert named or HOUR[language] in taken_back, message.text
        assert message.segments == 1
