"""Times of day and dates as people write them, each made one word: "14h30", "12m09". Pure."""

import re
from collections.abc import Sequence
from datetime import date, time

_HOURS, _MINUTES, _NOON = 24, 60, 12
#: "6h", "18h30", "10am" and dates, as `times_as_words` and `dates_as_words` leave them.
_CLOCK = re.compile(r"(\d{1,2})h(\d{2})?")
_DATE = re.compile(r"(\d{1,2})m(\d{1,2})(?:y(\d{4}))?")
#: "12/09", "12/09/2024", "12-09-2024", "2024-09-12"; "5/5" is no date.
_WRITTEN = re.compile(
    r"(?<![\d/])(\d{1,2})(?:/(\d{2})(?:/(\d{4}|\d{2}))?|[-.](\d{2})[-.](\d{4}))(?![\d/])"
)
_ISO = re.compile(r"(?<!\d)(20\d{2})-(\d{2})-(\d{2})(?!\d)")
_COLON = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])")
_GLUED = re.compile(r"(\d{1,2})h(?:eures?|res?|rs?)?(\d{2})?(?:mn|min)?")
_MILITARY = re.compile(r"(\d{2})(\d{2})(?:h|hrs?|hours|z)")
_SHORT_WHILE = re.compile(r"(\d{1,3})(mn|min)")
_HALF_DAY = re.compile(r"(\d{1,2})(?:h?(\d{2}))?(am|pm)")
_HOUR_WORDS = frozenset({"h", "heure", "heures", "hre", "hres"})
#: An English "6 hours" lasts so long; of a time they are said behind four digits alone.
_MILITARY_WORDS = frozenset({"h", "hr", "hrs", "hours"})
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "un deux trois quatre cinq six sept huit neuf dix onze douze".split(),  # noqa: SIM905
        start=1,
    )
} | {"une": 1}
#: "Un mois" and "a week" are words of their own.
_SEVERAL = {word: number for word, number in _NUMBERS.items() if number > 1} | {
    word: number
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905
        start=2,
    )
}
_UNITS = frozenset(
    "minutes jours semaines mois ans days weeks months years hours".split()  # noqa: SIM905
)


def dates_as_words(text: str) -> str:
    """Return `text` with dates in figures, and times with a colon, made one word each."""
    text = _ISO.sub(lambda found: _date_word(found[3], found[2], found[1]) or found[0], text)
    text = _WRITTEN.sub(
        lambda found: _date_word(found[1], found[2] or found[4], found[3] or found[5]) or found[0],
        text,
    )
    return _COLON.sub(lambda found: _clock_word(found[1], found[2]) or found[0], text)


def times_as_words(words: Sequence[str]) -> list[str]:
    """Return folded `words` with every time of day one word: "6 h 30" and "6 30 am" are "6h30"."""
    told: list[str] = []
    at = 0
    while at < len(words):
        word, length = _time_at(words, at) or (words[at], 1)
        lasts = _SHORT_WHILE.fullmatch(word)
        told += lasts.groups() if lasts else [word]
        at += length
    return told


def clock_of(word: str) -> time | None:
    """Return the time of day that a word is; None when it is none, such as "48h"."""
    found = _CLOCK.fullmatch(word)
    if found is None or int(found[1]) >= _HOURS or int(found[2] or 0) >= _MINUTES:
        return None
    return time(int(found[1]), int(found[2] or 0))


def date_of(word: str) -> tuple[int, int, int | None] | None:
    """Return day, month and year, if it is said, of a word that is a date."""
    found = _DATE.fullmatch(word)
    return (int(found[1]), int(found[2]), int(found[3]) if found[3] else None) if found else None


def is_time(word: str) -> bool:
    """Return whether a word is a time of day, so many hours, or a date."""
    return bool(_CLOCK.fullmatch(word) or _DATE.fullmatch(word))


def _time_at(words: Sequence[str], at: int) -> tuple[str, int] | None:
    """Return the time of day or the number of days that begins at a word, and its length."""
    rest = [*words[at : at + 4], "", "", "", ""]
    if rest[0] in _SEVERAL and rest[1] in _UNITS:
        return str(_SEVERAL[rest[0]]), 1
    return _half_day(rest) or _military(rest) or _of_day(rest)


def _half_day(rest: Sequence[str]) -> tuple[str, int] | None:
    """Read "6am", "6 am", "6h30 pm", "6 a m"."""
    for length in (3, 2, 1):
        glued = "".join(rest[:length])
        found = _HALF_DAY.fullmatch(glued)
        if found and 1 <= int(found[1]) <= _NOON:
            hour = int(found[1]) % _NOON + (_NOON if found[3] == "pm" else 0)
            word = _clock_word(str(hour), found[2])
            return (word, length) if word else None
    return None


def _military(rest: Sequence[str]) -> tuple[str, int] | None:
    """Read "0630hrs", "1430 hours"."""
    spaced = rest[1] in _MILITARY_WORDS
    found = _MILITARY.fullmatch(rest[0] + rest[1] if spaced else rest[0])
    word = _clock_word(found[1], found[2]) if found else None
    return (word, 2 if spaced else 1) if word else None


def _of_day(rest: Sequence[str]) -> tuple[str, int] | None:
    """Read "6h", "6 h", "6heures", "14 h 30", "six heures"."""
    hour = str(_NUMBERS.get(rest[0], rest[0])) if rest[1] in {"heure", "heures"} else rest[0]
    spaced = hour.isdigit() and rest[1] in _HOUR_WORDS
    found = _GLUED.fullmatch(f"{hour}h" if spaced else hour)
    if found is None:
        return None
    length = 2 if spaced else 1
    follows = rest[length]
    minutes = follows if not found[2] and follows.isdigit() and len(follows) == len("00") else None
    if minutes and (word := _clock_word(found[1], minutes)):
        return word, length + 1
    return f"{int(found[1])}h{found[2] or ''}", length


def _clock_word(hour: str, minute: str | None) -> str | None:
    word = f"{int(hour)}h{minute or ''}"
    return word if clock_of(word) else None


def _date_word(day: str, month: str, year: str | None) -> str | None:
    whole = int(year) + (2000 if len(year) == len("24") else 0) if year else None
    try:
        date(whole or 2000, int(month), int(day))
    except ValueError:
        return None
    return f"{int(day)}m{int(month)}" + (f"y{whole}" if whole else "")
