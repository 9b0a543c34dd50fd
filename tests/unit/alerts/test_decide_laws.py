"""Laws of whole chains: whatever happens in whatever order."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import WITHOUT_NEWS, AlertState, AlertType, Audience, Certainty, Reason
from app.alerts.change import Cause, RouteChange
from app.alerts.decide import decide
from app.alerts.decision import Action, AlertDecision, Chain
from app.alerts.doubts import Doubts
from app.alerts.expired import decide_expired
from app.alerts.policy import AlertPolicy
from app.core.levels import Level

START = datetime(2025, 9, 1, tzinfo=UTC)
FILE = Path(__file__).parents[3] / "config" / "policy" / "alerts.toml"
POLICY = AlertPolicy.parse(tomllib.loads(FILE.read_text()), file=str(FILE))
LEVELS = list(Level)
ENDS = {AlertType.ALL_CLEAR, AlertType.WITHDRAWAL}


@dataclass(frozen=True)
class Step:
    hours: int
    after: Level
    certainty: Certainty
    cause: Cause
    incidents: frozenset[str]
    stretch: tuple[str, str] | None
    resolved: bool
    refutes: bool
    serious: bool
    speaks: str
    weighs: bool


STEPS = st.lists(
    st.builds(
        Step,
        hours=st.integers(0, 30),
        after=st.sampled_from(LEVELS),
        certainty=st.sampled_from(list(Certainty)),
        cause=st.sampled_from(list(Cause)),
        incidents=st.frozensets(st.sampled_from(["i1", "i2", "i3", "i4"]), min_size=1),
        stretch=st.sampled_from([("A", "B"), ("B", "C"), ("C", "D"), None]),
        resolved=st.booleans(),
        refutes=st.booleans(),
        serious=st.booleans(),
        speaks=st.sampled_from(["i1", "i2", "i3", "i4"]),
        weighs=st.booleans(),
    ),
    max_size=20,
)


@dataclass
class World:
    """A route for one cargo, and everything that was said of it."""

    now: datetime = START
    level: Level = Level.UNKNOWN
    told: AlertState | None = None
    refuted: set[str] = field(default_factory=set)
    said: list[tuple[AlertDecision, AlertState, AlertState | None]] = field(default_factory=list)
    over: list[AlertState] = field(default_factory=list)
    doubts: Doubts = field(default_factory=Doubts)
    cause: Cause = Cause.REPORT

    def play(self, step: Step) -> AlertDecision:
        self.now += timedelta(hours=step.hours)
        self.expire(step.certainty, step.speaks)
        refuted = (
            frozenset(sorted(step.incidents - self.refuted)[:1]) if step.refutes else frozenset()
        )
        self.refuted |= refuted
        self.cause = Cause.VERDICT_REFUTED if refuted else step.cause
        change = RouteChange(
            route="R",
            cargo="fuel",
            before=self.level,
            after=step.after,
            certainty=step.certainty,
            cause=self.cause,
            incident_ids=step.incidents - self.refuted,
            stretch=step.stretch,
            resolved=step.resolved,
            refuted=refuted,
            serious=step.serious,
            speaks=step.speaks,
            weighs=step.weighs,
        )
        decision = decide(change, self.told, policy=POLICY, now=self.now)
        self.level = step.after
        ids = change.incident_ids | {step.speaks}
        self.record(decision, step.speaks, ids, step.stretch, serious=step.serious)
        return decision

    def expire(self, certainty: Certainty, speaks: str) -> None:
        while self.told is not None and self.told.expires_at <= self.now:  # type: ignore[operator]
            decision = decide_expired(
                self.told,
                level=self.level,
                certainty=certainty,
                speaks=speaks,
                policy=POLICY,
                now=self.now,
            )
            self.record(decision, speaks, frozenset({speaks}), None, serious=False)
            if decision.chain is Chain.RENEWED:
                self.told = replace(self.told, expires_at=decision.expires_at)
            elif decision.chain is Chain.ENDED:
                self.over.append(self.told)
                self.told = None

    def record(
        self,
        decision: AlertDecision,
        speaks: str,
        incidents: frozenset[str],
        stretch: tuple[str, str] | None,
        *,
        serious: bool,
    ) -> None:
        if decision.type is None:
            return
        before = self.told if decision.chain_id else None
        identity = f"a{len(self.said)}"
        if before is None:
            self.doubts = Doubts()
        self.doubts.hear(
            speaks,
            kind=decision.type,
            reason=decision.reason,
            level=decision.level,
            certainty=decision.certainty,
            at=self.now,
        )
        state = AlertState(
            id=identity,
            chain_id=decision.chain_id or identity,
            type=decision.type,
            level=decision.level,
            certainty=decision.certainty,
            created_at=self.now,
            references=decision.references,
            incident_ids=incidents | (before.incident_ids if before else frozenset()),
            reason=decision.reason,
            expires_at=decision.expires_at,
            stretches=frozenset({stretch}) | (before.stretches if before else frozenset()),
            news_on={
                **(before.news_on if before else {}),
                **({stretch: self.now} if decision.reason not in WITHOUT_NEWS else {}),
            },
            serious=serious or bool(before and before.serious),
            said_at=(*(before.said_at if before else ()), self.now),
            speaks=speaks,
            doubtful=frozenset(self.doubts.open),
            unanswered=frozenset(self.doubts.unanswered),
            doubt_at=self.doubts.since,
        )
        self.said.append((decision, state, before))
        self.told = state


def played(steps: Sequence[Step]) -> World:
    world = World()
    for step in steps:
        world.play(step)
    return world


@given(STEPS)
def test_nobody_hears_the_same_statement_twice_in_a_row(steps: list[Step]) -> None:
    for _, state, before in played(steps).said:
        if before is None:
            continue
        news = state.incident_ids != before.incident_ids or state.reason is Reason.CORRECTED
        # one doubt after another may be confirmed
        news |= state.reason is Reason.CONFIRMED and state.speaks != before.speaks
        assert news or (state.type, state.level, state.certainty, state.reason) != (
            before.type,
            before.level,
            before.certainty,
            before.reason,
        )


@given(STEPS)
def test_whoever_was_told_something_unconfirmed_is_told_its_end(steps: list[Step]) -> None:
    world = played(steps)
    # then nothing more happens: the road is forgotten
    world.level = Level.UNKNOWN
    for _ in range(12):
        world.now += timedelta(days=3)
        world.expire(Certainty.UNCONFIRMED, "i1")

    assert world.told is None
    for last in world.over:
        assert not last.unanswered, last


@given(STEPS)
def test_an_unconfirmed_alert_is_answered_within_the_time_limit(steps: list[Step]) -> None:
    for _, state, _ in played(steps).said:
        dangerous = POLICY.is_told(state.level) and state.type not in ENDS
        if dangerous and state.certainty is Certainty.UNCONFIRMED:
            assert state.expires_at is not None
            assert state.expires_at - state.created_at <= POLICY.unconfirmed_for


@given(STEPS)
def test_an_all_clear_needs_evidence_and_never_comes_from_time(steps: list[Step]) -> None:
    world = World()
    for step in steps:
        decision = world.play(step)
        if decision.action is Action.ALL_CLEAR:
            assert step.resolved
            assert step.cause is not Cause.AGED or step.refutes
            assert not POLICY.is_told(decision.level)


@given(STEPS)
def test_a_rise_is_always_told_and_to_everybody(steps: list[Step]) -> None:
    world = World()
    for step in steps:
        level_before = world.level
        decision = world.play(step)
        rose = POLICY.is_told(step.after) and step.after.rank > level_before.rank
        if rose and world.cause is not Cause.RESOLVED:  # good news starts no alarm
            assert world.told is not None
            assert world.told.type not in ENDS
            # what eased is not always said on a day on which enough was: they know of worse
            assert world.told.level.rank >= step.after.rank
        if decision.reason in {Reason.FIRST, Reason.ROSE}:
            assert decision.audience is Audience.SUBSCRIBERS_AND_TOLD


@given(STEPS)
def test_ends_and_easings_reach_nobody_new(steps: list[Step]) -> None:
    for decision, _, before in played(steps).said:
        if decision.type in ENDS or decision.reason is Reason.FELL:
            assert decision.audience is Audience.TOLD_ONLY
            assert before is not None


@given(STEPS)
def test_a_withdrawal_only_follows_a_refutation_of_what_was_told(steps: list[Step]) -> None:
    for decision, _, before in played(steps).said:
        if decision.type is AlertType.WITHDRAWAL:
            assert before is not None
            assert decision.reason is Reason.REFUTED


@given(STEPS)
def test_the_same_inputs_give_the_same_decisions(steps: list[Step]) -> None:
    first = [decision for decision, _, _ in played(steps).said]
    again = [decision for decision, _, _ in played(steps).said]

    assert first == again


@given(STEPS)
def test_whatever_is_said_has_the_time_to_arrive(steps: Sequence[Step]) -> None:
    world = World()
    for step in steps:
        world.play(step)

    for decision, state, _ in world.said:
        assert decision.expires_at >= state.created_at + timedelta(hours=2)


@given(STEPS)
def test_beyond_a_days_worth_only_what_must_be_told_is_told(steps: list[Step]) -> None:
    told: list[tuple[datetime, bool]] = []
    for decision, state, before in played(steps).said:
        must = decision.type is not AlertType.UPDATE or decision.reason in {
            Reason.ROSE,
            Reason.CORRECTED,
            Reason.OTHER_STRETCH,
            Reason.NOT_CONFIRMED,  # by the clock, in the time that it was promised for
            Reason.NO_FRESH_NEWS,
            Reason.REASSESSED,
        }
        owed = decision.reason is Reason.CONFIRMED
        by_clock = before is not None and before.expires_at == state.created_at
        told.append((state.created_at, must or owed or by_clock))
        if not told[-1][1]:
            same_day = [at for at, _ in told if state.created_at - at < timedelta(hours=24)]
            chain = [at for at in state.said_at if at in same_day]
            assert len(chain) <= POLICY.news_per_day


# made once: to make a strategy costs more than to draw from it
CERTAINTIES = st.sampled_from(list(Certainty))
STRETCHES = st.sampled_from([("A", "B"), ("B", "C"), ("C", "D"), None])


@given(st.lists(st.sampled_from(["i1", "i2", "i3", "i4"]), min_size=90, max_size=110), st.data())
def test_a_storm_of_reports_on_one_road_is_four_messages_at_most(
    speaks: list[str], data: st.DataObject
) -> None:
    world = World()
    for number, one in enumerate(speaks):
        before = world.told
        world.play(
            Step(
                hours=0,
                after=Level.SEVERE,
                certainty=data.draw(CERTAINTIES) if number else CONFIRMED,
                cause=Cause.REPORT,
                incidents=frozenset({one}),
                stretch=data.draw(STRETCHES),
                resolved=False,
                refutes=False,
                serious=True,
                speaks=one,
                weighs=True,
            )
        )
        assert before is None or world.told is not None

    plain = [one for one, _, _ in world.said if one.reason is not Reason.CONFIRMED]
    assert len(plain) <= POLICY.news_per_day
    stretches = {stretch for _, state, _ in world.said for stretch in state.stretches}
    assert len(plain) <= 1 + len(stretches)


CONFIRMED = Certainty.CONFIRMED
