"""Takes the name of a town out of words written as one: "laroutedesofara", "akayes". Pure."""

import re
from functools import lru_cache

from app.incidents.words import STOP as LITTLE_WORDS
from app.roads.choosing import STOP as STOP_WEIGHT
from app.roads.choosing import WELL_KNOWN
from app.roads.folding import fold
from app.roads.gazetteer import Gazetteer
from app.subscribers.lexicon import Lexicon

_LONG = re.compile(r"[^\W\d_]{6,}")
#: A town's name is so long at least, and so is a word behind it: "Bamakois" is no town.
_SHORTEST_NAME, _SHORTEST_BEHIND = 4, 4
#: Nobody writes another word so short as one with a name: "akayes", "okkayes". What stands before
#: `fana` in `Kafana` is a part of its name.
_SHORT = frozenset("a d de du la le au en et ok in at to of".split())  # noqa: SIM905
_SHORTEST_WORD = 3
_MOST_PIECES = 5
#: No name with so many words about it is longer: of what is, every part would be looked up.
_LONGEST = 60


def unglued(text: str, lexicon: Lexicon, gazetteer: Gazetteer) -> str:
    """Return `text` with blanks where a stop's name and words of ours were written as one."""
    return _LONG.sub(lambda long: _pieces(long[0], lexicon, gazetteer) or long[0], text)


@lru_cache(maxsize=4_096)
def _pieces(word: str, lexicon: Lexicon, gazetteer: Gazetteer) -> str | None:
    """Return the words in `word`, of which one is a stop; None where they are not plain."""
    said = fold(word)
    if len(said) > _LONGEST:
        return None
    if " " in said or said in lexicon.words or said in LITTLE_WORDS or _is_place(said, gazetteer):
        return None
    for start in range(len(said) - _SHORTEST_NAME + 1):
        for end in range(len(said), start + _SHORTEST_NAME - 1, -1):
            if end - start == len(said) or not _is_stop(said[start:end], gazetteer):
                continue
            before = _known(said[:start], 1, lexicon, _MOST_PIECES)
            behind = _known(said[end:], _SHORTEST_BEHIND, lexicon, _MOST_PIECES)
            if before is not None and behind is not None:
                return " ".join((*before, said[start:end], *behind))
    return None


def _known(said: str, shortest: int, lexicon: Lexicon, most: int) -> tuple[str, ...] | None:
    """Return words known, at most so many, that are `said` as one, the longest first, or None."""
    if not said:
        return ()
    if not most:
        return None
    for end in range(len(said), shortest - 1, -1):
        piece = said[:end]
        known = piece in lexicon.words or piece in LITTLE_WORDS
        if known and (end >= _SHORTEST_WORD or piece in _SHORT):
            rest = _known(said[end:], shortest, lexicon, most - 1)
            if rest is not None:
                return (piece, *rest)
    return None


def _is_place(said: str, gazetteer: Gazetteer) -> bool:
    return bool(gazetteer.names.exact(said))


def _is_stop(said: str, gazetteer: Gazetteer) -> bool:
    """Return whether it is the name, as it is spelt, of a place that a road is known by."""
    least = STOP_WEIGHT if len(said) > _SHORTEST_NAME else WELL_KNOWN
    found = gazetteer.names.exact(said)
    return any(gazetteer.chooser.weight(match.place) >= least for match in found)
