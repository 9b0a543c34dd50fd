"""What a section or route is rated, and why."""

from dataclasses import dataclass
from datetime import datetime

from app.core.levels import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One reason: an incident, the rule that weighed it, and what it added.

    Attributes:
        hazard: Expected serious incidents in 7 days that it adds (0 for a floor or positive one).
        floor: The minimum level the rule insists on while it holds, if it spoke.
        floor_until: When the floor ends; None: until lifted.
        cleared: True for positive evidence that lowered the rating.
    """

    incident_id: str
    incident_version: int
    kind: str
    rule_id: str
    rule_title: str
    distance_km: float
    age_days: float
    credibility: float
    weight: float
    hazard: float
    floor: Level | None = None
    floor_until: datetime | None = None
    cleared: bool = False
    rule_title_fr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """The danger of one section for one cargo at one instant.

    Attributes:
        score: 100 x (1 - exp(-hazard)), 0..100, one decimal.
        level: After hysteresis. `raw_level` before it.
        spoke: "statistics", "floor", "positive", "hysteresis" or "no evidence": what set the level.
        evidence_at: The newest evidence, None without any. `by_day`: nobody but the desk is told
            more of when that was than the day.
    """

    section_id: str
    cargo: str
    at: datetime
    hazard: float
    prior: float
    score: float
    level: Level
    raw_level: Level
    spoke: str
    since: datetime
    calm_since: datetime | None
    evidence_at: datetime | None
    positive_at: datetime | None
    by_day: bool
    rule_set: int
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """An incident that closes a section for a cargo.

    Attributes:
        rule_id: The rule whose floor holds it closed.
        until: When that floor ends at the latest; `lifted`: sooner only when somebody answers it.
        heard_at: When it was last spoken of.
    """

    incident_id: str
    kind: str
    rule_id: str
    until: datetime
    lifted: bool
    heard_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCargoState:
    """What is kept of a section's last rating for a cargo, for the one that follows.

    Attributes:
        since: Since when the level has been this. `calm_since`: since when the evidence alone would
            give a lower one; None: it would not.
        by_day: As of a rating.
        closures: What closed the section then; see `app.risk.closures`.
    """

    level: Level
    score: float
    since: datetime
    calm_since: datetime | None
    evidence_at: datetime | None
    positive_at: datetime | None
    rated_at: datetime
    by_day: bool = False
    closures: tuple[Closure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteState:
    """What is kept of a route's last rating for a cargo."""

    route: str
    cargo: str
    level: Level
    score: float
    worst_section: str | None
    since: datetime
    rated_at: datetime
