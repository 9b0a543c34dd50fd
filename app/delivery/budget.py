"""How far an organisation's money for SMS goes, and what follows when it runs short. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.core.errors import ConfigError

_SHARES = ("digest_at", "email_at", "forecast_from")
_DAYS = "forecast_days"
_MOST_DAYS = 28
_MONTHS = 12


class Degree(IntEnum):
    """How what is not urgent is told, for the money's sake."""

    AT_ONCE = 0
    #: Once a day, in one SMS.
    DIGEST = 1
    #: By e-mail; who has none waits.
    EMAIL = 2


class Short(StrEnum):
    """Why the money is, or is not, short."""

    ENOUGH = "enough"
    #: There is no budget: as much as it takes.
    NO_BUDGET = "no_budget"
    #: At the pace of this month it will not last.
    FORECAST = "forecast"
    NEARLY_SPENT = "nearly_spent"
    SPENT = "spent"
    #: Severe dangers, or what ends them, took more than the budget.
    IN_RESERVE = "in_reserve"
    #: ... and more than the reserve: they are sent all the same, and somebody has to pay.
    BEYOND_RESERVE = "beyond_reserve"


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPolicy:
    """What `config/policy/budget.toml` may set: shares of the monthly budget.

    Attributes:
        digest_at: From here on what is not urgent is told once a day.
        email_at: From here on by e-mail.
        forecast_from: From here on a forecast beyond the budget means a digest a day.
        forecast_over: Time that a forecast rests on at least.
    """

    digest_at: float
    email_at: float
    forecast_from: float
    forecast_over: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Of a month; money in millionths of the currency. `reserve` is on top, for what is urgent."""

    monthly: int
    reserve: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of the service's zone: "2025-09", from its first instant to that of the next."""

    name: str
    began_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How an organisation's money stands.

    Attributes:
        room: What may still be set aside for what is not urgent.
        forecast: What the month will have cost at its end.
    """

    degree: Degree
    why: Short
    room: int
    forecast: int


def month_of(now: datetime, zone: ZoneInfo) -> Month:
    """Return the month that `now` is in."""
    here = now.astimezone(zone)
    return _month(here.year, here.month, zone)


def month_named(name: str, zone: ZoneInfo) -> Month:
    """Return the month "2025-09".

    Raises:
        ValueError: It is not of this form.
    """
    at = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
    return _month(at.year, at.month, zone)


def forecast(committed: int, month: Month, *, over: timedelta, now: datetime) -> int:
    """Return what `month` will have cost: so much a day as until now, `over` so long at least."""
    whole = month.ends_at - month.began_at
    passed = min(now - month.began_at, whole)
    return max(round(committed * (whole / min(max(passed, over), whole))), committed)


def decide(
    budget: Budget | None, committed: int, month: Month, *, policy: BudgetPolicy, now: datetime
) -> Verdict:
    """Return how far the money goes, and why.

    Args:
        budget: None: as much as it takes.
        committed: Spent this month, and set aside for what is on its way.
        month: The one that `now` is in.
        policy: Where it becomes short.
        now: The time.
    """
    ahead = forecast(committed, month, over=policy.forecast_over, now=now)
    if budget is None:
        return Verdict(degree=Degree.AT_ONCE, why=Short.NO_BUDGET, room=0, forecast=ahead)
    degree, why = _short(budget, committed, ahead, policy)
    room = 0 if degree is Degree.EMAIL else max(budget.monthly - committed, 0)
    return Verdict(degree=degree, why=why, room=room, forecast=ahead)


def _short(
    budget: Budget, committed: int, ahead: int, policy: BudgetPolicy
) -> tuple[Degree, Short]:
    monthly = budget.monthly
    steps = (
        (committed > monthly + budget.reserve, Degree.EMAIL, Short.BEYOND_RESERVE),
        (committed > monthly, Degree.EMAIL, Short.IN_RESERVE),
        (committed >= policy.email_at * monthly, Degree.EMAIL, Short.SPENT),
        (committed >= policy.digest_at * monthly, Degree.DIGEST, Short.NEARLY_SPENT),
        (
            ahead > monthly and committed >= policy.forecast_from * monthly,
            Degree.DIGEST,
            Short.FORECAST,
        ),
    )
    return next(((degree, why) for holds, degree, why in steps if holds), _ENOUGH)


_ENOUGH = (Degree.AT_ONCE, Short.ENOUGH)


def _month(year: int, month: int, zone: ZoneInfo) -> Month:
    following = (year + month // _MONTHS, month % _MONTHS + 1)
    return Month(
        name=f"{year:04d}-{month:02d}",
        began_at=datetime(year, month, 1, tzinfo=zone).astimezone(UTC),
        ends_at=datetime(*following, 1, tzinfo=zone).astimezone(UTC),
    )


def parse(table: Mapping[str, Any], *, file: str) -> BudgetPolicy:
    """Return the policy of a parsed TOML `table`.

    Raises:
        ConfigError: Something is missing, unknown or out of range; says `file` and key.
    """
    keys = (*_SHARES, _DAYS)
    if wrong := sorted(set(table) ^ set(keys)):
        state = "is not known" if wrong[0] in table else "is missing"
        raise ConfigError(f"{file}: `{wrong[0]}` {state}; keys are {', '.join(keys)}")
    shares = {key: _number(table, key, 0, 1, file) for key in _SHARES}
    if shares["digest_at"] > shares["email_at"]:
        raise ConfigError(f"{file}: `digest_at` must not be above `email_at`")
    days = _number(table, _DAYS, 1, _MOST_DAYS, file)
    return BudgetPolicy(**shares, forecast_over=timedelta(days=days))


def _number(table: Mapping[str, Any], key: str, low: float, high: float, file: str) -> float:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"{file}: `{key}` must be a number from {low} to {high}, not {value!r}")
    return float(value)
