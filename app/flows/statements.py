"""From a route rated again to what could be said of it: pure, called by `assess`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from app.alerts.alert import ENDS, AlertFacts, AlertState, Certainty, News, Reason
from app.alerts.answered import answered_by
from app.alerts.change import Cause, RouteChange
from app.alerts.decision import AlertDecision
from app.alerts.titles import title_of
from app.config import Config
from app.core.levels import Level
from app.flows.alternatives import Alternative
from app.flows.besides import Over, closed_on, disputed_by, ended_on_route, lifted_of
from app.flows.route_news import RouteNews, coming_of, holders, holds_floor, weighs
from app.flows.towns import place_told, road_of, stretch_of, stretch_said
from app.flows.wire import is_secret, noon_of
from app.incidents.incident import Incident, Status
from app.incidents.report import Family, Range
from app.risk.lifted import is_for
from app.roads.network import Corridor, Network
from app.roads.places import Location, Shape
from app.subscribers.targets import ALL, area_target, route_target, section_target

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
        by_person: A person decided that a danger is over. `redated`: that it begins another day.
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
    by_person: bool = False
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
    about: Incident | None = None,
    over_told_at: datetime | None = None,
) -> Statement:
    """Return what could be said of the news, for `decide` to decide on.

    `about`: what was told before and waits for a word; it is spoken of first. `over_told_at`: see
    `RouteChange`.
    """
    holding = holders(news)
    speaks = about or _main_incident(news, background, holding)
    old = speaks is not None and _is_old(speaks, news)
    coming = coming_of(speaks, news)
    over = ended_on_route(news, background.over, background.answered(news.cargo), config)
    ids = {one.id for one in holding}
    if speaks is not None:
        ids.add(speaks.id)
    change = RouteChange(
        route=news.route,
        cargo=news.cargo,
        before=news.before,
        after=news.after,
        certainty=_certainty(speaks),
        cause=background.cause,
        incident_ids=frozenset(ids),
        stretch=stretch_of(news.route, news.worst.section_id, speaks, news.cargo, config.network),
        opened=frozenset(one.id for one, _ in over if one.kind in config.journeys.closed.kinds),
        resolved=background.answers(news.after, news.cargo),
        refuted=background.refuted,
        over=frozenset(one.id for one, _ in over if one.status is Status.RESOLVED),
        over_told_at=over_told_at,
        serious=any(_is_serious(one, config) for one in holding),
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
        held_by=_held_by(news, speaks, holding),
        over=over,
    )


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
    if trigger.id in ended and holding and not weighs(news, trigger):
        return holding[0]  # what is false or over is no reason for what stays
    if trigger.id in behind or not holding:
        return trigger
    return holding[0]


def _answered(
    statement: Statement, decision: AlertDecision, told: AlertState | None
) -> News | None:
    if told is None:
        return None
    return answered_by(
        decision.reason,
        told,
        speaks=statement.speaks.id if statement.speaks is not None else None,
        refuted=statement.change.refuted,
        over_told_at=statement.change.over_told_at,
    )


def _hours_old(told: News | None, decision: AlertDecision, news: RouteNews) -> int | None:
    """Return how old the news of a reminder is."""
    if told is None or decision.reason is not Reason.STILL_SEVERE:
        return None
    return (news.worst.at - told.at) // timedelta(hours=1)


def _is_old(speaks: Incident, news: RouteNews) -> bool:
    """Return whether it happened so long ago that a late word about it is history."""
    return news.worst.at - speaks.occurred_at > _HISTORY


def facts_of(
    statement: Statement,
    decision: AlertDecision,
    told: AlertState | None,
    *,
    alternative: Alternative | None,
    config: Config,
    beside: Mapping[str, Level] = MappingProxyType({}),
    closed: Sequence[str] = (),
) -> AlertFacts:
    """Return everything the words of the statement are made from.

    `beside`: levels of other cargoes of which the same is said at the same time; `closed`: the
    sections of the route that something closes.

    No source, no address, and of good news and operations only the stretch: where a convoy or an
    escort is, is told nobody.
    """
    news, speaks = statement.news, statement.speaks
    held = statement.held_by if decision.type not in ENDS else None
    corridor = config.network.corridors[news.route]
    happened = _happened(speaks, news, config) if speaks is not None else {}
    if speaks is not None and told is not None and _denies_itself(speaks, decision):
        happened = {"kind": _last_danger(told, config)}
    stretch = stretch_said(
        statement.change, decision, told, nothing_new=_is_nothing_new(statement, decision)
    )
    answered = _answered(statement, decision, told)
    return AlertFacts(
        route=news.route,
        route_title=plain_title(corridor),
        ends=(corridor.stops[0].name, corridor.stops[-1].name),
        stretch=stretch,
        road=road_of(news.route, news.worst.section_id, stretch, config.network),
        cargo=news.cargo,
        level=news.after,
        before=told.level if told is not None else news.before,
        certainty=decision.certainty,
        alternative=alternative.title if alternative is not None else None,
        alternative_unheard=alternative is not None and alternative.unheard,
        reason=decision.reason,
        told_at=answered.at if answered is not None else None,
        hours_old=_hours_old(answered, decision, news),
        told_kind=answered.kind if answered is not None else None,
        speaks=speaks.id if speaks is not None else None,
        with_cargoes=tuple(
            one
            for one in config.cargoes.codes
            if one in beside and (beside[one] is news.after or decision.type in ENDS)
        ),
        also=tuple(
            (one, beside[one])
            for one in config.cargoes.codes
            if one in beside and beside[one].rank < news.after.rank and decision.type not in ENDS
        ),
        disputed=None if decision.type in ENDS else disputed_by(news, speaks),
        held_kind=held.kind if held is not None else None,
        held_certainty=_certainty(held) if held is not None else None,
        **_elsewhere(news, held, decision, config),
        **closed_on(news, config, closed) if decision.type not in ENDS else {},
        coming=statement.change.coming if decision.type not in ENDS else None,
        **_lifted(statement, decision, told),
        **{**_NOTHING_HAPPENED, **happened},
    )


def _elsewhere(
    news: RouteNews, held: Incident | None, decision: AlertDecision, config: Config
) -> Mapping[str, Any]:
    """Return how bad it is where the words are about, and where the road is worse than that."""
    if news.graver is None or decision.type in ENDS:
        return {}
    worst = news.graver.worst.section_id
    where = stretch_of(news.route, worst, held, news.cargo, config.network)
    return {"held_at": where, "here": news.worst.level}


def _lifted(
    statement: Statement, decision: AlertDecision, told: AlertState | None
) -> Mapping[str, Any]:
    if told is None or decision.reason not in (Reason.FELL, Reason.PARTLY_OVER, Reason.RESOLVED):
        return {}
    over = statement.over if decision.reason is not Reason.RESOLVED else ()
    return lifted_of(statement.news, over, told)


def _is_nothing_new(statement: Statement, decision: AlertDecision) -> bool:
    """Return whether the words are of what was told, and that nothing has been heard since."""
    eased = decision.reason is Reason.FELL and statement.speaks is None
    return eased or decision.reason is Reason.NO_FRESH_NEWS


def _denies_itself(speaks: Incident, decision: AlertDecision) -> bool:
    """Return whether "nothing new since" would name the good news that has come since."""
    return decision.reason is Reason.NO_FRESH_NEWS and speaks.family is Family.POSITIVE


def _last_danger(told: AlertState, config: Config) -> str | None:
    """Return the kind of the danger told last; None: it is not known."""
    dangers = (
        one
        for one in told.mentions.values()
        if (kind := config.kinds.find(one.kind or "")) and kind.family is not Family.POSITIVE
    )
    last = max(dangers, key=lambda one: one.at, default=None)
    return last.kind if last is not None else None


_NOTHING_HAPPENED: Mapping[str, Any] = {
    "place": None,
    "area": False,
    "place_km": None,
    "kind": None,
    "occurred_at": None,
    "date_precision": "day",
    "reported_at": None,
}


def _happened(speaks: Incident, news: RouteNews, config: Config) -> dict[str, Any]:
    spot = place_told(news.route, news.worst.section_id, speaks, news.cargo, config.network)
    hidden = is_secret(speaks)
    # the towns that the text names lie on either side of a stretch of this route, of no other road
    of_route = not set(spot.section_ids).isdisjoint(
        config.network.corridors[news.route].section_ids
    )
    named = not (of_route or hidden)
    by_day = hidden and speaks.date_precision == "instant"
    place, place_km = spot.told if named else (None, None)
    return {
        "place": place,
        "area": spot.shape is Shape.AREA,
        "place_km": place_km,
        "kind": speaks.kind,
        "occurred_at": noon_of(speaks.occurred_at) if by_day else speaks.occurred_at,
        "date_precision": "day" if by_day else speaks.date_precision,
        "starts_at": speaks.starts_at,
        "reported_at": speaks.last_reported_at,
        "vehicles": None if hidden else _pair(speaks.vehicles),
        "fatalities": _pair(speaks.fatalities),
        "abducted": _pair(speaks.abducted),
        "serious": _is_serious(speaks, config),
    }


def targets_of(route: str, section_ids: Collection[str], network: Network) -> frozenset[str]:
    """Return what a subscription may name to hear of an alert.

    The route, the sections at the level told and the areas that these touch, and everything.
    """
    areas = {area for one in section_ids for area in network.sections[one].areas}
    return frozenset(
        {ALL, route_target(route)}
        | {section_target(one) for one in section_ids}
        | {area_target(area) for area in areas}
    )


def plain_title(corridor: Corridor) -> str:
    """Return the title without its remarks: "Bamako - Kayes - Dakar"."""
    return title_of(corridor.title)


def _certainty(speaks: Incident | None) -> Certainty:
    certain = speaks is None or speaks.certain
    return Certainty.CONFIRMED if certain else Certainty.UNCONFIRMED


def _is_serious(incident: Incident, config: Config) -> bool:
    kind = config.kinds.find(incident.kind)
    return kind is not None and kind.serious


def _is_told(level: Level) -> bool:
    return level.rank >= Level.MODERATE.rank


def _pair(found: Range | None) -> tuple[int, int] | None:
    return (found.low, found.high) if found is not None else None
