"""A danger has eased by time alone: what is said of a closure that nobody said to be over."""

import pytest

from app.alerts.alert import AlertType, Certainty, Reason
from app.core.levels import Level
from tests.harness.texts import LONGEST, facts_on, sms


@pytest.mark.parametrize(
    ("told", "language", "said"),
    [
        ("route_suspended", "fr", "réouverture non signalée"),
        ("blockade_threat", "fr", "levée non signalée"),
        ("border_closure", "en", "no reopening reported"),
        ("vehicle_attack", "fr", "rien de nouveau signalé"),
    ],
)
def test_who_waits_for_a_road_to_open_is_told_that_nobody_said_so(
    told: str, language: str, said: str
) -> None:
    """It read as an all-clear to whoever waited for one: nothing new, drive by day."""
    facts = facts_on(
        LONGEST,
        reason=Reason.FELL,
        kind=None,
        occurred_at=None,
        certainty=Certainty.CONFIRMED,
        told_kind=told,
        level=Level.MODERATE,
        before=Level.HIGH,
    )

    text = sms(facts, AlertType.UPDATE, language).text

    assert said in text
