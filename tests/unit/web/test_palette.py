"""The levels are told apart by everybody: by contrast, in grey, and by shape."""

from itertools import combinations

import pytest

from app.core.levels import Level
from app.web.palette import INK, LINK, LOOKS, PAPER, QUIET

#: WCAG 2.2: 1.4.3 for words, 1.4.11 for what is no word.
WORDS, SHAPES = 4.5, 3.0
#: CIE L* between any two of the four levels that say how dangerous it is.
STEP = 12.0


def luminance(colour: str) -> float:
    """Source: WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lightness(colour: str) -> float:
    """CIE L*: how light a grey of this luminance looks, 0..100."""
    y = luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


@pytest.mark.parametrize("level", Level)
def test_the_word_of_a_level_can_be_read(level: Level) -> None:
    assert contrast(LOOKS[level].fill, LOOKS[level].ink) >= WORDS


@pytest.mark.parametrize("level", Level)
def test_the_edge_of_a_level_is_seen_on_paper(level: Level) -> None:
    assert contrast(LOOKS[level].edge, PAPER) >= SHAPES


@pytest.mark.parametrize("colour", [INK, QUIET, LINK])
@pytest.mark.parametrize("ground", [PAPER, "#ffffff"])
def test_text_can_be_read(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= WORDS


def test_the_four_levels_are_told_apart_in_grey() -> None:
    known = [level for level in Level if level is not Level.UNKNOWN]

    for one, other in combinations(known, 2):
        apart = abs(lightness(LOOKS[one].fill) - lightness(LOOKS[other].fill))
        assert apart >= STEP, f"{one} and {other}: {apart:.1f}"


def test_the_more_dangerous_is_the_darker() -> None:
    known = sorted((one for one in Level if one is not Level.UNKNOWN), key=lambda one: one.rank)
    greys = [lightness(LOOKS[level].fill) for level in known]

    assert greys == sorted(greys, reverse=True)


def test_each_level_has_a_shape_of_its_own() -> None:
    assert len({LOOKS[level].mark for level in Level}) == len(Level)
    assert len({LOOKS[level].name for level in Level}) == len(Level)
