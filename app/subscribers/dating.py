"""Tells when what a message speaks of was: the day and the time of day that its words give. Pure.

Nothing is dated in the future: what is told has happened, and a clock may be ahead of ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.incidents.starting import StartWords
from app.subscribers.clock_words import clock_of
from app.subscribers.days import MOST, Day, days_in, number_in, phrases_in
from app.subscribers.lexicon import Lexicon
from app.subscribers.understood import When
from app.subscribers.wording import Word

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_NOON = time(12)
#: A time up to so much ahead is one rounded up, or of a clock that is fast, and not yesterday's.
_AHEAD = _HOUR
#: Two times further apart than this are hours that something is closed, not when it happened.
_LONGEST_SPAN = timedelta(hours=4)
#: Before a time they say how long, or until when, not at what time.
_NO_MOMENT = frozenset(
    {
        "jusqu", "jusque", "avant", "apres", "des", "partir", "dans", "pendant", "durant",
        "attendu", "attente", "attendre", "duree", "until", "till", "before", "after", "for", "in",
        "within", "by", "waited", "plus", "moins", "encore",
    }
)  # fmt: skip
_BEFORE_A_TIME = frozenset({"a", "de", "d", "les", "la", "l", "the", "at", "to", "que", "vers"})
#: What is closed at hours did not happen at them.
_AT_HOURS = frozenset({"group:curfew", "group:border", "group:suspended"})
#: "Il y a environ" 2h, "ça fait" 2h.
_AGO = re.compile(
    r"\b(?:y a|ya|[cs]a fait|cela fait|voila)"
    r"(?: (?:environ|env|a peine|presque|pres de|plus de|moins de))*$"
)
_AGO_WORDS = 6
#: Of what is to come then no time has been.
_TOMORROW = frozenset({"demain", "tomorrow", "prochain", "prochaine", "next"})
_EVENING = frozenset({"soir", "soiree", "evening", "tonight"})
_NIGHT = frozenset({"nuit", "night"})
_LATER = frozenset({"midi", "aprem", "afternoon"})
_PARTS_OF_DAY = _EVENING | _NIGHT | _LATER | {"matin", "apres"}
#: Longer, "depuis 6h" is a time of day.
_LONGEST_SINCE = 4
_SPOKEN = {"midi": time(12), "noon": time(12), "minuit": time(0), "midnight": time(0)}
#: Of twelve hours: "8h du soir" is 20h, "1h du soir" after midnight; "3h de l'après-midi" 15h.
_EVENING_FROM, _NIGHT_FROM, _DAWN, _HALF = 4, 7, 6, 12


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a message came, in which zone its times are, and how a day to come is said."""

    zone: ZoneInfo
    now: datetime
    starting: StartWords | None = None

    def announced(self, text: str, when: When | None) -> When | None:
        """Return `when` with the day to come from which `text` says that something is to hold.

        "La grève commence lundi" is of that Monday, and says nothing of the last one.
        """
        day = self.starting.day_in(text, self.today) if self.starting else None
        if day is None:
            return when
        if when and when.precision == "day" and when.at.weekday() == day.weekday():
            when = None
        return replace(when or When(self.now, "instant"), starts_at=self.local(day, time(0)))

    def local(self, day: date, clock: time) -> datetime:
        """Return the instant of a time of day there, as it is said there."""
        return datetime.combine(day, clock, tzinfo=self.zone)

    @property
    def today(self) -> date:
        """Return the day it is there."""
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, clock: time) -> datetime:
        """Return the instant of a time of day there."""
        return self.local(day, clock).astimezone(UTC)


def told_at(words: Sequence[Word], lexicon: Lexicon, calendar: Calendar) -> When | None:
    """Return when `words` put what they tell; None when they do not say, or say that it is now.

    1. "Il y a 2h": so long before now.
    2. A day and a time: that time on that day. A day alone: its noon. Of several, the last.
    3. A time alone: the last such time before now.
    """
    instants = [*_ago(words, lexicon, calendar)]
    days = [*days_in(words, lexicon, calendar.today)]
    clocks = _clocks(words)
    if instants:
        return When(max(instants), "instant")
    last = max(days, key=lambda one: one.day, default=None)
    if last is not None and (last.precision != "day" or not clocks):
        return _noon_of(last, calendar)
    found = [_at(clock, last, words, calendar) for clock in clocks]
    return When(min(max(found), calendar.now), "instant") if found else None


def _noon_of(day: Day, calendar: Calendar) -> When | None:
    """Return a day whose hour is not known; None for today, which is now."""
    if day.day >= calendar.today:
        return None
    return When(datetime.combine(day.day, _NOON, tzinfo=UTC), day.precision)


