"""How hard to try, how long to wait: what `config/policy/delivery.toml` may set."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError
from app.core.levels import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """Delays and limits of delivery; the defaults are those of the shipped file.

    Attributes:
        batch: Deliveries claimed at once; small (100) where several workers share one queue.
        lease: How long a claim is good for; at least twice the longest provider time-out.
        poll: How often to look for work when nobody called.
        retry_first, retry_most: Ceiling of the first delay, and of all later ones.
        max_attempts: Calls for one delivery. An ill provider never ends a delivery by itself.
        pause: How long a provider rests after an account-wide refusal that named no time.
        settle_after: How long after a doubtful call to ask the provider's log: it lags.
        settle_for: After which a doubt that nothing has settled is decided by level.
        resend_level: From this level on, an unsettled delivery is sent again; below: listed.
        receipt_within: A message `sent` for longer without a receipt counts as unreached.
        fan_out_chunk: Contacts in one fan-out transaction.
        per_second: Messages a second at most, by provider; one that is not named has no limit.
    """

    batch: int = 500
    lease: timedelta = timedelta(seconds=60)
    poll: timedelta = timedelta(seconds=2)
    retry_first: timedelta = timedelta(seconds=4)
    retry_most: timedelta = timedelta(minutes=10)
    max_attempts: int = 12
    pause: timedelta = timedelta(minutes=1)
    settle_after: timedelta = timedelta(seconds=15)
    settle_for: timedelta = timedelta(minutes=3)
    resend_level: Level = Level.SEVERE
    receipt_within: timedelta = timedelta(minutes=30)
    fan_out_chunk: int = 4_000
    per_second: Mapping[str, float] = field(default_factory=lambda: {"twilio_voice": 1.0})


def parse(table: Mapping[str, Any], *, file: str) -> DeliveryPolicy:
    """Return the policy in `table`; durations are keys that end in `_s`, in seconds.

    Raises:
        ConfigError: A key is unknown, or its value of the wrong kind or not above zero.
    """
    kinds = {entry.name: entry.type for entry in fields(DeliveryPolicy)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = key.removesuffix("_s")
        kind = kinds.get(name)
        if kind is None or (kind is timedelta) != key.endswith("_s"):
            known = ", ".join(n + "_s" if k is timedelta else n for n, k in kinds.items())
            raise ConfigError(f"{file}: [delivery] {key}: unknown key; known: {known}")
        values[name] = _value(kind, value, where=f"{file}: [delivery] {key}")
    policy = DeliveryPolicy(**values)
    if policy.retry_first > policy.retry_most:
        raise ConfigError(f"{file}: [delivery] retry_first_s is longer than retry_most_s")
    return policy


def _value(kind: Any, value: Any, *, where: str) -> Any:
    if kind is Level:
        try:
            return Level(value)
        except ValueError as error:
            words = ", ".join(Level)
            raise ConfigError(f"{where}: {value!r} is not a level; levels: {words}") from error
    if kind not in {int, timedelta}:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: expected a table of provider = messages a second")
        return {
            name: _number(rate, (int, float), where=f"{where}.{name}")
            for name, rate in value.items()
        }
    if kind is int:
        return _number(value, (int,), where=where)
    return timedelta(seconds=_number(value, (int, float), where=where))


def _number(value: Any, kinds: tuple[type, ...], *, where: str) -> Any:
    fits = isinstance(value, kinds) and not isinstance(value, bool)
    if not fits or not value > 0:
        raise ConfigError(f"{where}: expected a number above 0, got {value!r}")
    return value
