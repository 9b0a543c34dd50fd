"""A fit on a made-up war: it beats its rivals where it was not fitted, and knows no future."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pytest

from app.flows.past.backtest import read_incidents
from app.risk import scores
from app.risk.calibration import Fitted, TooLittleError, Window, calibrate, window_of
from app.risk.hazard import Floats
from app.risk.past import Happened, Outlook, Past, came, happened, past_of
from app.risk.policy import RiskPolicy
from app.risk.rivals import BASE_RATE, OWN_FREQUENCY, PERSISTENCE, rivals
from bench import conflict
from tests.harness.past import CONFIG, NETWORK, days
from tests.harness.risk import POLICY

START, CUT, END = (datetime(year, 1, 1, tzinfo=UTC) for year in (2013, 2016, 2018))


def read_war() -> tuple[Past, Happened]:
    rows = conflict.rows(conflict.events(NETWORK, seed=7, count=4800))
    names = ["report_id", "occurred_at", "lat", "lon", "kind"]
    lines = [",".join(names) + "\n", *(",".join(row.values()) + "\n" for row in rows)]
    read = read_incidents(lines, config=CONFIG, each_an_event=None)
    return (
        past_of(read.versions, network=NETWORK, kinds=CONFIG.kinds, policy=POLICY),
        happened(read.versions, network=NETWORK, kinds=CONFIG.kinds, policy=POLICY),
    )


the_war = lru_cache(maxsize=1)(read_war)


def window(start: datetime = START, end: datetime = CUT) -> Window:
    past, truth = the_war()
    return window_of(past, truth, start=days(start), end=days(end))


def fitted_on(found: Window) -> Fitted:
    reference = rivals(found.past, found.hold, horizon=7.0, policy=POLICY)[OWN_FREQUENCY]
    return calibrate(found, POLICY, reference=reference)


@lru_cache(maxsize=1)
def the_fit() -> Fitted:
    return fitted_on(window())


def policy_of(fitted: Fitted) -> RiskPolicy:
    return replace(POLICY, kernels=fitted.kernels, prior_per_50_km=fitted.prior_per_50_km)


def test_it_beats_every_rival_and_the_shipped_coefficients_later() -> None:
    past, truth = the_war()
    steps = np.arange(days(CUT), days(END) - 7.0, 7.0)
    outcome = came(truth, steps, horizon=7.0, sections=len(past.km))

    def chances(policy: RiskPolicy) -> Floats:
        outlook = Outlook(past, policy)
        found: Floats = -np.expm1(-np.array([outlook.at(at) for at in steps]))
        return found

    ours = chances(policy_of(the_fit()))
    theirs = rivals(past, steps, horizon=7.0, policy=POLICY)
    for other in (*theirs.values(), chances(POLICY)):
        assert scores.brier(ours, outcome) < scores.brier(other, outcome)
        assert scores.auc(ours, outcome) > scores.auc(other, outcome)
    assert set(theirs) == {BASE_RATE, OWN_FREQUENCY, PERSISTENCE}
    assert 0.8 < scores.slope(ours, outcome) < 1.25
    assert 0.8 < scores.binned_slope(scores.reliability(ours, outcome)) < 1.25


def test_what_it_finds_can_be_used() -> None:
    fitted = the_fit()

    halves = [kernel.half_days for kernel in fitted.kernels]
    assert 1 <= len(fitted.kernels) <= 8
    assert halves == sorted(halves)
    assert all(kernel.weight > 0 for kernel in fitted.kernels)
    assert 0 <= fitted.prior_per_50_km < 0.02
    assert fitted.skill.brier < fitted.skill.reference
    assert 0.5 < fitted.factor < 2.0


def test_what_is_known_at_the_end_of_the_window_or_later_counts_for_nothing() -> None:
    past, truth = the_war()
    known = past.known_before(days(CUT))
    kept = truth.at < days(CUT)
    before = Happened(
        section=truth.section[kept],
        at=truth.at[kept],
        incident=truth.incident[kept],
        incidents=len(np.unique(truth.incident[kept])),
    )
    assert len(known.section) < len(past.section) / 2

    again = fitted_on(window_of(known, before, start=days(START), end=days(CUT)))

    assert again == the_fit()


def test_a_window_with_next_to_nothing_in_it_is_refused() -> None:
    short = window(datetime(2013, 1, 1, tzinfo=UTC), datetime(2013, 2, 1, tzinfo=UTC))

    with pytest.raises(TooLittleError, match="section-weeks with an incident"):
        fitted_on(short)
