"""Deciding: what answers a doubt, what a rise waits for, and what time alone says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.alerts.alert import Audience, Certainty, News, Reason
from app.alerts.audience import audience_of
from app.alerts.calm import Calm
from app.alerts.change import Cause
from app.alerts.decide import decide
from app.alerts.decision import Action
from app.alerts.expired import decide_expired
from app.core.levels import Level
from tests.harness.deciding import ELSEWHERE, NOW, POLICY, a_change, outcome, said, told

LATE_DOUBT = {"doubt_at": NOW - POLICY.unconfirmed_for + timedelta(hours=3)}


def test_what_was_told_is_not_told_again_because_another_incident_joined_it() -> None:
    change = a_change(
        before=Level.SEVERE, incident_ids=frozenset({"i1", "i2"}), speaks="i1", stretch=ELSEWHERE
    )

    assert said(change, told())[:2] == (Action.NONE, Reason.NOTHING_NEW)
    assert said(replace(change, speaks="i2"), told())[1] is Reason.OTHER_STRETCH


def test_a_closure_that_ends_on_a_part_of_the_road_is_told_to_those_who_heard_of_it() -> None:
    change = a_change(before=Level.SEVERE, cause=Cause.RESOLVED, opened=frozenset({"i1"}))
    often = told(said_at=tuple(NOW - timedelta(hours=hour) for hour in range(1, 7)))

    for state in (told(), often):
        assert said(change, state) == (Action.UPDATE, Reason.PARTLY_OVER, Audience.TOLD_ONLY)
    assert said(change, told(incident_ids=frozenset({"i2"})))[0] is Action.NONE
    assert said(replace(change, after=Level.HIGH), often)[1] is Reason.FELL


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level.MODERATE, (Action.NONE, Reason.AGED_QUIETLY)),
        (Level.HIGH, (Action.UPDATE, Reason.NO_FRESH_NEWS)),
        (Level.SEVERE, (Action.UPDATE, Reason.NO_FRESH_NEWS)),
    ],
)
def test_whoever_was_told_of_a_confirmed_high_danger_hears_that_nobody_saw_it_since(
    level: Level, expected: tuple[Action, Reason]
) -> None:
    aged = a_change(before=level, after=Level.UNKNOWN, cause=Cause.AGED)

    assert said(aged, told(level=level, certainty=Certainty.CONFIRMED))[:2] == expected


def test_what_was_told_not_to_be_confirmed_and_is_now_is_said_at_the_latest_by_the_clock() -> None:
    over = NOW - timedelta(minutes=1)

    decision = decide_expired(
        told(reason=Reason.NOT_CONFIRMED, unanswered=frozenset(), expires_at=over),
        level=Level.SEVERE,
        certainty=Certainty.CONFIRMED,
        speaks="i1",
        policy=POLICY,
        now=NOW,
    )

    assert outcome(decision) == (Action.UPDATE, Reason.CONFIRMED)


def test_a_confirmation_holds_as_long_as_any_certain_word() -> None:
    change = a_change(before=Level.SEVERE, certainty=Certainty.CONFIRMED)

    decision = decide(change, told(**LATE_DOUBT), policy=POLICY, now=NOW)

    assert outcome(decision) == (Action.UPDATE, Reason.CONFIRMED)
    assert decision.expires_at == POLICY.expires_at(Level.SEVERE, Certainty.CONFIRMED, NOW)


def test_a_confirmation_holds_no_longer_than_another_doubt_may_wait() -> None:
    change = a_change(before=Level.SEVERE, certainty=Certainty.CONFIRMED)
    two = {"doubtful": frozenset({"i1", "i2"}), "unanswered": frozenset({"i1", "i2"})}

    decision = decide(change, told(**LATE_DOUBT, **two), policy=POLICY, now=NOW)

    assert decision.expires_at == NOW + timedelta(hours=3)


def test_an_all_clear_holds_whatever_was_doubted_before() -> None:
    quiet = Calm(heard_at=NOW - timedelta(days=30))
    change = a_change(
        before=Level.SEVERE, after=Level.LOW, cause=Cause.RESOLVED, resolved=True, calm=quiet
    )

    decision = decide(change, told(**LATE_DOUBT), policy=POLICY, now=NOW)

    assert outcome(decision) == (Action.ALL_CLEAR, Reason.RESOLVED)
    assert decision.expires_at == POLICY.expires_at(Level.LOW, change.certainty, NOW)


def test_a_rise_to_severe_by_strangers_waits_for_a_moderator_and_nothing_less_does() -> None:
    rise = a_change(before=Level.HIGH, only_unknown=True)
    further = a_change(
        before=Level.SEVERE, only_unknown=True, incident_ids=frozenset({"i2"}), stretch=ELSEWHERE
    )

    risen = decide(rise, told(level=Level.HIGH), policy=POLICY, now=NOW)
    other = decide(further, told(), policy=POLICY, now=NOW)

    assert (risen.action, risen.hold) == (Action.UPDATE, True)
    assert (other.action, other.hold) == (Action.UPDATE, False)


@pytest.mark.parametrize("reason", [Reason.OTHER_STRETCH, Reason.GRAVER, Reason.FURTHER_INCIDENT])
def test_who_subscribed_since_hears_of_news_at_the_same_level(reason: Reason) -> None:
    assert audience_of(reason, Level.SEVERE, told()) is Audience.SUBSCRIBERS_AND_TOLD


def test_the_end_of_one_of_two_dangers_is_told_to_the_told_however_much_was_said() -> None:
    hours = tuple(NOW - timedelta(hours=back) for back in (20, 10, 5, 1))
    spoken = {"i1": News(at=hours[0], level=Level.SEVERE)}
    change = a_change(
        before=Level.SEVERE,
        cause=Cause.RESOLVED,
        resolved=True,
        incident_ids=frozenset({"i2"}),
        weighs=False,
        over=frozenset({"i1"}),
    )
    state = told(said_at=hours, mentions=spoken)

    assert said(change, state) == (Action.UPDATE, Reason.PARTLY_OVER, Audience.TOLD_ONLY)
    assert said(replace(change, after=Level.HIGH), state)[1] is Reason.FELL
    lesser = replace(state, mentions={"i1": News(at=hours[0], level=Level.HIGH)})
    assert said(change, lesser)[1] is Reason.NOTHING_NEW
    assert said(change, told(said_at=hours))[1] is Reason.NOTHING_NEW


@pytest.mark.parametrize(
    ("doubted_h", "expected"),
    [(30, (Action.UPDATE, Reason.PARTLY_OVER)), (3, (Action.NONE, Reason.STILL_DANGEROUS))],
)
def test_a_doubt_that_is_over_beside_another_danger_gets_its_end_when_it_is_due(
    doubted_h: int, expected: tuple[Action, Reason]
) -> None:
    decision = decide_expired(
        told(expires_at=NOW, doubt_at=NOW - timedelta(hours=doubted_h)),
        level=Level.SEVERE,
        certainty=Certainty.CONFIRMED,
        speaks="i2",
        policy=POLICY,
        now=NOW,
        over=True,
    )

    assert outcome(decision) == expected
