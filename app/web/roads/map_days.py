"""The days that the map can be looked back on: each ends at its midnight, where the roads are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

#: Longer ago nobody asks how a road was before he leaves; the page of a route goes farther back.
DAYS = 14


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is over, and the instant at which it was."""

    date: date
    end: datetime


def days_before(now: datetime, zone: tzinfo) -> Sequence[Day]:
    """Return the days before today, the latest first."""
    today = now.astimezone(zone).date()
    return [_day(today - timedelta(days=n), zone) for n in range(1, DAYS + 1)]


def day_of(text: str, now: datetime, zone: tzinfo) -> Day | None:
    """Return the day that a query names; None for today and for what is none of them."""
    return next((day for day in days_before(now, zone) if day.date.isoformat() == text), None)


def _day(day: date, zone: tzinfo) -> Day:
    return Day(day, datetime.combine(day + timedelta(days=1), time(), tzinfo=zone))
