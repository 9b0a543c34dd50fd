"""When another road that was named counts as lost, what is said then, and which may be named."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.alerts.alert import AlertType, Audience, Certainty, NamedWay, News, Reason
from app.alerts.answered import answered_by
from app.alerts.change import Cause
from app.alerts.codec import facts_from_json, facts_to_json
from app.alerts.decision import Action, AlertDecision, Chain
from app.alerts.way_lost import is_lost, kept_ways, may_be_named, standing_ways, take_back
from app.core.levels import Level
from tests.harness.alerts import some_facts
from tests.harness.deciding import NOW, POLICY, a_change, said, told

KITA = NamedWay(title="Bamako - Kita - Dakar", section_ids=("s1", "s2"), level=Level.UNKNOWN)
SILENT = AlertDecision(
    action=Action.NONE,
    reason=Reason.NOTHING_NEW,
    level=Level.SEVERE,
    certainty=Certainty.UNCONFIRMED,
    audience=Audience.TOLD_ONLY,
    expires_at=NOW + timedelta(hours=9),
    references=("a1",),
    chain_id="c1",
)


def taken(decision: AlertDecision = SILENT, **changed: Any) -> AlertDecision:
    given: dict[str, Any] = {
        "told": told(expires_at=NOW + timedelta(hours=5)),
        "level": Level.HIGH,
        "certainty": Certainty.UNCONFIRMED,
        "only_unknown": False,
    }
    given |= changed
    return take_back(decision, given.pop("told"), policy=POLICY, now=NOW, **given)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("named_at", Level)
def test_it_is_lost_where_it_became_dangerous_and_not_where_it_was_named_as_such(
    level: Level, named_at: Level
) -> None:
    lost = is_lost(replace(KITA, level=named_at), level, closed=False)

    assert lost == (level in {Level.HIGH, Level.SEVERE} and level.rank > named_at.rank)
    assert is_lost(KITA, level, closed=True)


def test_where_there_is_nothing_else_to_say_it_is_said_to_those_who_were_told() -> None:
    back = taken()

    assert (back.action, back.reason) == (Action.UPDATE, Reason.WAY_LOST)
    assert back.audience is Audience.TOLD_ONLY
    assert back.chain is Chain.KEPT
    assert back.expires_at == NOW + timedelta(hours=5)  # the clock of the first danger runs on
    assert not back.hold


def test_what_else_is_said_stays_as_it_is() -> None:
    rise = replace(SILENT, action=Action.UPDATE, reason=Reason.ROSE)

    assert taken(rise) == rise


def test_nothing_is_said_where_nobody_goes_round_any_more() -> None:
    assert taken(told=told(type=AlertType.ALL_CLEAR)) == SILENT
    calm = replace(SILENT, level=Level.LOW)
    assert taken(calm) == calm


def test_it_holds_long_enough_to_be_sent() -> None:
    assert taken(told=told(expires_at=NOW)).expires_at == NOW + timedelta(hours=2)


def test_a_severe_danger_that_only_strangers_speak_of_waits_for_a_moderator() -> None:
    assert taken(level=Level.SEVERE, only_unknown=True).hold
    assert not taken(level=Level.HIGH, only_unknown=True).hold
    assert not taken(level=Level.SEVERE, only_unknown=False).hold


def test_what_was_told_of_the_other_road_is_put_right_and_is_no_danger_of_this_one() -> None:
    heard = told(of_ways={"i9": News(at=NOW - timedelta(hours=3), kind="vehicle_attack")})
    false = a_change(after=Level.SEVERE, cause=Cause.VERDICT_REFUTED, refuted=frozenset({"i9"}))

    assert said(false, heard)[:2] == (Action.UPDATE, Reason.CORRECTED)
    calm = replace(false, after=Level.UNKNOWN)
    assert said(calm, heard)[0] is not Action.WITHDRAWAL
    answered = answered_by(Reason.CORRECTED, heard, speaks="i1", refuted={"i9"})
    assert (answered.at, answered.kind) == (NOW - timedelta(hours=3), "vehicle_attack")


def test_no_road_is_named_that_would_be_taken_for_the_lost_one() -> None:
    before = told(lost={"Bamako - Kita - Bafoulabé - Dakar": NOW - timedelta(days=1)})
    by_kenieba = replace(KITA, title="Bamako - Kita - Kéniéba - Dakar")
    by_bafoulabe = replace(KITA, title="Bamako - Kita - Bafoulabé - Dakar")

    assert not may_be_named(by_kenieba, None, KITA, NOW)
    assert not may_be_named(by_kenieba, before, None, NOW)
    assert may_be_named(replace(KITA, title="Bamako - Ségou - Dakar"), before, KITA, NOW)
    # the same road, looked at again, is what it says
    assert may_be_named(by_bafoulabe, before, None, NOW)
    assert may_be_named(by_kenieba, before, None, NOW + timedelta(days=2))


@pytest.mark.parametrize("level", Level)
def test_a_lost_road_is_not_named_again_while_what_it_was_lost_for_goes_on(level: Level) -> None:
    before = told(lost={KITA.title: NOW - timedelta(hours=5)})

    named = may_be_named(replace(KITA, level=level), before, None, NOW)

    assert named == (level not in {Level.HIGH, Level.SEVERE})


def test_a_road_stands_as_named_until_it_is_taken_back() -> None:
    other = replace(KITA, title="Bamako - Nioro - Dakar")
    again = replace(KITA, level=Level.LOW)

    assert standing_ways((), KITA, ()) == (KITA,)
    assert standing_ways((KITA,), other, ()) == (other, KITA)
    assert standing_ways((other, KITA), again, ()) == (again, other)
    assert standing_ways((other, KITA), None, (KITA,)) == (other,)
    assert standing_ways((KITA,), other, (KITA,)) == (other,)
    many = [replace(KITA, title=f"Bamako - {place} - Dakar") for place in "abcdef"]
    assert standing_ways(many, None, ()) == tuple(many[:4])


def test_what_stands_as_named_is_read_as_it_was_kept() -> None:
    other = replace(KITA, title="Bamako - Nioro - Dakar", level=Level.MODERATE)
    facts = some_facts(**kept_ways((KITA, other)))

    assert facts.way_title == KITA.title
    assert facts_from_json(json.loads(json.dumps(facts_to_json(facts)))) == facts
    assert kept_ways(()) == {}
