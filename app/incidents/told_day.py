"""The day of which a report speaks, where its summary names another one than was filed. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from app.incidents.report import Report
from app.incidents.words import fold

#: How the names of the months begin, folded, French and English.
_MONTHS = (
    ("jan",), ("fev", "feb"), ("mar",), ("avr", "apr"), ("mai", "may"), ("juin", "jun"),
    ("juil", "jul"), ("aou", "aug"), ("sep",), ("oct",), ("nov",), ("dec",),
)  # fmt: skip
_MONTH = (
    r"(?P<month>jan(?:vier|uary)?|fev(?:rier)?|feb(?:ruary)?|mars|mar(?:ch)?|avr(?:il)?|apr(?:il)?|"
    r"mai|may|juin|june?|juil(?:let)?|july?|aout|aug(?:ust)?|sept?(?:embre|ember)?|"
    r"oct(?:obre|ober)?|nov(?:embre|ember)?|dec(?:embre|ember)?)\b"
)
#: What a day is counted from, or lasts until, is not when it happened.
_NOT_THEN = (
    r"(?<!after )(?<!apres le )(?<!depuis le )(?<!since )(?<!avant le )(?<!before )(?<!until )"
    r"(?<!au )(?<!from )(?<!to )(?<!a partir du )(?<![\d-])"
)
_DATES = (
    re.compile(rf"{_NOT_THEN}\b(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)? (?:of )?{_MONTH}"),
    re.compile(rf"{_NOT_THEN}\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*[-:h])"),
)
_DAY = timedelta(days=1)


def of_its_day(report: Report) -> Report:
    """Return the report as of the day next to the one filed that its summary names by date.

    Who files it slips a day, more easily than who wrote "le 11 février". A day farther off is that
    of something else, and where both days are named the one filed is meant.
    """
    if report.date_precision != "day":
        return report
    filed = report.occurred_at.date()
    named = set(_dates_near(report.summary, filed))
    day = next(iter(named)) if len(named) == 1 else filed
    if abs(day - filed) != _DAY or day > report.reported_at.date():
        return report
    return replace(report, occurred_at=report.occurred_at + (day - filed))


def _dates_near(text: str, near: date) -> Iterator[date]:
    """Yield the days that a text names by day and month, each in the year nearest to `near`."""
    for pattern in _DATES:
        for found in pattern.finditer(fold(text)):
            month = next(n for n, one in enumerate(_MONTHS, 1) if found["month"].startswith(one))
            days = (_date(near.year + step, month, int(found["day"])) for step in (-1, 0, 1))
            yield from (day for day in days if day and abs(day - near) <= _DAY)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
