"""A road named by its number or its code: "ETAT RN6", "ABONNER ML-DKR-N". Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.roads.folding import name_key
from app.roads.gazetteer import Gazetteer
from app.roads.network import Corridor, Network
from app.roads.places import Location, Shape
from app.subscribers.lexicon import Lexicon
from app.subscribers.wording import Word, words_of

_NUMBERED = re.compile(r"rn\d{1,3}")
#: A code has so many parts at most: "ML-DKR-N".
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class WholeRoad:
    """The words that name a road, `end` exclusive, and the road."""

    start: int
    end: int
    said: str
    corridor: Corridor

    def located(self, network: Network) -> Location:
        """Return where it is: all of it."""
        road, stops = self.corridor, self.corridor.stops
        middle = min(stops, key=lambda stop: abs(stop.km - road.length_km / 2))
        return Location(
            shape=Shape.ROAD,
            position=network.places[middle.place_id].position,
            radius_km=road.length_km / 2,
            label=f"{stops[0].name}-{stops[-1].name} ({self.said})",
            section_ids=road.section_ids,
            how="a road by its number or code",
        )


def road_in(words: Sequence[Word], lexicon: Lexicon, gazetteer: Gazetteer) -> WholeRoad | None:
    """Return the one road that is named; None: none is, several are, or several have the number."""
    said = [word.said for word in words]
    found = [road for at in range(len(said)) if (road := _road_at(said, at, lexicon, gazetteer))]
    return found[0] if len({road.corridor.code for road in found}) == 1 else None


def _road_at(
    said: Sequence[str], at: int, lexicon: Lexicon, gazetteer: Gazetteer
) -> WholeRoad | None:
    codes = _codes(gazetteer.network, lexicon)
    for end in range(min(len(said), at + _MOST_WORDS), at, -1):
        glued = "".join(said[at:end])
        code = codes.get(glued)
        corridor = gazetteer.network.corridors[code] if code else _numbered(glued, gazetteer)
        if corridor is not None:
            return WholeRoad(at, end, code or glued.upper(), corridor)
    return None


@lru_cache(maxsize=4)
def _codes(network: Network, lexicon: Lexicon) -> Mapping[str, str]:
    """Return the codes by how they read in a message: "ML-DKR-N" is "mldakarn" there."""
    return {"".join(words_of(code, lexicon)): code for code in network.corridors}


def _numbered(number: str, gazetteer: Gazetteer) -> Corridor | None:
    """Return the road with a number: the one called so, else the only one that has it."""
    if not _NUMBERED.fullmatch(number):
        return None
    have = gazetteer.network.numbered(number)
    called = [road for road in have if name_key(road.code).endswith(number)]
    alone = called or have
    return alone[0] if len(alone) == 1 else None
