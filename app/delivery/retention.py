"""How long deliveries are kept: what `config/policy/retention.toml` may set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError

_KEY = "deliveries_days"
#: Shorter, and a question about last month's alert could not be answered.
_FEWEST_DAYS = 7
#: A hundred years: further back there is no date to compare with.
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """What is deleted after how long; None: never."""

    deliveries: timedelta | None = timedelta(days=365)


def parse(table: Mapping[str, Any], *, file: str) -> RetentionPolicy:
    """Return the policy of a file.

    Raises:
        ConfigError: A key is unknown, or its value no number of days that makes sense.
    """
    given = table.get("retention", {})
    if set(table) - {"retention"} or not isinstance(given, Mapping) or set(given) - {_KEY}:
        raise ConfigError(f"{file}: takes one table [retention] with one key, {_KEY}")
    days = given.get(_KEY, 365)
    if isinstance(days, bool) or not isinstance(days, int):
        raise ConfigError(f"{file}: [retention] {_KEY}: expected a whole number of days")
    if days == 0:
        return RetentionPolicy(deliveries=None)
    if not _FEWEST_DAYS <= days <= _MOST_DAYS:
        raise ConfigError(
            f"{file}: [retention] {_KEY}: {days} is not between {_FEWEST_DAYS} and {_MOST_DAYS}"
            " (0: kept for ever)"
        )
    return RetentionPolicy(deliveries=timedelta(days=days))
