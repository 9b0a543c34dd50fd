"""Other roads that alerts named and that a change has made dangerous: who must be told of it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import NamedWay
from app.alerts.store import Subject
from app.alerts.way_lost import is_lost, shares_a_town
from app.core.levels import Level
from app.flows.alerting.statements import Background
from app.flows.rating.ratings import Rated
from app.flows.rating.route_news import RouteNews, holders
from app.incidents.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class LostWay:
    """Another road that was named and is dangerous now.

    Attributes:
        gone: It, and what else was named and is taken back by the same words.
        news: Of its worst section, as if it were of the route of which the alert told.
        speaks: What happened there; None: nothing in particular.
    """

    way: NamedWay
    gone: tuple[NamedWay, ...]
    news: RouteNews
    speaks: Incident | None

    @property
    def only_unknown(self) -> bool:
        """Return whether all of it comes from new or unknown sources."""
        return self.speaks is not None and self.speaks.only_unknown


def find_lost(
    conn: Connection, rated: Mapping[str, Rated], background: Background
) -> dict[Subject, LostWay]:
    """Return the named roads that are dangerous or closed now, by what the alert told of.

    Alerts are looked through only where a section has just become so; else those of which a
    moderator has still to let go that the road is lost, and those that said so of another: of
    roads that no town makes one to a reader, a message takes back the last named, the next the
    others.
    """
    if background.backfill:
        return {}
    bad = _sections(rated, lambda one, cargo: _is_high(one, cargo) or one.is_closed(cargo))
    rose = _sections(rated, lambda one, cargo: _rose(one, cargo) or one.closed_now(cargo))
    ways = alert_store.ways_waiting(conn, bad) | alert_store.ways_named(conn, rose)
    found: dict[Subject, LostWay] = {}
    for (route, cargo), named in ways.items():
        off = {way: lost for way in named if (lost := _lost_on(way, cargo, rated, bad[cargo]))}
        if off:
            way = next(iter(off))  # the one that was named last
            worst = max(off[way], key=partial(_badness, cargo=cargo))
            before, after = worst.level_before(cargo), worst.ratings[cargo].level
            news = news_of(worst, route, cargo, before=before, after=after)
            found[route, cargo] = LostWay(
                way=way,
                gone=tuple(one for one in off if one is way or shares_a_town(one.title, way.title)),
                news=news,
                speaks=_speaks(news, background),
            )
    return found


def _lost_on(
    way: NamedWay, cargo: str, rated: Mapping[str, Rated], bad: Collection[str]
) -> list[Rated]:
    """Return the sections that make another road one to keep off."""
    touched = [rated[one] for one in way.section_ids if one in bad]
    return [
        one
        for one in touched
        if is_lost(way, one.ratings[cargo].level, closed=one.is_closed(cargo))
    ]


def _sections(
    rated: Mapping[str, Rated], holds: Callable[[Rated, str], bool]
) -> dict[str, set[str]]:
    """Return by cargo the sections for which something holds; no cargo without one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for section_id, one in rated.items():
        for cargo in one.ratings:
            if holds(one, cargo):
                found[cargo].add(section_id)
    return dict(found)


def _is_high(one: Rated, cargo: str) -> bool:
    return one.ratings[cargo].level.rank >= Level.HIGH.rank


def _rose(one: Rated, cargo: str) -> bool:
    return _is_high(one, cargo) and one.ratings[cargo].level.rank > one.level_before(cargo).rank


def _badness(one: Rated, *, cargo: str) -> tuple[int, float]:
    return one.ratings[cargo].level.rank, one.ratings[cargo].score


def news_of(chosen: Rated, route: str, cargo: str, *, before: Level, after: Level) -> RouteNews:
    """Return a section rated again as the news of a route that went from one level to another."""
    return RouteNews(
        route=route,
        cargo=cargo,
        before=before,
        after=after,
        worst=chosen.explained(cargo),
        evidence=chosen.evidence,
        held=chosen.before.get(cargo),
        afresh=chosen.afresh,
    )


def _speaks(news: RouteNews, background: Background) -> Incident | None:
    """Return what to name: what brought the news, if it is behind the level, else what holds it."""
    behind = {one.incident_id for one in news.worst.contributions if not one.cleared}
    if background.trigger is not None and background.trigger.id in behind:
        return background.trigger
    return next(iter(holders(news)), None)
