"""How long deliveries and inbound messages are kept: `config/policy/retention.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError

#: Days that are kept when the file does not say.
_KEYS = {"deliveries_days": 365, "inbound_days": 90}
#: Shorter, and a question about last month's alert could not be answered.
_FEWEST_DAYS = 7
#: A hundred years: further back there is no date to compare with.
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """What is deleted after how long; None: never."""

    deliveries: timedelta | None = timedelta(days=365)
    inbound: timedelta | None = timedelta(days=90)


def parse(table: Mapping[str, Any], *, file: str) -> RetentionPolicy:
    """Return the policy of a file.

    Raises:
        ConfigError: A key is unknown, or its value no number of days that makes sense.
    """
    given = table.get("retention", {})
    if set(table) - {"retention"} or not isinstance(given, Mapping) or set(given) - set(_KEYS):
        raise ConfigError(f"{file}: takes one table [retention] with the keys {', '.join(_KEYS)}")
    kept = {
        key.removesuffix("_days"): _span(given.get(key, usual), where=f"{file}: [retention] {key}")
        for key, usual in _KEYS.items()
    }
    return RetentionPolicy(**kept)


def _span(days: Any, *, where: str) -> timedelta | None:
    if isinstance(days, bool) or not isinstance(days, int):
        raise ConfigError(f"{where}: expected a whole number of days")
    if days == 0:
        return None
    if not _FEWEST_DAYS <= days <= _MOST_DAYS:
        raise ConfigError(
            f"{where}: {days} is not between {_FEWEST_DAYS} and {_MOST_DAYS} (0: kept for ever)"
        )
    return timedelta(days=days)
