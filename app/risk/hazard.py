"""Expected serious incidents on a section, from the incidents near it.

    hazard(c, t) = sum over incidents i of  m(i, c) x sum over kernels k of
                   w_k x exp(-d_ik / reach_k) x (ln 2 / half_k) x 2^(-age_i / half_k) x horizon

with d_ik the kilometres from incident to section beyond the kernel's plateau (0 by default), age_i
the days since, m the mass: weight of the rule x credibility x what policy takes off (resolved,
area-wide, eased by later good news). Each kernel integrates over all time to w_k events. Live
ratings, the back-test and the fit all come through `nearness` and `hazards`: there is no second
formula. Source: DESIGN section 6; figures and their
provenance in config/risk.toml. The first kernel is the short memory, whose half-life a rule may
replace; its mass stays, so that a shorter life burns hotter.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.risk.policy import Kernel, RiskPolicy

Floats: TypeAlias = NDArray[np.float64]
LN2 = math.log(2.0)
#: Decimals kept of a hazard: sums differ between machines far behind these.
DECIMALS = 6


def nearness(distance_km: float | Floats, policy: RiskPolicy) -> Floats:
    """Return, per kernel, the events per half-life unit: w x exp(-d / reach) x ln 2 x horizon.

    The first still waits to be divided by its half-life, which the rule may set.

    Args:
        distance_km: Of one incident, or (n,).
        policy: With the kernels.

    Returns:
        (kernels,) or (n, kernels).
    """
    reach, plateau, scale = _falls(policy.kernels)
    beyond = np.maximum(np.asarray(distance_km)[..., np.newaxis] - plateau, 0.0)
    found: Floats = np.exp(-beyond / reach) * (scale * policy.horizon_days)
    return found


@lru_cache(maxsize=256)
def _falls(kernels: tuple[Kernel, ...]) -> tuple[Floats, Floats, Floats]:
    """Return how each kernel falls with distance: reach, plateau, and its height."""
    first = [True] + [False] * (len(kernels) - 1)
    heights = [
        k.weight * LN2 / (1.0 if short else k.half_days)
        for k, short in zip(kernels, first, strict=True)
    ]
    return (
        np.array([k.reach_km for k in kernels]),
        np.array([k.plateau_km for k in kernels]),
        np.array(heights),
    )


def hazards(
    age_days: Floats, near: Floats, mass: Floats, half_days: Floats, policy: RiskPolicy
) -> Floats:
    """Return what each incident adds for each cargo.

    Args:
        age_days: (n,) not negative.
        near: (kernels, n), see `nearness`.
        mass: (cargoes, n).
        half_days: (cargoes, n) of the short memory.
        policy: With the kernels.

    Returns:
        (cargoes, n) expected events in the horizon.
    """
    halves = np.array([kernel.half_days for kernel in policy.kernels[1:]]).reshape(-1, 1)
    long = (near[1:] * np.exp2(-age_days / halves)).sum(axis=0)
    short = near[0] / half_days * np.exp2(-age_days / half_days)
    return mass * (long + short)  # type: ignore[no-any-return]


def chance_of(hazard: float) -> float:
    """Return the chance of at least one event, for events that come independently."""
    return 1.0 - math.exp(-hazard)


def relief(occurred: Floats, good_at: Floats, eases: Floats, least: float) -> Floats:
    """Return what good news leaves of each incident: the product of (1 - ease) of all after it.

    Args:
        occurred: (n,) when the incidents happened.
        good_at: (m,) when the good news happened, rising.
        eases: (cargoes, m) 0..1.
        least: Never less than this is left.

    Returns:
        (cargoes, n) 0..1.
    """
    after = (1.0 - eases)[:, ::-1].cumprod(axis=1)[:, ::-1]
    after = np.concatenate((after, np.ones((len(eases), 1))), axis=1)
    left: Floats = np.maximum(after[:, good_at.searchsorted(occurred, side="right")], least)
    return left


def counts_within(at: Floats, flags: Floats, windows: Sequence[float]) -> Floats:
    """Return how many flagged instants lie in the days up to each instant, itself included.

    Args:
        at: (n,) days, rising.
        flags: (m, n) 1.0 for those to count.
        windows: Days.

    Returns:
        (m x windows, n): the windows of the first flag, then those of the second.
    """
    total = np.concatenate((np.zeros((len(flags), 1)), flags.cumsum(axis=1)), axis=1)
    upto = total[:, at.searchsorted(at, side="right")]
    counts = [upto - total[:, at.searchsorted(at - days, side="left")] for days in windows]
    return np.stack(counts, axis=1).reshape(len(flags) * len(windows), len(at))
