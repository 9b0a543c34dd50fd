"""From when what is announced is to hold: "blocus à partir du 15 septembre", told on the 10th."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from app.incidents.filed import STARTS_WITHIN, FiledReport
from app.roads.folding import fold

_DAY = timedelta(days=1)
_WEEK = 7
_TOKEN = re.compile(r"\d+(?:[/.-]\d+)+|\w+")
_IN_FIGURES = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMBER = re.compile(r"(\d{1,2})(er|st|nd|rd|th)?")
_YEAR = re.compile(r"20\d{2}")
#: Words between "à partir" and the day that it is.
_BETWEEN = frozenset({"le", "la", "du", "de", "ce", "the", "on", "of", "this", "next", "prochain"})
#: Behind one of them a number alone is the day of a month: "à partir du 15".
_OF_A_MONTH = frozenset({"le", "du", "the"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWords:
    """How people say from when something is to hold; folded words.

    Attributes:
        before: What a day follows that is to come: "a partir", "starting".
        dated: The same, but of a date alone: "from Monday" may be last Monday.
        tomorrow: What says the next day.
        called_off: What says that it is not to be.
        weekdays: Names of each day of the week, from Monday on. `months`: from January on.
    """

    before: Sequence[str] = ()
    dated: Sequence[str] = ()
    tomorrow: Sequence[str] = ()
    called_off: Sequence[str] = ()
    weekdays: Mapping[str, int]
    months: Mapping[str, int]

    def day_in(self, text: str, told: date) -> date | None:
        """Return the first day to come from which `text` says that something is to hold.

        None: it says none, or one that is past, or is so far off that it must be a slip.
        """
        tokens = _tokens(text)
        for at, loose in self._behind(tokens):
            day = self._day_at(tokens, at, told, loose=loose)
            if day is not None and told < day <= told + STARTS_WITHIN:
                return day
        return None

    def called_off_by(self, text: str) -> str | None:
        """Return the words of `text` by which what was announced is not to be; None: none."""
        said = f" {fold(text)} "
        return next((words for words in self.called_off if f" {words} " in said), None)

    def _behind(self, tokens: Sequence[str]) -> Iterator[tuple[int, bool]]:
        """Yield where a day may stand, and whether it may be any: not a date alone."""
        for at in range(len(tokens)):
            for phrases, loose in ((self.before, True), (self.dated, False)):
                for phrase in phrases:
                    words = phrase.split()
                    if tokens[at : at + len(words)] == words:
                        yield at + len(words), loose

    def _day_at(self, tokens: Sequence[str], at: int, told: date, *, loose: bool) -> date | None:
        before = tokens[at - 1]
        while at < len(tokens) and tokens[at] in _BETWEEN:
            before, at = tokens[at], at + 1
        rest = [*tokens[at : at + 4], "", "", "", ""]
        if rest[0] in self.weekdays:
            dated = self._dated(rest[1:], told)
            return dated or (_weekday(self.weekdays[rest[0]], told) if loose else None)
        if loose and rest[0] in self.tomorrow:
            return told + _DAY
        found = self._dated(rest, told)
        alone = before in _OF_A_MONTH and rest[1] not in self.months
        if found is None and loose and alone:
            return _of_a_month(rest[0], told)
        return found

    def _dated(self, rest: Sequence[str], told: date) -> date | None:
        """Return the date that begins here: "15 septembre", "September 15", "15/09", ISO."""
        if found := _ISO.fullmatch(rest[0]):
            return _on(int(found[1]), int(found[2]), int(found[3]))
        if found := _IN_FIGURES.fullmatch(rest[0]):
            year = int(found[3]) % 100 + 2000 if found[3] else None
            return _next(int(found[1]), int(found[2]), year, told)
        first, second = (rest[0], rest[1]) if rest[0] not in self.months else (rest[1], rest[0])
        number = _NUMBER.fullmatch(first)
        if number is None or second not in self.months:
            return None
        year = int(rest[2]) if _YEAR.fullmatch(rest[2]) else None
        return _next(int(number[1]), self.months[second], year, told)


def start_of(filed: FiledReport, words: StartWords | None, zone: tzinfo) -> datetime | None:
    """Return from when what is reported is to hold; None: it holds since it happened.

    What the caller says counts, else what the words of the report say.
    """
    start = filed.starts_at
    if start is None and words is not None:
        start = start_in(filed.summary, words, told_at=filed.reported_at, zone=zone)
    return start if start is not None and start > filed.reported_at else None


def start_in(text: str, words: StartWords, *, told_at: datetime, zone: tzinfo) -> datetime | None:
    """Return the beginning of the day to come that `text` names, told at `told_at`."""
    day = words.day_in(text, told_at.astimezone(zone).date())
    return None if day is None else _midnight(day, zone)


def day_start(text: str, zone: tzinfo) -> datetime | None:
    """Return the beginning of a day as forms send it ("2025-09-20"); None: it is no day."""
    found = _ISO.fullmatch(text)
    day = _on(int(found[1]), int(found[2]), int(found[3])) if found else None
    return None if day is None else _midnight(day, zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def _tokens(text: str) -> list[str]:
    """Return the words of `text`, folded, and its figures with the signs that make them dates."""
    return [one if one[0].isdigit() else fold(one) for one in _TOKEN.findall(text)]


def _weekday(wanted: int, told: date) -> date:
    return told + _DAY * ((wanted - told.weekday() - 1) % _WEEK + 1)


def _of_a_month(word: str, told: date) -> date | None:
    """Return the next such day of a month."""
    number = _NUMBER.fullmatch(word)
    if number is None:
        return None
    following = (told.replace(day=1) + _DAY * 31).replace(day=1)
    days = (_on(month.year, month.month, int(number[1])) for month in (told, following))
    return next((day for day in days if day is not None and day > told), None)


def _next(number: int, month: int, year: int | None, told: date) -> date | None:
    """Return the day; without a year the next that there is."""
    if year is not None:
        return _on(year, month, number)
    day = _on(told.year, month, number)
    return day if day is None or day >= told else _on(told.year + 1, month, number)


def _on(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
