"""From what is said of a route to the facts that its words are made from: pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.alerts.alert import ENDS, AlertFacts, AlertState, News, Reason, Stretch
from app.alerts.answered import answered_by
from app.alerts.decision import AlertDecision
from app.alerts.titles import title_of
from app.alerts.way_lost import kept_ways, standing_ways
from app.config import Config
from app.core.levels import Level
from app.delivery.moment import END_WITHIN
from app.flows.alerting.alternatives import Alternative
from app.flows.alerting.besides import closed_on, disputed_by, lifted_of, where_on
from app.flows.alerting.lost_ways import LostWay
from app.flows.alerting.statements import Statement, certainty_of, is_serious
from app.flows.alerting.towns import place_told, road_of, stretch_of, stretch_said, via_of
from app.flows.rating.route_news import RouteNews
from app.flows.wire import is_secret, noon_of
from app.incidents.incident import Incident
from app.incidents.report import Family, Range
from app.roads.places import Shape


def facts_of(
    statement: Statement,
    decision: AlertDecision,
    told: AlertState | None,
    *,
    alternative: Alternative | None,
    config: Config,
    lost: LostWay | None,
    beside: Mapping[str, Level],
    closed: Sequence[str],
) -> AlertFacts:
    """Return everything the words of the statement are made from.

    `lost`: the other road that was named before and is dangerous now; `beside`: levels of other
    cargoes of which the same is said at the same time; `closed`: the sections of the route that
    something closes.

    No source, no address, and of good news and operations only the stretch: where a convoy or an
    escort is, is told nobody.
    """
    news, ends = statement.news, decision.type in ENDS
    corridor = config.network.corridors[news.route]
    stretch = stretch_said(
        statement.change, decision, told, nothing_new=_is_nothing_new(statement, decision)
    )
    answered = _answered(statement, decision, told)
    return AlertFacts(
        route=news.route,
        route_title=title_of(corridor.title),
        ends=(corridor.stops[0].name, corridor.stops[-1].name),
        via=via_of(news.route, config.network),
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
        after_end=is_after_end(told, news.worst.at, where=statement.change.stretch),
        **_ways(alternative, lost, told, ends=ends),
        **_lost_beside(statement, decision, lost),
        **_other_cargoes(news, beside, config, ends=ends),
        **({} if ends else _besides(statement, decision, config, closed)),
        **_lifted(statement, decision, told, stretch, config),
        **{**_NOTHING_HAPPENED, **_event(statement, decision, told, config, lost)},
    )


def _ways(
    alternative: Alternative | None, lost: LostWay | None, told: AlertState | None, *, ends: bool
) -> Mapping[str, Any]:
    """Return the other roads that stand as named from now on, and the one that is taken back."""
    goes_on = told is not None and told.type not in ENDS and not ends
    before = told.ways if told is not None and goes_on else ()
    named = alternative.way if alternative is not None else None
    gone = lost if not ends else None
    return {
        **kept_ways(standing_ways(before, named, lost.gone if lost is not None else ())),
        "lost": gone.way.title if gone is not None else None,
        "lost_level": gone.news.after if gone is not None else None,
    }


def _lost_beside(
    statement: Statement, decision: AlertDecision, lost: LostWay | None
) -> Mapping[str, Any]:
    """Return what made the other road dangerous, where that is no news of this one."""
    if lost is None or lost.speaks is None or decision.type in ENDS:
        return {}
    known = decision.reason is Reason.WAY_LOST or lost.speaks.id in statement.change.incident_ids
    return {} if known else {"lost_speaks": lost.speaks.id, "lost_kind": lost.speaks.kind}


def _other_cargoes(
    news: RouteNews, beside: Mapping[str, Level], config: Config, *, ends: bool
) -> Mapping[str, Any]:
    """Return of which other cargoes the same holds, and of which less; an end has no levels."""
    others = [(one, beside[one]) for one in config.cargoes.codes if one in beside]
    lower = [] if ends else [one for one in others if one[1].rank < news.after.rank]
    return {
        "with_cargoes": tuple(one for one, level in others if ends or level is news.after),
        "also": tuple(lower),
    }


def _besides(
    statement: Statement, decision: AlertDecision, config: Config, closed: Sequence[str]
) -> Mapping[str, Any]:
    """Return what else holds on the road than what is spoken of."""
    news, held = statement.news, statement.held_by
    if decision.reason is Reason.WAY_LOST:  # it speaks of another road
        return closed_on(news, config, closed)
    return {
        "disputed": disputed_by(news, statement.speaks),
        "held_kind": held.kind if held is not None else None,
        "held_certainty": certainty_of(held) if held is not None else None,
        "coming": statement.change.coming,
        **_elsewhere(news, held, config),
        **closed_on(news, config, closed),
    }


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


def is_after_end(told: AlertState | None, now: datetime, *, where: Stretch | None = None) -> bool:
    """Return whether people go by what was just said to be over or false on a road.

    `where`: what is said now is there, and it may be there alone that something was over. What is
    below `high` may have been said of it since: that is held up, and stops few.
    """
    if told is None:
        return False
    if told.type in ENDS:
        return now - told.created_at < END_WITHIN
    if (over_at := told.said_over_at(where)) is not None:
        return now - over_at < END_WITHIN
    lesser = told.after_end and told.level.rank < Level.HIGH.rank
    return lesser and now - min(told.said_at, default=told.created_at) < END_WITHIN


def _hours_old(told: News | None, decision: AlertDecision, news: RouteNews) -> int | None:
    """Return how old the news of a reminder is."""
    if told is None or decision.reason is not Reason.STILL_SEVERE:
        return None
    return (news.worst.at - told.at) // timedelta(hours=1)


def _elsewhere(news: RouteNews, held: Incident | None, config: Config) -> Mapping[str, Any]:
    """Return how bad it is where the words are about, and where the road is worse than that."""
    if news.graver is None:
        return {}
    worst = news.graver.worst.section_id
    where = stretch_of(news.route, worst, held, news.cargo, config.network)
    return {"held_at": where, "here": news.worst.level}


def _lifted(
    statement: Statement,
    decision: AlertDecision,
    told: AlertState | None,
    stretch: Stretch | None,
    config: Config,
) -> Mapping[str, Any]:
    """Return what else has ended: beside what goes on, and at the end what lay on other stretches.

    An end that names one of two dangers would leave who waits for the other to guess.
    """
    if told is None or decision.reason not in (Reason.FELL, Reason.PARTLY_OVER, Reason.RESOLVED):
        return {}
    if decision.reason is not Reason.RESOLVED:
        return lifted_of(statement.news, statement.over, told)
    calm = statement.change.calm
    everything = calm.over if calm is not None else ()
    ended = ((one, where_on(statement.news, one, config)) for one in everything)
    return lifted_of(statement.news, (), told, too=[each for each in ended if each[1] != stretch])


def _is_nothing_new(statement: Statement, decision: AlertDecision) -> bool:
    """Return whether the words are of what was told, and that nothing has been heard since."""
    eased = decision.reason is Reason.FELL and statement.speaks is None
    return eased or decision.reason is Reason.NO_FRESH_NEWS


def _event(
    statement: Statement,
    decision: AlertDecision,
    told: AlertState | None,
    config: Config,
    lost: LostWay | None,
) -> Mapping[str, Any]:
    """Return what happened; where only good news could be named, what was told before."""
    speaks, news = statement.speaks, statement.news
    if lost is not None and decision.reason is Reason.WAY_LOST:
        speaks, news = lost.speaks, lost.news
    if speaks is None:
        return {}
    if told is not None and _denies_itself(speaks, decision):
        return {"speaks": speaks.id, "kind": _last_danger(told, config)}
    return {"speaks": speaks.id, **_happened(speaks, news, config)}


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
        "serious": is_serious(speaks, config),
    }


def _pair(found: Range | None) -> tuple[int, int] | None:
    return (found.low, found.high) if found is not None else None
