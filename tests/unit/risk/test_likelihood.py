"""The fit: weights stay allowed, the likelihood never falls, the truth is found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.hazard import Floats
from app.risk.likelihood import Rows, climb, even_start, rows_of, step


def drawn(
    seed: int, *, parts: int = 4, weeks: int = 60, sections: int = 40
) -> tuple[Floats, Floats]:
    """Return what each part adds at weight 1, and true weights."""
    rng = np.random.default_rng(seed)
    return (
        rng.gamma(0.4, 1.0, size=(parts, weeks, sections)),
        rng.gamma(1.0, 0.05, size=parts) * rng.integers(0, 2, size=parts) + 1e-3,
    )


def rows(seed: int, **size: int) -> tuple[Rows, Floats]:
    added, truth = drawn(seed, **size)
    hazard = np.tensordot(truth, added, axes=1)
    came = np.random.default_rng(seed + 1).uniform(size=hazard.shape) < -np.expm1(-hazard)
    return rows_of(added, came), truth


@given(seed=st.integers(0, 10_000))
def test_each_update_raises_the_likelihood_and_keeps_weights_allowed(seed: int) -> None:
    data, _ = rows(seed, weeks=12, sections=10)
    if not data.hit.shape[1]:
        return
    weights = even_start(data)
    before = data.log_likelihood(weights)

    for _ in range(25):
        weights = step(data, weights)
        after = data.log_likelihood(weights)
        assert np.all(weights >= 0.0)
        assert np.all(np.isfinite(weights))
        assert after >= before - 1e-9 * abs(before)
        before = after


def test_the_truth_is_found_again() -> None:
    data, truth = rows(5, weeks=400, sections=200)

    (found,) = climb(data, even_start(data), stops=(3000,))

    assert found == pytest.approx(truth, rel=0.1, abs=0.004)
    assert data.log_likelihood(found) >= data.log_likelihood(truth)


def test_a_part_that_never_was_there_gets_nothing() -> None:
    added, truth = drawn(3)
    added[2] = 0.0
    came = np.random.default_rng(4).uniform(size=added.shape[1:]) < -np.expm1(
        -np.tensordot(truth, added, axes=1)
    )
    data = rows_of(added, came)

    (found,) = climb(data, even_start(data), stops=(50,))

    assert found[2] == 0.0
    assert np.all(np.isfinite(found))
