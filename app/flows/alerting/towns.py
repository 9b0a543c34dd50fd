"""Between which towns a danger lies, and on which road: how a driver names it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from app.alerts.alert import ENDS, AlertState, Stretch
from app.alerts.change import RouteChange
from app.alerts.decision import AlertDecision
from app.alerts.titles import title_of
from app.core.levels import Level
from app.incidents.incident import Incident, Status
from app.risk.lifted import closes_still, over_for
from app.roads.network import Network
from app.roads.places import Location, Shape
from app.roads.placing import between_label


def spot_near(incident: Incident, section_id: str | None, network: Network) -> Location:
    """Return the place of the incident that a section is nearest to: its own, mostly."""
    if section_id is None or not incident.elsewhere:
        return incident.location

    def away_km(spot: Location) -> float:
        if section_id in spot.section_ids:
            return 0.0
        return network.distance_to_section_km(spot.position, section_id)

    return min(incident.spots, key=away_km)


def stretch_of(
    route: str, worst: str, speaks: Incident | None, cargo: str, network: Network
) -> Stretch | None:
    """Return the towns between which the danger lies, in the direction of the route.

    None for an area: the danger is not on one stretch.

    Args:
        route: Its code.
        worst: The section of it that sets the level.
        speaks: The incident that is spoken of, if one is.
        cargo: For which it may be over on a part.
        network: The roads.
    """
    if speaks is not None and speaks.location.shape is Shape.AREA:
        return None
    spot = spot_near(speaks, worst, network) if speaks is not None else None
    near = still_on(route, speaks, spot, cargo, network) if speaks and spot else ()
    return _between_towns(network, route, *(near or (worst,)))


def still_on(
    route: str, incident: Incident, spot: Location, cargo: str, network: Network
) -> tuple[str, ...]:
    """Return the sections of the route that it is on: without those opened, unless all are."""
    near = _where_on(route, spot, network)
    still = (one for one in near if closes_still(incident, network.sections[one], cargo))
    return tuple(still) or near


def part_told(
    route: str, incident: Incident, spot: Location, cargo: str, network: Network
) -> Location:
    """Return the spot to name on a route: of a closed road that was opened in part, the rest."""
    opened = spot.whole and (incident.lifted or incident.lifted_for)
    if not opened or not (still := still_on(route, incident, spot, cargo, network)):
        return spot
    return replace(spot, label=between_label(*span_on(route, still, network)))


def ended_on(
    route: str, cargo: str, over: Iterable[tuple[Incident, Incident]], network: Network
) -> tuple[tuple[Incident, Stretch], ...]:
    """Return the dangers that have just ended on the route for a cargo, and between which towns.

    `over`: dangers that have ended somewhere, before and now. Of an area only where it is over all
    along the route: between which towns the rest of it is, nobody could be told.
    """
    found = []
    for before, now in over:
        reached = reached_on(route, now, network)
        ended = [one for one in reached if _is_over(now, one, cargo, network)]
        freed = [one for one in ended if not _is_over(before, one, cargo, network)]
        if freed and (len(ended) == len(reached) or now.location.shape is not Shape.AREA):
            found.append((now, span_on(route, freed, network)))
    return tuple(found)


def is_over_on(route: str, cargo: str, incident: Incident, network: Network) -> bool:
    """Return whether a danger is over for a cargo wherever it reached the route."""
    if incident.status is Status.RESOLVED:
        return True
    reached = reached_on(route, incident, network)
    return bool(reached) and all(_is_over(incident, one, cargo, network) for one in reached)


def reached_on(route: str, incident: Incident, network: Network) -> set[str]:
    """Return the sections of the route that an incident is on, at each of its places."""
    where = incident.location
    if where.shape is Shape.AREA and where.area:
        return {*network.sections_in(where.area)} & {*network.corridors[route].section_ids}
    return {one for spot in incident.spots for one in _where_on(route, spot, network)}


def _is_over(incident: Incident, section_id: str, cargo: str, network: Network) -> bool:
    return any(over_for(network.sections[section_id], incident, (cargo,)))


def place_told(route: str, worst: str, speaks: Incident, cargo: str, network: Network) -> Location:
    """Return the place of the incident to name: of several between the same towns the one most say.

    Args:
        route: Its code.
        worst: The section of it that sets the level.
        speaks: The incident that is spoken of.
        cargo: As in `stretch_of`.
        network: The roads.
    """
    near = spot_near(speaks, worst, network)
    main = still_on(route, speaks, speaks.location, cargo, network)
    if near is speaks.location or not main:
        return near
    stretch = stretch_of(route, worst, speaks, cargo, network)
    return speaks.location if _between_towns(network, route, *main) == stretch else near


def stretch_said(
    change: RouteChange, decision: AlertDecision, told: AlertState | None, *, nothing_new: bool
) -> Stretch | None:
    """Return where a statement says it lies: what ends or eases, where it was told.

    Args:
        change: What could be said; its `stretch` is the worst now.
        decision: What is said.
        told: What was said before.
        nothing_new: The words are of what was told, for nothing has been heard since. By statistics
            another stretch may be the worst now, where nobody heard of a danger.
    """
    now = change.stretch
    if told is None or now is None:
        return now
    if nothing_new:
        still_high = now in told.stretches and change.after.rank >= Level.HIGH.rank
        only = told.stretch if len(told.stretches) == 1 else None
        return now if still_high else only
    if decision.type not in ENDS or now in told.stretches:
        return now
    return told.stretch or now


def via_of(route: str, network: Network) -> str | None:
    """Return the town that tells a route from another one between the same ends; None: alone there.

    Who reads "Bamako-Dakar" must know whether it is the road by Kayes or that by Kita.
    """
    own = network.corridors[route]
    ends = {own.stops[0].place_id, own.stops[-1].place_id}
    others = (network.corridors[one] for one in network.routes_at(min(ends)) if one != route)
    elsewhere = {
        stop.name
        for other in others
        if {other.stops[0].place_id, other.stops[-1].place_id} == ends
        for stop in other.stops
    }
    towns = title_of(own.title).split(" - ")[1:-1] if elsewhere else []
    return next((town for town in towns if town not in elsewhere), None)


def road_of(route: str, worst: str, stretch: Stretch | None, network: Network) -> str | None:
    """Return the number of the road between the towns, None where part of it has another or none.

    Who reads "Kayes-Nioro (RN1)" takes it for the road by Diéma, not for that by Yélimané.
    """
    own = network.corridors[route].section_ids
    between = own if stretch is None else sections_between(route, stretch, network)
    numbers = {network.sections[one].road for one in between or (worst,)}
    return numbers.pop() if len(numbers) == 1 else None


def _lies_in(section_id: str, stretch: Stretch, route: str, network: Network) -> bool:
    stops = network.corridors[route].stops
    ends = sorted(stop.km for stop in stops if stop.name in stretch)
    low, high = sorted(network.km_on_route(section_id, route))
    return bool(ends) and ends[0] - _ROUNDING_KM <= low and high <= ends[-1] + _ROUNDING_KM


def sections_between(route: str, stretch: Stretch, network: Network) -> tuple[str, ...]:
    """Return the sections of the route between two towns of it."""
    own = network.corridors[route].section_ids
    return tuple(one for one in own if _lies_in(one, stretch, route, network))


def span_on(route: str, section_ids: Collection[str], network: Network) -> Stretch:
    """Return the towns of the route between which all these sections of it lie."""
    return _between_towns(network, route, *section_ids)


def span_of(section_ids: Collection[str], network: Network) -> Stretch | None:
    """Return the towns between which all these sections lie; None where no one route has them."""
    wanted = set(section_ids)
    routes = (
        code for code, corridor in network.corridors.items() if wanted <= {*corridor.section_ids}
    )
    route = next(routes, None) if wanted else None
    return _between_towns(network, route, *sorted(wanted)) if route is not None else None


def _between_towns(network: Network, route: str, *section_ids: str) -> Stretch:
    """Return the main stops of the route on either side of sections.

    Long legs are cut at villages that only their neighbours know; a driver knows the towns.
    """
    spans = {one: sorted(network.km_on_route(one, route)) for one in section_ids}
    first = min(spans, key=lambda one: spans[one][0])
    last = max(spans, key=lambda one: spans[one][1])
    main = [stop for stop in network.corridors[route].stops if stop.main]
    before = [stop.name for stop in main if stop.km <= spans[first][0] + _ROUNDING_KM]
    after = [stop.name for stop in main if stop.km >= spans[last][1] - _ROUNDING_KM]
    return (
        before[-1] if before else network.sections[first].start_name,
        after[0] if after else network.sections[last].end_name,
    )


#: Kilometres of stops and sections are rounded alike, but not always together.
_ROUNDING_KM = 0.1


def _where_on(route: str, spot: Location, network: Network) -> tuple[str, ...]:
    """Return the sections of the route that it was on: all of a stretch, of a spot the nearest.

    At a town two are equally near: it was on that of the road which was named. None where none is.
    """
    own = set(network.corridors[route].section_ids)
    if named := tuple(one for one in spot.section_ids if one in own):
        return named
    within = max(spot.radius_km, 1.0) + _NEAR_KM
    near = [one for one, _ in network.sections_within(spot.position, within) if one in own]
    along = [one for one in near if one in (spot.along or ())]
    return tuple((along or near)[:1])


#: Beyond this a place is not on a section: the danger is told for the section that it makes worst.
_NEAR_KM = 15.0
