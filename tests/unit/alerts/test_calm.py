"""The quiet before an all-clear, by example."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.alerts.alert import AlertState, Certainty, Reason
from app.alerts.calm import Calm
from app.alerts.change import Cause
from app.alerts.decide import decide
from app.alerts.decision import Action, AlertDecision, Chain
from app.alerts.expired import decide_expired
from app.core.levels import Level
from tests.harness.deciding import NOW, POLICY, a_change, outcome, told
from tests.harness.incidents import an_incident

HOUR = timedelta(hours=1)
ENDED = (Action.ALL_CLEAR, Reason.RESOLVED)
WAITS = (Action.NONE, Reason.QUIET_PERIOD)
SILENCE = (Action.UPDATE, Reason.NO_FRESH_NEWS)


def answered(calm: Calm | None, state: AlertState | None = None, **changed: Any) -> AlertDecision:
    """Return what is said when evidence has just answered what was told."""
    given = {"before": Level.SEVERE, "after": Level.UNKNOWN, "cause": Cause.RESOLVED}
    change = a_change(**(given | {"resolved": True, "calm": calm} | changed))
    return decide(change, state or sure(), policy=POLICY, now=NOW)


def sure(**changed: Any) -> AlertState:
    return told(certainty=Certainty.CONFIRMED, **changed)


@pytest.mark.parametrize(
    ("worst", "hours"), [(Level.MODERATE, 6), (Level.HIGH, 12), (Level.SEVERE, 24)]
)
def test_the_worse_it_was_the_longer_it_must_be_quiet(worst: Level, hours: int) -> None:
    assert POLICY.quiet[worst] == hours * HOUR
    state = sure(level=Level.MODERATE, peak=worst)

    for ago, said in ((hours - 1, WAITS), (hours, ENDED)):
        calm = Calm(heard_at=NOW - ago * HOUR, awaited=True)
        assert outcome(answered(calm, state)) == said


def test_what_waits_is_looked_at_again_when_it_has_been_quiet_long_enough() -> None:
    decision = answered(Calm(heard_at=NOW - HOUR, awaited=True))

    assert decision.chain is Chain.RENEWED
    assert decision.expires_at == NOW - HOUR + POLICY.quiet[Level.SEVERE]


def test_where_only_a_person_ended_dangers_nobody_is_asked_to_wait() -> None:
    assert outcome(answered(Calm(heard_at=None))) == ENDED


def test_a_closed_road_has_no_all_clear_whoever_answers_whatever_else() -> None:
    for heard_at in (NOW - 90 * HOUR, None):
        calm = Calm(heard_at=heard_at, closed=True, awaited=True)
        assert outcome(answered(calm)) == SILENCE


def test_time_alone_ends_nothing_however_quiet_it_was() -> None:
    calm = Calm(heard_at=NOW - 900 * HOUR)

    assert outcome(answered(calm, cause=Cause.AGED)) == SILENCE
    assert outcome(expired(calm)) == SILENCE


def test_the_clock_tells_the_end_that_waited() -> None:
    calm = Calm(heard_at=NOW - 24 * HOUR, awaited=True)

    assert outcome(expired(calm)) == ENDED
    assert outcome(answered(calm, cause=Cause.AGED)) == ENDED


def test_the_clock_waits_on_while_it_is_not_quiet_yet() -> None:
    decision = expired(Calm(heard_at=NOW - 20 * HOUR, awaited=True))

    assert outcome(decision) == WAITS
    assert decision.chain is Chain.RENEWED
    assert decision.expires_at == NOW + 4 * HOUR


def test_a_doubt_is_answered_in_time_though_the_end_waits() -> None:
    asked = NOW - POLICY.unconfirmed_for
    due = told(doubt_at=asked, expires_at=NOW)
    calm = Calm(heard_at=NOW - HOUR, awaited=True)

    assert outcome(expired(calm, due)) == SILENCE
    fresh = answered(calm, told(doubt_at=asked + HOUR))
    assert outcome(fresh) == WAITS
    assert fresh.expires_at == NOW + HOUR


def test_what_was_doubted_and_has_ended_waits_for_its_all_clear() -> None:
    asked = NOW - POLICY.unconfirmed_for
    due = told(doubt_at=asked, expires_at=NOW)
    calm = Calm(heard_at=NOW - HOUR, awaited=True, over=(an_incident(),))

    decision = expired(calm, due)
    assert outcome(decision) == WAITS
    assert decision.expires_at == NOW + 23 * HOUR
    also = replace(due, unanswered=frozenset({"i1", "i2"}))
    assert outcome(expired(calm, also)) == SILENCE


def expired(calm: Calm, state: AlertState | None = None) -> AlertDecision:
    return decide_expired(
        state or replace(sure(), expires_at=NOW),
        level=Level.UNKNOWN,
        certainty=Certainty.CONFIRMED,
        speaks=None,
        policy=POLICY,
        now=NOW,
        calm=calm,
    )
