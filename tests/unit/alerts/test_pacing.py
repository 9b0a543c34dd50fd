"""How much is told of one road in a day."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.alerts.alert import Certainty, Reason
from app.alerts.change import Cause
from app.alerts.decide import decide
from app.alerts.pacing import news_on
from app.core.levels import Level
from tests.harness.deciding import ELSEWHERE, HERE, NOW, POLICY, a_change, said, told

LONG_AGO = NOW - timedelta(days=2)


def test_the_confirmation_of_a_grave_doubt_or_by_a_person_never_waits() -> None:
    hours = tuple(NOW - timedelta(hours=back) for back in (20, 10, 5, 1))
    grave = a_change(before=Level.SEVERE, certainty=Certainty.CONFIRMED)
    person = replace(grave, before=Level.HIGH, after=Level.HIGH, cause=Cause.VERDICT_CONFIRMED)

    assert said(grave, told(said_at=hours))[1] is Reason.CONFIRMED
    assert said(person, told(level=Level.HIGH, said_at=hours))[1] is Reason.CONFIRMED


def test_news_at_one_level_is_told_a_few_times_a_day_only() -> None:
    hours = tuple(NOW - timedelta(hours=back) for back in (20, 10, 5, 1))
    change = a_change(before=Level.SEVERE, incident_ids=frozenset({"i1", "i5"}))
    state = told(said_at=hours, created_at=LONG_AGO)

    assert said(change, state)[1] is Reason.ENOUGH_SAID_TODAY
    elsewhere = replace(change, stretch=ELSEWHERE)
    assert said(elsewhere, state)[1] is Reason.OTHER_STRETCH  # whoever waits in the next town
    lesser = replace(elsewhere, before=Level.MODERATE, after=Level.MODERATE)
    assert said(lesser, replace(state, level=Level.MODERATE))[1] is Reason.ENOUGH_SAID_TODAY


@pytest.mark.parametrize(
    ("level", "said_before", "expected"),
    [
        (Level.MODERATE, 1, Reason.ENOUGH_SAID_TODAY),  # two rises and a confirmation may follow
        (Level.HIGH, 1, Reason.FURTHER_INCIDENT),
        (Level.HIGH, 2, Reason.ENOUGH_SAID_TODAY),
        (Level.SEVERE, 2, Reason.FURTHER_INCIDENT),
        (Level.SEVERE, 3, Reason.ENOUGH_SAID_TODAY),
    ],
)
def test_room_is_kept_for_what_may_still_get_worse(
    level: Level, said_before: int, expected: Reason
) -> None:
    hours = tuple(NOW - timedelta(hours=back) for back in range(1, said_before + 1))
    further = a_change(before=level, after=level, incident_ids=frozenset({"i2"}))

    assert said(further, told(level=level, created_at=LONG_AGO, said_at=hours))[1] is expected


def test_what_was_said_of_the_road_for_other_cargoes_counts_once_an_instant() -> None:
    mine = (NOW - timedelta(hours=3), NOW - timedelta(hours=2))
    further = a_change(before=Level.SEVERE, incident_ids=frozenset({"i2"}))
    state = told(created_at=LONG_AGO, said_at=mine)

    def why(*beside: datetime) -> Reason:
        return decide(further, state, policy=POLICY, now=NOW, beside=beside).reason

    assert why(*mine) is Reason.FURTHER_INCIDENT
    assert why(NOW - timedelta(hours=1)) is Reason.ENOUGH_SAID_TODAY
    assert why(NOW - timedelta(hours=25)) is Reason.FURTHER_INCIDENT


def test_that_nothing_is_new_for_one_load_takes_no_room_from_the_news_for_another() -> None:
    """On 15 September forty tankers burnt at Lakamané: who carries goods heard of it a day late.

    For fuel it had been said that an attack before was not confirmed, and then that it was.
    """
    back = [NOW - timedelta(hours=hours) for hours in (20, 3)]
    fuel = told(said_at=tuple(back), news_said_at=(back[1],))
    goods = told(level=Level.HIGH, created_at=LONG_AGO, said_at=(), news_said_at=())
    beside = news_on({("ML-DKR-N", "fuel"): fuel, ("ML-DKR-N", "goods"): goods})
    attack = a_change(
        before=Level.HIGH,
        after=Level.HIGH,
        cargo="goods",
        incident_ids=frozenset({"i2"}),
    )

    assert beside == {"ML-DKR-N": {back[1]}}
    decision = decide(attack, goods, policy=POLICY, now=NOW, beside=beside["ML-DKR-N"])
    assert decision.reason is Reason.FURTHER_INCIDENT


def test_an_attack_waits_for_no_gap_after_another_stretch_or_after_a_lesser_one() -> None:
    """Tankers at Négala, told of weeks ago, minutes after a kidnapping at Kati."""
    change = a_change(before=Level.SEVERE, incident_ids=frozenset({"i1", "i2"}), stretch=ELSEWHERE)
    both = {"stretches": frozenset({HERE, ELSEWHERE}), "said_at": (NOW - timedelta(hours=1),)}
    long_ago, of_less = {HERE: NOW, ELSEWHERE: NOW - timedelta(days=9)}, {HERE: NOW}
    lesser = replace(change, lesser=True)

    for before in (long_ago, of_less):
        assert said(change, told(news_on=before, **both))[1] is Reason.FURTHER_INCIDENT
        assert said(lesser, told(news_on=before, **both))[1] is Reason.WITHIN_MIN_GAP
    assert said(change, told(news_on={ELSEWHERE: NOW}, **both))[1] is Reason.WITHIN_MIN_GAP
