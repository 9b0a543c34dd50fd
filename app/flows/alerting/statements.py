"""From a route rated again to what could be said of it, for `decide` to decide on: pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.alerts.alert import Certainty, Stretch
from app.alerts.change import Cause, RouteChange
from app.config import Config
from app.core.levels import Level
from app.flows.alerting.besides import Over, ended_on_route
from app.flows.alerting.calm import ended_by_person
from app.flows.alerting.towns import stretch_of
from app.flows.rating.route_news import RouteNews, coming_of, holders, holds_floor, weighs
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.risk.lifted import is_for
from app.roads.places import Location

#: What makes a stretch dangerous beside what ended there, and what is spoken of.
GoesOn = Callable[[Incident, Stretch | None, Incident | None], Incident | None]

#: A report of something older than this changes ratings, and is no news for a driver.
_HISTORY = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What the statements of one change have in common.

    Attributes:
        trigger: The incident that brought the news, if one did, in its new version.
        where: The place that the news is of: a new one that was given for it, else its own.
        changed: Every incident that this change made or altered.
        resolved: Dangers that this change answered. `refuted`: those it took back; `taken_up`:
            those held to be false or over until then.
        backfill: History being filled in.
        redated: A person said that what `trigger` announced begins on another day.
        resolved_for: Dangers answered for some cargoes only, by cargo. `over`: all those answered,
            before and now.
    """

    cause: Cause
    trigger: Incident | None
    where: Location | None
    changed: frozenset[str]
    resolved: frozenset[str]
    refuted: frozenset[str]
    backfill: bool
    taken_up: frozenset[str] = frozenset()
    redated: bool = False
    resolved_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    over: tuple[tuple[Incident, Incident], ...] = ()

    @property
    def good_news(self) -> bool:
        """Return whether what brought the news says that the road can be driven."""
        return self.trigger is not None and self.trigger.family is Family.POSITIVE

    def answered(self, cargo: str) -> frozenset[str]:
        """Return the dangers that this change answered for a cargo."""
        return self.resolved | self.resolved_for.get(cargo, frozenset())

    def answers(self, after: Level, cargo: str) -> bool:
        """Return whether evidence answers the danger of a road that is at `after` now."""
        good = self.trigger if self.good_news and after is Level.LOW else None
        return bool(self.answered(cargo)) or (good is not None and is_for(good, cargo))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What could be said of a route.

    Attributes:
        speaks: The incident to speak of: the news where it matters here, else what holds the level.
        held_by: What holds the level, where that is graver than `speaks`.
        over: Dangers that have just ended, as far as that is told beside others, and where.
    """

    news: RouteNews
    change: RouteChange
    speaks: Incident | None
    held_by: Incident | None = None
    over: tuple[Over, ...] = ()


def statement_of(
    news: RouteNews,
    background: Background,
    config: Config,
    *,
    about: Incident | None,
    over_told_at: datetime | None = None,
    goes_on: GoesOn = lambda *_: None,
) -> Statement:
    """Return what could be said of the news, for `decide` to decide on.

    `about`: what was told before and waits for a word; it is spoken of first. `over_told_at`: see
    `RouteChange`. `goes_on`: see there; an end is read as that of all on its stretch.
    """
    holding = holders(news)
    over = ended_on_route(news, background.over, background.answered(news.cargo), config)
    standing = tuple(one for one in holding if not _said_over(one, over))
    speaks = about or _main_incident(news, background, standing)
    over = tuple((one, where) for one, where in over if goes_on(one, where, speaks) is None)
    old = speaks is not None and _is_old(speaks, news)
    coming = coming_of(speaks, news)
    ids = {one.id for one in holding}
    if speaks is not None:
        ids.add(speaks.id)
    change = RouteChange(
        route=news.route,
        cargo=news.cargo,
        before=news.before,
        after=news.after,
        certainty=certainty_of(speaks),
        cause=background.cause,
        incident_ids=frozenset(ids),
        stretch=stretch_of(news.route, news.worst.section_id, speaks, news.cargo, config.network),
        opened=frozenset(one.id for one, _ in over if one.kind in config.journeys.closed.kinds),
        resolved=background.answers(news.after, news.cargo),
        refuted=background.refuted,
        over=frozenset(one.id for one, _ in over if one.status is Status.RESOLVED),
        over_told_at=over_told_at,
        serious=any(is_serious(one, config) for one in holding),
        only_unknown=bool(holding) and all(one.only_unknown for one in holding),
        backfill=background.backfill,
        speaks=speaks.id if speaks is not None and not old else None,
        weighs=speaks is not None
        and not old
        and speaks.id in background.changed
        and weighs(news, speaks, coming),
        coming=coming,
        lesser=news.graver is not None,
        dated_anew=background.redated and speaks is background.trigger,
        placed_anew=speaks is not None
        and speaks is background.trigger
        and background.where != speaks.location,
    )
    return Statement(
        news=news,
        change=change,
        speaks=speaks,
        held_by=_held_by(news, speaks, standing),
        over=over,
    )


def _said_over(one: Incident, over: tuple[Over, ...]) -> bool:
    """Return whether people are told that this one has ended: it is no reason for what stays."""
    if one.status is not Status.RESOLVED:
        return False
    return ended_by_person([one]) or any(ended.id == one.id for ended, _ in over)


def _held_by(
    news: RouteNews, speaks: Incident | None, holding: tuple[Incident, ...]
) -> Incident | None:
    """Return what holds the level, where that is graver than what is spoken of."""
    if news.graver is not None:
        return next(iter(holders(news.graver)), None)
    if speaks is None or speaks in holding or not _is_told(news.after) or weighs(news, speaks):
        return None
    return next(iter(holding), None)


def _main_incident(
    news: RouteNews, background: Background, holding: tuple[Incident, ...]
) -> Incident | None:
    trigger = background.trigger
    dangerous = _is_told(news.after)
    if trigger is None:
        # Where time alone eased it, what is left by statistics is no news of today.
        eased = news.after.rank < news.before.rank and dangerous
        return holding[0] if holding and not (eased and not holds_floor(news)) else None
    if background.good_news:
        return holding[0] if holding and dangerous else trigger
    behind = {one.incident_id for one in news.worst.contributions if not one.cleared}
    ended = background.refuted | (background.resolved if dangerous else frozenset())
    if trigger.id in ended and not weighs(news, trigger):
        if holding:
            return holding[0]  # what is false or over is no reason for what stays
        if dangerous and trigger.status is Status.RESOLVED:
            return None
    if trigger.id in behind or not holding:
        return trigger
    return holding[0]


def _is_old(speaks: Incident, news: RouteNews) -> bool:
    """Return whether it happened so long ago that a late word about it is history."""
    return news.worst.at - speaks.occurred_at > _HISTORY


def certainty_of(speaks: Incident | None) -> Certainty:
    """Return how sure is what is spoken of; of statistics alone nothing is in doubt."""
    certain = speaks is None or speaks.certain
    return Certainty.CONFIRMED if certain else Certainty.UNCONFIRMED


def is_serious(incident: Incident, config: Config) -> bool:
    """Return whether an incident is of a serious kind."""
    kind = config.kinds.find(incident.kind)
    return kind is not None and kind.serious


def _is_told(level: Level) -> bool:
    return level.rank >= Level.MODERATE.rank
