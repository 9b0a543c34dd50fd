"""The colours of the levels: told apart in colour, in grey, and by shape where neither is seen.

Lightness falls from `low` to `severe`, at least 12 of 100 (CIE L*) a step; words on each of them
have a contrast of at least 4.5 (WCAG 2.2, 1.4.3). `tests/unit/web/test_palette.py` computes both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.core.levels import Level

PAPER = "#fbfaf6"
INK = "#1d1c1a"
#: Of what stands beside: ages, units.
QUIET = "#5b574e"
LINK = "#0a4f63"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a level looks.

    Attributes:
        fill: Behind its word, and of its line on strips and maps. `ink`: of the word.
        edge: Around the fill, where that is as light as paper; 3 : 1 against it (1.4.11).
        mark: Path of its shape on a grid of 16: even-odd, so that what is inside is a hole.
        name: Class of the style sheet.
        width: Of its line on strips and maps: danger is thick.
    """

    fill: str
    ink: str
    edge: str
    mark: str
    name: str
    width: float


LOOKS: Mapping[Level, Look] = MappingProxyType(
    {
        Level.SEVERE: Look(  # an octagon with a bar: stop
            fill="#6b0f1a",
            ink="#ffffff",
            edge="#6b0f1a",
            mark="M5 0h6l5 5v6l-5 5H5l-5-5V5zM3 6.5v3h10v-3z",
            name="v4",
            width=5.0,
        ),
        Level.HIGH: Look(  # a triangle with an exclamation mark
            fill="#bf3f0a",
            ink="#ffffff",
            edge="#bf3f0a",
            mark="M8 0l8 15H0zM7 5.5v5h2v-5zM7 11.5v2h2v-2z",
            name="v3",
            width=4.2,
        ),
        Level.MODERATE: Look(  # a diamond
            fill="#eeb02a",
            ink=INK,
            edge="#8a6400",
            mark="M8 0l8 8-8 8-8-8zM8 4.5L4.5 8 8 11.5 11.5 8z",
            name="v2",
            width=3.4,
        ),
        Level.UNKNOWN: Look(  # a hatched square
            fill="#ffffff",
            ink="#4a4a4a",
            edge="#6d6d6d",
            mark="M0 0h16v16H0zM2 2v2.6L4.6 2zM7.4 2L2 7.4v3.2L10.6 2z"
            "M13.4 2L2 13.4V14h2.6L14 4.6V2zM14 7.4L7.4 14h3.2l3.4-3.4zM14 13.4l-.6.6h.6z",
            name="v1",
            width=2.6,
        ),
        Level.LOW: Look(  # a disc with a tick
            fill="#e2f2dd",
            ink="#14532d",
            edge="#3d7a4f",
            mark="M8 0a8 8 0 010 16A8 8 0 018 0zM3.6 8.2l3.3 3.3 5.6-6.2-1.5-1.3L6.8 8.6 5 6.8z",
            name="v0",
            width=2.6,
        ),
    }
)
