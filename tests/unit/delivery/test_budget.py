"""How far money goes: steps, forecasts, months, and what stops the start."""

import copy
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ConfigError
from app.delivery.budget import (
    Budget,
    Degree,
    Short,
    decide,
    forecast,
    month_named,
    month_of,
    parse,
)

SHIPPED = tomllib.loads(
    (Path(__file__).parents[3] / "config" / "policy" / "budget.toml").read_text()
)
POLICY = parse(SHIPPED, file="budget.toml")
BAMAKO, NIAMEY = ZoneInfo("Africa/Bamako"), ZoneInfo("Africa/Niamey")
SEPTEMBER = month_named("2025-09", BAMAKO)
BUDGET = Budget(monthly=1_000, reserve=200)
LATE = datetime(2025, 9, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("committed", "degree", "why", "room"),
    [
        (0, Degree.AT_ONCE, Short.ENOUGH, 1_000),
        (799, Degree.AT_ONCE, Short.ENOUGH, 201),
        (800, Degree.DIGEST, Short.NEARLY_SPENT, 200),
        (950, Degree.EMAIL, Short.SPENT, 0),
        (1_001, Degree.EMAIL, Short.IN_RESERVE, 0),
        (1_201, Degree.EMAIL, Short.BEYOND_RESERVE, 0),
    ],
)
def test_money_is_short_in_steps(committed: int, degree: Degree, why: Short, room: int) -> None:
    verdict = decide(BUDGET, committed, SEPTEMBER, policy=POLICY, now=LATE)

    assert (verdict.degree, verdict.why, verdict.room) == (degree, why, room)


def test_half_the_money_gone_in_a_week_means_a_digest_a_day() -> None:
    week = SEPTEMBER.began_at + timedelta(days=7)

    verdict = decide(BUDGET, 500, SEPTEMBER, policy=POLICY, now=week)
    later = decide(BUDGET, 500, SEPTEMBER, policy=POLICY, now=week + timedelta(days=9))

    assert (verdict.degree, verdict.why) == (Degree.DIGEST, Short.FORECAST)
    assert verdict.forecast == round(500 * 30 / 7)
    assert later.degree is Degree.AT_ONCE


def test_one_bad_first_night_does_not_lose_the_month() -> None:
    night = SEPTEMBER.began_at + timedelta(hours=5)

    assert forecast(90, SEPTEMBER, over=POLICY.forecast_over, now=night) == 900


def test_without_a_budget_it_takes_as_much_as_it_takes() -> None:
    verdict = decide(None, 10**9, SEPTEMBER, policy=POLICY, now=LATE)

    assert (verdict.degree, verdict.why) == (Degree.AT_ONCE, Short.NO_BUDGET)


def test_no_money_at_all_is_spent_from_the_start() -> None:
    verdict = decide(
        Budget(monthly=0, reserve=0), 0, SEPTEMBER, policy=POLICY, now=SEPTEMBER.began_at
    )

    assert (verdict.degree, verdict.room) == (Degree.EMAIL, 0)


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(0, 5_000), st.integers(0, 30 * 24))
def test_what_there_is_room_for_never_passes_the_budget(
    monthly: int, reserve: int, committed: int, hours: int
) -> None:
    budget = Budget(monthly=monthly, reserve=reserve)
    now = SEPTEMBER.began_at + timedelta(hours=hours)

    verdict = decide(budget, committed, SEPTEMBER, policy=POLICY, now=now)
    more = decide(budget, committed + 1, SEPTEMBER, policy=POLICY, now=now)

    assert verdict.room == 0 or committed + verdict.room <= monthly
    assert verdict.forecast >= committed
    assert more.degree >= verdict.degree


def test_a_month_begins_and_ends_at_the_midnight_of_its_zone() -> None:
    month = month_of(datetime(2025, 12, 31, 23, 30, tzinfo=UTC), NIAMEY)

    assert month.name == "2026-01"
    assert month.began_at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert month.ends_at == datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert month_of(month.began_at - timedelta(seconds=1), NIAMEY).name == "2025-12"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.pop("email_at"), "`email_at` is missing"),
        (lambda table: table.update(mail_at=1), "`mail_at` is not known"),
        (lambda table: table.update(digest_at=1.5), "`digest_at` must be a number from 0 to 1"),
        (lambda table: table.update(digest_at=True), "not True"),
        (lambda table: table.update(digest_at=0.99), "must not be above `email_at`"),
        (lambda table: table.update(forecast_days=0), "`forecast_days` must be a number"),
    ],
)
def test_a_slip_stops_the_start_with_file_and_key(
    change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    table = copy.deepcopy(SHIPPED)
    change(table)

    with pytest.raises(ConfigError, match=r"^budget\.toml") as stopped:
        parse(table, file="budget.toml")

    assert said in str(stopped.value)
