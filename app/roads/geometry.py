"""Positions and distances on the WGS 84 ellipsoid."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A point, WGS 84, degrees."""

    lat: float
    lon: float
