"""The days, weeks, months and years that a message names, none of them in the future. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.subscribers.clock_words import date_of
from app.subscribers.lexicon import MONTHS, WEEKDAYS, Lexicon
from app.subscribers.wording import Word

_DAY = timedelta(days=1)
_WEEK, _MONTH, _YEAR = 7, 30, 365
#: Days ago, as all say them.
_RECENT = {"today": 0, "yesterday": 1, "last_night": 1, "two_days_ago": 2}
#: How many days one of them is.
_BACK = {
    "days_ago": 1, "last_week": _WEEK, "weeks_ago": _WEEK, "last_month": _MONTH,
    "months_ago": _MONTH, "last_year": _YEAR, "years_ago": _YEAR,
}  # fmt: skip
#: Since then it is so, and is now.
_SINCE = frozenset({"depuis", "since", "depui"})
#: "Comme l'an dernier" tells of now.
_LIKE = frozenset({"comme", "like"})
#: What is announced for a day, or closed on it, did not happen on the last such day.
_ANNOUNCED = frozenset(
    {
        "group:curfew", "group:border", "group:suspended", "group:announced", "group:protest",
        "group:roadblock", "group:blocked",
    }
)  # fmt: skip
#: Announced is what is to be within so many days.
_TO_COME = 92 * _DAY
#: A month or a year stands behind one of these: "mai" may be a name, and 2024 a number.
_OF_A_YEAR = frozenset({"en", "in", "fin", "debut", "mi", "annee", "year", "late", "early"})
_OF = _OF_A_YEAR | {"de", "d", "of", "mois"}
#: Behind a number alone they leave it the day of a month: "le 12 à Bla", not "le 12 tonnes".
_BEHIND_A_DAY = frozenset({"a", "au", "vers", "de", "du", "dernier", "passe"})
_ORDINAL = re.compile(r"(\d{1,2})(?:er|st|nd|rd|th)?")
_OLDEST_YEAR = 1990
#: More hours, days or years ago than this is a slip.
MOST = 999


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was said, or the middle of a week, month or year, as `precision` says.

    Attributes:
        night: It was the night of that day: its small hours are the next day's.
    """

    day: date
    precision: str = "day"
    night: bool = False


def days_in(words: Sequence[Word], lexicon: Lexicon, today: date) -> Iterator[Day]:
    """Yield the days, weeks, months and years that `words` say."""
    said = [word.said for word in words]
    announced = any(word.marks & _ANNOUNCED for word in words)
    taken: set[int] = set()
    for start, end, key in phrases_in(words, lexicon):
        if key in MONTHS:
            taken |= set(range(start - 1, end + 2))
        before = set(said[max(0, start - 2) : start])
        if _LIKE & before or (key not in _RECENT and _SINCE & before):
            continue
        day = _said_in(said, start, end, key, today, announced=announced)
        if day is not None:
            yield day
    yield from _in_figures(said, today, announced=announced)
    yield from _of_this_month(said, taken, today, announced=announced)
    yield from _years(said, taken, today)


def _said_in(
    said: Sequence[str], start: int, end: int, key: str, today: date, *, announced: bool
) -> Day | None:
    """Return the day that a phrase says; None for one that is no day, or may be still to come."""
    if key in _RECENT:
        return Day(today - _DAY * _RECENT[key], night=key == "last_night")
    alone = end - start == 1
    if key in WEEKDAYS:
        day = _weekday(WEEKDAYS.index(key), today, before=not alone)
        return None if announced and alone else day
    if key in MONTHS:
        return _of_month(said, start, end, MONTHS.index(key) + 1, today, announced=announced)
    number = number_in(said[start:end])
    return _back(key, number, today) if key in _BACK and number <= MOST else None


def _back(key: str, number: int, today: date) -> Day:
    """Return the day so many days, weeks, months or years back, as exact as that is."""
    if key == "last_year":
        return _middle(date(today.year - 1, 1, 1), date(today.year, 1, 1))
    if key == "last_month":
        first = today.replace(day=1)
        return _middle((first - _DAY).replace(day=1), first)
    days = _BACK[key] * (number or 1)
    if key == "days_ago" and days < _WEEK:
        precision = "day"
    else:
        precision = "month" if _BACK[key] >= _MONTH else "week"
    return Day(today - _DAY * days, precision)


def _weekday(wanted: int, today: date, *, before: bool) -> Day:
    """Return the last such day; `before`: today is not meant."""
    ago = (today.weekday() - wanted) % _WEEK
    return Day(today - _DAY * (ago or (_WEEK if before else 0)))


