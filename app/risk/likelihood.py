"""The few weights of an additive hazard, by maximum likelihood: what each memory has earned.

A section-week with at least one incident came true with chance 1 - exp(-hazard), the hazard a sum
of parts with weights that are not negative. With the number of incidents as what is not seen, EM
gives an update that multiplies each weight: it never leaves what is allowed, never lowers the
likelihood, and has nothing to tune. Stopped early it stays near where it began, which is all the
regularisation that is needed. Source: Dempster, Laird, Rubin 1977; as in Richardson 1972.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.risk.hazard import Floats, hazards, nearness
from app.risk.past import Flags, Past, known_at
from app.risk.policy import Kernel, RiskPolicy

_LEAST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Section-weeks as the likelihood sees them.

    Attributes:
        hit: (parts, rows with an incident) what each part adds at weight 1.
        totals: (parts,) sums over all rows.
        rows: How many there are.
    """

    hit: Floats
    totals: Floats
    rows: int

    def log_likelihood(self, weights: Floats) -> float:
        """Return the log-likelihood of the weights."""
        hazard = np.maximum(weights @ self.hit, _LEAST)
        return float((np.log(-np.expm1(-hazard)) + hazard).sum() - weights @ self.totals)

    def some(self, parts: Sequence[int]) -> "Rows":
        """Return the rows with only those parts."""
        return replace(self, hit=self.hit[parts], totals=self.totals[parts])


def parts_of(past: Past, steps: Floats, kernels: Sequence[Kernel], policy: RiskPolicy) -> Floats:
    """Return (kernels + 1, steps, sections): what each adds at weight 1; the prior comes last.

    They are worked out by the code that rates.
    """
    found = np.zeros((len(kernels) + 1, len(steps), len(past.km)))
    found[-1] = past.km / 50.0
    for number, kernel in enumerate(kernels):
        alone = replace(policy, kernels=(replace(kernel, weight=1.0),))
        near = np.ascontiguousarray(nearness(past.distance_km, alone).T)
        for row, at in enumerate(steps):
            seen = known_at(past, at, policy)
            age = np.maximum(at - past.occurred[seen], 0.0)
            half = np.full((1, len(seen)), kernel.half_days)
            mass = past.mass[np.newaxis, seen]
            each = hazards(age, near[:, seen], mass, half, alone)[0]
            found[number, row] = np.bincount(
                past.section[seen], weights=each, minlength=len(past.km)
            )
    return found


def rows_of(parts: Floats, outcome: Flags) -> Rows:
    """Return the section-weeks of some steps."""
    return Rows(
        hit=np.ascontiguousarray(parts[:, outcome]),
        totals=parts.sum(axis=(1, 2)),
        rows=outcome.size,
    )


def even_start(rows: Rows) -> Floats:
    """Return weights by which every part explains as much as any other."""
    used = rows.totals > 0
    share = rows.hit.shape[1] / max(int(used.sum()), 1)
    start: Floats = np.where(used, share / np.maximum(rows.totals, _LEAST), 0.0)
    return start


def climb(rows: Rows, start: Floats, *, stops: Sequence[int]) -> Iterator[Floats]:
    """Yield the weights after each number of updates in `stops`, which rise."""
    weights, done = start, 0
    for stop in stops:
        for _ in range(stop - done):
            weights = step(rows, weights)
        done = stop
        yield weights


def step(rows: Rows, weights: Floats) -> Floats:
    """Return the weights after one update; the likelihood is not lower than before."""
    hazard = np.maximum(weights @ rows.hit, _LEAST)
    earned = rows.hit @ (1.0 / -np.expm1(-hazard))
    moved: Floats = np.divide(
        weights * earned, rows.totals, out=np.zeros_like(weights), where=rows.totals > 0
    )
    return moved
