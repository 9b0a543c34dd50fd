"""What is learnt of a source from moderators' verdicts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.incidents.credibility import credibility, is_certain, only_unknown
from app.incidents.reputation import (
    Record,
    Records,
    SourceVerdict,
    is_known,
    record_of,
    reliability,
)
from tests.harness.incidents import POLICY, a_report, voices_of

LEARN = POLICY.reputation
NOW = datetime(2025, 9, 14, 12, tzinfo=UTC)
RIGHT, WRONG = (SourceVerdict(confirmed=one, at=NOW) for one in (True, False))
PRIORS = st.floats(0.25, 0.85)
VERDICTS = st.lists(
    st.builds(
        SourceVerdict,
        confirmed=st.booleans(),
        at=st.integers(0, 800).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=40,
)


def held(confirmed: int = 0, refuted: int = 0, *, days_ago: float = 0.0) -> Record:
    at = NOW - timedelta(days=days_ago)
    verdicts = [SourceVerdict(confirmed=True, at=at)] * confirmed
    verdicts += [SourceVerdict(confirmed=False, at=at)] * refuted
    return record_of(verdicts, policy=LEARN, now=NOW)


@given(PRIORS)
def test_without_a_verdict_a_source_is_what_config_says_of_its_type(prior: float) -> None:
    assert reliability(prior, held(), LEARN) == prior


@given(VERDICTS, PRIORS)
def test_being_right_once_more_never_lowers_it_and_being_wrong_never_raises_it(
    verdicts: Sequence[SourceVerdict], prior: float
) -> None:
    def learnt(*more: SourceVerdict) -> float:
        record = record_of([*verdicts, *more], policy=LEARN, now=NOW)
        return reliability(prior, record, LEARN)

    slack = 1e-4 if verdicts else 0.0  # rounded to four decimals
    if verdicts or prior <= LEARN.most:
        assert learnt(RIGHT) >= learnt() - slack
    if verdicts or prior >= LEARN.least:
        assert learnt(WRONG) <= learnt() + slack


@given(VERDICTS, PRIORS)
@example([RIGHT], 0.85 - 1e-16)  # rounded to 0.85 once, and 0.85 is enough alone
def test_a_record_alone_never_makes_a_voice_certain(
    verdicts: Sequence[SourceVerdict], prior: float
) -> None:
    learnt = reliability(prior, record_of(verdicts, policy=LEARN, now=NOW), LEARN)

    assert learnt < POLICY.credibility.alone or learnt <= prior
    assert learnt >= LEARN.least


@pytest.mark.parametrize(
    ("record", "known"),
    [
        ((2, 0, 0), False),
        ((3, 0, 0), True),
        ((3, 0, 30), True),
        ((3, 0, 365), False),
        ((3, 6, 0), False),
    ],
)
def test_a_source_is_known_when_it_was_right_often_and_lately(
    record: tuple[int, int, int], *, known: bool
) -> None:
    confirmed, refuted, days_ago = record

    held_so = held(confirmed, refuted, days_ago=days_ago)
    assert is_known(0.6, held_so, LEARN) is known


def test_a_verdict_fades() -> None:
    fresh, old = held(3), held(3, days_ago=LEARN.half_life_days)

    assert old.confirmed == pytest.approx(fresh.confirmed / 2)
    assert 0.6 < reliability(0.6, old, LEARN) < reliability(0.6, fresh, LEARN)


@given(st.integers(1, 60), st.floats(0.1, 0.8))
def test_strangers_together_are_believed_no_further_than_the_ceiling(
    count: int, learnt: float
) -> None:
    voices = voices_of(
        a_report(f"r{n}", known_source=False, reliability=learnt) for n in range(count)
    )

    assert credibility(voices, POLICY.credibility) <= POLICY.credibility.unknown_ceiling
    assert only_unknown(voices)
    assert not is_certain(voices, POLICY.credibility)


def test_what_was_learnt_of_a_source_is_how_far_it_is_believed() -> None:
    def believed(learnt: float | None) -> float:
        return credibility(voices_of([a_report(reliability=learnt)]), POLICY.credibility)

    assert believed(0.2) == 0.2
    assert believed(None) > believed(0.2)


def test_a_record_is_looked_up_again_after_some_minutes_or_a_verdict() -> None:
    records, asked = Records(), []
    verdict = SourceVerdict(confirmed=True, at=NOW)

    def read() -> tuple[SourceVerdict, ...]:
        asked.append(1)
        return (verdict,)

    records.of("t", read, now=NOW)
    records.of("t", read, now=NOW + timedelta(minutes=4))
    assert len(asked) == 1
    records.of("t", read, now=NOW + timedelta(minutes=6))
    records.forget({"t"})
    assert records.of("t", read, now=NOW + timedelta(minutes=6)) == (verdict,)
    assert len(asked) == 3
