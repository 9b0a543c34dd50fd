"""What one actor or target is called: GSIM is JNIM, and "armed men" may be anybody."""

import re
from collections.abc import Sequence
from functools import lru_cache

from app.incidents.words import fold, stems

_APART = re.compile(r"[\W_]+")


class Names:
    """Names of actors and targets that stand for one another, and words that name nobody."""

    def __init__(
        self, vague: str, same: Sequence[Sequence[str]], untold: Sequence[str] = ()
    ) -> None:
        """Take the words that name nobody, and lists of names: the first stands for the others.

        `untold`: those of the first names that are told to the desk alone.
        """
        self._vague = stems(vague)
        self._told = {_bare(group[0]): group[0] for group in same if group[0] not in untold}
        self._stands_for = {_bare(name): _bare(group[0]) for group in same for name in group}
        longest_first = sorted(self._stands_for, key=lambda name: (-len(name), name))
        self._known = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
        self._telling = lru_cache(maxsize=4096)(self._read)

    def agreement(self, one: str | None, other: str | None) -> float:
        """Return 1 for one actor (target), -1 for two, between for some in common, 0 unknown."""
        first, second = self._telling(one or ""), self._telling(other or "")
        if not first or not second:
            return 0.0
        return 2 * len(first & second) / len(first | second) - 1

    def told(self, text: str | None) -> str | None:
        """Return what of an actor or target may be told to all: known names, and no other word.

        Whoever reports may write what he likes: who else was there, a link, where soldiers stand.
        """
        found = (self._stands_for[name] for name in self._known.findall(_bare(text or "")))
        return (
            ", ".join(self._told[one] for one in dict.fromkeys(found) if one in self._told) or None
        )

    def _read(self, text: str) -> frozenset[str]:
        """Return the stems that tell who is meant, whatever the name used."""
        named = self._known.sub(lambda found: self._stands_for.get(found[0], ""), _bare(text))
        return stems(named) - self._vague


def _bare(text: str) -> str:
    return _APART.sub(" ", fold(text)).strip()
