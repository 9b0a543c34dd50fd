"""Whether people would have been warned, how early, and at what price in messages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.levels import Level
from app.risk.hazard import Floats
from app.risk.past import Flags, Happened
from app.risk.playing import UNKNOWN

Ranks = NDArray[np.int8]
_HOURS = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """A level: how often it was shown, and how often something happened within the horizon."""

    level: str
    forecasts: int
    happened: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """What the levels of one cargo would have done.

    Attributes:
        incidents: On a section, in the time forecast.
        warned: Of them, those before which a section of theirs stood at `high` or above.
        spells: Times that a section came to `high` or above.
        followed: Of them, those in which, or within the horizon after, an incident came.
        lead_hours: From the first `high` of such a spell to its first incident: lower quartile,
            median, upper quartile; None without any.
        alerts: Times that a route rose to a level that is told: one statement each.
        messages: The same, told once for all routes that share the stretch: what one subscriber
            of every route gets.
    """

    incidents: int
    warned: int
    spells: int
    followed: int
    lead_hours: tuple[float, float, float] | None
    alerts: int
    messages: int
    levels: tuple[LevelRow, ...]


def warned(
    ranks: Ranks,
    steps: Floats,
    truth: Happened,
    outcome: Flags,
    routes: Sequence[Sequence[int]],
    *,
    horizon: float,
    tell_from: Level,
) -> Warned:
    """Return what the levels (steps, sections) of one cargo would have done.

    Args:
        ranks: See `Level.rank`.
        steps: Days since 1970.
        truth: What happened.
        outcome: (steps, sections) within the horizon.
        routes: The sections of each route, by number.
        horizon: Days.
        tell_from: The lowest level that is told.
    """
    high = ranks >= Level.HIGH.rank
    inside = (truth.at > steps[0]) & (truth.at <= steps[-1] + horizon)
    before = np.searchsorted(steps, truth.at[inside], side="left") - 1
    section, incident = truth.section[inside], truth.incident[inside]
    stood = high[before, section]
    spells, leads = _spells(high, steps, truth, horizon)
    alerts, messages = _told(ranks, routes, tell_from.rank)
    return Warned(
        incidents=len(np.unique(incident)),
        warned=len(np.unique(incident[stood])),
        spells=spells,
        followed=len(leads),
        lead_hours=_quartiles(leads),
        alerts=alerts,
        messages=messages,
        levels=tuple(_levels(ranks, outcome)),
    )


def _spells(high: Flags, steps: Floats, truth: Happened, horizon: float) -> tuple[int, list[float]]:
    """Return how many spells of `high` began, and the hours to the first incident of each."""
    count, leads = 0, []
    for section in np.flatnonzero(high.any(axis=0)):
        at = truth.at[truth.section == section]
        edges = np.diff(np.concatenate(([0], high[:, section].astype(np.int8), [0])))
        for first, after in zip(
            np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True
        ):
            count += 1
            low, end = at.searchsorted([steps[first], steps[after - 1] + horizon], side="right")
            if low < end:
                leads.append(float(at[low] - steps[first]) * _HOURS)
    return count, leads


def _quartiles(leads: list[float]) -> tuple[float, float, float] | None:
    if not leads:
        return None
    low, middle, high = np.quantile(leads, (0.25, 0.5, 0.75))
    return round(float(low), 1), round(float(middle), 1), round(float(high), 1)


def _told(ranks: Ranks, routes: Sequence[Sequence[int]], told_from: int) -> tuple[int, int]:
    """Return the rises of routes to a level that is told, and those with a stretch of their own."""
    alerts = 0
    stretches: set[tuple[int, int]] = set()
    for route in routes:
        on_route = ranks[:, list(route)]
        level = np.concatenate(([UNKNOWN], on_route.max(axis=1)))
        for row in np.flatnonzero((level[1:] > level[:-1]) & (level[1:] >= told_from)):
            alerts += 1
            stretches.add((int(row), route[int(on_route[row].argmax())]))
    return alerts, len(stretches)


def _levels(ranks: Ranks, outcome: Flags) -> list[LevelRow]:
    found = []
    for level in sorted(Level, key=lambda one: one.rank):
        shown = ranks == level.rank
        if count := int(shown.sum()):
            came = round(float(outcome[shown].mean()), 6)
            found.append(LevelRow(level=level.value, forecasts=count, happened=came))
    return found
