"""Borders, coasts and rivers around the network: what a map of it is drawn on.

`config/network/outlines.json` is made from a TopoJSON of Natural Earth (public domain) by
`sira roads outlines`; without that file maps show the roads alone.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shapely import LineString, clip_by_rect  # type: ignore[import-untyped]
from shapely.geometry.base import BaseGeometry  # type: ignore[import-untyped]

from app.core.errors import ConfigError
from app.roads.geometry import Position

#: Degrees: finer than a map of a country on a screen shows.
_COARSE = 0.015
_DECIMALS = 2
#: Degrees shown around the network.
MARGIN = 1.2

#: The file, beside the network.
OUTLINES = "outlines.json"

Lines = tuple[tuple[Position, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """Lines by what they are."""

    borders: Lines
    coasts: Lines
    rivers: Lines


def box_of(positions: Iterable[Position], *, margin: float = MARGIN) -> Box:
    """Return the box around positions, with a margin."""
    places = list(positions)
    lats, lons = [one.lat for one in places], [one.lon for one in places]
    return Box(
        west=min(lons) - margin,
        south=min(lats) - margin,
        east=max(lons) + margin,
        north=max(lats) + margin,
    )


@cache
def load_outlines(path: Path) -> Outlines | None:
    """Return what a file holds, read once a process; None when there is no such file.

    Raises:
        ConfigError: It is not what `sira roads outlines` writes.
    """
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Outlines(**{name: _positions(found[name]) for name in _NAMES})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path.name}: {error}") from error


def _positions(lines: Sequence[Sequence[float]]) -> Lines:
    """Return lines from flat lists of lon, lat, lon, lat ..."""
    return tuple(
        tuple(Position(lat, lon) for lon, lat in zip(line[::2], line[1::2], strict=True))
        for line in lines
    )


def from_topojson(topology: Mapping[str, Any], box: Box) -> dict[str, list[list[float]]]:
    """Return what `load_outlines` reads, of the part of a topology within a box.

    Args:
        topology: With the objects `countries`, `coastlines` and `rivers`.
        box: What is kept.

    Raises:
        ValueError: It is no such topology.
    """
    try:
        arcs = [_decoded(arc, topology["transform"]) for arc in topology["arcs"]]
        objects = {name: topology["objects"][name]["geometries"] for name in _LAYERS.values()}
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a topology of countries, coastlines and rivers: {error}") from error
    shared = _shared(objects["countries"])
    drawn = {
        "borders": sorted(shared),
        "coasts": _used(objects["coastlines"]),
        "rivers": _used(objects["rivers"]),
    }
    return {
        name: list(_clipped((arcs[n] for n in numbers), box)) for name, numbers in drawn.items()
    }


_LAYERS = {"borders": "countries", "coasts": "coastlines", "rivers": "rivers"}
_NAMES = tuple(_LAYERS)


def _decoded(arc: Sequence[Sequence[int]], transform: Mapping[str, Any]) -> list[Any]:
    """Return the positions of an arc, which are steps from one to the next on a grid."""
    (wide, high), (west, south) = transform["scale"], transform["translate"]
    x = y = 0
    found = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        found.append((x * wide + west, y * high + south))
    return found


def _numbers(arcs: Any) -> Iterator[int]:
    """Yield the numbers of arcs, however deep they are nested; ~n is n read backwards."""
    for one in arcs:
        if isinstance(one, int):
            yield one if one >= 0 else ~one
        else:
            yield from _numbers(one)


def _used(geometries: Sequence[Mapping[str, Any]]) -> list[int]:
    return list(dict.fromkeys(n for one in geometries for n in _numbers(one.get("arcs", ()))))


def _shared(geometries: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the arcs that two countries have in common."""
    counts = Counter(n for one in geometries for n in set(_numbers(one.get("arcs", ()))))
    return {n for n, count in counts.items() if count > 1}


def _clipped(lines: Iterable[Sequence[Any]], box: Box) -> Iterator[list[float]]:
    for line in lines:
        if len(line) < 2:  # noqa: PLR2004 - a line has two ends
            continue
        inside = clip_by_rect(LineString(line), box.west, box.south, box.east, box.north)
        for part in _parts(inside.simplify(_COARSE)):
            yield [round(value, _DECIMALS) for place in part.coords for value in place[:2]]


def _parts(found: BaseGeometry) -> Iterator[LineString]:
    if isinstance(found, LineString):
        if not found.is_empty:
            yield found
    else:
        for part in getattr(found, "geoms", ()):
            yield from _parts(part)
