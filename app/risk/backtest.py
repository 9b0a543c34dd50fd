"""History played as it was known: forecasts at each step, held against what then came."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from app.core.levels import Level
from app.core.text import rfc3339
from app.incidents.kinds import Kinds
from app.risk import scores
from app.risk.hazard import Floats
from app.risk.past import (
    Flags,
    Happened,
    Outlook,
    Version,
    at_horizon,
    came,
    happened,
    past_of,
    steps_between,
)
from app.risk.playing import Played, instant_of, play
from app.risk.rivals import rivals
from app.risk.rulebook import RuleBook
from app.risk.warned import warned
from app.roads.network import Network

_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to forecast.

    Attributes:
        start, end: The first forecast is at `start`; the horizon of the last ends by `end`.
        every: Between two forecasts.
        horizon_days: How far each looks: incidents in (at, at + horizon].
    """

    start: datetime
    end: datetime
    every: timedelta
    horizon_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Forecasts and what came.

    Attributes:
        steps: Instants, days since 1970.
        chance: (steps, sections) of any serious incident on the section in the horizon, by the
            statistics alone: the same for every cargo.
        outcome: The same shape: whether one came.
        rivals: Name to chances of the same shape.
        played: Levels per cargo, with rules and floors.
    """

    plan: Plan
    section_ids: tuple[str, ...]
    steps: Floats
    chance: Floats
    outcome: Flags
    truth: Happened
    rivals: Mapping[str, Floats]
    played: Played


def backtest(
    versions: Sequence[Version], plan: Plan, *, network: Network, kinds: Kinds, book: RuleBook
) -> Backtest:
    """Return the forecasts of the plan, by `book` and its policy, and what came.

    Args:
        versions: Every version of every incident, in the order known.
        plan: When to forecast.
        network: The roads.
        kinds: Of incidents.
        book: The rules, for levels; its policy holds the coefficients.
    """
    policy, horizon = book.policy, plan.horizon_days
    past = past_of(versions, network=network, kinds=kinds, policy=policy)
    truth = happened(versions, network=network, kinds=kinds, policy=policy)
    steps = steps_between(plan.start, plan.end, every=plan.every, horizon=horizon)
    outlook = Outlook(past, at_horizon(policy, horizon))
    hazard = np.array([outlook.at(at) for at in steps]).reshape(len(steps), len(past.km))
    return Backtest(
        plan=plan,
        section_ids=past.section_ids,
        steps=steps,
        chance=-np.expm1(-hazard),
        outcome=came(truth, steps, horizon=horizon, sections=len(past.km)),
        truth=truth,
        rivals=rivals(past, steps, horizon=horizon, policy=policy),
        played=play(versions, steps, network=network, book=book),
    )


def figures(result: Backtest, *, network: Network, tell_from: Level) -> dict[str, Any]:
    """Return what there is to say of a back-test, ready for JSON."""
    chance, outcome = result.chance, result.outcome
    days = result.plan.every / timedelta(days=1)
    bins = scores.reliability(chance, outcome)
    found = scores.intervals(chance, outcome, result.rivals, step_days=days)
    return {
        "window": {
            "first_forecast": _written(result.steps[0]),
            "last_forecast": _written(result.steps[-1]),
            "step_days": days,
            "horizon_days": result.plan.horizon_days,
        },
        "sections": len(result.section_ids),
        "steps": len(result.steps),
        "forecasts": int(outcome.size),
        "came_true": int(outcome.sum()),
        "base_rate": _round(float(outcome.mean())),
        "chance": {
            name: {part: _round(value) for part, value in one._asdict().items()}
            for name, one in found.items()
        },
        "reliability": [
            {name: _round(value) for name, value in one._asdict().items()} for one in bins
        ],
        "reliability_line_slope": _round(scores.binned_slope(bins)),
        "rivals": {
            name: {
                "brier": _round(scores.brier(theirs, outcome)),
                "auc": _round(scores.auc(theirs, outcome)),
                "log_score": _round(scores.log_score(theirs, outcome)),
            }
            for name, theirs in result.rivals.items()
        },
        "cargoes": {
            cargo: _of_cargo(result, place, network=network, tell_from=tell_from)
            for place, cargo in enumerate(result.played.cargoes)
        },
    }


def _of_cargo(
    result: Backtest, place: int, *, network: Network, tell_from: Level
) -> dict[str, Any]:
    """Return what the levels of a cargo would have done, and how its own score did."""
    number = {section_id: at for at, section_id in enumerate(result.section_ids)}
    routes = [
        [number[section_id] for section_id in corridor.section_ids]
        for corridor in network.corridors.values()
    ]
    levels = warned(
        result.played.ranks[:, :, place],
        result.steps,
        result.truth,
        result.outcome,
        routes,
        horizon=result.plan.horizon_days,
        tell_from=tell_from,
    )
    score = -np.expm1(-result.played.hazard[:, :, place])
    per_incident = max(levels.incidents, 1)
    return {
        **asdict(levels),
        "alerts_per_incident": round(levels.alerts / per_incident, 2),
        "messages_per_incident": round(levels.messages / per_incident, 2),
        "score": {
            "brier": _round(scores.brier(score, result.outcome)),
            "auc": _round(scores.auc(score, result.outcome)),
            "slope": _round(scores.slope(score, result.outcome)),
        },
    }


def _written(days: float) -> str:
    return rfc3339(instant_of(days))


def _round(value: float) -> float | None:
    """Return a figure for JSON, which has no word for "not a number"."""
    return None if np.isnan(value) else round(value, _DECIMALS)
