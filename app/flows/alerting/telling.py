"""What is told of routes rated again: the other half of `assess`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import ENDS, AlertState
from app.alerts.change import Cause
from app.alerts.decide import decide
from app.alerts.decision import AlertDecision, Chain
from app.alerts.pacing import news_on
from app.alerts.store.chains import Subject
from app.alerts.way_lost import take_back
from app.core.levels import Level
from app.flows.alerting import bundle
from app.flows.alerting.bundle import Decided
from app.flows.alerting.calm import calm_of, going_on_at
from app.flows.alerting.lost_ways import LostWay, find_lost, news_of
from app.flows.alerting.statements import Background, certainty_of, statement_of
from app.flows.context import Context
from app.flows.rating.ratings import Rated, RouteRated
from app.flows.rating.route_news import RouteNews, weighs
from app.flows.rating.standing import Standing
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.risk import store as risk_store
from app.risk.rulebook import RuleBook
from app.roads.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What changed on one route for one cargo.

    Attributes:
        news: Its levels, and the rating with its reasons that sets the one now.
        decision: What is said of it, or why nothing.
        alert_id: The alert that says it.
    """

    news: RouteNews
    decision: AlertDecision
    alert_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """All effects of a change; `alerts` are the ids of the alerts raised."""

    effects: tuple[Effect, ...]
    alerts: tuple[str, ...]


def tell(
    conn: Connection,
    routes: Sequence[RouteRated],
    rated: Mapping[str, Rated],
    background: Background,
    *,
    actor: str,
    book: RuleBook,
    context: Context,
    now: datetime,
) -> Assessment:
    """Decide what is told of each route and cargo, and store the alerts.

    The alerts of one change are one bundle: whom several of them concern is sent one message, the
    worst first.
    """
    lost = find_lost(conn, rated, background)
    further = lost.keys() | alert_store.told_of_ways(conn, background.refuted)
    corridors = context.config.network.corridors
    # a road that was taken out of the configuration is not rated any more: nothing is said of it
    further = {one for one in further if one[0] in corridors}
    elsewhere = _as_they_stand(conn, further - {_subject(one) for one in routes})
    asked = [
        one
        for one in (*routes, *elsewhere)
        if background.changed or one.state.level is not one.level_before or _subject(one) in lost
    ]
    told = alert_store.told_state(conn, [_subject(one) for one in asked], memory=context.told)
    matter = [
        (one, known)
        for one in asked
        if _matters(one, known := told.get(_subject(one)), background) or _subject(one) in lost
    ]
    standing = Standing(conn, book=book, context=context, now=now)
    standing.load({one.state.worst_section for one, _ in matter} - rated.keys())
    said_on = news_on(told)
    over_told = alert_store.told_over(conn, background.taken_up)
    decided = [
        _decided(
            conn,
            one,
            known,
            _news(one, rated, background, standing),
            background,
            standing=standing,
            over_told_at=over_told.get(_subject(one)),
            beside=said_on.get(one.state.route, ()),
            lost=lost.get(_subject(one)),
            context=context,
            now=now,
        )
        for one, known in matter
    ]
    ids = bundle.store(conn, decided, rated, background, actor=actor, context=context, now=now)
    alert_store.renew(conn, _waiting(decided))
    _drop_overtaken(conn, routes, context, now)
    return Assessment(
        effects=tuple(
            Effect(news=one.statement.news, decision=one.decision, alert_id=ids.get(one.subject))
            for one in decided
        ),
        alerts=tuple(ids.values()),
    )


def _subject(one: RouteRated) -> Subject:
    return one.state.route, one.state.cargo


def _decided(
    conn: Connection,
    one: RouteRated,
    told: AlertState | None,
    news: RouteNews,
    background: Background,
    *,
    standing: Standing,
    over_told_at: datetime | None,
    beside: Collection[datetime],
    lost: LostWay | None,
    context: Context,
    now: datetime,
) -> Decided:
    """Decide what is said of a route and cargo, after what was `told` of them.

    `beside`: when news was told of the route, for any cargo. `over_told_at`: see
    `RouteChange`. `lost`: the other road that was named and has become dangerous.
    """
    about = _told_of(conn, one, told, background, context)
    goes_on = partial(
        going_on_at,
        route=news.route,
        cargo=news.cargo,
        standing=standing,
        config=context.config,
        now=now,
    )
    statement = statement_of(
        news, background, context.config, about=about, over_told_at=over_told_at, goes_on=goes_on
    )
    if told is not None and _may_end(one, told, background, context):
        calm = calm_of(
            conn,
            one.state,
            told,
            standing=standing,
            config=context.config,
            answered=statement.change.resolved,
            now=now,
        )
        statement = replace(statement, change=replace(statement.change, calm=calm))
    policy = context.config.alerts
    decision = decide(statement.change, told, policy=policy, now=now, beside=beside)
    if lost is not None and told is not None:
        decision = take_back(
            decision,
            told,
            level=lost.news.after,
            certainty=certainty_of(lost.speaks),
            only_unknown=lost.only_unknown,
            policy=policy,
            now=now,
        )
    return Decided(statement, decision, told, lost)


