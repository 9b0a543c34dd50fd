"""The level of a route over time, drawn: a step line over five bands. Geometry only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.levels import Level
from app.flows.readers.route_picture import Change

WIDTH, HEIGHT = 240, 128
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 238, 4, 104
_BANDS = sorted(Level, key=lambda level: -level.rank)
_BAND = (_BOTTOM - _TOP) / len(_BANDS)
#: Thinner than this a spell is not seen.
_LEAST = 1.5
_TICKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time at one level: where its bar is."""

    level: Level
    x: float
    width: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A day on the axis."""

    x: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn.

    Attributes:
        bands: (level, y of its middle), the worst on top.
        bar: Height of a bar.
    """

    spells: tuple[Spell, ...]
    bands: tuple[tuple[Level, float], ...]
    ticks: tuple[Tick, ...]
    left: float = _LEFT
    right: float = _RIGHT
    bottom: float = _BOTTOM
    bar: float = _BAND - 4
    width: int = WIDTH
    height: int = HEIGHT


def draw(past: Sequence[Change], *, now: datetime) -> Drawing:
    """Return the drawing of a route's past; the first change is at its beginning."""
    begins = past[0].at
    whole = max((now - begins) / timedelta(seconds=1), 1.0)

    def x(at: datetime) -> float:
        return _LEFT + (_RIGHT - _LEFT) * ((at - begins) / timedelta(seconds=1)) / whole

    ends = [*(change.at for change in past[1:]), now]
    spells = tuple(
        Spell(
            level=change.level,
            x=round(x(change.at), 1),
            width=round(max(x(end) - x(change.at), _LEAST), 1),
            y=round(_TOP + _BAND * _BANDS.index(change.level) + 2, 1),
        )
        for change, end in zip(past, ends, strict=True)
    )
    step = (now - begins) / (_TICKS - 1)
    ticks = [begins + step * n for n in range(_TICKS)]
    return Drawing(
        spells=spells,
        bands=tuple(
            (level, round(_TOP + _BAND * (n + 0.5) + 4, 1)) for n, level in enumerate(_BANDS)
        ),
        ticks=tuple(Tick(x=round(x(at), 1), at=at) for at in ticks),
    )
