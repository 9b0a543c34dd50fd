"""A route that was rated again, and what made it so: what `decide` decides on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.alerts.alert import Certainty, Stretch
from app.alerts.calm import Calm
from app.core.levels import Level


class Cause(StrEnum):
    """What made a route be rated again.

    `report`: news of danger. `resolved`: evidence that answers a danger (release, safe transit,
    reopening, a moderator's word), also where only the quiet period after it was left to pass and
    the clock noticed. `aged`: time alone; an all-clear never comes from it.
    """

    REPORT = "report"
    VERDICT_CONFIRMED = "verdict_confirmed"
    VERDICT_REFUTED = "verdict_refuted"
    RESOLVED = "resolved"
    AGED = "aged"
    RULES = "rules"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """A route that was rated again for one cargo.

    Attributes:
        before, after: Levels after hysteresis; equal where only the evidence changed.
        certainty: Of what holds `after` up now.
        incident_ids: Incidents behind `after`.
        speaks: The one that would be spoken of; None: none in particular.
        weighs: It alone would hold the road at about this level: worth a message of its own.
        dated_anew: A person just said that it begins on another day than was told.
        placed_anew: It was just given a further place, see `Incident.elsewhere`.
        stretch: Where the worst danger lies now; None: the whole route.
        resolved: The danger was answered by evidence (release, safe transit, reopening, person).
        refuted: Incidents that this change refuted. `over`: those that it ended for good.
        over_told_at: When it was told here that one of what this change takes up again was false or
            over; None: it was not told, or nothing is taken up.
        serious: What holds `after` up is of a serious kind.
        only_unknown: All of it comes from new or unknown sources.
        backfill: History being filled in: rated, never told.
        coming: The level that what would be spoken of will hold from an announced day on; None: it
            holds already.
        calm: How the road stands that is dangerous no more; None: nothing to wait for.
        lesser: It is on a stretch that is less bad than the worst one of the route.
        opened: Closures that evidence has just ended on the route, on all or a part of it.
    """

    route: str
    cargo: str
    before: Level
    after: Level
    certainty: Certainty
    cause: Cause
    incident_ids: frozenset[str] = frozenset()
    stretch: Stretch | None = None
    resolved: bool = False
    refuted: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()
    over_told_at: datetime | None = None
    serious: bool = False
    only_unknown: bool = False
    backfill: bool = False
    speaks: str | None = None
    weighs: bool = True
    dated_anew: bool = False
    placed_anew: bool = False
    coming: Level | None = None
    calm: Calm | None = None
    lesser: bool = False
    opened: frozenset[str] = frozenset()
