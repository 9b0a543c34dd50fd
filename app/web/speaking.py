"""The words of the pages: texts of a language, and numbers, times, plurals as Babel knows them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_skeleton
from babel.numbers import format_decimal
from babel.units import format_unit

from app.config import Config
from app.core.errors import ConfigError
from app.core.levels import Level
from app.core.text import de, tied
from app.flows.readers.picture import News, Sighting, Standing
from app.roads.placing import ends_of

_DIRECTORY = Path(__file__).parent / "words"
#: French first: it is what is read where nothing else is asked for.
LANGUAGES = ("fr", "en")
_LOCALES = {"fr": "fr", "en": "en_GB"}
#: Ages: French abbreviates, English does not.
_UNIT_LENGTH = {"fr": "short", "en": "long"}
_HOURS_UNTIL = timedelta(hours=48)
#: A date this old is told with its year.
_WITH_YEAR = timedelta(days=300)
_BECAUSE = {
    "statistics": "because_statistics",
    "hysteresis": "because_hysteresis",
    "positive": "because_positive",
    "no evidence": "because_none",
    "floor": "because_floor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language of the pages.

    Attributes:
        config: Labels of kinds and cargoes, and how areas are called.
        zone: Of the times shown; the pages name its city.
    """

    language: str
    other_language: str
    locale: Locale
    zone: tzinfo
    config: Config
    levels: Mapping[str, str]
    advice: Mapping[str, str]
    text: Mapping[str, str]
    plural: Mapping[str, Mapping[str, str]]

    def __call__(self, key: str, **slots: object) -> str:
        """Return the text `key` with its slots filled."""
        return self.text[key].format(**slots) if slots else self.text[key]

    def part(self, shown: int, total: int) -> str:
        """Return how many there are, and how many of them are shown where that is not all."""
        if shown >= total:
            return self.number(total)
        return self("desk_of", shown=self.number(shown), total=self.number(total))

    def many(self, key: str, n: int) -> str:
        """Return the text for `n` things, in the plural of the language."""
        forms = self.plural[key]
        form = self.locale.plural_form(n)
        return forms.get(form, forms["other"]).format(n=self.number(n))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as it is written here."""
        shape = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=shape, locale=self.locale))

    def km(self, value: float) -> str:
        """Return a length."""
        return format_unit(round(value), "length-kilometer", length="short", locale=self.locale)

    def level(self, level: Level) -> str:
        """Return the word for a level."""
        return self.levels[level.value]

    def advise(self, standing: Standing) -> str:
        """Return what to do about a road: one that is closed is not driven by day either."""
        closed = standing.closed and standing.level is Level.HIGH
        return self.advice["closed" if closed else standing.level.value]

    def cargo(self, code: str) -> str:
        """Return the name of a cargo."""
        known = self.config.cargoes.by_code.get(code)
        return known.label(self.language) if known is not None else code

    def kind(self, code: str) -> str:
        """Return the name of a kind of incident."""
        known = self.config.kinds.find(code)
        return known.label(self.language) if known is not None else code

    def area(self, label: str) -> str:
        """Return the name of an area: "région de Kayes" is "Kayes region"."""
        texts = self.config.templates.language(self.language).texts
        for prefix, said in texts.areas.items():
            if label.startswith(prefix):
                return said.format(name=label.removeprefix(prefix))
        return label

    def spot(self, label: str, km: int | None) -> str:
        """Return where it is: "20 km de Kayes", or what `area` says."""
        return self("km_from", km=km, place=label, de=de(label)) if km else self.area(label)

    # ---------------------------------------------------------------------------------- times

    def age(self, since: datetime, now: datetime) -> str:
        """Return how long ago something was: "il y a 3 h"."""
        passed = now - since
        minutes = int(passed.total_seconds() // 60)
        if minutes < 1:
            return self("now")
        if minutes < 60:  # noqa: PLR2004 - minutes of an hour
            said = self._unit(minutes, "minute")
        elif passed < _HOURS_UNTIL:
            said = self._unit(minutes // 60, "hour")
        else:
            said = self._unit(passed.days, "day")
        return self("ago", age=said)

    def left(self, until: datetime, now: datetime) -> str:
        """Return how long there is still time: "encore 3 h"."""
        minutes = int((until - now).total_seconds() // 60)
        if minutes < 1:
            return self("time_over")
        if minutes < 60:  # noqa: PLR2004 - minutes of an hour
            return self("time_left", time=self._unit(minutes, "minute"))
        if minutes < _HOURS_UNTIL.total_seconds() // 60:
            return self("time_left", time=self._unit(minutes // 60, "hour"))
        return self("time_left", time=self._unit(minutes // (24 * 60), "day"))

    def moment(self, at: datetime, now: datetime) -> str:
        """Return an instant to the minute: the hour alone today, with its date before."""
        if self.is_today(at, now):
            return self._format(at, "HH:mm")
        return self._format(at, "d MMM y HH:mm" if now - at > _WITH_YEAR else "d MMM HH:mm")

    def day(self, at: datetime, now: datetime) -> str:
        """Return a day: today is called so."""
        if self.is_today(at, now):
            return self("today")
        return self._format(at, "d MMM y" if now - at > _WITH_YEAR else "d MMM")

    def is_today(self, at: datetime, now: datetime) -> bool:
        """Tell whether an instant lies on the day of `now` here."""
        return at.astimezone(self.zone).date() == now.astimezone(self.zone).date()

    def weekday(self, day: date) -> str:
        """Return a day of the last weeks: "lun. 8 sept."."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return self._first(format_skeleton("MMMEd", noon, locale=self.locale), day.day)

    def clock(self, at: datetime) -> str:
        """Return the hour and minute."""
        return self._format(at, "HH:mm")

    def date(self, at: datetime) -> str:
        """Return a date in full: "8 septembre 2025"."""
        return self._format(at, "d MMMM y")

    @property
    def city(self) -> str:
        """Return whose time is shown: "Bamako"."""
        return str(self.zone).rpartition("/")[2].replace("_", " ")

    def when(self, news: News, now: datetime) -> str:
        """Return when news came: its age, or its day where no more is told."""
        return self.age(news.at, now) if news.exact else self.day(news.at, now)

    def heard(self, standing: Standing, now: datetime) -> tuple[tuple[News | None, str], ...]:
        """Return when a road was last heard of: where it is so bad and, where newer, elsewhere."""
        news, elsewhere = standing.news, standing.elsewhere
        said = self.when(news, now) if news is not None else ""
        later = self.when(elsewhere, now) if elsewhere is not None else said
        if later == said:
            return ((news, self("news", when=said) if news is not None else self("no_news")),)
        level = self.level(standing.level)
        there = self("news_there", when=said, level=level)
        if news is None:
            there = self("no_news_there", level=level)
        return (news, there), (elsewhere, self("news_elsewhere", when=later))

    # --------------------------------------------------------------------------------- reasons

    def incident(self, one: Sighting) -> str:
        """Return what happened and where."""
        kind = sentence(self.kind(one.kind))
        if one.starts_at is not None:
            kind = self("announced_from", kind=kind, date=self.date(one.starts_at))
        if one.place is None:
            return self("somewhere", kind=kind)
        if one.area:
            return self("inside", kind=kind, place=self.area(one.place))
        if ends := ends_of(one.place):
            return self("between", kind=kind, start=ends[0], end=ends[1])
        if one.place_km:
            return self("at_km", kind=kind, km=one.place_km, place=one.place, de=de(one.place))
        return self("near", kind=kind, place=one.place, de=de(one.place))

    def day_of(self, one: Sighting, now: datetime) -> str:
        """Return the day of an incident; of what is announced it is only when that was said."""
        day = self.day(one.at, now)
        if one.starts_at is None:
            return day
        return self("said_today" if self.is_today(one.at, now) else "said_on", day=day)

    def certainty(self, one: Sighting) -> str:
        """Return whether it is confirmed."""
        return self("confirmed" if one.certain else "unconfirmed")

    def why(self, standing: Standing, now: datetime) -> str:
        """Return in one line why a route has its level."""
        one = standing.why
        if one is None and standing.spoke == "no evidence" and standing.news is not None:
            return self("because_little")
        if one is None:
            return self(_BECAUSE.get(standing.spoke, "because_statistics"))
        return f"{self.incident(one)}, {self.day_of(one, now)}, {self.certainty(one)}"

    def _unit(self, count: int, unit: str) -> str:
        length: Any = _UNIT_LENGTH[self.language]
        return format_unit(count, f"duration-{unit}", length=length, locale=self.locale)

    def _format(self, at: datetime, shape: str) -> str:
        said = format_datetime(at, shape, tzinfo=self.zone, locale=self.locale)
        return self._first(said, at.astimezone(self.zone).day)

    def _first(self, said: str, number: int) -> str:
        """Return a date as it is said: the first of a month is "1er" in French."""
        if self.language != "fr" or number != 1:
            return said
        return re.sub(r"\b1\b", "1er", said, count=1)


