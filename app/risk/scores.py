"""How good forecasts were: the usual scores, and how sure one can be of them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.risk.hazard import Floats
from app.risk.past import Flags

#: No forecast is scored as if it had been certain: one miss would be infinitely bad.
_SURE = 1e-4
#: Edges of the reliability table: chances that a person would tell apart.
EDGES = (0.0, 0.005, 0.01, 0.02, 0.05, 0.10, 0.15, 0.25, 0.40, 1.0)
#: Weeks that are drawn together, since neighbours are alike, and how often.
_BLOCK_DAYS, _DRAWS = 28.0, 400
_SEED = 20130101


class Bin(NamedTuple):
    """Forecasts of about the same chance: how many, what was said on average, what happened."""

    low: float
    high: float
    forecasts: int
    said: float
    happened: float


class Interval(NamedTuple):
    """A figure and the range in which 90 of 100 redraws of the weeks put it."""

    value: float
    low: float
    high: float


def brier(chance: Floats, outcome: Flags) -> float:
    """Return the mean square of what was said minus what came; 0 is perfect."""
    return float(np.mean((chance - outcome) ** 2)) if chance.size else float("nan")


def log_score(chance: Floats, outcome: Flags) -> float:
    """Return the mean of -ln(chance given to what came), chances kept from 0 and 1."""
    return float(np.mean(_losses(chance, outcome))) if chance.size else float("nan")


def auc(chance: Floats, outcome: Flags) -> float:
    """Return the chance that a forecast before an incident stood above one before none."""
    pairs = _pairs(chance.reshape(1, -1), outcome.reshape(1, -1))
    positives, negatives = int(outcome.sum()), int(outcome.size - outcome.sum())
    if not positives or not negatives:
        return float("nan")
    return float(pairs[0, 0]) / (positives * negatives)


def slope(chance: Floats, outcome: Flags) -> float:
    """Return the slope of the line through outcomes over chances (least squares); 1 is right.

    Below 1 the forecasts are too bold, above too timid.
    """
    spread = chance - chance.mean()
    square = float((spread**2).sum())
    if square <= 0.0:
        return float("nan")
    return float((spread * (outcome - outcome.mean())).sum()) / square


def reliability(chance: Floats, outcome: Flags) -> list[Bin]:
    """Return what was said and what happened, by ranges of chance that were used at all."""
    place = np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)
    found = []
    for number in range(len(EDGES) - 1):
        inside = place == number
        if count := int(inside.sum()):
            said, came = float(chance[inside].mean()), float(outcome[inside].mean())
            found.append(Bin(EDGES[number], EDGES[number + 1], count, said, came))
    return found


def binned_slope(bins: list[Bin]) -> float:
    """Return the slope of the reliability line: happened over said, each range by its number."""
    weight = np.array([float(one.forecasts) for one in bins])
    said = np.array([one.said for one in bins])
    came = np.array([one.happened for one in bins])
    if len(bins) < 2:  # noqa: PLR2004 - a line needs two points
        return float("nan")
    spread = said - np.average(said, weights=weight)
    square = float((weight * spread**2).sum())
    return float((weight * spread * came).sum()) / square if square > 0 else float("nan")


def intervals(
    chance: Floats, outcome: Flags, rivals: Mapping[str, Floats], *, step_days: float
) -> dict[str, Interval]:
    """Return the scores with their ranges, by redrawing blocks of four weeks with replacement.

    Args:
        chance: (steps, sections).
        outcome: The same shape.
        rivals: Name -> chances of the same shape; gives `skill_NAME`, 1 - Brier / theirs.
        step_days: Between two steps.
    """
    figures = _Sums(chance, outcome, rivals)
    block = max(1, round(_BLOCK_DAYS / step_days))
    draws = _draws(len(chance), block)
    named: dict[str, Callable[[Floats], float]] = {
        "brier": figures.brier,
        "log_score": figures.log_score,
        "auc": figures.auc,
        "slope": figures.slope,
        **{f"skill_{name}": figures.skill_over(name) for name in rivals},
    }
    whole = np.ones(len(chance))
    return {name: _interval(of, whole, draws) for name, of in named.items()}


def _interval(of: Callable[[Floats], float], whole: Floats, draws: Floats) -> Interval:
    redrawn = np.array([of(counts) for counts in draws])
    redrawn = redrawn[np.isfinite(redrawn)]
    if not len(redrawn):
        return Interval(of(whole), float("nan"), float("nan"))
    low, high = np.quantile(redrawn, (0.05, 0.95))
    return Interval(of(whole), float(low), float(high))


def _draws(steps: int, block: int) -> Floats:
    """Return (draws, steps): how often each step was drawn; blocks wrap around the end."""
    rng = np.random.default_rng(_SEED)
    blocks = -(-steps // block)
    starts = rng.integers(0, max(steps, 1), size=(_DRAWS, blocks))
    drawn = (starts[:, :, np.newaxis] + np.arange(block)) % max(steps, 1)
    counts = np.zeros((_DRAWS, steps))
    for row, places in enumerate(drawn.reshape(_DRAWS, -1)[:, :steps]):
        counts[row] = np.bincount(places, minlength=steps)
    return counts


class _Sums:
    """What every score needs, by step: a redraw of the steps is then a weighted sum."""

    def __init__(self, chance: Floats, outcome: Flags, rivals: Mapping[str, Floats]) -> None:
        self._size = chance.shape[1]
        self._square = ((chance - outcome) ** 2).sum(axis=1)
        self._loss = _losses(chance, outcome).sum(axis=1)
        self._said, self._came = chance.sum(axis=1), outcome.sum(axis=1).astype(np.float64)
        self._said_square = (chance**2).sum(axis=1)
        self._both = (chance * outcome).sum(axis=1)
        self._rivals = {name: ((r - outcome) ** 2).sum(axis=1) for name, r in rivals.items()}
        self._pairs = _pairs(chance, outcome)

    def brier(self, counts: Floats) -> float:
        return float(counts @ self._square / (counts.sum() * self._size))

    def log_score(self, counts: Floats) -> float:
        return float(counts @ self._loss / (counts.sum() * self._size))

    def auc(self, counts: Floats) -> float:
        came = counts @ self._came
        pairs = came * (counts.sum() * self._size - came)
        return float(counts @ self._pairs @ counts / pairs) if pairs else float("nan")

    def slope(self, counts: Floats) -> float:
        whole = counts.sum() * self._size
        said, came = counts @ self._said / whole, counts @ self._came / whole
        square = counts @ self._said_square / whole - said**2
        return float((counts @ self._both / whole - said * came) / square) if square > 0 else 0.0

    def skill_over(self, name: str) -> Callable[[Floats], float]:
        theirs = self._rivals[name]
        return lambda counts: _skill(float(counts @ self._square), float(counts @ theirs))


def _skill(ours: float, theirs: float) -> float:
    return 1.0 - ours / theirs if theirs > 0 else float("nan")


def _losses(chance: Floats, outcome: Flags) -> Floats:
    kept = np.clip(chance, _SURE, 1.0 - _SURE)
    return -np.log(np.where(outcome, kept, 1.0 - kept))


def _pairs(chance: Floats, outcome: Flags) -> Floats:
    """Return (steps, steps): of positives of one step and negatives of another, those in order.

    Ties count half, as usual.
    """
    steps = len(chance)
    positives = [chance[row][outcome[row]] for row in range(steps)]
    every = np.concatenate(positives) if positives else np.empty(0)
    starts = np.concatenate(([0], np.cumsum([len(one) for one in positives]))).astype(np.int64)
    found = np.zeros((steps, steps))
    for other in range(steps):
        negatives = np.sort(chance[other][~outcome[other]])
        below: NDArray[np.float64] = (
            negatives.searchsorted(every, side="left") + negatives.searchsorted(every, side="right")
        ) / 2.0
        total = np.concatenate(([0.0], np.cumsum(below)))
        found[:, other] = total[starts[1:]] - total[starts[:-1]]
    return found
