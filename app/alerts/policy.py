"""What an organisation may tune about telling: config/policy/alerts.toml, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.alerts.alert import Certainty
from app.core.errors import ConfigError
from app.core.levels import Level

_TOLD_LEVELS = (Level.MODERATE, Level.HIGH, Level.SEVERE)
_NEVER = "never"
_HOURS_MAX = 24 * 90


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """When something is said and how long it holds.

    Attributes:
        tell_from: The lowest level that is spoken of.
        zone: Of the times in messages.
        unconfirmed_for: An unconfirmed alert is answered at the latest after this.
        news_per_day: Statements in 24 hours after which the same level is no news any more.
        hold_unknown_from: From here on, what only unknown sources say waits for a moderator.
        expiry: How long a statement of a level holds.
        min_gap: How long a further incident at a level already told waits.
        quiet: Before an all-clear, how long nothing may have happened; by the worst that was told.
        night: From when to when of `zone` nobody is told that nothing is new; None: at any hour.
    """

    tell_from: Level
    zone: ZoneInfo
    unconfirmed_for: timedelta
    news_per_day: int
    hold_unknown_from: Level | None
    expiry: Mapping[Level, timedelta]
    min_gap: Mapping[Level, timedelta]
    quiet: Mapping[Level, timedelta]
    night: tuple[time, time] | None = None

    @classmethod
    def parse(cls, table: Mapping[str, Any], *, file: str) -> "AlertPolicy":
        """Return the policy of a parsed TOML `table`.

        Raises:
            ConfigError: Something is missing, unknown or out of range; says `file` and key.
        """
        reader = _Reader(table, file)
        reader.refuse_unknown()
        return cls(
            tell_from=reader.level("tell_from"),
            zone=reader.zone("zone"),
            unconfirmed_for=reader.hours("unconfirmed_hours"),
            news_per_day=reader.number("news_per_day", 1, 100),
            hold_unknown_from=reader.level_or_never("hold_unknown_from"),
            expiry=reader.hours_by_level("expiry_hours", (Level.UNKNOWN, *_TOLD_LEVELS)),
            min_gap=reader.hours_by_level("min_gap_hours", _TOLD_LEVELS),
            quiet=reader.hours_by_level("quiet_hours", _TOLD_LEVELS, least=0),
            night=reader.night("night") if "night" in table else None,
        )

    def is_told(self, level: Level) -> bool:
        """Return whether `level` is dangerous enough to be spoken of."""
        return level.rank >= self.tell_from.rank

    def expires_at(self, level: Level, certainty: Certainty, now: datetime) -> datetime:
        """Return until when a statement made now holds."""
        lasts = self.expiry.get(level, self.expiry[Level.UNKNOWN])
        if certainty is Certainty.UNCONFIRMED and self.is_told(level):
            return min(now + lasts, self.answer_by(now))
        return now + lasts

    def answer_by(self, told_at: datetime) -> datetime:
        """Return when a doubt has to be answered: in time, and in the evening before a night.

        That nothing is known yet is no reason to wake anybody.
        """
        due = told_at + self.unconfirmed_for
        if self.night is None or not self.is_night(due):
            return due
        local = due.astimezone(self.zone)
        evening = local.replace(hour=self.night[0].hour, minute=self.night[0].minute)
        if evening > local:
            evening -= timedelta(days=1)
        evening = evening.astimezone(UTC).replace(second=0, microsecond=0)
        return evening if evening - told_at > self.unconfirmed_for / 2 else due

    def is_night(self, now: datetime) -> bool:
        """Return whether nobody is told now that nothing is new."""
        if self.night is None:
            return False
        (begins, ends), clock = self.night, now.astimezone(self.zone).time()
        return begins < clock < ends if begins < ends else clock > begins or clock < ends


class _Reader:
    """Takes typed values out of a table; every complaint names file and key."""

    KEYS = frozenset(
        {
            "tell_from",
            "zone",
            "unconfirmed_hours",
            "news_per_day",
            "hold_unknown_from",
            "expiry_hours",
            "min_gap_hours",
            "quiet_hours",
            "night",
        }
    )

    def __init__(self, table: Mapping[str, Any], file: str) -> None:
        self._table = table
        self._file = file

    def refuse_unknown(self) -> None:
        for key in self._table:
            if key not in self.KEYS:
                raise self._wrong(key, f"is not known; known are {', '.join(sorted(self.KEYS))}")

    def level(self, key: str) -> Level:
        value = self._get(self._table, key)
        words = [level.value for level in _TOLD_LEVELS]
        if value not in words:
            raise self._wrong(key, f"must be one of {', '.join(words)}, not {value!r}")
        return Level(value)

    def level_or_never(self, key: str) -> Level | None:
        return None if self._get(self._table, key) == _NEVER else self.level(key)

    def zone(self, key: str) -> ZoneInfo:
        value = self._get(self._table, key)
        try:
            return ZoneInfo(value)
        except (TypeError, ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise self._wrong(key, f"is no time zone: {value!r}") from error

    def night(self, key: str) -> tuple[time, time]:
        value = self._get(self._table, key)
        try:
            begins, ends = (datetime.strptime(one, "%H:%M").replace(tzinfo=UTC) for one in value)
        except (TypeError, ValueError) as error:
            wrong = f'must be two times such as ["21:00", "06:30"], not {value!r}'
            raise self._wrong(key, wrong) from error
        return begins.time(), ends.time()

    def hours(self, key: str) -> timedelta:
        return timedelta(hours=self.number(key, 1, _HOURS_MAX))

    def number(self, key: str, low: int, high: int) -> int:
        return self._number(self._table, key, key, low, high)

    def hours_by_level(
        self, key: str, levels: tuple[Level, ...], *, least: int = 1
    ) -> Mapping[Level, timedelta]:
        table = self._get(self._table, key)
        if not isinstance(table, Mapping):
            raise self._wrong(key, "must be a table of hours per level")
        for name in table:
            if name not in {level.value for level in levels}:
                raise self._wrong(f"{key}.{name}", "is no level that is told")
        return {
            level: timedelta(
                hours=self._number(table, level.value, f"{key}.{level.value}", least, _HOURS_MAX)
            )
            for level in levels
        }

    def _number(self, table: Mapping[str, Any], name: str, key: str, low: int, high: int) -> int:
        value = self._get(table, name, key)
        if type(value) is not int or not low <= value <= high:
            raise self._wrong(key, f"must be a whole number from {low} to {high}, not {value!r}")
        return value

    def _get(self, table: Mapping[str, Any], name: str, key: str | None = None) -> Any:
        if name not in table:
            raise self._wrong(key or name, "is missing")
        return table[name]

    def _wrong(self, key: str, complaint: str) -> ConfigError:
        return ConfigError(f"{self._file}: `{key}` {complaint}")
