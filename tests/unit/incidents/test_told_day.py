"""A day that was filed wrongly by one, where the summary names it by date."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.incidents.told_day import of_its_day
from tests.harness.incidents import NOON, a_report

FILED = NOON.date()
TODAY = NOON + timedelta(days=3)
BEFORE, AFTER = FILED - timedelta(days=1), FILED + timedelta(days=1)
MONTHS_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"


def in_french(day: date) -> str:
    return f"{day.day} {MONTHS_FR.split()[day.month - 1]}"


def day_of(summary: str, precision: str = "day", **told: Any) -> date:
    said: dict[str, Any] = {"reported_at": TODAY} | told
    report = a_report(summary=summary, date_precision=precision, **said)
    return of_its_day(report).occurred_at.date()


@pytest.mark.parametrize(
    "summary",
    [
        f"Embuscade le {in_french(AFTER)} à Lakamané",
        f"Convoy ambushed on {AFTER:%d %b} at Lakamane",
        f"Convoy ambushed on {AFTER:%B} {AFTER.day}, army says",
        f"Convoy ambushed on {AFTER.day}th of {AFTER:%B}",
        f"Video du {in_french(AFTER + timedelta(days=12))}: attaqués le {in_french(AFTER)}",
    ],
)
def test_day_that_the_summary_names_is_meant_where_the_one_filed_is_next_to_it(
    summary: str,
) -> None:
    assert day_of(summary) == AFTER


@pytest.mark.parametrize(
    "summary",
    [
        "Embuscade à Lakamané",
        "Deux jours après l'attaque du 3 janvier",
        f"Attaqués le {in_french(FILED)}, morts le {in_french(AFTER)}",  # both days
        f"Attaqués entre le {in_french(BEFORE)} et le {in_french(AFTER)}",  # either
        f"Route coupée depuis le {in_french(BEFORE)}",
        f"Queues since {BEFORE:%d %B}",
        f"Le {in_french(AFTER + timedelta(days=2))}, des tirs",  # of something else
        f"Night of {BEFORE.day}-{FILED.day} {FILED:%B}",
        "Le 31 février",
    ],
)
def test_day_filed_stands_where_the_summary_names_none_or_not_for_it(summary: str) -> None:
    assert day_of(summary) == FILED


def test_what_is_to_come_is_no_day_of_it_nor_is_that_of_who_gives_the_hour_or_a_month() -> None:
    said = f"Embuscade le {in_french(AFTER)}"

    assert day_of(said, reported_at=NOON) == FILED
    assert day_of(said, precision="instant") == FILED
    assert day_of(said, precision="month") == FILED


def test_year_turns_between_the_day_filed_and_the_one_named() -> None:
    new_year = NOON.replace(year=2026, month=1, day=1)
    told = new_year + timedelta(days=2)

    assert day_of("Embuscade le 31 décembre", occurred_at=new_year, reported_at=told) == date(
        2025, 12, 31
    )
