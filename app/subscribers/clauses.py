"""Tells what a message says of one place from what it says of the other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.subscribers.claims import Claims, groups_of, kind_of
from app.subscribers.lexicon import Lexicon
from app.subscribers.spotting import Spot, distance_from, side_by_side
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


#: Behind what happened they lead to where it did not: "passez par Kita", "évacués à Kayes".
_ELSEWHERE = frozenset(
    {
        "passez", "prenez", "allez", "deviation", "via", "contournez", "venant", "provenance",
        "evacue", "evacues", "evacuee", "evacuees", "emmene", "emmenes", "emmenee", "emmenees",
        "hopital", "detour", "instead", "evacuated", "taken", "hospital",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """A place, and the kind of what is said to have happened there; None: it is not plain."""

    spot: Spot
    kind: str | None


def clauses_of(claims: Claims, lexicon: Lexicon) -> tuple[Clause, ...]:
    """Return the places of a message that speaks of two, one by one; () where they are one.

    Towns side by side are the ends of a road, and one place.

    1. "Camion brûlé à Diéma, pont coupé à Kita": each has what is said before it.
    2. "Diéma: camion brûlé, Kita: pont coupé": each has what is said after it.
    3. "Passé Diéma, citerne brûlée à Sandaré": it happened at the second alone.
    4. "Barrage à Diéma, passez par Kita": at the first alone.
    5. "Diéma attaqué Nioro": either, with all that is said.
    """
    words = claims.wording.words
    units = side_by_side([spot for spot in claims.named if spot.found], words)
    if len(units) != 2:  # noqa: PLR2004 - one is one place, more are asked
        return ()
    first, second = units
    before, after = words[: first[0].start], words[second[-1].end :]
    between = words[first[-1].end : second[0].start]
    if _tells(before) and _leads_away(first[-1], between, words):
        return _all(first, claims.kind) if len(first) == 1 else ()
    if not _is_break(between, passed=any("passed" in word.marks for word in before)):
        return ()
    found = (*_all(first, claims.kind), *_all(second, claims.kind))
    if _tells(before) and _tells(between):
        found = _pair(first, before, second, (*between, *after), lexicon)
    elif _tells(between) and _tells(after):
        found = _pair(first, between, second, after, lexicon)
    elif _tells(between) and between[-1].said in _AT:
        found = _all(second, claims.kind) if len(second) == 1 else ()
    return found


def _leads_away(spot: Spot, between: Sequence[Word], words: Sequence[Word]) -> bool:
    away = any(word.said in _ELSEWHERE for word in between)
    return away and distance_from(words, spot) is None


def _all(spots: Sequence[Spot], kind: str | None) -> tuple[Clause, ...]:
    return tuple(Clause(spot, kind) for spot in spots)


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
    first: Sequence[Spot],
    of_first: Sequence[Word],
    second: Sequence[Spot],
    of_second: Sequence[Word],
    lexicon: Lexicon,
) -> tuple[Clause, ...]:
    return tuple(
        Clause(spot, kind_of(_groups(words), lexicon, called=_is_called(words)))
        for spots, words in ((first, of_first), (second, of_second))
        for spot in spots
    )


def _is_called(words: Sequence[Word]) -> bool:
    return any("report" in word.marks for word in words)
