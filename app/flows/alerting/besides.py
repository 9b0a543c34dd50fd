"""What else is true of a road than what a statement is about: what closes it, what has ended."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from app.alerts.alert import AlertState, Stretch
from app.config import Config
from app.flows.alerting.calm import ended_by_person
from app.flows.alerting.towns import ended_on, span_on, stretch_of
from app.flows.rating.route_news import RouteNews
from app.incidents.incident import Incident, Status
from app.risk.closures import closures_of
from app.risk.contradictions import contradictions

#: What has ended, and between which towns; None: on no stretch in particular.
Over = tuple[Incident, Stretch | None]

_DAY = timedelta(days=1)


def ended_on_route(
    news: RouteNews,
    over: Sequence[tuple[Incident, Incident]],
    answered: Collection[str],
    config: Config,
) -> tuple[Over, ...]:
    """Return the dangers that have just ended, as far as that is told beside others, and where.

    Of closures, on a part of the road too, for whoever waits there waits; and of what a person says
    so: hostages who are free open no road, nor does one truck that passed; their all-clear waits
    until it has been quiet.

    Args:
        news: Of the route.
        over: What has ended somewhere, for some or for all, before and now.
        answered: Of these by id: what has ended for the cargo.
        config: Which kinds close a road.
    """
    kinds = config.journeys.closed.kinds
    closures = (each for each in over if each[1].kind in kinds)
    others = (
        now
        for _, now in over
        if now.kind not in kinds and now.id in answered and ended_by_person([now])
    )
    return (
        *ended_on(news.route, news.cargo, closures, config.network),
        *((one, where_on(news, one, config)) for one in others),
    )


def where_on(news: RouteNews, danger: Incident, config: Config) -> Stretch | None:
    """Return between which towns of the route a danger is, or was."""
    return stretch_of(news.route, news.worst.section_id, danger, news.cargo, config.network)


def lifted_of(
    news: RouteNews, over: Iterable[Over], told: AlertState, *, too: Iterable[Over] = ()
) -> Mapping[str, Any]:
    """Return what was told and has just ended, and where, while the road has other dangers.

    With what was said to have ended in the day before: that may have been held up until morning,
    and be overtaken by this. `too`: what else is over.
    """
    lately = [each for each in told.ended if news.worst.at - each.at < _DAY]
    ended = [
        *((one.kind, where) for one, where in too),
        *((each.kind, each.stretch) for each in reversed(lately)),
    ]
    said: Mapping[str, Any] = {
        "lifted_too": tuple((kind, *(where or ("", ""))) for kind, where in ended)
    }
    one, where = next((each for each in over if each[0].id in told.incident_ids), (None, None))
    if one is None:
        return said
    whole = one.id if one.status is Status.RESOLVED else None
    return {**said, "lifted": whole, "lifted_kind": one.kind, "lifted_at": where}


def closed_on(news: RouteNews, config: Config, closed: Sequence[str]) -> dict[str, Any]:
    """Return whether the road is closed: where it is worst, else where on the route it is."""
    if _is_closed(news, config):
        return {"closed": True}
    if not closed:
        return {}
    return {"closed": True, "closed_at": span_on(news.route, closed, config.network)}


def _is_closed(news: RouteNews, config: Config) -> bool:
    """Return whether something closes the worst stretch, as whoever plans a journey is told."""
    policy = config.journeys.closed
    return bool(closures_of(news.evidence, news.cargo, policy=policy, now=news.worst.at))


def disputed_by(news: RouteNews, speaks: Incident | None) -> str | None:
    """Return the kind of the good news that denies what is spoken of, if some does."""
    cargo = news.evidence.book.cargoes.index(news.cargo)
    pairs = contradictions(news.evidence, cargo, now=news.worst.at)
    denying = (pair.open.kind for pair in pairs if speaks and pair.closed.id == speaks.id)
    return next(denying, None)
