"""The five words for how dangerous a road is."""

from enum import StrEnum


class Level(StrEnum):
    """How dangerous a section or route is. `unknown` is not `low`: nobody knows."""

    LOW = "low"
    UNKNOWN = "unknown"
    MODERATE = "moderate"
    HIGH = "high"
    SEVERE = "severe"

    @property
    def rank(self) -> int:
        """Return the order for "worst of": low 0, unknown 1, moderate 2, high 3, severe 4.

        `unknown` stands above `low`: a route with one section nobody knows is not a safe route.
        """
        return _RANK[self]


_RANK = {
    Level.LOW: 0,
    Level.UNKNOWN: 1,
    Level.MODERATE: 2,
    Level.HIGH: 3,
    Level.SEVERE: 4,
}


def worst(levels: "list[Level]") -> Level:
    """Return the highest of `levels`; `unknown` when there are none."""
    return max(levels, key=lambda level: level.rank, default=Level.UNKNOWN)
