"""Between which towns a danger lies, and on which road: how a driver names it. Pure."""

from collections.abc import Collection

from app.alerts.alert import Stretch
from app.incidents.incident import Incident
from app.roads.network import Network
from app.roads.places import Location, Shape


def spot_near(incident: Incident, section_id: str | None, network: Network) -> Location:
    """Return the place of the incident that a section is nearest to: its own, mostly."""
    if section_id is None or not incident.elsewhere:
        return incident.location

    def away_km(spot: Location) -> float:
        if section_id in spot.section_ids:
            return 0.0
        return network.distance_to_section_km(spot.position, section_id)

    return min(incident.spots, key=away_km)


def stretch_of(route: str, worst: str, speaks: Incident | None, network: Network) -> Stretch | None:
    """Return the towns between which the danger lies, in the direction of the route.

    None for an area: the danger is not on one stretch.

    Args:
        route: Its code.
        worst: The section of it that sets the level.
        speaks: The incident that is spoken of, if one is.
        network: The roads.
    """
    if speaks is not None and speaks.location.shape is Shape.AREA:
        return None
    spot = spot_near(speaks, worst, network) if speaks is not None else None
    near = _nearest(route, spot, network) if spot is not None else None
    return _between_towns(network, route, near or worst)


def place_told(route: str, worst: str, speaks: Incident, network: Network) -> Location:
    """Return the place of the incident to name: of several between the same towns the one most say.

    Args:
        route: Its code.
        worst: The section of it that sets the level.
        speaks: The incident that is spoken of.
        network: The roads.
    """
    near = spot_near(speaks, worst, network)
    main = _nearest(route, speaks.location, network)
    if near is speaks.location or main is None:
        return near
    stretch = stretch_of(route, worst, speaks, network)
    return speaks.location if _between_towns(network, route, main) == stretch else near


def road_of(route: str, worst: str, stretch: Stretch | None, network: Network) -> str | None:
    """Return the number of the road between the towns, or of where the level is set."""
    own = (worst, *network.corridors[route].section_ids)
    between = (one for one in own if _between_towns(network, route, one) == stretch)
    return network.sections[next(between, worst)].road


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


def _nearest(route: str, spot: Location, network: Network) -> str | None:
    """Return the section of the route nearest to where it was; None where none is near."""
    own = set(network.corridors[route].section_ids)
    named = [one for one in spot.section_ids if one in own]
    if named:
        return named[0]
    within = max(spot.radius_km, 1.0) + _NEAR_KM
    for section_id, _ in network.sections_within(spot.position, within):
        if section_id in own:
            return section_id
    return None


#: Beyond this a place is not on a section: the danger is told for the section that it makes worst.
_NEAR_KM = 15.0
