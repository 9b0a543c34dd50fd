"""Geometry of the map: degrees to a plane, lines to paths, labels that do not collide."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shapely import (  # type: ignore[import-untyped]
    LineString,
    MultiLineString,
    clip_by_rect,
    line_merge,
)

from app.roads.geometry import Position
from app.roads.outlines import Box
from app.roads.places import Place

WIDTH = 800.0
#: What a line may lose of its bends: on a phone a unit is half a pixel.
_UNSEEN = 0.8
#: Lines are drawn so far beyond the edge that their ends are not seen.
_EDGE = 10.0
#: Sizes of labels, in units of the drawing, on a narrow, a middling and a wide screen.
LABEL_SIZES = (36.0, 20.0, 13.0)
#: At most so many names on each.
_MOST_LABELS = (8, 24, 90)
#: A letter is so wide, as a share of the size.
_LETTER = 0.56
_GAP = 6.0


@dataclass(frozen=True, slots=True)
class Plane:
    """An equirectangular view of a box, true to scale at its middle."""

    box: Box

    @property
    def _shrink(self) -> float:
        return math.cos(math.radians((self.box.north + self.box.south) / 2))

    @property
    def _scale(self) -> float:
        return WIDTH / ((self.box.east - self.box.west) * self._shrink)

    @property
    def height(self) -> float:
        """Return the height of the drawing."""
        return round((self.box.north - self.box.south) * self._scale, 1)

    def at(self, position: Position) -> tuple[int, int]:
        """Return where a position is drawn, in whole units: tenths are paid for and not seen."""
        x, y = self._exactly(position)
        return round(x), round(y)

    def _exactly(self, position: Position) -> tuple[float, float]:
        x = (position.lon - self.box.west) * self._shrink * self._scale
        return x, (self.box.north - position.lat) * self._scale

    def path(self, *lines: Sequence[Position]) -> str:
        """Return what of lines is in the drawing as a path of steps: shorter than places.

        Lines that go on from one another are one, so that its dashes do.
        """
        seen = (LineString([self._exactly(at) for at in line]).simplify(_UNSEEN) for line in lines)
        whole = line_merge(MultiLineString(list(seen)))
        inside = clip_by_rect(whole, -_EDGE, -_EDGE, WIDTH + _EDGE, self.height + _EDGE)
        return "".join(_steps(part.coords) for part in getattr(inside, "geoms", [inside]))

    def holds(self, position: Position) -> bool:
        """Tell whether a position is in the drawing."""
        x, y = self.at(position)
        return 0 <= x <= WIDTH and 0 <= y <= self.height


def _steps(bends: Sequence[tuple[float, float]]) -> str:
    at = [(round(x), round(y)) for x, y in bends]
    if not at:
        return ""
    steps = [(to[0] - x, to[1] - y) for (x, y), to in pairwise(at)]
    seen = [step for step in steps if step != (0, 0)] or [(0, 0)]
    return f"M{_written(at[:1])}l{_written(seen)}"


def _written(pairs: Iterable[tuple[int, int]]) -> str:
    """Return numbers as a path has them: a sign parts them, too."""
    return " ".join(f"{number}" for pair in pairs for number in pair).replace(" -", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The name of a town.

    Attributes:
        tier: 1: shown on every screen; 2, 3: where there is room.
        left: It stands left of its town.
    """

    name: str
    x: int
    y: int
    tier: int
    left: bool


def labels_of(towns: Iterable[Place], plane: Plane) -> list[Label]:
    """Return the names that fit, the largest towns first, on each size of screen."""
    ordered = sorted(towns, key=lambda one: (-(one.population or 0), one.id))
    chosen: list[Label] = []
    for tier, (size, most) in enumerate(zip(LABEL_SIZES, _MOST_LABELS, strict=True), start=1):
        taken = [_room(label, size) for label in chosen]
        known = {label.name for label in chosen}
        for town in ordered:
            if len(chosen) >= most:
                break
            if town.name in known or not plane.holds(town.position):
                continue
            x, y = plane.at(town.position)
            wide = len(town.name) * size * _LETTER
            label = Label(name=town.name, x=x, y=y, tier=tier, left=x + wide + _GAP > WIDTH)
            room = _room(label, size)
            if room[0] >= 0 and not any(_meet(room, other) for other in taken):
                chosen.append(label)
                taken.append(room)
                known.add(town.name)
    return chosen


_Room = tuple[float, float, float, float]


def _room(label: Label, size: float) -> _Room:
    wide = len(label.name) * size * _LETTER + 2 * _GAP
    left = label.x - wide if label.left else label.x
    return left, label.y - size * 0.7, left + wide, label.y + size * 0.5


def _meet(one: _Room, other: _Room) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
