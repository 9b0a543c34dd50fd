"""How journeys are ranked and measured, and what closes a road: config/policy/journeys.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError
from app.core.levels import Level

#: More alternatives than that nobody reads.
MOST_ALTERNATIVES = 5
_KEYS: Mapping[str, frozenset[str]] = {
    "ranking": frozenset({"order"}),
    "counts_as": frozenset(level.value for level in Level),
    "alternatives": frozenset({"limit", "differ_km", "differ_share", "longest"}),
    "closed": frozenset({"kinds", "from", "at_borders"}),
    "speed_kmh": frozenset({"numbered", "other", "schematic", "schematic_longer"}),
    "border": frozenset({"wait_hours"}),
    "ends": frozenset({"farthest_km", "depart_days"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosurePolicy:
    """What closes a road.

    Attributes:
        kinds: Kinds of incidents that close it.
        from_level: The floor by which they do.
        at_borders: Those of them that close only the crossing.
    """

    kinds: frozenset[str]
    from_level: Level
    at_borders: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyPolicy:
    """The whole of config/policy/journeys.toml.

    Attributes:
        order: Place of each level among ways, 0 for the one to take first.
        counts_as: Chance in the horizon for which a section of a level counts at least.
        limit: Alternatives told unless asked otherwise.
        differ_m, differ_share: How much other road makes another way.
        longest: Longest alternative, as a factor of the shortest open way.
        speed_kmh: By class of road: "numbered", "other", "schematic".
        schematic_longer: How much longer the road is than a line drawn straight.
        wait_hours: At a border.
        farthest_km: From a place to the nearest stop.
        depart_within: How far ahead a departure may lie.
    """

    order: Mapping[Level, int]
    counts_as: Mapping[Level, float]
    limit: int
    differ_m: int
    differ_share: float
    longest: float
    closed: ClosurePolicy
    speed_kmh: Mapping[str, float]
    schematic_longer: float
    wait_hours: float
    farthest_km: float
    depart_within: timedelta

    @property
    def closed_rank(self) -> int:
        """Return the place of a closed road: behind every level."""
        return len(self.order)


def parse(table: Mapping[str, Any], *, file: str, kinds: frozenset[str]) -> JourneyPolicy:
    """Return the policy of a parsed TOML table.

    Args:
        table: The file.
        file: Its name, for messages.
        kinds: Every kind of incident there is.

    Raises:
        ConfigError: A table or key is missing, unknown or out of range; the message names it.
    """
    read = _Reader(table, file)
    counts_as = {level: read.number("counts_as", level.value, 0, 0.99) for level in Level}
    return JourneyPolicy(
        order=read.order(),
        counts_as=counts_as,
        limit=int(read.number("alternatives", "limit", 1, MOST_ALTERNATIVES)),
        differ_m=round(read.number("alternatives", "differ_km", 0.1, 5_000) * 1_000),
        differ_share=read.number("alternatives", "differ_share", 0.01, 1),
        longest=read.number("alternatives", "longest", 1, 10),
        closed=read.closed(kinds),
        speed_kmh={
            road: read.number("speed_kmh", road, 1, 120)
            for road in ("numbered", "other", "schematic")
        },
        schematic_longer=read.number("speed_kmh", "schematic_longer", 1, 3),
        wait_hours=read.number("border", "wait_hours", 0, 500),
        farthest_km=read.number("ends", "farthest_km", 0, 2_000),
        depart_within=timedelta(days=read.number("ends", "depart_days", 1, 60)),
    )


class _Reader:
    """Reads values of known keys, and refuses unknown ones."""

    def __init__(self, table: Mapping[str, Any], file: str) -> None:
        self._table, self._file = table, file
        for name in sorted(set(table) | set(_KEYS)):
            if name not in _KEYS:
                raise ConfigError(f"{file}: unknown section [{name}]")
            if not isinstance(content := table.get(name), Mapping):
                raise ConfigError(f"{file}: section [{name}] is missing")
            if unknown := set(content) - _KEYS[name]:
                raise ConfigError(f"{file}: [{name}] has the unknown key '{min(unknown)}'")

    def number(self, section: str, key: str, low: float, high: float) -> float:
        value = self._table[section].get(key)
        where = f"{self._file}: [{section}] {key}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"{where} must be a number")
        if not low <= value <= high:
            raise ConfigError(f"{where} must lie between {low} and {high}")
        return float(value)

    def order(self) -> dict[Level, int]:
        named = self._words("ranking", "order")
        if sorted(named) != sorted(level.value for level in Level):
            raise ConfigError(f"{self._file}: [ranking] order names each level once")
        return {Level(name): place for place, name in enumerate(named)}

    def closed(self, kinds: frozenset[str]) -> ClosurePolicy:
        closing, at_borders = self._words("closed", "kinds"), self._words("closed", "at_borders")
        where = f"{self._file}: [closed]"
        if unknown := set(closing) - kinds:
            raise ConfigError(f"{where} kinds names the unknown kind '{min(unknown)}'")
        if strange := set(at_borders) - set(closing):
            raise ConfigError(f"{where} at_borders: '{min(strange)}' is not among kinds")
        level = self._table["closed"].get("from")
        if level not in {Level.MODERATE, Level.HIGH, Level.SEVERE}:
            raise ConfigError(f"{where} from: one of moderate, high, severe")
        return ClosurePolicy(
            kinds=frozenset(closing), from_level=Level(level), at_borders=frozenset(at_borders)
        )

    def _words(self, section: str, key: str) -> list[str]:
        value = self._table[section].get(key)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise ConfigError(f"{self._file}: [{section}] {key} must be a list of words")
        return value
