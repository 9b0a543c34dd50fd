"""Tells what a message says of one place from what it says of the other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.subscribers.claims import Claims, groups_of, kind_of
from app.subscribers.lexicon import Lexicon
from app.subscribers.spotting import Spot
from app.subscribers.wording import Word

#: Parts of a report that do not say that something happened.
_NO_EVENT = frozenset(
    {"road", "vehicle", "tanker", "convoy", "people", "town", "factory", "civilian", "army"}
)
_BUT = frozenset({"mais", "but"})
#: "Barrage à Sandaré vers Nioro" is one place, and the way it lies.
_TOWARDS = frozenset({"vers", "ver", "direction", "towards", "toward"})
#: Right before a place they say that it happened there.
_AT = frozenset({"a", "at", "in"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A place, and the kind of what is said to have happened there; None: it is not plain."""

    spot: Spot
    kind: str | None


def clauses_of(claims: Claims, lexicon: Lexicon) -> tuple[Clause, ...]:
    """Return the places of a message that speaks of two, one by one; () where they are a stretch.

    1. "Camion brûlé à Diéma, pont coupé à Kita": each has what is said before it.
    2. "Diéma: camion brûlé, Kita: pont coupé": each has what is said after it.
    3. "Passé Diéma, citerne brûlée à Sandaré": it happened at the second alone.
    4. "Diéma attaqué Nioro": either, with all that is said.
    """
    places = [spot for spot in claims.named if spot.found]
    if len(places) != 2:  # noqa: PLR2004 - one is one place, three are a stretch and a place
        return ()
    first, second = places
    words = claims.wording.words
    before, after = words[: first.start], words[second.end :]
    between = words[first.end : second.start]
    if not _is_break(between, passed=any("passed" in word.marks for word in before)):
        return ()
    if _tells(before) and _tells(between):
        return _pair(first, before, second, (*between, *after), lexicon)
    if _tells(between) and _tells(after):
        return _pair(first, between, second, after, lexicon)
    if _tells(between) and between[-1].said in _AT:
        return (Clause(second, claims.kind),)
    return (Clause(first, claims.kind), Clause(second, claims.kind))


def _is_break(between: Sequence[Word], *, passed: bool) -> bool:
    """Return whether the words between two places say that these are not the ends of a road."""
    if any(word.said in _BUT for word in between):
        return True
    return _tells(between) and (passed or between[-1].said not in _TOWARDS)


def _tells(words: Sequence[Word]) -> bool:
    return bool(_groups(words) - _NO_EVENT)


def _groups(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(group for word in words for group in groups_of(word))


def _pair(
    first: Spot, of_first: Sequence[Word], second: Spot, of_second: Sequence[Word], lexicon: Lexicon
) -> tuple[Clause, ...]:
    return tuple(
        Clause(spot, kind_of(_groups(words), lexicon, called=_is_called(words)))
        for spot, words in ((first, of_first), (second, of_second))
    )


def _is_called(words: Sequence[Word]) -> bool:
    return any("report" in word.marks for word in words)
