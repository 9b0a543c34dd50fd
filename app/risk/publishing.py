"""How rules come into force, and what a preview may take: config/policy/rules.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError

_SECTIONS: Mapping[str, frozenset[str]] = {
    "publishing": frozenset({"require_note", "second_admin", "severe_share"}),
    "preview": frozenset(
        {"most_days", "warm_up_days", "time_limit_s", "at_once", "on_road_km", "horizon_days"}
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPolicy:
    """Everything about changing rules that is not a rule.

    Attributes:
        require_note: A change must say why.
        second_admin: A change waits for the approval of another admin's key.
        severe_share: Share of the sections with evidence that may be `severe` at once by a change.
        most_days: The longest window of a preview.
        warm_up: Played before the window.
        time_limit: A preview that takes longer is given up.
        at_once: Previews at a time in one process.
        on_road_km: An incident this near to a section counts as on it.
        horizon: An alert is right when something certain happened so long before or after it.
    """

    require_note: bool
    second_admin: bool
    severe_share: float
    most_days: int
    warm_up: timedelta
    time_limit: timedelta
    at_once: int
    on_road_km: float
    horizon: timedelta


def parse(table: Mapping[str, Any], *, file: str) -> RulesPolicy:
    """Return the policy that a parsed TOML table says.

    Raises:
        ConfigError: A key is missing, unknown or out of its range; names file and key.
    """
    read = _Reader(table, file)
    return RulesPolicy(
        require_note=read.truth("publishing", "require_note"),
        second_admin=read.truth("publishing", "second_admin"),
        severe_share=read.number("publishing", "severe_share", 0, 1),
        most_days=int(read.number("preview", "most_days", 1, 366)),
        warm_up=timedelta(days=read.number("preview", "warm_up_days", 0, 90)),
        time_limit=timedelta(seconds=read.number("preview", "time_limit_s", 1, 3600)),
        at_once=int(read.number("preview", "at_once", 1, 16)),
        on_road_km=read.number("preview", "on_road_km", 0.1, 100),
        horizon=timedelta(days=read.number("preview", "horizon_days", 0.1, 60)),
    )


class _Reader:
    """Reads values of known keys, and refuses unknown ones."""

    def __init__(self, table: Mapping[str, Any], file: str) -> None:
        self._table, self._file = table, file
        for section in sorted(set(table) - set(_SECTIONS)):
            moved = "; prices are in countries.toml" if section == "prices" else ""
            raise ConfigError(f"{file}: unknown section [{section}]{moved}")
        for section, keys in _SECTIONS.items():
            given = table.get(section)
            if not isinstance(given, Mapping):
                raise ConfigError(f"{file}: section [{section}] is missing")
            for key in sorted(set(given) - keys):
                raise ConfigError(f"{file}: [{section}] has the unknown key '{key}'")

    def truth(self, section: str, key: str) -> bool:
        value = self._get(section, key)
        if not isinstance(value, bool):
            raise ConfigError(f"{self._file}: [{section}] {key} must be true or false")
        return value

    def number(self, section: str, key: str, low: float, high: float) -> float:
        value = self._get(section, key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{self._file}: [{section}] {key} must be a number")
        if not low <= value <= high:
            raise ConfigError(f"{self._file}: [{section}] {key} must lie between {low} and {high}")
        return float(value)

    def _get(self, section: str, key: str) -> Any:
        try:
            return self._table[section][key]
        except KeyError:
            raise ConfigError(f"{self._file}: [{section}] needs the key '{key}'") from None