def _at(clock: time, day: Day | None, words: Sequence[Word], calendar: Calendar) -> datetime:
    """Return the instant of a time on a day; without one the last such time before now."""
    said = {word.said for word in words}
    night = day.night if day else False
    clock = _of_24_hours(clock, said, night=night)
    if day is None:
        at = calendar.at(calendar.today, clock)
        if at > calendar.now + _AHEAD:
            at = calendar.at(calendar.today - _DAY, clock)
        return at
    small_hours = clock.hour < _EVENING_FROM if said & _EVENING else clock.hour < _DAWN
    after_midnight = day.day < calendar.today and (
        (small_hours and (night or bool(said & _EVENING))) or bool(said & {"minuit", "midnight"})
    )
    return calendar.at(day.day + _DAY if after_midnight else day.day, clock)


def _of_24_hours(clock: time, said: set[str], *, night: bool) -> time:
    """Return a time of twelve hours as what is said around it makes it: "8h du soir"."""
    afternoon = {"apres", "midi"} <= said or bool(said & (_LATER - {"midi"}))
    later = (
        (said & _EVENING and _EVENING_FROM <= clock.hour < _HALF)
        or (afternoon and 1 <= clock.hour < _DAWN + 1)
        or ((night or said & _NIGHT) and _NIGHT_FROM <= clock.hour < _HALF)
    )
    return clock.replace(hour=clock.hour + _HALF) if later else clock


def _clocks(words: Sequence[Word]) -> list[time]:
    """Return the times of day that something is said to have happened at."""
    said = [word.said for word in words]
    if any(word.marks & _AT_HOURS for word in words) or _TOMORROW & set(said):
        return []
    found = [(at, clock) for at in range(len(said)) if (clock := _clock_at(said, at)) is not None]
    if len(found) == 2 and _are_hours(said, found):  # noqa: PLR2004 - from and until
        return []
    return [clock for _, clock in found]


def _clock_at(said: Sequence[str], at: int) -> time | None:
    clock = clock_of(said[at])
    if clock is None:
        spoken = _SPOKEN.get(said[at])
        return spoken if spoken and said[max(0, at - 1)] not in {"apres", "after"} else None
    if _is_ago(said, at) or _before(said, at) in _NO_MOMENT or _lasts(said, at):
        return None
    return clock


def _before(said: Sequence[str], at: int) -> str:
    """Return the word before a time, "à", "les" and "vers" left aside."""
    at -= 1
    while at >= 0 and said[at] in _BEFORE_A_TIME:
        at -= 1
    return said[at] if at >= 0 else ""


def _is_ago(said: Sequence[str], at: int) -> bool:
    behind = said[at + 1 : at + 2] == ["ago"] or _is_since(said, at)
    return behind or _AGO.search(" ".join(said[max(0, at - _AGO_WORDS) : at])) is not None


def _is_since(said: Sequence[str], at: int) -> bool:
    """Return whether "depuis 2h" says how long: since two in the morning few would have seen it."""
    clock, after = clock_of(said[at]), said[at + 1 : at + 4]
    if clock is None or clock.minute or not 0 < clock.hour <= _LONGEST_SINCE:
        return False
    return said[max(0, at - 1)] == "depuis" and not _PARTS_OF_DAY & set(after)


def _lasts(said: Sequence[str], at: int) -> bool:
    """Return whether it is so long a way or a wait: "à 2h de Kayes", unless "6h du matin"."""
    after = said[at + 1 : at + 4]
    return after[:1] in (["de"], ["from"], ["d"]) and not _PARTS_OF_DAY & set(after[1:])


def _are_hours(said: Sequence[str], found: Sequence[tuple[int, time]]) -> bool:
    """Return whether two times are the hours from when until when something is so."""
    (first, begin), (second, end) = found
    if set(said[first + 1 : second]) - {"a", "to", "et", "and", "jusqu"}:
        return False
    span = timedelta(hours=end.hour - begin.hour, minutes=end.minute - begin.minute)
    return not timedelta(0) < span <= _LONGEST_SPAN


def _ago(words: Sequence[Word], lexicon: Lexicon, calendar: Calendar) -> Iterator[datetime]:
    """Yield the instants that lie so many hours or minutes back."""
    said = [word.said for word in words]
    for at, word in enumerate(said):
        clock = clock_of(word)
        if clock is not None and _is_ago(said, at):
            yield calendar.now - clock.hour * _HOUR - clock.minute * _MINUTE
    units = {"hours_ago": _HOUR, "minutes_ago": _MINUTE}
    for start, end, key in phrases_in(words, lexicon):
        number = number_in(said[start:end])
        if key in units and number <= MOST:
            yield calendar.now - number * units[key]
