"""Scores against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk import scores

SAID = np.array([[0.1, 0.4, 0.4], [0.8, 0.2, 0.05]])
CAME = np.array([[False, True, False], [True, False, False]])


def test_by_hand() -> None:
    assert scores.brier(SAID, CAME) == pytest.approx(
        (0.01 + 0.36 + 0.16 + 0.04 + 0.04 + 0.0025) / 6
    )
    assert scores.log_score(SAID, CAME) == pytest.approx(
        -np.log([0.9, 0.4, 0.6, 0.8, 0.8, 0.95]).mean()
    )
    # 0.8 stands above all four, 0.4 above three and beside one
    assert scores.auc(SAID, CAME) == pytest.approx((4 + 3.5) / 8)
    assert scores.slope(SAID, CAME) == pytest.approx(
        np.polyfit(SAID.ravel(), CAME.ravel().astype(float), 1)[0]
    )


def test_certainty_that_was_wrong_is_bad_but_not_infinitely() -> None:
    assert 9 < scores.log_score(np.array([[1.0]]), np.array([[False]])) < 10


@given(seed=st.integers(0, 10_000))
def test_figures_of_the_whole_are_those_of_their_definitions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    said = np.round(rng.uniform(size=(9, 12)), 1)
    came = rng.uniform(size=said.shape) < said
    rival = np.full(said.shape, came.mean())
    if came.all() or not came.any():
        return

    found = scores.intervals(said, came, {"base": rival}, step_days=7.0)

    assert found["brier"].value == pytest.approx(scores.brier(said, came))
    assert found["auc"].value == pytest.approx(scores.auc(said, came))
    assert found["log_score"].value == pytest.approx(scores.log_score(said, came))
    assert found["slope"].value == pytest.approx(scores.slope(said, came))
    assert found["skill_base"].value == pytest.approx(
        1 - scores.brier(said, came) / scores.brier(rival, came)
    )
    for one in found.values():
        assert one.low <= one.high


def test_forecasts_that_are_right_lie_on_the_line_and_bold_ones_below_it() -> None:
    rng = np.random.default_rng(1)
    truth = rng.beta(0.5, 6.0, size=(200, 100))
    came = rng.uniform(size=truth.shape) < truth
    bold = np.minimum(1.0, truth * 2.0)

    for one in scores.reliability(truth, came):
        assert one.happened == pytest.approx(one.said, abs=0.05)
    assert scores.binned_slope(scores.reliability(truth, came)) == pytest.approx(1.0, abs=0.07)
    interval = scores.intervals(truth, came, {}, step_days=7.0)["slope"]
    assert interval.low < 1.0 < interval.high
    assert scores.slope(bold, came) < 0.7


def test_a_range_of_many_weeks_is_narrower() -> None:
    rng = np.random.default_rng(2)

    def width(weeks: int) -> float:
        said = rng.uniform(0.0, 0.3, size=(weeks, 30))
        came = rng.uniform(size=said.shape) < said
        one = scores.intervals(said, came, {}, step_days=7.0)["brier"]
        return one.high - one.low

    assert width(400) < width(25) / 2
