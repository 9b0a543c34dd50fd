"""What is known of the road that a message asks for: its level, why, and how old the news is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, product

from sqlalchemy import Connection

from app.alerts.alert import Certainty, Stretch
from app.alerts.replies import News
from app.core.levels import Level, worst
from app.flows.alerting.towns import span_of
from app.flows.context import Context
from app.flows.rating.ratings import states_of
from app.flows.readers.journeys_out import OVER, leading
from app.flows.wire import noon_of
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.risk import store as risk_store
from app.risk.journeys import RoadsNow
from app.risk.kept import SectionState
from app.risk.rating import Closure, SectionCargoState
from app.risk.road_graph import road_graph
from app.roads.network import Network
from app.roads.places import Location, Place, Shape
from app.subscribers.targets import road_names
from app.subscribers.understood import Action, Reading

#: Sections that pass a town so near are the roads of the town.
_AT_KM = 3.0
#: A place that has no road so near is asked about the nearest one, if that is near enough.
_NEAR_KM = 40.0
#: Longer than the shortest by more than this, a way is not what anybody means.
_DETOUR = 1.3
#: As GeoNames has it.
_CAPITAL = "PPLC"
#: The first and the last of so many parts of a way say nothing of where it runs.
_EDGE = 5


@dataclass(frozen=True, slots=True)
class _Way:
    """One way between the places that were named; `via`: the town that tells it from others."""

    sections: tuple[str, ...]
    via: str | None = None


#: What is known of each way, by the town that tells it from others.
_Told = Sequence[tuple[str | None, News | None]]


def news_for(conn: Connection, reading: Reading, *, context: Context, now: datetime) -> News | None:
    """Return what is known of the road or place in question; None: nothing.

    Of several ways between two towns the worst is told, and beside it the best: who asks about
    a road means the one that he always takes. Of a town the danger on the road to it is told, too,
    where that road was asked for, or where nothing bad is known of the town itself and no other
    way leads there: who asks about Kayes will drive there.
    """
    found = _gravest(_told_of(conn, _ways(reading, context), reading, context, now=now))
    of_town = reading.action is Action.ASK_STATE and len(reading.located) == 1
    if not of_town or (_is_danger(found) and not reading.leads):
        return found
    to_it = _news_to(conn, reading, context, now=now)
    if to_it is None or (found is not None and found.level.rank >= to_it.level.rank):
        return found
    return to_it


def _news_to(conn: Connection, reading: Reading, context: Context, *, now: datetime) -> News | None:
    """Return the danger on the ways to a town from its capital; None: none, or it is avoidable.

    Of a town in another country the ways from our capital are those that are driven, too.
    """
    place, network = reading.located[0], context.config.network
    capitals = (
        capital_of(place, network),
        _capital(context.config.subscribers.default_country, network),
    )
    stop = _stop(place, context)
    starts = dict.fromkeys(one for one in capitals if one and stop and stop != one.id)
    found = [_news_from(conn, one, stop, reading, context, now=now) for one in starts]
    return max((one for one in found if one), key=lambda news: news.level.rank, default=None)


def _news_from(
    conn: Connection,
    capital: Place,
    stop: str | None,
    reading: Reading,
    context: Context,
    *,
    now: datetime,
) -> News | None:
    ways = _between(capital.id, stop, context.config.network)
    told = _told_of(conn, ways, reading, context, now=now)
    bad = [_is_danger(news) for _, news in told]
    news = _gravest(told) if any(bad) and (reading.leads or all(bad)) else None
    return replace(news, start=capital.name) if news is not None else None


def _is_danger(news: News | None) -> bool:
    return news is not None and news.level.rank > Level.UNKNOWN.rank


def _told_of(
    conn: Connection, ways: Sequence[_Way], reading: Reading, context: Context, *, now: datetime
) -> _Told:
    """Return what is known of each way, with the town that tells it from others."""
    wanted = sorted({one for way in ways for one in way.sections})
    states = states_of(conn, wanted, context)
    cargoes = reading.cargoes or context.config.cargoes.codes
    told = [(way.via, _news(conn, way.sections, states, cargoes, context, now=now)) for way in ways]
    if reading.cargoes:
        return [(via, replace(news, cargoes=()) if news else None) for via, news in told]
    return told


def _gravest(told: _Told) -> News | None:
    """Return the worst of what is told of several ways, and beside it the best; None: nothing."""
    heard = [replace(news, via=via) for via, news in told if news is not None]
    if not heard:
        return None
    gravest = max(heard, key=lambda news: (news.level.rank, news.reported_at))
    levels = [(via, news.level if news else Level.UNKNOWN) for via, news in told]
    via, least = min(levels, key=lambda one: one[1].rank)
    if least is gravest.level:
        return replace(gravest, via=None)
    return replace(gravest, other=(via, least) if via else None)


def _ways(reading: Reading, context: Context) -> list[_Way]:
    network = context.config.network
    places = reading.located or ((reading.location,) if reading.location else ())
    if reading.action is Action.ASK_STATE and len(places) == 1:
        return [_Way(_around(places[0], network))]
    stops = [_stop(place, context) for place in places]
    if len(stops) == 2:  # noqa: PLR2004 - two ends
        return _between(stops[0], stops[1], network)
    legs = [leg for ends in pairwise(stops) for leg in _between(*ends, network)]
    return [_Way(tuple(dict.fromkeys(one for leg in legs for one in leg.sections)))]


def capital_of(place: Location, network: Network) -> Place | None:
    """Return the capital that a spot's roads are called from; None where it has none with a road.

    Who asks in Bamako for "la route de Kayes" must hear of Lakamané, 200 km before it.
    """
    return _capital(place.country, network) if place.shape is Shape.POINT else None


def _capital(country: str | None, network: Network) -> Place | None:
    towns = (network.places[one] for one in network.main_stops)
    wanted = (_CAPITAL, country)
    return next((one for one in towns if (one.feature, one.country) == wanted), None)


def _around(place: Location, network: Network) -> tuple[str, ...]:
    """Return the sections of an area or a stretch, or those that a town lies on."""
    if place.shape is Shape.AREA and place.area:
        return network.sections_in(place.area)
    if place.section_ids:
        return place.section_ids
    near = network.sections_within(place.position, _NEAR_KM)
    at = tuple(section_id for section_id, km in near if km <= _AT_KM)
    return at or tuple(section_id for section_id, _ in near[:1])


def _stop(place: Location, context: Context) -> str | None:
    """Return the place id of the stop at or nearest to a place."""
    network = context.config.network
    known = network.places.get(place.place_id or "") or context.gazetteer.places.get(
        place.place_id or ""
    )
    if known is None:
        found = context.gazetteer.nearest(place.position, _NEAR_KM)
        known = found[0] if found else None
    if known is None:
        return None
    spot, km = road_graph(network).nearest(known)
    return spot.place_id if km <= context.config.journeys.farthest_km else None


def _between(start: str | None, end: str | None, network: Network) -> list[_Way]:
    """Return the ways that people take between two stops.

    They are the stretches of the corridors that join the two; else those over a town where they
    change from one to another; else the shortest way over the network, which may be nobody's.
    """
    if start is None or end is None or start == end:
        return []
    found = _direct(start, end, network) or _over_a_town(start, end, network)
    if not found:
        found = [road_names(network).between(frozenset({start}), frozenset({end}))]
    alone = [sections for sections in dict.fromkeys(found) if sections]
    if len(alone) < 2:  # noqa: PLR2004 - nothing to tell apart
        return [_Way(sections) for sections in alone]
    return [_Way(sections, _via(sections, alone, network)) for sections in alone]


def _direct(start: str, end: str, network: Network) -> list[tuple[str, ...]]:
    ways = (_stretch(code, start, end, network) for code in network.routes_at(start))
    return [way for way in ways if way]


def _over_a_town(start: str, end: str, network: Network) -> list[tuple[str, ...]]:
    """Return the ways along two corridors, those not much longer than the shortest of them."""
    ways: dict[tuple[str, ...], float] = {}
    for first, second in product(network.routes_at(start), network.routes_at(end)):
        stops = {stop.place_id for stop in network.corridors[first].stops}
        change = [one.place_id for one in network.corridors[second].stops if one.place_id in stops]
        legs = [
            (
                _km(first, start, town, network) + _km(second, town, end, network),
                _stretch(first, start, town, network) + _stretch(second, town, end, network),
            )
            for town in change
        ]
        if legs:
            km, way = min(legs)
            ways[way] = km
    least = min(ways.values(), default=0.0)
    return [way for way, km in ways.items() if km <= least * _DETOUR]


def _km(code: str, start: str, end: str, network: Network) -> float:
    return abs((network.stop_km(code, start) or 0.0) - (network.stop_km(code, end) or 0.0))


def _stretch(code: str, start: str, end: str, network: Network) -> tuple[str, ...]:
    """Return the sections of a corridor from one of its stops to another, in that direction."""
    begin, finish = network.stop_km(code, start), network.stop_km(code, end)
    if begin is None or finish is None:
        return ()
    low, high = sorted((begin, finish))
    corridor = network.corridors[code]
    between = [
        section_id
        for section_id, (first, last) in zip(corridor.section_ids, corridor.section_km, strict=True)
        if first < high and last > low
    ]
    return tuple(between if begin < finish else reversed(between))


def _via(sections: Sequence[str], ways: Sequence[Sequence[str]], network: Network) -> str | None:
    """Return the largest town in the middle of the way that no other way passes."""
    others = {
        stop
        for way in ways
        if way is not sections
        for one in way
        for stop in (network.sections[one].start, network.sections[one].end)
    }
    edge = len(sections) // _EDGE
    middle = sections[edge : len(sections) - edge]
    own = {
        stop
        for one in middle or sections
        for stop in (network.sections[one].start, network.sections[one].end)
        if stop not in others and stop in network.places
    }
    towns = [network.places[one] for one in own]
    largest = max(towns, key=lambda town: (town.population or 0, town.id), default=None)
    return largest.name if largest else None


def _news(
    conn: Connection,
    sections: Sequence[str],
    states: dict[str, SectionState],
    cargoes: Sequence[str],
    context: Context,
    *,
    now: datetime,
) -> News | None:
    """Return the worst of these sections for any of the cargoes, and the newest word of it."""
    rated = [
        (section_id, cargo, state.cargoes.get(cargo) if (state := states.get(section_id)) else None)
        for section_id in sections
        for cargo in cargoes
    ]
    heard = [(at, cargo, one) for at, cargo, one in rated if one and one.evidence_at]
    if not heard:
        return None
    level = worst([one.level if one else Level.UNKNOWN for _, _, one in rated])
    speak = [each for each in heard if each[2].level is level] or heard
    closed_by = {(at, code): _closures(at, one, context, now=now) for at, code, one in speak}
    shut = [each for each in speak if closed_by[each[:2]]]
    section_id, cargo, newest = max(shut or speak, key=lambda each: _heard_at(each[2]))
    reported_at, by_day = _heard_at(newest)
    closures = closed_by[section_id, cargo]
    holds = closures[0] if closures and level is not Level.SEVERE else None
    told = level.rank > Level.UNKNOWN.rank
    named = _leading(conn, section_id, cargo, now=now) if told else []
    incident = _first_live(conn, [holds.incident_id] if holds else named, now=now)
    bad = {code for _, code, one in rated if one and one.level is level}
    at_worst = {at for at, _, one in rated if one and one.level is level}
    return News(
        level=level,
        kind=holds.kind if holds else incident.kind if incident else None,
        reported_at=reported_at,
        by_day=by_day,
        cargoes=tuple(code for code in cargoes if code in bad) if bad != set(cargoes) else (),
        closed=bool(shut),
        stretch=_part(sections, at_worst, context.config.network) if incident else None,
        certainty=_certainty(incident),
        starts_at=incident.starts_at.astimezone(context.config.alerts.zone)
        if incident and incident.starts_at
        else None,
    )


def _part(sections: Sequence[str], at_worst: set[str], network: Network) -> Stretch | None:
    """Return the part of what was asked for that is so bad, between towns; None: all of it."""
    return span_of(at_worst, network) if at_worst < set(sections) else None


def _closures(
    section_id: str, state: SectionCargoState, context: Context, *, now: datetime
) -> tuple[Closure, ...]:
    """Return what closes a section, as whoever plans a journey over the whole of it is told."""
    graph = road_graph(context.config.network)
    roads = RoadsNow(graph, {section_id: state}, context.config.journeys, now)
    return roads.closures_at(section_id)


def _heard_at(state: SectionCargoState) -> tuple[datetime, bool]:
    """Return when a section was last heard of, and whether only the day may be told."""
    at = state.evidence_at or state.rated_at
    return (noon_of(at), True) if state.by_day else (at, False)


def _leading(conn: Connection, section_id: str, cargo: str, *, now: datetime) -> list[str]:
    """Return what weighs most in a section's level."""
    changes = risk_store.section_levels_at(conn, cargo, at=now, section_ids=[section_id])
    change = changes.get(section_id)
    return [str(one["incident"]) for one in leading(change)] if change else []


def _first_live(conn: Connection, named: Sequence[str], *, now: datetime) -> Incident | None:
    """Return the first of these incidents that is not over."""
    known = incident_store.incidents_known(conn, named, at=now)
    return next(
        (known[one] for one in named if one in known and known[one].status not in OVER), None
    )


def _certainty(incident: Incident | None) -> Certainty | None:
    if incident is None:
        return None
    return Certainty.CONFIRMED if incident.certain else Certainty.UNCONFIRMED
