"""Words and figures of free text, folded so that spelling and language matter less."""

import re
from functools import lru_cache

from app.core.text import unaccented

_WORD = re.compile(r"[^\W_]+")
_SEPARATED = re.compile(r"(?<=\d)[, \u00a0\u202f](?=\d{3}\b)")
_NUMBER = re.compile(r"\d+")
#: Letters that decide what a word is: enough for names, few enough to ignore endings.
STEM = 7
_SHORTEST = 3
#: More digits than this count nothing (and do not fit 32 bits).
DIGITS = 9
#: Years are in every text and say nothing of an event.
_YEARS = range(1990, 2101)

#: Words that stand in any text. French and English, folded.
STOP = frozenset(
    """
    a about according after again against all also an and any are around as at au aussi autour
    aux avec avant be been before being between but by c ce cela ces cet cette ceux ci comme
    contre d dans de des deux did do du during en encore entre est et eu for from had has have
    he his hors il ils in into is it its j jusqu l la le les leur leurs lors lui m mais meme
    more most n near no non not nous on one or ou our over par pas pendant plus plusieurs pour
    pres qu que qui quelques s sa said sans says say se selon ses several since six so some
    son sont sous sur t than that the their them then there these they this those three to
    tous tout toute trois two un une under until up vers via was were when where which while
    who will with y
    """.split()  # noqa: SIM905 - reads better as text
)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return `text` in lower case without accents; other scripts are kept as they are."""
    return unaccented(text).lower()


@lru_cache(maxsize=8192)
def folded_words(text: str) -> frozenset[str]:
    """Return every word of `text`, folded."""
    return frozenset(_WORD.findall(fold(text)))


@lru_cache(maxsize=8192)
def stems(text: str) -> frozenset[str]:
    """Return the beginnings of the words that say something; no numbers, no stop words."""
    return frozenset(
        word[:STEM]
        for word in folded_words(text)
        if len(word) >= _SHORTEST and word not in STOP and not word.isdigit()
    )


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of `text` in order, each once; years say nothing and are left out."""
    joined = _SEPARATED.sub("", text)
    found = (int(digits) for digits in _NUMBER.findall(joined) if len(digits) <= DIGITS)
    return tuple(dict.fromkeys(n for n in found if n > 1 and n not in _YEARS))
