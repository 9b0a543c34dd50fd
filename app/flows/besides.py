"""What else is true of a road than what a statement is about: what closes it, what has ended."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.alerts.alert import AlertState, Stretch
from app.config import Config
from app.flows.route_news import RouteNews
from app.flows.towns import span_on
from app.incidents.incident import Incident
from app.risk.closures import closures_of
from app.risk.contradictions import contradictions


def lifted_of(over: Iterable[tuple[Incident, Stretch]], told: AlertState) -> Mapping[str, Any]:
    """Return which closure that was told has just ended, and where, while the road has dangers."""
    one, where = next((each for each in over if each[0].id in told.incident_ids), (None, None))
    return {} if one is None else {"lifted_kind": one.kind, "lifted_at": where}


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
