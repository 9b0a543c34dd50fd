"""What config/policy/inbound.toml says: how long questions stay open, when we keep quiet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError
from app.roads.folding import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundPolicy:
    """How messages that come in are taken.

    Attributes:
        open_for: A number alone answers a question for so long.
        acknowledge_within: "OK" is said to an alert not older than this.
        most_subscriptions: That a contact may add by SMS.
        replies, messages, kept: By phone and hour; see the file.
        unknown, unknown_in_all: Kept of numbers that are nobody's, by hour.
        stops: So many within an hour are told to the person on duty.
        same_text: So often one text from one phone `same_within` is a loop.
        echo_within: Our own words that come back are no message for so long.
        automatic: Folded phrases of machines.
    """

    open_for: timedelta
    acknowledge_within: timedelta
    most_subscriptions: int
    replies: int
    messages: int
    kept: int
    unknown: int
    unknown_in_all: int
    stops: int
    same_text: int
    same_within: timedelta
    echo_within: timedelta
    automatic: tuple[str, ...]

    @property
    def looks_back(self) -> timedelta:
        """Return how far back messages of a phone matter to the next one."""
        return max(self.open_for, self.same_within, self.echo_within, timedelta(hours=1))


#: Table, key, field, and what the number counts; None: a list of phrases.
_KEYS: tuple[tuple[str, str, str, type | str | None], ...] = (
    ("questions", "open_minutes", "open_for", "minutes"),
    ("acknowledging", "within_hours", "acknowledge_within", "hours"),
    ("subscribing", "most", "most_subscriptions", int),
    ("limits", "replies_per_hour", "replies", int),
    ("limits", "messages_per_hour", "messages", int),
    ("limits", "kept_per_hour", "kept", int),
    ("limits", "unknown_per_hour", "unknown", int),
    ("limits", "unknown_in_all_per_hour", "unknown_in_all", int),
    ("limits", "stops_per_hour", "stops", int),
    ("loops", "same_text", "same_text", int),
    ("loops", "same_within_minutes", "same_within", "minutes"),
    ("loops", "echo_within_hours", "echo_within", "hours"),
    ("loops", "automatic", "automatic", None),
)
#: More is a slip: nobody answers a question of last month.
_MOST = 100_000


def parse(table: Mapping[str, Any], *, file: str) -> InboundPolicy:
    """Return the policy of a parsed TOML file; every key of it must be there.

    Raises:
        ConfigError: A key is missing or unknown, or its value is not what it must be.
    """
    wanted = {(name, key) for name, key, _, _ in _KEYS}
    given = {
        (name, key)
        for name, inner in table.items()
        for key in (inner if isinstance(inner, Mapping) else [""])
    }
    if wrong := wanted ^ given:
        name, key = min(wrong)
        raise ConfigError(
            f"{file}: [{name}] {key} is {'unknown' if (name, key) in given else 'missing'}"
        )
    values = {
        field: _value(table[name][key], unit, where=f"{file}: [{name}] {key}")
        for name, key, field, unit in _KEYS
    }
    policy = InboundPolicy(**values)
    if not policy.replies <= policy.messages <= policy.kept:
        raise ConfigError(f"{file}: [limits] replies, messages and kept must not fall")
    return policy


def _value(value: Any, unit: type | str | None, *, where: str) -> Any:
    if unit is None:
        if not isinstance(value, list) or not all(
            isinstance(one, str) and fold(one) for one in value
        ):
            raise ConfigError(f"{where}: expected a list of phrases")
        return tuple(fold(one) for one in value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MOST:
        raise ConfigError(f"{where}: expected a whole number from 1 to {_MOST}")
    return value if unit is int else timedelta(**{str(unit): value})