def _of_month(
    said: Sequence[str], start: int, end: int, month: int, today: date, *, announced: bool
) -> Day | None:
    """Return the day or the month that is said, of the year beside it or the last there was."""
    before = said[start - 1] if start else ""
    number, after = _ordinal(before), list(said[end : end + 2])
    if number is None and before not in _OF and after and _ordinal(after[0]):
        number = _ordinal(after.pop(0))
    year = int(after[0]) if after and _is_year(after[0], today) else None
    if end - start == 1 and number is None and year is None and before not in _OF:
        return None
    return _dated(number, month, year, today, announced=announced)


def _ordinal(word: str) -> int | None:
    found = _ORDINAL.fullmatch(word)
    return int(found[1]) if found else None


def _dated(
    number: int | None, month: int, year: int | None, today: date, *, announced: bool
) -> Day | None:
    """Return a day or month, without a year the last that there was; None for no such day."""
    day = _on(number, month, year or today.year)
    if year is None and day is not None and day > today:
        soon = announced and day - today <= _TO_COME
        day = None if soon else _on(number, month, today.year - 1)
    if day is None or day > today:
        return None
    if number is not None:
        return Day(day)
    following = (day + _DAY * 31).replace(day=1)
    return _middle(day, min(following, today + _DAY))


def _on(number: int | None, month: int, year: int) -> date | None:
    try:
        return date(year, month, number or 1)
    except ValueError:
        return None


def _in_figures(said: Sequence[str], today: date, *, announced: bool) -> Iterator[Day]:
    """Yield the days that are written as "12/09" or "12/09/2024"."""
    for word in said:
        if figures := date_of(word):
            day = _dated(*figures, today, announced=announced)
            if day is not None:
                yield day


def _of_this_month(
    said: Sequence[str], taken: set[int], today: date, *, announced: bool
) -> Iterator[Day]:
    """Yield the days that are said without their month: "le 12", "on the 12th"."""
    for at in range(1, len(said)):
        number = _ordinal(said[at])
        behind = said[at + 1] if at + 1 < len(said) else None
        alone = said[at - 1] == "le" and (behind is None or behind in _BEHIND_A_DAY)
        alone = alone or said[at].endswith("th") or _ends_a_night(said, at)
        if number is None or at in taken or not alone:
            continue
        day = _on(number, today.month, today.year)
        if day is None or day > today:
            before = today.replace(day=1) - _DAY
            day = None if announced else _on(number, before.month, before.year)
        if day is not None:
            yield Day(day)


def _ends_a_night(said: Sequence[str], at: int) -> bool:
    """Tell whether it is the second day of "la nuit du 27 au 28"."""
    match said[max(0, at - 4) : at]:
        case ["nuit" | "night", "du" | "of", first, "au" | "to"]:
            return _ordinal(first) is not None
        case _:
            return False


def _years(said: Sequence[str], taken: set[int], today: date) -> Iterator[Day]:
    """Yield the years that are said by themselves: "en 2024"."""
    for at, word in enumerate(said):
        before = set(said[max(0, at - 2) : at])
        behind = set(said[max(0, at - 1) : at]) & _OF_A_YEAR
        if at not in taken and behind and not before & (_SINCE | _LIKE) and _is_year(word, today):
            begin = date(int(word), 1, 1)
            yield _middle(begin, min(begin.replace(year=begin.year + 1), today + _DAY))


def _is_year(word: str, today: date) -> bool:
    return word.isdigit() and _OLDEST_YEAR <= int(word) <= today.year


def _middle(first: date, following: date) -> Day:
    """Return the middle of a month or year, up to today."""
    return Day(first + (following - first) // 2, "month")


def number_in(phrase: Sequence[str]) -> int:
    """Return the number in a phrase; 0 without one."""
    return next((int(word) for word in phrase if word.isdigit()), 0)


def phrases_in(words: Sequence[Word], lexicon: Lexicon) -> Iterator[tuple[int, int, str]]:
    """Yield the words that say a day, the longest phrase first, each word once."""
    read = ["0" if word.is_number else word.read for word in words]
    at = 0
    while at < len(read):
        length = next(
            (
                n
                for n in range(min(lexicon.longest, len(read) - at), 0, -1)
                if tuple(read[at : at + n]) in lexicon.days
            ),
            0,
        )
        if length:
            yield at, at + length, lexicon.days[tuple(read[at : at + length])]
        at += length or 1