def _as_they_stand(conn: Connection, subjects: Collection[Subject]) -> list[RouteRated]:
    """Return routes on which nothing changed, and of which there may be something to say."""
    states = risk_store.route_states(conn, {route for route, _ in subjects})
    return [
        RouteRated(state=states[one], before=states[one])
        for one in sorted(subjects)
        if one in states
    ]


def _drop_overtaken(
    conn: Connection, routes: Sequence[RouteRated], context: Context, now: datetime
) -> None:
    """Drop what still waits for a moderator about a road that is calm again."""
    is_told = context.config.alerts.is_told
    calm = [
        _subject(one)
        for one in routes
        if is_told(one.level_before) and not is_told(one.state.level)
    ]
    alert_store.drop_held(conn, calm, now=now)


def _may_end(one: RouteRated, told: AlertState, background: Background, context: Context) -> bool:
    """Return whether the end of what was told may be said now, or waits to be said."""
    if told.type in ENDS or background.backfill:
        return False
    is_told = context.config.alerts.is_told
    over = not is_told(one.state.level)
    return over and (is_told(told.level) or background.answers(one.state.level, one.state.cargo))


def _waiting(decided: Sequence[Decided]) -> dict[str, datetime]:
    """Return until when alerts hold whose all-clear waits until it has been quiet long enough."""
    return {
        one.told.id: one.decision.expires_at
        for one in decided
        if one.told is not None and one.decision.chain is Chain.RENEWED
    }


def _matters(one: RouteRated, told: AlertState | None, background: Background) -> bool:
    """Return whether there may be something to say, or to show who reported."""
    if one.state.level is not one.level_before:
        return True
    if not background.changed:
        return False
    return told is not None or one.state.level.rank >= Level.MODERATE.rank


def _told_of(
    conn: Connection,
    one: RouteRated,
    told: AlertState | None,
    background: Background,
    context: Context,
) -> Incident | None:
    """Return the incident last spoken of, where time alone makes that old: it is named again."""
    if told is None or told.speaks is None or background.cause is not Cause.AGED:
        return None
    if context.config.alerts.is_told(one.state.level):
        return None
    return incident_store.find_incident(conn, told.speaks)


def _news(
    one: RouteRated, rated: Mapping[str, Rated], background: Background, standing: Standing
) -> RouteNews:
    """Return the news of a route, with the section to speak of.

    Of several sections at the route's level the one nearest to what brought the news; else the one
    that holds the level although nothing changed there. But a road that is as bad elsewhere hides
    no attack on a stretch that it alone would close: then it is that stretch.
    """
    state, network = one.state, standing.network
    own = [key for key in network.corridors[state.route].section_ids if key in rated]
    alike = [key for key in own if rated[key].ratings[state.cargo].level is state.level]
    worst = (
        _news_of(one, rated[_nearest(alike, state.cargo, rated, background, network)])
        if alike
        else standing.news(state, one.level_before)
    )
    trigger = background.trigger
    if trigger is None or background.good_news or not own or weighs(worst, trigger):
        return worst
    here = _news_of(one, rated[_nearest(own, state.cargo, rated, background, network)])
    return replace(here, graver=worst) if weighs(here, trigger) else worst


def _news_of(one: RouteRated, chosen: Rated) -> RouteNews:
    state = one.state
    return news_of(chosen, state.route, state.cargo, before=one.level_before, after=state.level)


def _nearest(
    alike: Sequence[str],
    cargo: str,
    rated: Mapping[str, Rated],
    background: Background,
    network: Network,
) -> str:
    if background.where is None:
        return max(alike, key=lambda section_id: rated[section_id].ratings[cargo].score)
    where = background.where.position
    return min(alike, key=lambda section_id: network.distance_to_section_km(where, section_id))
