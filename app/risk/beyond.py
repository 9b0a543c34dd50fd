"""What a section's past adds that is no longer looked at one by one: sums that decay.

Where hundreds of incidents have happened since, an old one holds no level and explains nothing, but
hundreds of them together are the war that the section lies in. Exponentials of one half-life add up
to one: of what is left out each kernel keeps a sum of nearness, and it is taken to weigh what those
looked at weigh on average, near for near, less what good news since has taken off.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from app.risk.hazard import Floats, nearness, relief
from app.risk.policy import RiskPolicy

_LONG_AGO = -1e9


class Left(NamedTuple):
    """An incident left out: the days since 1970 when it happened, and kilometres to the section."""

    at: float
    km: float


@dataclass(frozen=True, slots=True)
class Beyond:
    """Everything left out of one section.

    Attributes:
        count: Incidents.
        at: Days since 1970 of the newest.
        near: Per kernel, `nearness` summed, each decayed up to `at`.
    """

    count: int = 0
    at: float = 0.0
    near: tuple[float, ...] = ()

    def plus(self, left: Iterable[Left], policy: RiskPolicy) -> "Beyond":
        """Return this with more left out."""
        more = list(left)
        if not more:
            return self
        at = np.array([one.at for one in more])
        newest = max(float(at.max()), self.at) if self.count else float(at.max())
        halves = _halves(policy)
        near = nearness(np.array([one.km for one in more]), policy)
        sums = (near * np.exp2((at[:, np.newaxis] - newest) / halves)).sum(axis=0)
        if self.count:
            sums = sums + np.array(self.near) * np.exp2((self.at - newest) / halves)
        return Beyond(self.count + len(more), newest, tuple(sums.tolist()))

    def hazard(self, at: float, share: Floats, policy: RiskPolicy) -> Floats:
        """Return what it adds at an instant.

        Args:
            at: Days since 1970.
            share: (..., kernels) what it weighs, see `average`.
            policy: With the kernels.

        Returns:
            (...) expected events in the horizon.
        """
        halves = _halves(policy)
        short = np.array([halves[0], *np.ones(len(halves) - 1)])  # see `nearness`
        now = np.array(self.near) / short * np.exp2(-max(at - self.at, 0.0) / halves)
        return (share * now).sum(axis=-1)  # type: ignore[no-any-return]


NOTHING = Beyond()


def average(near: Floats, mass: Floats, ease: Floats, policy: RiskPolicy) -> Floats:
    """Return what an incident of long ago weighs by those looked at, which are all newer.

    Args:
        near: (kernels, n), see `nearness`.
        mass: (cargoes, n).
        ease: (cargoes, n) the share that good news takes off what was before it.
        policy: With the least that good news leaves.

    Returns:
        (cargoes, kernels).
    """
    whole = near.sum(axis=1)
    share = mass @ near.T / np.where(whole > 0, whole, 1.0)
    good = ease[:, ease.any(axis=0)]
    instants = np.zeros(good.shape[1])
    left = relief(np.array([_LONG_AGO]), instants, good, policy.relief_floor)
    found: Floats = share * left
    return found


def _halves(policy: RiskPolicy) -> Floats:
    return np.array([kernel.half_days for kernel in policy.kernels])