def sentence(text: str) -> str:
    """Return `text` with a capital at its beginning."""
    return f"{text[:1].upper()}{text[1:]}"


def load_words(config: Config) -> dict[str, Words]:
    """Return every language of the pages.

    Raises:
        ConfigError: One lacks a text that another has.
    """
    return {
        code: Words(
            language=code,
            other_language=table["other_language"],
            locale=Locale.parse(_LOCALES[code]),
            zone=config.alerts.zone,
            config=config,
            levels=table["levels"],
            advice=table["advice"],
            text=table["text"],
            plural=table["plural"],
        )
        for code, table in _tables().items()
    }


@cache
def _tables() -> dict[str, dict[str, Any]]:
    tables = {code: _read(code) for code in LANGUAGES}
    first = _keys(tables[LANGUAGES[0]])
    for code, table in tables.items():
        if missing := first ^ _keys(table):
            raise ConfigError(f"words/{code}.toml: {min(missing)} is in one language only")
    return tables


def _read(code: str) -> dict[str, Any]:
    """Return a language: `fr.toml`, and `<pages>.fr.toml` for the pages of who signed in."""
    table = _words_in(_DIRECTORY / f"{code}.toml")
    for path in sorted(_DIRECTORY.glob(f"*.{code}.toml")):
        for name, texts in _words_in(path).items():
            if twice := table[name].keys() & texts.keys():
                raise ConfigError(f"words/{path.name}: {min(twice)} is there already")
            table[name] |= texts
    return table


def _words_in(path: Path) -> dict[str, Any]:
    return tomllib.loads(tied(path.read_text(encoding="utf-8")))


def _keys(table: Mapping[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for key, value in table.items():
        name = f"{prefix}{key}"
        found |= _keys(value, f"{name}.") if isinstance(value, Mapping) else {name}
    return found
