"""Fits the coefficients of the hazard on a past window, by rules that look at nothing else.

1. The window is cut: the first part to fit, the last to choose by (the hold-out). Without history
   before the window its beginning only fills the memories.
2. From a dictionary of memories (half-life x reach) those that earn their weight are kept, by
   maximum likelihood stopped early. How long memories may be, and when to stop, is what forecasts
   best on the hold-out.
3. With what was chosen the whole window is fitted. A common factor makes good what the hold-out
   says of too much or too little, as far as it has incidents enough to say it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.risk import scores
from app.risk.hazard import Floats
from app.risk.likelihood import Rows, climb, even_start, parts_of, rows_of, step
from app.risk.past import Flags, Happened, Outlook, Past, at_horizon, came
from app.risk.policy import Kernel, RiskPolicy

WEEK = 7.0
#: How long a memory may be (half-life, days), and how far it reaches: (km, plateau km).
_HALVES = (7.0, 30.0, 120.0, 365.0, 1500.0)
_REACHES = ((5.0, 0.0), (10.0, 0.0), (20.0, 0.0), (40.0, 0.0), (3.0, 10.0), (10.0, 10.0))
#: Longest half-lives tried, and numbers of updates after which to stop.
_LONGEST = (120.0, 365.0, 1500.0)
_STOPS = (20, 60, 200, 600)
#: Memories kept at most, and the share of the expected incidents that one must bring.
_MOST_KEPT, _LEAST_SHARE = 8, 0.01
_POLISH = 60
#: Shares of the window: the hold-out; the beginning that only fills memories, in days at most.
_HOLD_OUT, _FILLING, _FILLING_DAYS = 0.3, 0.2, 365.0
#: Incidents in the hold-out against which its say on a common factor is weighed.
_DOUBT = 100.0
#: Weeks with an incident below which there is nothing to fit.
LEAST_HITS = 30


class TooLittleError(ValueError):
    """The window does not hold enough to fit anything by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How coefficients forecast a stretch of weeks that they were not fitted on.

    Attributes:
        reference: Brier of each section's own past frequency on the same weeks.
    """

    forecasts: int
    hits: int
    brier: float
    log_score: float
    auc: float
    slope: float
    reference: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What came out of a fit.

    Attributes:
        kernels, prior_per_50_km: For use, fitted on the whole window.
        trial: The same choice fitted on the first part alone: what `skill` speaks of.
        factor: What the hold-out took or added, in `kernels` and prior already.
    """

    kernels: tuple[Kernel, ...]
    prior_per_50_km: float
    trial: RiskPolicy
    skill: Skill
    factor: float
    longest_half_days: float
    updates: int
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The weeks of a fit: those to fit by, then those to choose by; all of it known before `end`.

    Attributes:
        fit, hold: Instants of forecasts, days since 1970.
    """

    past: Past
    truth: Happened
    fit: Floats
    hold: Floats

    def outcome(self, steps: Floats) -> Flags:
        """Return what came in the week after each step."""
        return came(self.truth, steps, horizon=WEEK, sections=len(self.past.km))


def window_of(past: Past, truth: Happened, *, start: float, end: float) -> Window:
    """Return the weeks of [start, end), days since 1970; nothing known at `end` or later counts."""
    known = past.known_before(end)
    filled = start - known.first_known
    fill = max(0.0, min(_FILLING * (end - start), _FILLING_DAYS) - max(filled, 0.0))
    steps = np.arange(start + fill, end - WEEK + 1e-9, WEEK)
    cut = int(len(steps) * (1.0 - _HOLD_OUT))
    return Window(past=known, truth=truth, fit=steps[:cut], hold=steps[cut:])


def calibrate(window: Window, policy: RiskPolicy, *, reference: Floats) -> Fitted:
    """Return the coefficients that the window speaks for.

    Args:
        window: See `window_of`.
        policy: In force; its levels, reaches and so on stay.
        reference: (hold steps, sections) chances by each section's own past frequency.

    Raises:
        TooLittleError: Too few weeks with an incident.
    """
    policy = at_horizon(policy, WEEK)
    first, later = window.outcome(window.fit), window.outcome(window.hold)
    if first.sum() < LEAST_HITS or later.sum() < LEAST_HITS / 2:
        raise TooLittleError(
            f"{int(first.sum())} section-weeks with an incident to fit by and "
            f"{int(later.sum())} to choose by; {LEAST_HITS} and {LEAST_HITS // 2} are needed"
        )
    dictionary = [
        Kernel(half_days=half, reach_km=reach, weight=0.0, plateau_km=plateau)
        for half in _HALVES
        for reach, plateau in _REACHES
    ]
    bench = _Bench.of(window, dictionary, policy)
    choice = min(bench.choices(), key=lambda one: one.loss)
    trial = bench.policy(policy, choice, choice.weights, at=float(window.hold.mean()))
    weights = bench.fit_all(choice)
    used_at = window.hold[-1] + (window.hold[-1] - window.fit[0]) / 2.0
    final = bench.policy(policy, choice, weights * choice.factor, at=float(used_at))
    return Fitted(
        kernels=final.kernels,
        prior_per_50_km=final.prior_per_50_km,
        trial=trial,
        skill=skill_of(trial, window, reference=reference),
        factor=choice.factor,
        longest_half_days=choice.longest,
        updates=choice.updates,
        hits=int(first.sum() + later.sum()),
    )


def skill_of(policy: RiskPolicy, window: Window, *, reference: Floats) -> Skill:
    """Return how the policy's coefficients forecast the hold-out of the window."""
    outlook = Outlook(window.past, at_horizon(policy, WEEK))
    outcome = window.outcome(window.hold)
    chance = -np.expm1(-np.array([outlook.at(at) for at in window.hold]))
    return Skill(
        forecasts=outcome.size,
        hits=int(outcome.sum()),
        brier=scores.brier(chance, outcome),
        log_score=scores.log_score(chance, outcome),
        auc=scores.auc(chance, outcome),
        slope=scores.slope(chance, outcome),
        reference=scores.brier(reference, outcome),
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    loss: float
    longest: float
    updates: int
    weights: Floats
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """The parts of every section-week for the whole dictionary, and what came.

    A memory of years is half empty while the data are young: what it holds then is divided by how
    full it is, so that its weight is not taken for more than it will be worth later.

    Attributes:
        parts: (memories and prior, steps, sections) as filled as they were.
        start: When memories began to fill, days since 1970.
        cut: Steps before this place are for fitting.
    """

    dictionary: Sequence[Kernel]
    steps: Floats
    parts: Floats
    outcome: Flags
    start: float
    cut: int

    @classmethod
    def of(cls, window: Window, dictionary: Sequence[Kernel], policy: RiskPolicy) -> "_Bench":
        steps = np.concatenate((window.fit, window.hold))
        return cls(
            dictionary=dictionary,
            steps=steps,
            parts=parts_of(window.past, steps, dictionary, policy),
            outcome=window.outcome(steps),
            start=window.past.first_known,
            cut=len(window.fit),
        )

    def filled(self, at: Floats) -> Floats:
        """Return (memories and prior, instants): the share of a memory that has been filled."""
        halves = np.array([kernel.half_days for kernel in self.dictionary])
        shares = 1.0 - np.exp2(-np.maximum(at - self.start, 1.0) / halves[:, np.newaxis])
        return np.concatenate((shares, np.ones((1, len(at)))))

    def choices(self) -> Iterator[_Choice]:
        """Yield what each length of memory and each stop is worth on the hold-out."""
        full = self._full()
        rows = rows_of(full[:, : self.cut], self.outcome[: self.cut])
        later, hold = self.outcome[self.cut :], self.parts[:, self.cut :]
        share = self.filled(self.steps[self.cut :]).mean(axis=1)
        for longest in _LONGEST:
            allowed = self.allowed(longest)
            some = rows.some(allowed)
            held = rows_of(hold[allowed], later)
            climbed = climb(some, even_start(some), stops=_STOPS)
            for updates, weights in zip(_STOPS, climbed, strict=True):
                kept = _thinned(some, weights)
                used = kept / share[allowed]
                factor = _factor(held, used)
                loss = -held.log_likelihood(used * factor)
                yield _Choice(loss, longest, updates, kept, factor)

    def fit_all(self, choice: _Choice) -> Floats:
        """Return the weights by the whole window, as the choice says."""
        rows = rows_of(self._full(), self.outcome).some(self.allowed(choice.longest))
        (weights,) = climb(rows, even_start(rows), stops=(choice.updates,))
        return _thinned(rows, weights)

    def allowed(self, longest: float) -> list[int]:
        """Return the places of the memories no longer than that, and of the prior."""
        short = [n for n, kernel in enumerate(self.dictionary) if kernel.half_days <= longest]
        return [*short, len(self.dictionary)]

    def policy(
        self, policy: RiskPolicy, choice: _Choice, weights: Floats, *, at: float
    ) -> RiskPolicy:
        """Return the policy with these weights, for memories as full as they are at `at`."""
        allowed = self.allowed(choice.longest)
        used = weights / self.filled(np.array([at]))[allowed, 0]
        found = [
            replace(self.dictionary[place], weight=_rounded(weight))
            for place, weight in zip(allowed[:-1], used[:-1], strict=True)
            if weight > 0
        ]
        # the first is the one whose half-life a rule may replace: the heaviest of the shortest
        found.sort(key=lambda one: (one.half_days, -one.weight))
        return replace(policy, kernels=tuple(found), prior_per_50_km=_rounded(used[-1]))

    def _full(self) -> Floats:
        return self.parts / self.filled(self.steps)[:, :, np.newaxis]


def _thinned(rows: Rows, weights: Floats) -> Floats:
    """Return the weights with only the memories that matter, fitted a little further."""
    share = weights * rows.totals / max(float(weights @ rows.totals), 1e-12)
    order = np.argsort(-share[:-1], kind="stable")[:_MOST_KEPT]
    keep = np.zeros(len(weights), dtype=np.bool_)
    keep[order] = share[order] >= _LEAST_SHARE
    keep[-1] = True
    kept = np.where(keep, weights, 0.0)
    for _ in range(_POLISH):
        kept = step(rows, kept)
    return kept


def _factor(rows: Rows, weights: Floats) -> float:
    """Return what all hazards should be multiplied by, as far as the rows can say it."""
    whole = Rows(
        hit=(weights @ rows.hit)[np.newaxis],
        totals=np.array([float(weights @ rows.totals)]),
        rows=rows.rows,
    )
    factor = np.ones(1)
    for _ in range(100):
        factor = step(whole, factor)
    hits = rows.hit.shape[1]
    return float(factor[0] ** (hits / (hits + _DOUBT)))


def _rounded(weight: float) -> float:
    return float(f"{weight:.4g}")
