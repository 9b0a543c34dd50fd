"""An alert: a statement about a route for one cargo, chained by references as in CAP 1.2."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from typing_extensions import override

from app.core.levels import Level

#: The two towns between which a danger lies.
Stretch = tuple[str, str]


class AlertType(StrEnum):
    """What an alert does to the chain it belongs to."""

    ALERT = "alert"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    WITHDRAWAL = "withdrawal"


#: Types after which nothing of a chain is left to be told.
ENDS = frozenset({AlertType.ALL_CLEAR, AlertType.WITHDRAWAL})


class Certainty(StrEnum):
    """Whether the danger is held to be true, or only reported."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"


class Audience(StrEnum):
    """Who is told.

    `subscribers_and_told`: whoever subscribes to it now, and everybody whom an earlier alert of
    the chain reached. `told_only`: those whom an earlier alert of the chain reached, nobody new;
    whatever level they subscribe from, but for news of another incident (`audience.OF_ANOTHER`).
    Who has opted out is told nothing.
    """

    SUBSCRIBERS_AND_TOLD = "subscribers_and_told"
    TOLD_ONLY = "told_only"


class Reason(StrEnum):
    """Why something is said or left unsaid.

    Stored with the alert, shown to admins, and the key of its wording in config/templates.
    """

    # said
    FIRST = "first"
    ROSE = "rose"
    FELL = "fell"
    PARTLY_OVER = "partly_over"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    NOT_OVER = "not_over"
    OTHER_STRETCH = "other_stretch"
    GRAVER = "graver"
    FURTHER_INCIDENT = "further_incident"
    WAY_LOST = "way_lost"
    NOT_CONFIRMED = "not_confirmed"
    NO_FRESH_NEWS = "no_fresh_news"
    STILL_SEVERE = "still_severe"
    REASSESSED = "reassessed"
    RESOLVED = "resolved"
    REFUTED = "refuted"
    BY_HAND = "by_hand"
    # said to whoever begins to listen, in place of what was said to those who knew; never stored
    STANDS = "stands"
    # left unsaid
    BACKFILL = "backfill"
    NOTHING_TOLD = "nothing_told"
    NOTHING_NEW = "nothing_new"
    WITHIN_MIN_GAP = "within_min_gap"
    ENOUGH_SAID_TODAY = "enough_said_today"
    QUIET_PERIOD = "quiet_period"
    AGED_QUIETLY = "aged_quietly"
    NOT_EXPIRED = "not_expired"
    STILL_DANGEROUS = "still_dangerous"
    END_WAS_TOLD = "end_was_told"

    @classmethod
    @override
    def _missing_(cls, value: object) -> "Reason | None":
        """Return how what only a newer version says is read, while both run side by side."""
        return cls.BY_HAND if isinstance(value, str) else None


#: Said because time has passed, or something has: nothing new has happened.
WITHOUT_NEWS = frozenset(
    {
        Reason.FELL,
        Reason.PARTLY_OVER,
        Reason.NOT_CONFIRMED,
        Reason.NO_FRESH_NEWS,
        Reason.STILL_SEVERE,
        Reason.REASSESSED,
    }
)


