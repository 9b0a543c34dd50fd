"""Distances hold against pyproj, whose results are the reference."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from app.roads.geometry import (
    LineIndex,
    Position,
    distance_km,
    distance_to_line_km,
    nearest_on_line,
    offset,
    rough_km,
)

GEOD = Geod(ellps="WGS84")
BAMAKO, KAYES = Position(12.65, -8.0), Position(14.44693, -11.44448)
POSITIONS = st.builds(Position, st.floats(5.0, 22.0), st.floats(-17.0, 5.0))
BEARINGS = st.floats(0.0, 360.0)


def to_geodesic_km(point: Position, a: Position, b: Position) -> float:
    """Return the distance to the geodesic from `a` to `b`, by walking along it."""
    bearing, _, metres = GEOD.inv(a.lon, a.lat, b.lon, b.lat)
    n = 201
    lon, lat, _ = GEOD.fwd([a.lon] * n, [a.lat] * n, [bearing] * n, np.linspace(0.0, metres, n))
    return float(min(GEOD.inv([point.lon] * n, [point.lat] * n, lon, lat)[2])) / 1000.0


def test_distance_is_that_of_the_ellipsoid() -> None:
    metres = GEOD.inv(BAMAKO.lon, BAMAKO.lat, KAYES.lon, KAYES.lat)[2]
    assert math.isclose(distance_km(BAMAKO, KAYES), metres / 1000.0)


@given(POSITIONS, BEARINGS, st.floats(0.001, 500.0))
def test_a_point_aside_is_that_of_the_ellipsoid(a: Position, bearing: float, km: float) -> None:
    lon, lat, _ = GEOD.fwd(a.lon, a.lat, bearing, km * 1000.0)
    found = offset(a, bearing, km)
    assert math.isclose(found.lat, lat, abs_tol=1e-9)
    assert math.isclose(found.lon, lon, abs_tol=1e-9)


@given(POSITIONS, BEARINGS, st.floats(0.001, 500.0))
def test_rough_distance_is_within_a_thousandth(a: Position, bearing: float, km: float) -> None:
    assert math.isclose(rough_km(a, offset(a, bearing, km)), km, rel_tol=1e-3)


@given(POSITIONS, BEARINGS, st.floats(1.0, 150.0), BEARINGS, st.floats(0.0, 150.0))
def test_distance_to_a_leg_is_within_the_stated_error(
    a: Position, bearing: float, leg: float, aside: float, km: float
) -> None:
    b, point = offset(a, bearing, leg), offset(a, aside, km)
    true = to_geodesic_km(point, a, b)
    # The walk itself misses the nearest point by up to half a step.
    tolerance = max(0.2, 0.002 * true) + leg / 400.0
    assert abs(distance_to_line_km(point, (a, b)) - true) <= tolerance


@given(POSITIONS, st.lists(POSITIONS, min_size=2, max_size=5))
def test_nearest_point_of_a_line_is_as_near_as_the_line(
    point: Position, line: list[Position]
) -> None:
    found = nearest_on_line(point, line)
    assert all(rough_km(point, found) <= rough_km(point, corner) * 1.05 + 0.5 for corner in line)


@given(
    POSITIONS,
    st.lists(st.tuples(POSITIONS, BEARINGS, st.floats(1.0, 80.0)), min_size=1, max_size=12),
    st.floats(1.0, 200.0),
)
def test_index_finds_what_measuring_every_line_finds(
    point: Position, legs: list[tuple[Position, float, float]], km: float
) -> None:
    lines = [(a, offset(a, bearing, length)) for a, bearing, length in legs]
    measured = {i: distance_to_line_km(point, line) for i, line in enumerate(lines)}
    found = dict(LineIndex(lines).within(point, km))
    assert found.keys() == {i for i, distance in measured.items() if distance <= km}
    assert all(math.isclose(found[i], measured[i], abs_tol=1e-9) for i in found)


def test_index_answers_nearest_first() -> None:
    east = [(Position(14.0, lon), Position(15.0, lon)) for lon in (-9.0, -9.5, -9.2)]
    assert [i for i, _ in LineIndex(east).within(Position(14.5, -8.9), 100.0)] == [0, 2, 1]
