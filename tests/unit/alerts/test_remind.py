"""Whether people are reminded that a road is severe still, and in which words: laws."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import AlertState, AlertType, Audience, Certainty, Reason
from app.alerts.remind import ReminderPolicy, Reminding, is_due, reminder
from app.alerts.sms_text import segments
from app.core.levels import Level
from tests.harness.alerts import NOW
from tests.harness.api import shipped_config
from tests.harness.texts import KINDS, LANGUAGES, SECTIONS, facts_on, sms

POLICY = ReminderPolicy(after=timedelta(hours=24), most=3)


def told(**changes: Any) -> AlertState:
    usual: dict[str, Any] = {
        "id": "a2",
        "chain_id": "a1",
        "type": AlertType.UPDATE,
        "level": Level.SEVERE,
        "certainty": Certainty.CONFIRMED,
        "created_at": NOW - timedelta(hours=30),
        "references": ("a1",),
        "incident_ids": frozenset(),
    }
    return AlertState(**usual | changes)


states = st.builds(
    told,
    level=st.sampled_from(Level),
    type=st.sampled_from(AlertType),
    created_at=st.integers(0, 90).map(lambda hours: NOW - timedelta(hours=hours)),
    unanswered=st.frozensets(st.just("i")),
)


@given(states, st.sampled_from(Level), st.integers(0, 9))
def test_only_what_is_severe_still_and_long_unsaid_is_said_again_and_not_for_ever(
    state: AlertState, level: Level, reminded: int
) -> None:
    found = is_due(state, level=level, reminded=reminded, policy=POLICY, now=NOW)

    goes_on = state.type in {AlertType.ALERT, AlertType.UPDATE}
    severe = state.level is level is Level.SEVERE and goes_on
    unsaid = NOW - state.created_at >= timedelta(hours=24) and not state.unanswered
    due = severe and unsaid and reminded < 3
    assert (found is Reminding.DUE) == due
    assert is_due(state, level=level, reminded=reminded, policy=None, now=NOW) is Reminding.OFF


def test_a_reminder_goes_on_with_its_chain_and_to_those_who_were_told() -> None:
    decision = reminder(
        told(), certainty=Certainty.CONFIRMED, policy=shipped_config().alerts, now=NOW
    )

    assert (decision.chain_id, decision.references) == ("a1", ("a1", "a2"))
    assert decision.audience is Audience.TOLD_ONLY
    assert decision.reason is Reason.STILL_SEVERE
    assert decision.expires_at > NOW
    # said just now, nothing is due for as long again
    again = told(created_at=NOW, reason=decision.reason)
    assert is_due(again, level=Level.SEVERE, reminded=1, policy=POLICY, now=NOW) is (
        Reminding.TOO_SOON
    )


@pytest.mark.parametrize("language", [*LANGUAGES, "fr-x-1"])
def test_a_reminder_is_one_segment_and_says_how_old_the_news_is(language: str) -> None:
    for section in SECTIONS[::7]:
        for kind in KINDS:
            facts = facts_on(section, kind=kind, reason=Reason.STILL_SEVERE, before=Level.SEVERE)
            text = sms(facts, AlertType.UPDATE, language).text
            assert "72 h" in text
            assert segments(text) == 1, text


@pytest.mark.parametrize(
    ("hours_ago", "reminded", "expected"),
    [
        (24, 0, Reminding.DUE),
        (24, 2, Reminding.DUE),
        (24, 3, Reminding.ENOUGH),
        (23, 0, Reminding.TOO_SOON),
    ],
)
def test_a_road_that_stays_severe_is_said_again_once_a_day_three_times(
    hours_ago: int, reminded: int, expected: Reminding
) -> None:
    state = told(created_at=NOW - timedelta(hours=hours_ago))

    assert is_due(state, level=Level.SEVERE, reminded=reminded, policy=POLICY, now=NOW) is expected
