"""The map: every section with its level on borders, coasts and rivers, and where incidents were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts.titles import title_of
from app.core.levels import Level
from app.flows.readers.map_picture import MapPicture
from app.roads.network import Corridor, Network, Section
from app.roads.outlines import Outlines, box_of
from app.web.roads.drawing import Plane, labels_of
from app.web.roads.map_days import Day, days_before
from app.web.speaking import Words, sentence

#: Degrees around one route.
_ROUTE_MARGIN = 0.6
_LISTED = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the map is wanted.

    Attributes:
        cargo: For whom; None: the worst of all.
        route: The view is of this one; None: of all.
        day: As it was at its end; None: now.
    """

    cargo: str | None
    route: Corridor | None
    day: Day | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A section as it is drawn, or several, and what it is called."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Sections of one level: they have their look in common.

    Attributes:
        roads: Where they lead to when touched, a route's code, with them.
    """

    level: Level
    roads: Mapping[str, Sequence[Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A place with incidents."""

    x: int
    y: int
    said: str


def map_values(
    picture: MapPicture,
    network: Network,
    outlines: Outlines | None,
    words: Words,
    *,
    seen: Seen,
    now: datetime,
) -> dict[str, Any]:
    """Return what the template of the page prints."""
    cargo, route, day = seen.cargo, seen.route, seen.day
    shown = [route] if route is not None else list(network.corridors.values())
    stops = {stop.place_id for corridor in shown for stop in corridor.stops}
    margin = {"margin": _ROUTE_MARGIN} if route is not None else {}
    places = [network.places[one] for one in stops]
    towns = [network.places[one] for one in stops & network.main_stops]
    plane = Plane(box_of((one.position for one in places), **margin)) if places else None
    cargoes = [("", sentence(words("map_all")))]
    cargoes += [(one, sentence(words.cargo(one))) for one in words.config.cargoes.codes]
    return {
        "title": words("map_title"),
        "alt": words("map_alt"),
        "plane": plane,
        **(_drawn(picture, network, outlines, plane, words, now=now) if plane else {}),
        "labels": labels_of(towns, plane) if plane else [],
        **_listed(picture, plane),
        "cargo": cargo or "",
        "cargoes": cargoes,
        "route": route.code if route is not None else "",
        "routes": [(one.code, title_of(one.title)) for one in network.corridors.values()],
        **_days(day, words, now=now),
        "said_for": words("map_for", cargo=words.cargo(cargo) if cargo else words("map_all")),
    }


def _listed(picture: MapPicture, plane: Plane | None) -> dict[str, Any]:
    """Return what can be seen in the view, the latest first, and whether there is more of it."""
    found = [one.what for one in picture.spots if plane is None or plane.holds(one.position)]
    found.sort(key=lambda one: one.at, reverse=True)
    return {"incidents": found[:_LISTED], "more": len(found) > _LISTED}


def _days(day: Day | None, words: Words, *, now: datetime) -> dict[str, Any]:
    """Return the days to look back on, and which one this is."""
    return {
        "then": day.date.isoformat() if day is not None else "",
        "days": [
            (one.date.isoformat(), words.weekday(one.date)) for one in days_before(now, words.zone)
        ],
        "said_then": words("map_then", day=words.weekday(day.date)) if day is not None else "",
    }


def _drawn(
    picture: MapPicture,
    network: Network,
    outlines: Outlines | None,
    plane: Plane,
    words: Words,
    *,
    now: datetime,
) -> dict[str, Any]:
    return {
        "land": _land(outlines, plane),
        "layers": _layers(picture.levels, network, plane, words),
        "dots": _dots(picture, plane, words, now),
    }


def _land(outlines: Outlines | None, plane: Plane) -> dict[str, str]:
    if outlines is None:
        return {}
    return {
        "rivers": plane.path(*outlines.rivers),
        "borders": plane.path(*outlines.borders),
        "coasts": plane.path(*outlines.coasts),
    }


def _layers(
    levels: Mapping[str, Level], network: Network, plane: Plane, words: Words
) -> list[Layer]:
    """Return every section in view, the worst last: it lies on top.

    Where nobody said anything there is nothing to say of a section: a route's are one line.
    """
    drawn: dict[Level, dict[str, list[Line]]] = {}
    silent: dict[str, list[Section]] = {}
    for section in network.sections.values():
        level, route = levels.get(section.id, Level.UNKNOWN), section.corridors[0]
        if level is Level.UNKNOWN:
            silent.setdefault(route, []).append(section)
        elif path := plane.path(section.line):
            name = f"{section.start_name} - {section.end_name}: {words.level(level)}"
            drawn.setdefault(level, {}).setdefault(route, []).append(Line(path=path, name=name))
    for route, sections in silent.items():
        if path := plane.path(*(one.line for one in sections)):
            name = f"{title_of(network.corridors[route].title)}: {words.level(Level.UNKNOWN)}"
            drawn.setdefault(Level.UNKNOWN, {})[route] = [Line(path=path, name=name)]
    return [Layer(level=one, roads=drawn[one]) for one in sorted(drawn, key=lambda one: one.rank)]


def _dots(picture: MapPicture, plane: Plane, words: Words, now: datetime) -> list[Dot]:
    """Return one dot for each place, with all that happened there."""
    at: dict[tuple[int, int], list[str]] = {}
    for spot in picture.spots:
        if plane.holds(spot.position):
            said = f"{words.incident(spot.what)}, {words.day_of(spot.what, now)}"
            at.setdefault(plane.at(spot.position), []).append(said)
    return [Dot(x=x, y=y, said="; ".join(said)) for (x, y), said in at.items()]
