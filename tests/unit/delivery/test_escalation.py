"""Who is told next while nobody of an organisation answers: laws."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ConfigError
from app.core.levels import Level
from app.delivery.escalation import (
    Case,
    Decision,
    EscalationPolicy,
    Rung,
    Why,
    decide,
    parse,
)
from tests.harness.api import CONFIG

NOW = datetime(2025, 9, 6, 3, tzinfo=UTC)
POLICY = EscalationPolicy(wait={Level.SEVERE: timedelta(minutes=15)})
PEOPLE = "abcdef"
# made once: to make a strategy costs more than to draw from it
SOME_OF_THEM = st.lists(st.sampled_from(PEOPLE), unique=True)
WAITS = st.none() | st.integers(1, 60).map(lambda n: timedelta(minutes=n))
STEPS = st.integers(1, 4)
FLAGS = st.booleans()


@st.composite
def ladders(draw: st.DrawFn) -> list[Rung]:
    """Draw a list: each person once, several to a step at times, some without an address."""
    return [
        Rung(
            contact_id=one,
            step=draw(STEPS),
            wait=draw(WAITS),
            reachable=draw(FLAGS),
        )
        for one in draw(SOME_OF_THEM)
    ]


def case(**changes: Any) -> Case:
    usual: dict[str, Any] = {
        "level": Level.SEVERE,
        "acknowledged": False,
        "step": 0,
        "due_at": NOW,
        "told": frozenset(),
    }
    return Case(**usual | changes)


def played(rungs: list[Rung], told: frozenset[str]) -> list[Decision]:
    """Decide again and again, each time when the time for an answer is over."""
    done: list[Decision] = []
    state, now = case(told=told), NOW
    while not done or done[-1].why is Why.NEXT:
        one = decide(state, rungs, policy=POLICY, now=now)
        done.append(one)
        now = one.due_at or now
        state = case(step=one.step, due_at=now, told=state.told | set(one.tell))
        assert len(done) < 9, "it goes on for ever"
    return done


@given(ladders(), st.frozensets(st.sampled_from(PEOPLE)))
def test_everybody_who_can_be_told_and_does_not_know_is_told_once_in_order(
    rungs: list[Rung], told: frozenset[str]
) -> None:
    done = played(rungs, told)

    called = [one for decision in done for one in decision.tell]
    wanted = {one.contact_id for one in rungs if one.reachable} - told
    assert sorted(called) == sorted(wanted)
    step_of = {one.contact_id: one.step for one in rungs}
    assert [step_of[one] for one in called] == sorted(step_of[one] for one in called)
    assert done[-1].why is Why.EXHAUSTED


@given(
    ladders(),
    st.sampled_from([Why.ANSWERED, Why.OVER]),
    st.integers(0, 5),
    st.integers(-60, 60),
)
def test_an_answer_or_the_end_of_the_danger_ends_it_at_any_step(
    rungs: list[Rung], why: Why, step: int, minutes: int
) -> None:
    state = case(
        acknowledged=why is Why.ANSWERED,
        level=None if why is Why.OVER else Level.SEVERE,
        step=step,
        due_at=NOW + timedelta(minutes=minutes),
    )

    assert decide(state, rungs, policy=POLICY, now=NOW) == Decision(why=why, step=step)


@given(ladders(), st.integers(1, 600))
def test_nobody_is_told_before_the_time_for_an_answer_is_over(
    rungs: list[Rung], seconds: int
) -> None:
    due_at = NOW + timedelta(seconds=seconds)

    decision = decide(case(due_at=due_at), rungs, policy=POLICY, now=NOW)

    assert (decision.why, decision.tell, decision.due_at) == (Why.WAITS, (), due_at)


@given(ladders())
def test_every_step_leaves_time_for_an_answer(rungs: list[Rung]) -> None:
    for one in played(rungs, frozenset()):
        assert (one.due_at is None) == (one.why not in {Why.WAITS, Why.NEXT})


def test_the_next_step_waits_as_long_as_its_own_wait_says_and_else_as_the_policy() -> None:
    rungs = [
        Rung(contact_id="a", step=1),
        Rung(contact_id="b", step=2, wait=timedelta(minutes=5)),
    ]

    first = decide(case(), rungs, policy=POLICY, now=NOW)
    second = decide(case(step=1, told={"a"}), rungs, policy=POLICY, now=NOW)

    assert (first.tell, first.due_at) == (("a",), NOW + timedelta(minutes=5))
    assert (second.tell, second.due_at) == (("b",), NOW + timedelta(minutes=15))


def test_the_shipped_file_is_read() -> None:
    table = tomllib.loads((CONFIG / "policy" / "escalation.toml").read_text())

    assert parse(table, file="escalation.toml") == POLICY


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({}, "`wait_minutes` must be a table with `severe`"),
        ({"wait_minutes": {"high": 5}}, "`wait_minutes` must be a table with `severe`"),
        ({"wait_minutes": {"severe": 0}}, "`wait_minutes.severe` must be a whole number"),
        ({"wait_minutes": {"severe": 5, "low": 5}}, "`wait_minutes.low` is no level"),
        ({"wait_minutes": {"severe": 5}, "wait": 1}, "`wait` is not known"),
    ],
)
def test_a_wrong_value_names_its_key(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=r"^escalation.toml: " + complaint):
        parse(table, file="escalation.toml")


def test_whoever_joins_a_step_that_was_told_is_passed_over() -> None:
    rungs = [Rung(contact_id=one, step=step) for one, step in (("a", 1), ("late", 1), ("b", 2))]

    decision = decide(case(step=1, told=frozenset("a")), rungs, policy=POLICY, now=NOW)

    assert (decision.why, decision.step, decision.tell) == (Why.NEXT, 2, ("b",))
