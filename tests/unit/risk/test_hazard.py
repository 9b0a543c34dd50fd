"""The hazard as arrays against the formula written out, and the counts of what happened lately."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.risk.hazard import chance_of, counts_within, hazards, nearness, relief
from tests.harness.risk import POLICY

_DAYS = st.floats(0, 3000)


def written_out(age: float, km: float, mass: float, half: float) -> float:
    total = 0.0
    for place, kernel in enumerate(POLICY.kernels):
        life = half if place == 0 else kernel.half_days
        rate_a_day = math.log(2) / life * 2 ** (-age / life)
        total += kernel.weight * math.exp(-km / kernel.reach_km) * rate_a_day
    return mass * total * POLICY.horizon_days


@given(
    st.lists(
        st.tuples(_DAYS, st.floats(0, 60), st.floats(0, 3), st.floats(0.5, 400)),
        min_size=1,
        max_size=10,
    )
)
def test_arrays_give_what_the_formula_says(rows: list[tuple[float, float, float, float]]) -> None:
    age, km, mass, half = (np.array(column) for column in zip(*rows, strict=True))
    near = np.array([nearness(float(distance), POLICY) for distance in km]).T

    found = hazards(age, near, mass[None], half[None], POLICY)

    assert found[0] == pytest.approx([written_out(*row) for row in rows], rel=1e-9, abs=1e-15)


def test_kernels_bring_their_weight_in_events_over_all_time() -> None:
    days = np.arange(0, 30_000, 1.0) + 0.5
    near = np.repeat([nearness(0.0, POLICY)], len(days), axis=0).T
    ones = np.ones((1, len(days)))

    total = hazards(days, near, ones, 14 * ones, POLICY).sum() / POLICY.horizon_days

    assert total == pytest.approx(sum(kernel.weight for kernel in POLICY.kernels), rel=1e-3)


@given(st.lists(st.floats(0, 60), min_size=2, max_size=6))
def test_hazard_falls_with_distance(kilometres: list[float]) -> None:
    sums = [sum(nearness(km, POLICY)) for km in sorted(kilometres)]

    assert all(nearer >= farther for nearer, farther in pairwise(sums))


@given(
    st.lists(st.tuples(st.floats(0, 100), st.booleans(), st.booleans()), max_size=12),
)
def test_counts_are_those_of_the_days_up_to_each(
    rows: list[tuple[float, bool, bool]],
) -> None:
    rows.sort()
    at = np.array([row[0] for row in rows])
    flags = np.array([row[1:] for row in rows], dtype=float).reshape(len(rows), 2).T

    found = counts_within(at, flags, (7.0, 30.0)).T.tolist()

    assert found == [
        [
            sum(
                flag
                for other, *both in rows
                if one - days <= other <= one
                for flag in [both[which]]
            )
            for which in (0, 1)
            for days in (7.0, 30.0)
        ]
        for one, _, _ in rows
    ]


def test_good_news_eases_what_was_before_it_and_never_all_of_it() -> None:
    occurred = np.array([1.0, 3.0, 5.0])

    left = relief(occurred, np.array([2.0, 4.0]), np.array([[0.5, 0.2]]), 0.45)

    assert left[0].tolist() == pytest.approx([0.45, 0.8, 1.0])


def test_chance_is_that_of_at_least_one_event() -> None:
    assert chance_of(0.0) == 0.0
    assert chance_of(math.log(2)) == pytest.approx(0.5)
