"""An alert: a statement about a route for one cargo, chained by references as in CAP 1.2."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.core.levels import Level


class AlertType(StrEnum):
    """What an alert does to the chain it belongs to."""

    ALERT = "alert"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    WITHDRAWAL = "withdrawal"


class Certainty(StrEnum):
    """Whether the danger is held to be true, or only reported."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """Everything the words of an alert are made from; no source, no address, no convoy position.

    Attributes:
        route, route_title: "ML-DKR-N", "Bamako - Kayes - Dakar".
        ends: The two ends of the route, short names: ("Bamako", "Dakar").
        stretch: The towns between which the danger lies: ("Sandaré", "Diéma"); None: whole route.
        road: Documented number such as "RN1", or None.
        place: The place itself ("Lakamané"), or the area ("région de Kayes") when `area`.
        kind: Incident kind that caused it, or None (aged, by hand).
        occurred_at, date_precision, reported_at: For "how old the news is".
        vehicles, fatalities, abducted: (low, high) or None.
        alternative: Route title or stretch known to be better, or None.
        note: Free words of a moderator (alerts by hand), or None.
        exercise: Marked as such in every text.
    """

    route: str
    route_title: str
    ends: tuple[str, str]
    stretch: tuple[str, str] | None
    road: str | None
    place: str | None
    area: bool
    kind: str | None
    cargo: str
    level: Level
    before: Level
    certainty: Certainty
    occurred_at: datetime | None
    date_precision: str
    reported_at: datetime | None
    vehicles: tuple[int, int] | None = None
    fatalities: tuple[int, int] | None = None
    abducted: tuple[int, int] | None = None
    alternative: str | None = None
    note: str | None = None
    exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """What was last said about a (route, cargo), as `decide` needs it."""

    id: str
    chain_id: str
    type: AlertType
    level: Level
    certainty: Certainty
    created_at: datetime
    references: tuple[str, ...]
    incident_ids: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered text for one channel and language."""

    channel: str
    language: str
    subject: str | None
    text: str
    html: str | None
    segments: int
