"""How hazard becomes a level: kernels, thresholds, freshness and hysteresis of config/risk.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.core.errors import ConfigError
from app.core.levels import Level

_SECTIONS = {
    "hazard": {
        "provenance",
        "kernel",
        "prior_per_50_km",
        "horizon_days",
        "default_reach_km",
        "area_share",
        "memory_days",
        "most_incidents",
        "recent_within_km",
        "counted_within_km",
        "operation_band_km",
    },
    "levels": {"moderate", "high", "severe"},
    "hysteresis": {"down_after_hours", "margin"},
    "freshness": {"stale_after_days", "positive_days", "lifted_days", "late_hours"},
    "evidence": {
        "resolved_factor",
        "relief_floor",
        "min_credibility",
        "passable_from",
        "own_road_kinds",
        "reasons",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """One memory of the hazard; see `app.risk.hazard`.

    Attributes:
        half_days: Half-life of the danger, days.
        reach_km: Distance at which it has fallen to 1/e.
        weight: Expected events that one typical event brings, over all time, at distance 0.
        plateau_km: Up to here distance takes nothing off: it happened on the road.
    """

    half_days: float
    reach_km: float
    weight: float
    plateau_km: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPolicy:
    """Everything about rating that is not a rule.

    Attributes:
        kernels: Short memory first; a rule's half-life replaces that of the first one.
        provenance: Where the kernels come from and how far to trust them.
        prior_per_50_km: Expected events in the horizon on 50 km of road with no history at all.
        horizon_days: What the hazard looks ahead.
        default_reach_km: Reach of a rule that names none.
        area_share: How much of a typical event the news about a whole region adds to the
            statistics of each of its sections: it happened on one of them, nobody knows which.
        memory_days: Older incidents are not loaded.
        most_incidents: Of a section, the newest so many are looked at; see `app.risk.keeping`.
        recent_within_km: How near an incident must be to count in `recent`.
        counted_within_km: How near an incident must be to have happened on the section, when a
            forecast is held against what came.
        operation_band_km: How wide the bands are at whose near end operations count as being:
            scores are told to all, and must not tell where soldiers are.
        thresholds: Chance in the horizon from which on a level holds, most dangerous first.
        down_after: How long the calm must have lasted before a level falls by time alone.
        margin: How far below the threshold the chance must be for that, as a share of it.
        stale_after: Statistics of `moderate` without any danger newer than this are `unknown`.
        positive_for: How long good news makes `low` possible.
        late_for: How long an attack holds its floors at least from when it was first heard of.
        lifted_for: How long a floor "until lifted" outlives the last report of it.
        resolved_factor: What a resolved incident still weighs in the statistics.
        relief_floor: The least that good news leaves of the danger before it.
        min_credibility: From where on an incident counts in `recent`, and good news at all.
        passable_from: How much good news must weigh (rule) to say that the road can be driven.
        own_road_kinds: Dangers that are of the road named with them, and felt on no other near it.
        reasons: Contributions told at most.
    """

    kernels: tuple[Kernel, ...]
    provenance: str
    prior_per_50_km: float
    horizon_days: float
    default_reach_km: float
    area_share: float
    memory_days: float
    most_incidents: int
    recent_within_km: float
    counted_within_km: float
    operation_band_km: float
    thresholds: tuple[tuple[Level, float], ...]
    down_after: timedelta
    margin: float
    stale_after: timedelta
    positive_for: timedelta
    lifted_for: timedelta
    late_for: timedelta
    resolved_factor: float
    relief_floor: float
    min_credibility: float
    passable_from: float
    own_road_kinds: frozenset[str]
    reasons: int

    @classmethod
    def parse(cls, table: Mapping[str, Any], *, file: str) -> "RiskPolicy":
        """Return the policy that a parsed TOML table says.

        Raises:
            ConfigError: A key is missing, unknown or out of its range; names file and key.
        """
        read = _Reader(table, file)
        shares = {level: read.number("levels", level, 0, 1) for level in _SECTIONS["levels"]}
        if not 0 < shares["moderate"] < shares["high"] < shares["severe"] < 1:
            raise ConfigError(f"{file}: [levels] must rise: 0 < moderate < high < severe < 1")
        return cls(
            kernels=read.kernels(),
            provenance=read.text("hazard", "provenance"),
            prior_per_50_km=read.number("hazard", "prior_per_50_km", 0, 1),
            horizon_days=read.number("hazard", "horizon_days", 0.5, 60),
            default_reach_km=read.number("hazard", "default_reach_km", 1, 200),
            area_share=read.number("hazard", "area_share", 0, 1),
            memory_days=read.number("hazard", "memory_days", 30, 36500),
            most_incidents=int(read.number("hazard", "most_incidents", 50, 100_000)),
            recent_within_km=read.number("hazard", "recent_within_km", 1, 200),
            counted_within_km=read.number("hazard", "counted_within_km", 0.1, 50),
            operation_band_km=read.number("hazard", "operation_band_km", 5, 200),
            thresholds=tuple(
                (level, shares[level.value]) for level in (Level.SEVERE, Level.HIGH, Level.MODERATE)
            ),
            down_after=timedelta(hours=read.number("hysteresis", "down_after_hours", 0, 720)),
            margin=read.number("hysteresis", "margin", 0, 0.9),
            stale_after=timedelta(days=read.number("freshness", "stale_after_days", 1, 3650)),
            positive_for=timedelta(days=read.number("freshness", "positive_days", 0.1, 60)),
            lifted_for=timedelta(days=read.number("freshness", "lifted_days", 1, 3650)),
            late_for=timedelta(hours=read.number("freshness", "late_hours", 0, 240)),
            resolved_factor=read.number("evidence", "resolved_factor", 0, 1),
            relief_floor=read.number("evidence", "relief_floor", 0, 1),
            min_credibility=read.number("evidence", "min_credibility", 0, 1),
            passable_from=read.number("evidence", "passable_from", 0, 1),
            own_road_kinds=read.codes("evidence", "own_road_kinds"),
            reasons=int(read.number("evidence", "reasons", 1, 100)),
        )


class _Reader:
    """Reads numbers and texts of known keys, and refuses unknown ones."""

    def __init__(self, table: Mapping[str, Any], file: str) -> None:
        self._file = file
        self._table = table
        for section in set(table) | set(_SECTIONS):
            self._check(section)

    def _check(self, section: str) -> None:
        if section not in _SECTIONS:
            raise ConfigError(f"{self._file}: unknown section [{section}]")
        content = self._table.get(section)
        if not isinstance(content, Mapping):
            raise ConfigError(f"{self._file}: section [{section}] is missing")
        if unknown := set(content) - _SECTIONS[section]:
            raise ConfigError(f"{self._file}: [{section}] has the unknown key '{min(unknown)}'")

    def number(self, section: str, key: str, low: float, high: float) -> float:
        value = self._table[section].get(key)
        return _number(value, low, high, f"{self._file}: [{section}] {key}")

    def text(self, section: str, key: str) -> str:
        value = self._table[section].get(key)
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"{self._file}: [{section}] {key} must say something")
        return value.strip()

    def codes(self, section: str, key: str) -> frozenset[str]:
        """Return a list of codes; none where the key is left out."""
        value = self._table[section].get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ConfigError(f"{self._file}: [{section}] {key} must be a list of kinds")
        return frozenset(value)

    def kernels(self) -> tuple[Kernel, ...]:
        return parse_kernels(self._table["hazard"].get("kernel"), file=self._file)


def parse_kernels(entries: Any, *, file: str) -> tuple[Kernel, ...]:
    """Return the kernels of `[[hazard.kernel]]` tables.

    Raises:
        ConfigError: There is none, or one has a wrong key or value; names file and key.
    """
    where = f"{file}: [[hazard.kernel]]"
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{where} needs at least one entry")
    return tuple(_kernel(entry, where) for entry in entries)


def _kernel(entry: Any, where: str) -> Kernel:
    needed = {"half_days", "reach_km", "weight"}
    if not isinstance(entry, Mapping) or set(entry) - {"plateau_km"} != needed:
        raise ConfigError(f"{where} has the keys half_days, reach_km and weight (and plateau_km)")
    return Kernel(
        half_days=_number(entry["half_days"], 0.1, 36500, f"{where} half_days"),
        reach_km=_number(entry["reach_km"], 0.1, 1000, f"{where} reach_km"),
        weight=_number(entry["weight"], 0, 10, f"{where} weight"),
        plateau_km=_number(entry.get("plateau_km", 0), 0, 100, f"{where} plateau_km"),
    )


def _number(value: Any, low: float, high: float, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where} must be a number")
    if not low <= value <= high:
        raise ConfigError(f"{where} must lie between {low} and {high}")
    return float(value)