class NotedBy(StrEnum):
    """How somebody let us know that they have taken note."""

    #: Answered the message.
    REPLY = "reply"
    #: Pressed the button behind the link of a message.
    LINK = "link"
    #: Through the API, for themselves or for a contact.
    API = "api"
    #: Pressed a key during a call.
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedWay:
    """Another road that an alert named, for whoever goes round the danger.

    Attributes:
        title: "Bamako - Kita - Kéniéba - Dakar".
        section_ids: What it is made of, without what the route shares with it.
        level: Of the worst of these when it was named.
    """

    title: str
    section_ids: tuple[str, ...]
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """Everything the words of an alert are made from; no source, no address, no convoy position.

    Attributes:
        route, route_title: "ML-DKR-N", "Bamako - Kayes - Dakar".
        ends: The two ends of the route, short names: ("Bamako", "Dakar"). `via`: the town that
            tells it from another route between the same ends: "Kayes"; None: there is no other.
        stretch: The towns between which the danger lies: ("Sandaré", "Diéma"); None: whole route.
        road: Documented number such as "RN1", or None.
        place: The place itself ("Lakamané"), or the area ("région de Kayes") when `area`.
        place_km: How far from the place, as said or in steps of five; 0: near it; None: in it.
        kind: Incident kind that caused it, or None (aged, by hand). For an all-clear the kind of
            the evidence (`safe_transit`) or, without one, of what is over.
        occurred_at, date_precision, reported_at: For "how old the news is".
        vehicles, fatalities, abducted: (low, high) or None.
        alternative: Another way, less dangerous: "Bamako - Kita - Kéniéba - Dakar", or None.
        alternative_unheard: Nobody has news of some of that way.
        note: Free words of a moderator (alerts by hand), or None.
        exercise: Marked as such in every text.
        serious: The incident is of a serious kind (config/kinds.toml).
        reason: Why it is said; picks the wording. None: from type and levels.
        told_at: When the alert that this one answers was made (updates, ends).
        told_kind: The kind that alert spoke of.
        speaks: Id of the incident that the words are about; None: of none in particular.
        with_cargoes: Further cargoes of which the same is said, at the same level.
        also: (cargo, level) of which the same is said at a lower level.
        disputed: Kind of the good news that contradicts it, or None.
        held_kind, held_certainty: Of what holds the level up, where that is graver than what the
            words are about; None: what they are about. `held_at`: where, if on another stretch.
        here: The level where that is, which the words are about, if it is lower than the route's.
        hours_old: Of a reminder: hours since there was news.
        closed: The road is closed there to `cargo`: no advice to drive it by day.
        lifted, lifted_kind, lifted_at: The incident that was told and has just ended, while the
            road has other dangers, and between which towns; None: on no stretch in particular.
        lifted_too: What else was said to have ended lately: whoever that did not reach reads it
            here. Kind and towns of each, "" for no stretch in particular.
        closed_at: Between which towns, where it is another stretch of the route that is closed.
        starts_at: From when it holds, where it was announced for a day to come.
        coming: The level that it will hold then, while that day is still to come.
        way, way_title, way_level: The other road that was named last, now or before, and was not
            taken back, see `NamedWay`: kept to take it back, and told nobody. `ways`: likewise
            those named before it, the last first.
        after_end: The end of another danger of the road was told within the day, and since then
            no danger of `high` or above.
        lost, lost_level: The other road that was named before and has become dangerous, and how
            dangerous. Where that is all there is to say, the event and its certainty are of it.
        lost_speaks, lost_kind: Where that is said beside other news: the incident that made it so.
    """

    route: str
    route_title: str
    ends: tuple[str, str]
    stretch: Stretch | None
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
    serious: bool = False
    reason: Reason | None = None
    told_at: datetime | None = None
    told_kind: str | None = None
    speaks: str | None = None
    with_cargoes: tuple[str, ...] = ()
    also: tuple[tuple[str, Level], ...] = ()
    alternative_unheard: bool = False
    disputed: str | None = None
    hours_old: int | None = None
    place_km: int | None = None
    held_kind: str | None = None
    held_certainty: Certainty | None = None
    held_at: Stretch | None = None
    here: Level | None = None
    closed: bool = False
    closed_at: Stretch | None = None
    lifted: str | None = None
    lifted_kind: str | None = None
    lifted_at: Stretch | None = None
    lifted_too: tuple[tuple[str, str, str], ...] = ()
    starts_at: datetime | None = None
    coming: Level | None = None
    way: tuple[str, ...] = ()
    way_title: str | None = None
    way_level: Level | None = None
    ways: tuple[NamedWay, ...] = ()
    lost: str | None = None
    lost_level: Level | None = None
    lost_speaks: str | None = None
    lost_kind: str | None = None
    after_end: bool = False
    via: str | None = None

    @property
    def heard_from(self) -> Level:
        """Return the level that a subscriber's least is held against: that to come, if higher."""
        return max(self.level, self.coming or self.level, key=lambda level: level.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something new that was told: when, at which level, and of which kind of incident, if any."""

    at: datetime
    kind: str | None = None
    level: Level = Level.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What was said to have ended while the road had other dangers: when, what and where."""

    at: datetime
    incident_id: str
    kind: str
    stretch: Stretch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """What was last said about a (route, cargo), as `decide` needs it.

    Attributes:
        reason: Why it was said; `by_hand` for an alert that a moderator wrote.
        references: Earlier alerts of the chain, oldest first, without this one.
        incident_ids: Every incident that the chain has spoken of, not only its last alert.
        stretches: Every stretch that the chain has spoken of, None where of the whole route;
            `stretch`: the last of them. `news_on`: when something was last told
            as new of each, as bad as the route; of less no graver one waits.
        serious: An alert of the chain spoke of an incident of a serious kind.
        said_at: When each alert of the chain was made, oldest first. `news_said_at`: those of them
            that told something new.
        news_at: When the chain last told something new; None: as `created_at`.
        news_kind: The kind that this news spoke of.
        mentions: What was last told as news of each incident, by its id.
        ended: What it said to have ended of its dangers, oldest first.
        speaks: The incident that the chain spoke of last.
        peak: The highest level that the chain has told.
        doubtful: Incidents told as unconfirmed and not confirmed since; an alert that speaks of no
            incident stands for itself.
        unanswered: Those of them of which nothing was said since. `doubt_at`: the oldest's time.
        after_end: As in its facts.
        ways: The other roads that were named and not taken back, the last first.
        lost: Other roads that were taken back, by title: when.
        of_ways: What was told of other roads that had been named, by incident.
    """

    id: str
    chain_id: str
    type: AlertType
    level: Level
    certainty: Certainty
    created_at: datetime
    references: tuple[str, ...]
    incident_ids: frozenset[str]
    reason: Reason = Reason.FIRST
    expires_at: datetime | None = None
    stretches: frozenset[Stretch | None] = frozenset()
    stretch: Stretch | None = None
    news_on: Mapping[Stretch | None, datetime] = field(default_factory=dict)
    serious: bool = False
    kind: str | None = None
    said_at: tuple[datetime, ...] = ()
    news_said_at: tuple[datetime, ...] = ()
    news_at: datetime | None = None
    news_kind: str | None = None
    mentions: Mapping[str, News] = field(default_factory=dict)
    ended: tuple[Ended, ...] = ()
    speaks: str | None = None
    peak: Level = Level.UNKNOWN
    doubtful: frozenset[str] = frozenset()
    unanswered: frozenset[str] = frozenset()
    doubt_at: datetime | None = None
    after_end: bool = False
    ways: tuple[NamedWay, ...] = ()
    lost: Mapping[str, datetime] = field(default_factory=dict)
    of_ways: Mapping[str, News] = field(default_factory=dict)

    @property
    def heard_of(self) -> frozenset[str]:
        """Return every incident that was told, on this road or on another one that was named."""
        return self.incident_ids | self.of_ways.keys()

    def said_over_at(self, stretch: Stretch | None) -> datetime | None:
        """Return when it was said that a danger of a stretch has ended; None: more was said since.

        What was told there before keeps nothing back by then: people drive there again.
        """
        ended = max((one.at for one in self.ended if one.stretch == stretch), default=None)
        if ended is None or stretch == self.stretch:
            return None
        news = self.news_on.get(stretch)
        return ended if news is None or ended > news else None

    @property
    def worst(self) -> Level:
        """Return the highest level that was told, this alert's included."""
        return max(self.level, self.peak, key=lambda level: level.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A rendered text for one channel and language."""

    channel: str
    language: str
    subject: str | None
    text: str
    html: str | None
    segments: int
