"""The state of the roads: every route in words, the worst first; and the search for a town."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts.titles import title_of
from app.core.levels import Level
from app.flows.context import Context
from app.flows.readers.picture import News, Road, Standing
from app.risk.road_graph import road_graph
from app.roads.places import Candidate
from app.web.speaking import Words, sentence

#: Longest text looked for; a town's name is shorter.
LONGEST_QUERY = 60
#: From this score on a name is shown as what was meant, and said; others are offered beside it.
_SURE = 0.75
_OFFERED = 5
#: The sheet for a wall is one page: more groups than this are printed in three columns, and more
#: than that without their times.
_ROOMY, _TIGHT = 44, 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cargoes for which a route stands alike, in words."""

    level: Level
    cargoes: str
    why: str
    since: datetime | None
    since_words: str
    news: tuple[tuple[News | None, str], ...]
    other_road: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A route on the page."""

    code: str
    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was looked for and what came of it.

    Attributes:
        routes: Codes of the routes to show; None: all.
        said: A sentence about it. `meant`: names to offer.
    """

    q: str
    routes: frozenset[str] | None
    said: str
    meant: tuple[str, ...] = ()


def state_values(
    roads: Sequence[Road], words: Words, *, now: datetime, search: Search | None = None
) -> dict[str, Any]:
    """Return what the template of the page prints."""
    wanted = search.routes if search is not None else None
    shown = [road for road in roads if wanted is None or road.corridor.code in wanted]
    entries = [_entry(road, words, now) for road in shown]
    return {
        "title": words("state_title"),
        "roads": entries,
        "dense": _density(sum(len(entry.groups) for entry in entries)),
        "notice": _notice(roads, words),
        "search": search,
    }


def _density(groups: int) -> str:
    """Return the classes that a page with so many groups is printed with."""
    if groups <= _ROOMY:
        return ""
    return "d" if groups <= _TIGHT else "d e"


def _notice(roads: Sequence[Road], words: Words) -> str | None:
    if not roads:
        return words("empty_roads")
    if all(one.since is None for road in roads for one in road.standings):
        return words("empty_ratings")
    return None


def _entry(road: Road, words: Words, now: datetime) -> Entry:
    alike: dict[tuple[Any, ...], list[Standing]] = {}
    for one in road.standings:
        key = (one.level, one.since, one.spoke, one.why, one.news, one.elsewhere, one.other_road)
        alike.setdefault(key, []).append(one)
    groups = sorted(alike.values(), key=lambda group: -group[0].level.rank)
    return Entry(
        code=road.corridor.code,
        title=title_of(road.corridor.title),
        groups=tuple(
            _group(group, words, now, whole=len(group) == len(road.standings)) for group in groups
        ),
    )


def _group(group: Sequence[Standing], words: Words, now: datetime, *, whole: bool) -> Group:
    one = group[0]
    cargoes = ", ".join(words.cargo(standing.cargo) for standing in group)
    return Group(
        level=one.level,
        cargoes=words("all_cargoes") if whole and len(group) > 1 else cargoes,
        why=words.why(one, now) if one.since is not None else "",
        since=one.since,
        since_words=sentence(
            words("since_never")
            if one.since is None
            else words("since", when=words.moment(one.since, now))
        ),
        news=words.heard(one, now),
        other_road=_other_road(one, words),
    )


def _other_road(one: Standing, words: Words) -> str | None:
    if one.other_road is None:
        return None
    key = "other_road_unheard" if one.other_road.unheard else "other_road"
    return words(key, title=title_of(one.other_road.title))


def look_up(text: str, context: Context, words: Words) -> Search:
    """Return the routes through the town, or with the code, that `text` names.

    What was found is said, and what else it may be is offered: nothing is guessed in silence.
    """
    q = " ".join(text.split())[:LONGEST_QUERY]
    network = context.config.network
    if (corridor := network.find_corridor(q)) is not None:
        return Search(q=q, routes=frozenset({corridor.code}), said="")
    found = context.gazetteer.find(q, limit=8) if q else []
    if not found:
        return Search(q=q, routes=frozenset(), said=words("search_none", q=q))
    best = found[0]
    meant = tuple(dict.fromkeys(one.name for one in found if one.name != best.name))[:_OFFERED]
    if best.score < _SURE:
        offered = (best.name, *meant)[:_OFFERED]
        return Search(q=q, routes=frozenset(), said=words("search_none", q=q), meant=offered)
    on_route = next((one for one in found if one.name == best.name and one.routes), best)
    if on_route.routes:
        said = words("search_found", name=on_route.name)
        return Search(q=q, routes=frozenset(on_route.routes), said=said, meant=meant)
    return _off_the_roads(q, best, context, words, meant)


def _off_the_roads(
    q: str, place: Candidate, context: Context, words: Words, meant: tuple[str, ...]
) -> Search:
    network = context.config.network
    known = context.gazetteer.places.get(place.place_id)
    if known is None or not network.corridors:
        return Search(q=q, routes=frozenset(), said=words("search_none", q=q), meant=meant)
    spot, km = road_graph(network).nearest(known)
    if km > context.config.journeys.farthest_km:
        return Search(q=q, routes=frozenset(), said=words("search_none", q=q), meant=meant)
    said = words("search_near", name=place.name, stop=spot.name, km=words.km(km))
    return Search(q=q, routes=frozenset(network.routes_at(spot.place_id)), said=said, meant=meant)
