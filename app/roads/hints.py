"""What region, position and road say about which of several places is meant."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from app.roads.areas import Area, Areas, country_key, region_key
from app.roads.folding import fold, name_key
from app.roads.geometry import Position, distance_to_line_km, rough_km
from app.roads.places import Place

#: An area of which only the main town is known reaches about this far.
UNCHARTED_KM = 80.0
#: A road winds this far from the straight lines between the towns it is named after.
ROAD_KM = 25.0
#: The straight lines between the stops of a corridor leave its villages aside by this much.
_ON_IT_KM = 10.0
#: Shorter names of areas are one letter from too many others.
_SHORTEST_MISSPELT = 5

_SMALLEST_FIRST = ("cercle", "region", "country")
#: Who writes `Mali` means the country, not the prefecture of Guinea.
_AS_MEANT = ("country", "region", "cercle")

_NOTE = re.compile(r"\(([^)]*)\)")
_BORDER = re.compile(r"\bborder\b|\bfronti", re.IGNORECASE)
_OLD = re.compile(r"^ex[- ]", re.IGNORECASE)
_CERCLE = re.compile(r"\b(?:cercle|circle|pr[ée]fecture)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RegionHint:
    """A region text, understood.

    Attributes:
        narrow: The smallest areas named: cercles, or the region when no cercle was.
        wide: The larger ones around them.
    """

    narrow: tuple[Area, ...] = ()
    wide: tuple[Area, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.narrow)

    @property
    def is_cercle(self) -> bool:
        """Return whether it names a cercle, where names alike are few."""
        return bool(self.narrow) and all(area.kind == "cercle" for area in self.narrow)

    def fit(self, position: Position, keys: frozenset[str], areas: Areas) -> int:
        """Return how well a place fits: 3 inside, 2 at the border, 1 only in the wider area.

        0 means elsewhere.
        """
        if any(keys & area.keys for area in self.narrow):
            return 3
        if any(_unsure(area, keys) or _borders(area, position, areas) for area in self.narrow):
            return 2
        return int(any(keys & area.keys for area in self.wide))


def _unsure(area: Area, keys: frozenset[str]) -> bool:
    """Return whether a place may lie in `area` for all that its row tells."""
    if not area.region or country_key(area.country) not in keys:
        return False
    known = {key.partition(":")[0] for key in keys}
    if "region" not in known:
        return True
    return "cercle" not in known and region_key(area.country, area.region) in keys


def _borders(area: Area, position: Position, areas: Areas) -> bool:
    if not any(key in areas.members for key in area.keys):
        return rough_km(area.anchor.position, position) <= UNCHARTED_KM
    return any(areas.borders(key, position) for key in area.keys)


def read_region(text: str, areas: Areas) -> RegionHint:
    """Return what a region text such as `Diema / Nioro (ex-Kayes)` names.

    What stands before the slash is the smaller division; what stands behind it or in parentheses
    is around it, unless only the other order makes sense, as in `Sikasso / Kadiolo` or
    `Mali / Sikasso`. A "... border" in parentheses names a neighbour and is left aside.
    """
    notes = [note for note in _NOTE.findall(text) if not _BORDER.search(note)]
    levels = [part.strip() for part in _NOTE.sub(" ", text).split("/") if part.strip()]
    if len(levels) == 2 and _is_turned(levels[0], levels[1], areas):  # noqa: PLR2004 - a slash
        levels.reverse()
    found = [
        _areas_of(level, areas, smallest=number == 0 and len(levels) > 1)
        for number, level in enumerate(levels)
    ]
    found += [_areas_of(_OLD.sub("", note.strip()), areas, smallest=False) for note in notes]
    known = [level for level in found if level]
    if not known:
        return RegionHint()
    wide = tuple(area for level in known[1:] for area in level)
    around = {area.country for area in wide}
    narrow = tuple(area for area in known[0] if area.country in around) or known[0]
    return RegionHint(narrow, wide)


def _is_turned(first: str, second: str, areas: Areas) -> bool:
    """Return whether the second is a cercle of the first, and not the other way round."""
    if _is_within(first, second, areas):
        return False
    around = {area.country for area in areas.named(first) if area.kind == "country"}
    return _is_within(second, first, areas) or any(
        area.country in around for area in areas.named(second)
    )


def _is_within(smaller: str, larger: str, areas: Areas) -> bool:
    cercles = [area for area in _areas_of(smaller, areas, smallest=True) if area.kind == "cercle"]
    around = _areas_of(larger, areas, smallest=False)
    return any(
        cercle.key in area.keys or region_key(cercle.country, cercle.region or "") in area.keys
        for cercle in cercles
        for area in around
    )


def _areas_of(level: str, areas: Areas, *, smallest: bool) -> tuple[Area, ...]:
    named = areas.named(level)
    if not named and "-" in level:
        parts = (_areas_of(part.strip(), areas, smallest=smallest) for part in level.split("-"))
        return tuple(area for part in parts for area in part)
    named = named or _misspelt(level, areas)
    smallest = smallest or bool(_CERCLE.search(level))
    for kind in _SMALLEST_FIRST if smallest else _AS_MEANT:
        if same := tuple(area for area in named if area.kind == kind):
            return same
    return ()


def _misspelt(level: str, areas: Areas) -> list[Area]:
    key = name_key(level)
    if len(key) < _SHORTEST_MISSPELT:
        return []
    hit = extractOne(key, areas.names, scorer=OSA.distance, score_cutoff=1)
    return areas.named(hit[0]) if hit else []


@dataclass(frozen=True, slots=True)
class Context:
    """All that narrows a name down.

    Attributes:
        fit: How well a place fits the filed region, 0 to 3 (see `RegionHint.fit`); None when no
            region was filed or understood.
        towns: Towns that the road text names, in its order; of several roads those of the first.
            `roads`: the towns of each.
        words: The folded road text, a blank at each end.
        numbered: The lines of the corridors whose number the road text gives (`RN6`).
        cercle: Whether the region filed is as small as a cercle.
    """

    fit: Callable[[Place], int] | None = None
    position: Position | None = None
    towns: tuple[Place, ...] = ()
    roads: tuple[tuple[Place, ...], ...] = ()
    words: str = " "
    numbered: tuple[tuple[Position, ...], ...] = ()
    cercle: bool = False

    @property
    def bare(self) -> bool:
        """Return whether nothing narrows the name down."""
        return self.fit is None and self.position is None and not self.towns

    def km_off(self, place: Place) -> float:
        """Return the km between the filed position and `place`; 0 without a position."""
        return rough_km(self.position, place.position) if self.position else 0.0

    def km_off_road(self, place: Place) -> float:
        """Return the km between `place` and the lines that join the towns of the road text."""
        return self._km_off_road(place.position)

    def much_nearest(self, places: Sequence[Place]) -> Place | None:
        """Return the one of several twice as near to the towns of the road text as any other."""
        km = sorted(map(self.km_off_road, places))
        if len(km) < 2 or 2 * km[0] > km[1]:  # noqa: PLR2004
            return None
        return min(places, key=self.km_off_road)

    def on_road(self, place: Place) -> bool:
        """Return whether `place` lies along the towns of the road text."""
        return bool(self.towns) and self._is_on_road(place.position)

    @property
    def position_on_road(self) -> bool:
        """Return whether the filed position lies between towns of the road text."""
        if self.position is None or len(self.towns) < 2:  # noqa: PLR2004 - two ends
            return False
        return self._is_on_road(self.position)

    def _km_off_road(self, position: Position) -> float:
        return distance_to_line_km(position, [town.position for town in self.towns])

    def _is_on_road(self, position: Position) -> bool:
        pairs = pairwise(town.position for town in self.towns)
        longest = max((rough_km(a, b) for a, b in pairs), default=0.0)
        return self._km_off_road(position) <= max(ROAD_KM, longest / 10.0)

    def on_numbered(self, place: Place) -> bool:
        """Return whether `place` lies on a road of the number given."""
        return any(distance_to_line_km(place.position, line) <= _ON_IT_KM for line in self.numbered)

    def on_road_by_name(self, place: Place) -> bool:
        """Return whether the road text has a name of `place` in it."""
        return any(f" {fold(name)} " in self.words for name in (place.name, *place.alt_names))
