"""Looks names up: as written, with a slip, or by their beginning."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from app.roads.folding import name_key
from app.roads.places import Place

#: Shorter names have too many neighbours for a slip to be told from another name.
SHORTEST_WITH_SLIP = 4
#: More slips make another name.
_MOST_SLIPS = 2
_FIRST = ord("0")
_WELL = "I-n-"
#: The seat of a cercle, as GeoNames has it.
_SEAT = "PPLA2"


@dataclass(frozen=True, slots=True)
class Match:
    """A place whose name, or a variant of it, is `slips` letters away from what was asked."""

    place: Place
    slips: int
    main_name: bool


class NameIndex:
    """Every name of every place. Read-only once made."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._exact: dict[str, list[Match]] = {}
        for place in places:
            main = name_key(place.name)
            variants = {*map(name_key, (*place.alt_names, *_of_a_well(place.name)))}
            own = {main} | (variants & _of_a_seat(place))
            names = ({main} | variants) - {""}
            for key in sorted(names, key=lambda name: (name not in own, name)):
                self._exact.setdefault(key, []).append(Match(place, 0, key in own))
        self._by_sound: dict[str, list[Match]] = {}
        for key, matches in self._exact.items():
            if (sound := _sound(key)) != key:
                self._by_sound.setdefault(sound, []).extend(matches)
        self._sorted = sorted(self._exact)
        self._by_length: dict[int, list[str]] = {}
        for key in self._sorted:
            self._by_length.setdefault(len(key), []).append(key)
        self._letters = {
            length: np.array([_letters(name) for name in names], dtype=np.uint64)
            for length, names in self._by_length.items()
        }
        self._neighbours = lru_cache(maxsize=16_384)(self._find_neighbours)

    def exact(self, key: str) -> list[Match]:
        """Return the places that have this name, however it writes the sound of `ou`."""
        return self._exact.get(key) or self._by_sound.get(_sound(key), [])

    def slipped(self, key: str, slips: int) -> list[Match]:
        """Return the places that have a name exactly `slips` (1 or 2) letters away.

        A letter missing, added, wrong, or two swapped is one slip. That of its own name counts
        before that of a variant.
        """
        found: dict[str, Match] = {}
        for other, distance in self._neighbours(key):
            if distance == slips and max(len(key), len(other)) >= SHORTEST_WITH_SLIP:
                for match in self._exact[other]:
                    if match.main_name or match.place.id not in found:
                        named = Match(match.place, distance, match.main_name)
                        found[match.place.id] = named
        return list(found.values())

    def beginning(self, key: str, limit: int) -> list[Match]:
        """Return places with a name that begins with `key`, in order of the name."""
        found: dict[str, Match] = {}
        for at in range(bisect_left(self._sorted, key), len(self._sorted)):
            name = self._sorted[at]
            if not name.startswith(key) or len(found) >= limit:
                break
            for match in self._exact[name]:
                found.setdefault(match.place.id, Match(match.place, 0, match.main_name))
        return list(found.values())

    def _find_neighbours(self, key: str) -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        letters = np.uint64(_letters(key))
        for length in range(len(key) - _MOST_SLIPS, len(key) + _MOST_SLIPS + 1):
            if length not in self._letters:
                continue
            # A slip changes at most two letters of the set that a name is made of: comparing
            # sets first leaves a few of tens of thousands of names to measure.
            unlike = np.bitwise_count(self._letters[length] ^ letters)
            names = self._by_length[length]
            likely = [names[i] for i in np.flatnonzero(unlike <= 2 * _MOST_SLIPS)]
            if likely:
                found += _measured(key, likely)
        return tuple(found)


def _of_a_seat(place: Place) -> set[str]:
    """Return what the seat of a cercle is called as by its own name: `Macina` is Ké-Macina."""
    return {name_key(place.cercle)} if place.feature == _SEAT and place.cercle else set()


def _sound(key: str) -> str:
    """Return the key as it sounds: `Zantiebugu` is `Zantiébougou`, `Watagouna` is Ouatagouna."""
    return key.replace("ou", "u").replace("w", "u")


def _of_a_well(name: str) -> tuple[str, ...]:
    """Return what most write for a place called after a well: `N'Tillit` is `I-n-Tillit`."""
    return (f"n{name[len(_WELL) :]}",) if name.startswith(_WELL) else ()


def _letters(key: str) -> int:
    """Return the set of letters and digits of a folded name as bits."""
    bits = 0
    for letter in key:
        bits |= 1 << (ord(letter) - _FIRST) % 64
    return bits


def _measured(key: str, names: list[str]) -> list[tuple[str, int]]:
    distances = cdist([key], names, scorer=OSA.distance, score_cutoff=_MOST_SLIPS, dtype=np.uint8)
    near = zip(names, distances[0].tolist(), strict=True)
    return [(name, slips) for name, slips in near if 0 < slips <= _MOST_SLIPS]
