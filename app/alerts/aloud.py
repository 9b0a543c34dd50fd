"""What a call says where a text has figures: "14 septembre", not "14/09"; "de 20 à 130". Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any

from app.alerts.texts import Texts
from app.core.errors import ConfigError

_DATE = frozenset({"day", "month", "name"})
#: Forms for the ear, with the slots each may have; in place of those of [time], and of [slots].
_TIME: Mapping[str, frozenset[str]] = {
    "date": _DATE,
    "first": _DATE,
    "span": frozenset({"low", "high"}),
}
_SLOTS: Mapping[str, frozenset[str]] = {
    "told": frozenset({"date", "time"}),
    "old": frozenset({"hours"}),
}
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Aloud:
    """The table [spoken] of texts.toml; what it leaves out is said as it is written.

    Attributes:
        months: Their names in full; empty: as written.
        time: Forms of a date, of the first of a month, of a number between two.
        slots: Forms of when something was told.
    """

    months: tuple[str, ...] = ()
    time: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)

    def of(self, texts: Texts) -> Texts:
        """Return `texts` as a call says them."""
        return replace(
            texts,
            months=self.months or texts.months,
            time={**texts.time, **self.time},
            slots={**texts.slots, **self.slots},
        )


def parse_aloud(table: Mapping[str, Any], *, file: str) -> Aloud:
    """Return the parsed table [spoken].

    Raises:
        ConfigError: A key or a slot in it is not known, or months are not twelve names.
    """
    months = table.get("months", [])
    if not isinstance(months, list) or (months and len(months) != _MONTHS):
        raise ConfigError(f"{file}: `spoken.months` must be {_MONTHS} names")
    known = {"months", *_TIME, *_SLOTS}
    if others := sorted(table.keys() - known):
        raise ConfigError(f"{file}: `spoken.{others[0]}` is not known")
    return Aloud(
        months=tuple(map(str, months)),
        time={key: _pattern(table, key, _TIME[key], file) for key in _TIME if key in table},
        slots={key: _pattern(table, key, _SLOTS[key], file) for key in _SLOTS if key in table},
    )


def _pattern(table: Mapping[str, Any], key: str, fields: Collection[str], file: str) -> str:
    value = table[key]
    try:
        used = {name for _, name, _, _ in Formatter().parse(value) if name is not None}
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{file}: `spoken.{key}` is no text with slots: {error}") from error
    if unknown := used - set(fields):
        raise ConfigError(f"{file}: `spoken.{key}` has the unknown slot {{{min(unknown)}}}")
    return str(value)
