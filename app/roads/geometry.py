"""Positions and distances on the WGS 84 ellipsoid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely  # type: ignore[import-untyped]
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

_EARTH = Geodesic.WGS84
#: Semi-major axis in km and first eccentricity squared of WGS 84.
_AXIS_KM = 6378.137
_ECC2 = 6.69437999014e-3
#: No degree of latitude is shorter than this, in km.
_KM_PER_DEGREE = 110.5
_POLE, _ANTIMERIDIAN = 90.0, 180.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Position:
    """A point, WGS 84, degrees."""

    lat: float
    lon: float

    @property
    def on_earth(self) -> bool:
        """Return whether latitude and longitude are within their ranges."""
        return abs(self.lat) <= _POLE and abs(self.lon) <= _ANTIMERIDIAN


def distance_km(a: Position, b: Position) -> float:
    """Return the length of the shortest line on the ellipsoid, in km; 80 us, see `rough_km`."""
    line = _EARTH.Inverse(a.lat, a.lon, b.lat, b.lon, Geodesic.DISTANCE)
    return float(line["s12"]) / 1000.0


def offset(start: Position, bearing: float, km: float) -> Position:
    """Return the point `km` from `start` in the direction `bearing` (degrees from north)."""
    line = _EARTH.Direct(start.lat, start.lon, bearing, km * 1000.0)
    return Position(lat=float(line["lat2"]), lon=float(line["lon2"]))


def between(a: Position, b: Position, fraction: float) -> Position:
    """Return the point that lies `fraction` of the way from `a` to `b`."""
    return Position(a.lat + (b.lat - a.lat) * fraction, a.lon + (b.lon - a.lon) * fraction)


def rough_km(a: Position, b: Position) -> float:
    """Return the distance for comparing: within 0.1 % up to 500 km, and far cheaper."""
    by_lat, by_lon = _km_per_degree(math.radians((a.lat + b.lat) / 2.0))
    return math.hypot((a.lat - b.lat) * by_lat, (a.lon - b.lon) * by_lon)


def distance_to_line_km(point: Position, line: Sequence[Position]) -> float:
    """Return the distance from `point` to the nearest point of `line`, in km.

    A leg is straight in latitude and longitude. Within 0.2 % or 200 m, whichever is more, of the
    distance to the geodesic, for legs and distances up to 150 km; the tests compare with pyproj.
    """
    if len(line) == 1:
        return distance_km(point, line[0])
    lats = np.array([p.lat for p in line])
    lons = np.array([p.lon for p in line])
    return float(_to_legs_km(point, lats[:-1], lons[:-1], lats[1:], lons[1:]).min())


def nearest_on_line(point: Position, line: Sequence[Position]) -> Position:
    """Return the point of `line` nearest to `point`."""
    by_lat, by_lon = _km_per_degree(math.radians(point.lat))
    best, best_square = line[0], math.inf
    for a, b in pairwise(line):
        x, y = (a.lon - point.lon) * by_lon, (a.lat - point.lat) * by_lat
        dx, dy = (b.lon - a.lon) * by_lon, (b.lat - a.lat) * by_lat
        along = min(1.0, max(0.0, -(x * dx + y * dy) / ((dx * dx + dy * dy) or 1.0)))
        square = (x + along * dx) ** 2 + (y + along * dy) ** 2
        if square < best_square:
            best, best_square = between(a, b, along), square
    return best


def steps_along(line: Sequence[Position], km: float) -> list[Position]:
    """Return points of `line`, its ends among them, at most `km` apart."""
    found = [line[0]]
    for a, b in pairwise(line):
        steps = max(1, math.ceil(rough_km(a, b) / km))
        found += [between(a, b, step / steps) for step in range(1, steps + 1)]
    return found


class LineIndex:
    """Finds which of many lines come within a distance of a point."""

    def __init__(self, lines: Sequence[Sequence[Position]]) -> None:
        legs = [
            (line[i].lat, line[i].lon, line[i + 1].lat, line[i + 1].lon, number)
            for number, line in enumerate(lines)
            for i in range(len(line) - 1)
        ]
        table = np.array(legs, dtype=np.float64).reshape(-1, 5)
        self._legs = np.ascontiguousarray(table[:, :4].T)
        self._owner: NDArray[np.int64] = table[:, 4].astype(np.int64)
        self._tree = shapely.STRtree(
            shapely.box(
                table[:, [1, 3]].min(axis=1),
                table[:, [0, 2]].min(axis=1),
                table[:, [1, 3]].max(axis=1),
                table[:, [0, 2]].max(axis=1),
            )
        )

    def within(self, point: Position, km: float) -> list[tuple[int, float]]:
        """Return (number of the line, km to it) for lines within `km`, nearest first."""
        d_lat = km / _KM_PER_DEGREE
        d_lon = d_lat / max(0.05, math.cos(math.radians(min(89.0, abs(point.lat) + d_lat))))
        window = shapely.box(
            point.lon - d_lon, point.lat - d_lat, point.lon + d_lon, point.lat + d_lat
        )
        hits = self._tree.query(window)
        if not len(hits):
            return []
        km_to_leg = _to_legs_km(point, *self._legs[:, hits])
        best: dict[int, float] = {}
        for number, distance in zip(self._owner[hits].tolist(), km_to_leg.tolist(), strict=True):
            if distance <= km and distance < best.get(number, math.inf):
                best[number] = distance
        return sorted(best.items(), key=lambda item: item[1])


def _km_per_degree(lat: float) -> tuple[float, float]:
    """Return the length of a degree of latitude and of longitude at `lat` (radians), in km."""
    square = 1.0 - _ECC2 * math.sin(lat) ** 2
    normal = _AXIS_KM / math.sqrt(square)
    meridian = normal * (1.0 - _ECC2) / square
    return math.radians(meridian), math.radians(normal * math.cos(lat))


def _to_legs_km(point: Position, lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Return the distance from `point` to each leg.

    The nearest point of a leg is found in the plane that touches the ellipsoid at `point`; the
    distance to it is then taken with the radii of curvature at the mean latitude, which is the
    ellipsoidal distance to within metres at this range.
    """
    by_lat, by_lon = _km_per_degree(math.radians(point.lat))
    x1, y1 = (lon1 - point.lon) * by_lon, (lat1 - point.lat) * by_lat
    dx, dy = (lon2 - lon1) * by_lon, (lat2 - lat1) * by_lat
    square = dx * dx + dy * dy
    square[square == 0.0] = 1.0
    along = np.clip(-(x1 * dx + y1 * dy) / square, 0.0, 1.0)
    lat = lat1 + along * (lat2 - lat1)
    lon = lon1 + along * (lon2 - lon1)
    mean = np.radians((lat + point.lat) / 2.0)
    root = 1.0 - _ECC2 * np.sin(mean) ** 2
    normal = _AXIS_KM / np.sqrt(root)
    north = np.radians(lat - point.lat) * normal * (1.0 - _ECC2) / root
    east = np.radians(lon - point.lon) * normal * np.cos(mean)
    result: Floats = np.hypot(north, east)
    return result
