"""Each law of deciding, by example."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.alerts.alert import AlertType, Audience, Certainty, Reason
from app.alerts.by_hand import decide_by_hand
from app.alerts.change import Cause
from app.alerts.decide import decide
from app.alerts.decision import Action, Chain
from app.alerts.expired import decide_expired
from app.core.levels import Level
from tests.harness.deciding import ELSEWHERE, HERE, NOW, POLICY, a_change, outcome, said, told


@pytest.mark.parametrize("after", [Level.MODERATE, Level.HIGH, Level.SEVERE])
def test_a_route_that_becomes_dangerous_is_alerted_to_subscribers(after: Level) -> None:
    assert said(a_change(after=after), None) == (
        Action.ALERT,
        Reason.FIRST,
        Audience.SUBSCRIBERS_AND_TOLD,
    )


@pytest.mark.parametrize("after", [Level.LOW, Level.UNKNOWN])
def test_what_is_not_dangerous_starts_no_chain(after: Level) -> None:
    assert said(a_change(before=Level.LOW, after=after), None)[:2] == (
        Action.NONE,
        Reason.NOTHING_TOLD,
    )


def test_history_filled_in_tells_nobody() -> None:
    assert said(a_change(backfill=True), None)[0] is Action.NONE
    assert said(a_change(backfill=True, after=Level.LOW), told())[0] is Action.NONE


def test_a_fresh_report_tells_of_a_level_that_was_reached_in_silence() -> None:
    assert said(a_change(before=Level.HIGH, after=Level.HIGH), None)[0] is Action.ALERT


def test_a_level_reached_in_silence_is_not_told_by_time_or_by_good_news() -> None:
    for cause in (Cause.AGED, Cause.RESOLVED, Cause.RULES):
        change = a_change(before=Level.HIGH, after=Level.HIGH, cause=cause)
        assert said(change, None)[0] is Action.NONE
    assert said(a_change(before=Level.SEVERE, after=Level.HIGH), None)[0] is Action.NONE


def test_what_weighs_too_little_to_hold_a_level_reached_in_silence_does_not_tell_of_it() -> None:
    change = a_change(before=Level.HIGH, after=Level.HIGH, weighs=False)

    assert said(change, None)[:2] == (Action.NONE, Reason.NOTHING_TOLD)


def test_a_higher_level_is_an_update_to_subscribers_and_told() -> None:
    state = told(level=Level.HIGH)

    assert said(a_change(before=Level.HIGH), state) == (
        Action.UPDATE,
        Reason.ROSE,
        Audience.SUBSCRIBERS_AND_TOLD,
    )


def test_a_lower_level_still_dangerous_is_an_update_to_the_told_only() -> None:
    change = a_change(before=Level.SEVERE, after=Level.HIGH, cause=Cause.AGED)

    assert said(change, told()) == (Action.UPDATE, Reason.FELL, Audience.TOLD_ONLY)


def test_a_confirmation_at_the_same_level_is_an_update() -> None:
    change = a_change(
        before=Level.SEVERE, certainty=Certainty.CONFIRMED, cause=Cause.VERDICT_CONFIRMED
    )

    assert said(change, told())[:2] == (Action.UPDATE, Reason.CONFIRMED)


def test_the_confirmation_of_something_else_confirms_nothing() -> None:
    change = a_change(
        before=Level.SEVERE,
        certainty=Certainty.CONFIRMED,
        cause=Cause.REPORT,
        incident_ids=frozenset({"i1", "i2"}),
    )
    known = told(incident_ids=frozenset({"i1", "i2"}))

    assert said(change, known)[:2] == (Action.NONE, Reason.NOTHING_NEW)


def test_good_news_never_starts_an_alarm() -> None:
    change = a_change(before=Level.UNKNOWN, after=Level.HIGH, cause=Cause.RESOLVED)

    assert said(change, None)[:2] == (Action.NONE, Reason.NOTHING_TOLD)


def test_what_alone_would_not_hold_the_level_is_no_news() -> None:
    change = a_change(
        before=Level.SEVERE, incident_ids=frozenset({"i2"}), stretch=ELSEWHERE, weighs=False
    )

    assert said(change, told())[:2] == (Action.NONE, Reason.NOTHING_NEW)
    assert said(replace(change, weighs=True), told())[1] is Reason.OTHER_STRETCH


def test_easing_and_confirmation_wait_when_enough_was_said_today() -> None:
    hours = tuple(NOW - timedelta(hours=back) for back in (20, 10, 5, 1))
    eased = a_change(before=Level.SEVERE, after=Level.HIGH, cause=Cause.AGED)
    confirmed = a_change(before=Level.HIGH, after=Level.HIGH, certainty=Certainty.CONFIRMED)

    waits = Action.NONE, Reason.ENOUGH_SAID_TODAY
    assert said(eased, told(said_at=hours))[:2] == waits
    assert said(confirmed, told(level=Level.HIGH, said_at=hours))[:2] == waits


def test_what_is_worse_is_said_however_much_was_said_today() -> None:
    hours = tuple(NOW - timedelta(hours=back) for back in (20, 10, 5, 1))
    state = told(level=Level.HIGH, said_at=hours)

    assert said(a_change(before=Level.HIGH), state)[1] is Reason.ROSE


def test_a_doubt_is_answered_in_time_whatever_else_was_said_since() -> None:
    asked = NOW - timedelta(hours=20)
    change = a_change(
        before=Level.SEVERE,
        certainty=Certainty.CONFIRMED,
        incident_ids=frozenset({"i2"}),
        stretch=ELSEWHERE,
    )

    decision = decide(change, told(doubt_at=asked), policy=POLICY, now=NOW)

    assert decision.expires_at == POLICY.answer_by(asked) < asked + POLICY.unconfirmed_for


def test_a_danger_answered_by_evidence_is_all_clear_to_the_told_only() -> None:
    change = a_change(before=Level.SEVERE, after=Level.UNKNOWN, cause=Cause.RESOLVED, resolved=True)

    assert said(change, told()) == (Action.ALL_CLEAR, Reason.RESOLVED, Audience.TOLD_ONLY)


def test_time_alone_never_gives_an_all_clear() -> None:
    change = a_change(before=Level.SEVERE, after=Level.UNKNOWN, cause=Cause.AGED, resolved=True)

    assert said(change, told()) == (Action.UPDATE, Reason.NO_FRESH_NEWS, Audience.TOLD_ONLY)


def test_a_confirmed_moderate_danger_ages_without_a_message() -> None:
    state = told(level=Level.MODERATE, certainty=Certainty.CONFIRMED)
    change = a_change(before=Level.MODERATE, after=Level.UNKNOWN, cause=Cause.AGED)

    assert said(change, state)[:2] == (Action.NONE, Reason.AGED_QUIETLY)


def test_an_unconfirmed_moderate_danger_does_not_age_in_silence() -> None:
    state = told(level=Level.MODERATE)
    change = a_change(before=Level.MODERATE, after=Level.UNKNOWN, cause=Cause.AGED)

    assert said(change, state)[:2] == (Action.UPDATE, Reason.NO_FRESH_NEWS)


def test_an_all_clear_still_comes_after_no_fresh_news_was_told() -> None:
    state = told(type=AlertType.UPDATE, level=Level.UNKNOWN, reason=Reason.NO_FRESH_NEWS)
    change = a_change(before=Level.UNKNOWN, after=Level.LOW, cause=Cause.RESOLVED, resolved=True)

    assert said(change, state)[0] is Action.ALL_CLEAR


def test_no_fresh_news_is_told_once() -> None:
    state = told(type=AlertType.UPDATE, level=Level.UNKNOWN, reason=Reason.NO_FRESH_NEWS)
    change = a_change(before=Level.UNKNOWN, after=Level.UNKNOWN, cause=Cause.AGED)

    assert said(change, state)[:2] == (Action.NONE, Reason.END_WAS_TOLD)


def test_a_refuted_incident_that_carried_the_level_is_withdrawn_to_the_told_only() -> None:
    change = a_change(
        before=Level.SEVERE,
        after=Level.UNKNOWN,
        cause=Cause.VERDICT_REFUTED,
        refuted=frozenset({"i1"}),
        incident_ids=frozenset(),
    )

    assert said(change, told()) == (Action.WITHDRAWAL, Reason.REFUTED, Audience.TOLD_ONLY)


@pytest.mark.parametrize("after", [Level.MODERATE, Level.SEVERE])
def test_a_refuted_incident_beside_others_is_corrected(after: Level) -> None:
    change = a_change(
        before=Level.SEVERE,
        after=after,
        cause=Cause.VERDICT_REFUTED,
        refuted=frozenset({"i1"}),
        incident_ids=frozenset({"i2"}),
    )

    assert said(change, told()) == (Action.UPDATE, Reason.CORRECTED, Audience.TOLD_ONLY)


def test_refuting_an_incident_nobody_was_told_of_withdraws_nothing() -> None:
    change = a_change(
        before=Level.SEVERE,
        after=Level.SEVERE,
        cause=Cause.VERDICT_REFUTED,
        refuted=frozenset({"i9"}),
    )

    assert said(change, told())[0] is Action.NONE


def test_ten_reports_of_one_event_are_one_message() -> None:
    assert said(a_change(before=Level.SEVERE), told())[:2] == (Action.NONE, Reason.NOTHING_NEW)


def test_a_further_incident_waits_for_the_gap() -> None:
    change = a_change(before=Level.SEVERE, incident_ids=frozenset({"i1", "i2"}))
    long_ago = told(created_at=NOW - timedelta(hours=6))

    assert said(change, told())[1] is Reason.WITHIN_MIN_GAP
    assert said(change, long_ago)[1] is Reason.FURTHER_INCIDENT


def test_a_further_incident_on_another_stretch_does_not_wait() -> None:
    change = a_change(before=Level.SEVERE, incident_ids=frozenset({"i1", "i2"}), stretch=ELSEWHERE)

    assert said(change, told())[:2] == (Action.UPDATE, Reason.OTHER_STRETCH)
    assert said(change, told(stretches=frozenset({HERE, ELSEWHERE})))[0] is Action.NONE


def test_what_lies_on_all_of_the_road_is_more_than_the_stretch_that_was_told() -> None:
    """Tankers were taken at Lakamané; a minute later all of the region was under blockade."""
    change = a_change(before=Level.SEVERE, incident_ids=frozenset({"i1", "i2"}), stretch=None)

    assert said(change, told())[:2] == (Action.UPDATE, Reason.OTHER_STRETCH)
    assert said(change, told(stretches=frozenset({HERE, None})))[0] is Action.NONE


def test_a_further_place_of_what_was_told_does_not_wait() -> None:
    change = a_change(before=Level.SEVERE, placed_anew=True, stretch=ELSEWHERE)

    assert said(change, told())[:2] == (Action.UPDATE, Reason.OTHER_STRETCH)
    assert said(replace(change, placed_anew=False), told())[1] is Reason.NOTHING_NEW
    assert said(replace(change, weighs=False), told())[1] is Reason.NOTHING_NEW
    assert said(replace(change, stretch=HERE), told())[1] is Reason.NOTHING_NEW


def test_a_serious_incident_after_one_that_was_not_does_not_wait() -> None:
    change = a_change(before=Level.SEVERE, incident_ids=frozenset({"i1", "i2"}))

    assert said(change, told(serious=False))[1] is Reason.GRAVER


def test_a_change_of_rules_is_not_an_all_clear() -> None:
    change = a_change(before=Level.SEVERE, after=Level.UNKNOWN, cause=Cause.RULES)

    assert said(change, told())[:2] == (Action.UPDATE, Reason.REASSESSED)


def test_after_an_end_a_new_danger_starts_a_new_chain() -> None:
    decision = decide(a_change(), told(type=AlertType.ALL_CLEAR), policy=POLICY, now=NOW)

    assert outcome(decision) == (Action.ALERT, Reason.FIRST)
    assert (decision.chain_id, decision.references) == (None, ())


@pytest.mark.parametrize("end", [AlertType.ALL_CLEAR, AlertType.WITHDRAWAL])
def test_an_end_that_is_taken_back_goes_on_with_its_chain_to_all(end: AlertType) -> None:
    change = a_change(after=Level.MODERATE, over_told_at=NOW)
    state = told(type=end, level=Level.UNKNOWN)

    decision = decide(change, state, policy=POLICY, now=NOW)

    assert outcome(decision) == (Action.UPDATE, Reason.NOT_OVER)
    assert decision.audience is Audience.SUBSCRIBERS_AND_TOLD
    assert (decision.chain_id, decision.references) == ("a1", ("a1",))


def test_what_is_held_again_starts_as_news_where_nobody_was_told_its_end() -> None:
    assert said(a_change(), told(type=AlertType.ALL_CLEAR))[1] is Reason.FIRST
    assert said(a_change(over_told_at=NOW), None)[1] is Reason.FIRST


def test_an_update_refers_to_all_that_was_said_before() -> None:
    state = told(id="a2", chain_id="a1", references=("a1",), level=Level.HIGH)

    decision = decide(a_change(), state, policy=POLICY, now=NOW)

    assert (decision.chain_id, decision.references) == ("a1", ("a1", "a2"))


def test_severe_from_unknown_voices_alone_waits_for_a_moderator() -> None:
    from_unknown = decide(a_change(only_unknown=True), None, policy=POLICY, now=NOW)
    from_known = decide(a_change(), None, policy=POLICY, now=NOW)
    high = decide(a_change(only_unknown=True, after=Level.HIGH), None, policy=POLICY, now=NOW)

    assert (from_unknown.hold, from_known.hold, high.hold) == (True, False, False)


def test_an_unconfirmed_alert_expires_within_its_time_limit() -> None:
    decision = decide(a_change(after=Level.HIGH), None, policy=POLICY, now=NOW)

    assert decision.expires_at == NOW + POLICY.unconfirmed_for


EXPIRED = NOW - timedelta(minutes=1)


CONFIRMED = {"certainty": Certainty.CONFIRMED}


@pytest.mark.parametrize(
    ("state", "now", "expected"),
    [
        ({"expires_at": NOW + timedelta(hours=1)}, "severe unconfirmed", "none not_expired kept"),
        ({}, "severe unconfirmed", "update not_confirmed kept"),
        ({}, "severe confirmed", "update confirmed kept"),
        ({}, "high unconfirmed", "update fell kept"),
        ({"level": Level.HIGH}, "severe unconfirmed", "update rose kept"),
        (
            {"reason": Reason.NOT_CONFIRMED, "unanswered": frozenset()},
            "severe unconfirmed",
            "none still_dangerous renewed",
        ),
        (CONFIRMED, "severe confirmed", "none still_dangerous renewed"),
        ({}, "unknown unconfirmed", "update no_fresh_news kept"),
        ({"level": Level.UNKNOWN}, "unknown unconfirmed", "none end_was_told ended"),
        (CONFIRMED | {"level": Level.MODERATE}, "unknown confirmed", "none aged_quietly ended"),
        ({"type": AlertType.ALL_CLEAR}, "low confirmed", "none end_was_told ended"),
    ],
)
def test_an_expired_alert_is_answered_renewed_or_over(
    state: dict[str, Any], now: str, expected: str
) -> None:
    level, certainty = now.split()
    over = {"expires_at": EXPIRED, "doubt_at": NOW - POLICY.unconfirmed_for}

    decision = decide_expired(
        told(**(over | state)),
        level=Level(level),
        certainty=Certainty(certainty),
        speaks="i1",
        policy=POLICY,
        now=NOW,
    )

    assert f"{decision.action} {decision.reason} {decision.chain}" == expected


def test_a_severe_alert_runs_out_before_its_doubt_has_to_be_answered() -> None:
    asked = NOW - timedelta(hours=24)

    decision = decide_expired(
        told(expires_at=EXPIRED, doubt_at=asked),
        level=Level.SEVERE,
        certainty=Certainty.UNCONFIRMED,
        speaks="i1",
        policy=POLICY,
        now=NOW,
    )

    assert (decision.action, decision.chain) == (Action.NONE, Chain.RENEWED)
    assert decision.expires_at == asked + POLICY.unconfirmed_for


def test_an_alert_by_hand_on_a_road_already_spoken_of_continues_its_chain() -> None:
    decision = decide_by_hand(
        AlertType.ALERT,
        told(),
        level=Level.HIGH,
        certainty=Certainty.CONFIRMED,
        policy=POLICY,
        now=NOW,
    )

    assert outcome(decision) == (Action.UPDATE, Reason.BY_HAND)
    assert decision.chain_id == "a1"


def test_a_withdrawal_by_hand_goes_to_the_told_only() -> None:
    decision = decide_by_hand(
        AlertType.WITHDRAWAL,
        told(),
        level=Level.UNKNOWN,
        certainty=Certainty.CONFIRMED,
        policy=POLICY,
        now=NOW,
    )

    assert decision.type is AlertType.WITHDRAWAL
    assert decision.audience is Audience.TOLD_ONLY
