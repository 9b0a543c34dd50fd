"""What a subscription may name of the roads, and the index words that stand for it."""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from app.roads.folding import name_key
from app.roads.network import Corridor, Network, Section
from app.subscribers.subscription import TownPair

#: Heard of by whoever named no road at all.
ALL = "all"

#: How alike a name must be to be suggested, of 100.
_ALIKE = 65
_SUGGESTIONS = 3


def route_target(code: str) -> str:
    """Return the index word of a route."""
    return f"route:{code}"


def area_target(key: str) -> str:
    """Return the index word of an area: its key in `Section.areas`, `region:ML/Kayes`."""
    return key


def section_target(section_id: str) -> str:
    """Return the index word of a section."""
    return f"section:{section_id}"


def targets_on(route: str, section_ids: Collection[str], network: Network) -> frozenset[str]:
    """Return what a subscription may name to hear of an alert.

    The route, the sections at the level told and the areas that these touch, and everything.
    """
    areas = {area for one in section_ids for area in network.sections[one].areas}
    return frozenset(
        {ALL, route_target(route)}
        | {section_target(one) for one in section_ids}
        | {area_target(area) for area in areas}
    )


#: What mends a name that is like none, by what it should name.
_LIKE_NONE = {
    "route": "GET /v1/routes lists them all.",
    "region": "GET /v1/places says in which region a town lies.",
    "road between": "name two towns that routes join.",
}


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name that nothing has, and the nearest ones that something has."""

    pointer: str
    what: str
    name: str
    near: tuple[str, ...]

    @property
    def detail(self) -> str:
        """Return what to write instead."""
        none = _LIKE_NONE.get(self.what, "nothing is like it.")
        hint = f"did you mean {' or '.join(self.near)}?" if self.near else none
        return f"There is no {self.what} {self.name!r}; {hint}"


class RoadNames:
    """Every name a subscription may use for a road, made once from the network."""

    def __init__(self, network: Network) -> None:
        self._corridors = network.corridors
        self._find_corridor = network.find_corridor
        self._numbered = network.numbered
        self._codes = {name_key(code): code for code in network.corridors}
        self._areas = _areas_by_name(network.sections.values())
        self._stops = _stops_by_name(network)
        self._legs = _legs(network.corridors.values())

    def route(self, name: str, *, pointer: str) -> str | UnknownName:
        """Return the code of a route; case and hyphens do not matter."""
        if (corridor := self._find_corridor(name)) is not None:
            return corridor.code
        wanted, titles = name_key(name), {c.code: c.title for c in self._corridors.values()}
        begun = [code for key, code in self._codes.items() if key.startswith(wanted)]
        along = [corridor.code for corridor in self._numbered(name)]
        through = [code for code, title in titles.items() if wanted in name_key(title)]
        near = tuple((begun or along or through)[:_SUGGESTIONS]) if wanted else ()
        likely = {code: f"{code} {title}" for code, title in titles.items()}
        return UnknownName(pointer, "route", name, near or _nearest(name, likely))

    def area(self, name: str, *, pointer: str) -> str | UnknownName:
        """Return the key of a region, cercle or country, named by its key or bare name."""
        key = self._areas.get(_area_name(name))
        if key is not None:
            return key
        shown = {key: _bare(key) for key in self._areas.values()}
        return UnknownName(pointer, "region", name, _nearest(name, shown))

    def town(self, name: str, *, pointer: str) -> frozenset[str] | UnknownName:
        """Return the place ids of the stops called `name`."""
        found = self._stops.get(name_key(name))
        if found is not None:
            return frozenset(found)
        names = {stop.name: stop.name for c in self._corridors.values() for stop in c.stops}
        return UnknownName(pointer, "town on the routes", name, _nearest(name, names))

    def between(self, start: frozenset[str], end: frozenset[str]) -> tuple[str, ...]:
        """Return the sections of the road(s) between two towns.

        Of every corridor that has both, what lies between them; when none has both, the shortest
        way over the network; () when no road joins them.
        """
        sections = {
            section
            for corridor in self._corridors.values()
            for section in self._on_corridor(corridor, start, end)
        }
        return tuple(sorted(sections or self._shortest(start, end)))

    def _on_corridor(
        self, corridor: Corridor, start: frozenset[str], end: frozenset[str]
    ) -> tuple[str, ...]:
        km_of = {stop.place_id: stop.km for stop in corridor.stops}
        starts = [km_of[place] for place in start if place in km_of]
        ends = [km_of[place] for place in end if place in km_of]
        if not starts or not ends:
            return ()
        return _sections_between(corridor, starts[0], ends[0])

    def _shortest(self, start: frozenset[str], end: frozenset[str]) -> frozenset[str]:
        """Return the sections of the shortest way from stop to stop (Dijkstra)."""
        queue: list[tuple[float, str, frozenset[str]]] = [
            (0.0, place, frozenset()) for place in sorted(start)
        ]
        done: set[str] = set()
        while queue:
            km, place, way = heapq.heappop(queue)
            if place in end:
                return way
            if place in done:
                continue
            done.add(place)
            for leg in self._legs.get(place, ()):
                heapq.heappush(queue, (km + leg.km, leg.to, way | leg.section_ids))
        return frozenset()


@lru_cache(maxsize=8)
def road_names(network: Network) -> RoadNames:
    """Return the names of the roads of a network; a network never changes."""
    return RoadNames(network)


@dataclass(frozen=True, slots=True)
class _Leg:
    """The road from one stop to the next."""

    to: str
    km: float
    section_ids: frozenset[str]


def _sections_between(corridor: Corridor, one_km: float, other_km: float) -> tuple[str, ...]:
    low, high = sorted((one_km, other_km))
    return tuple(
        section_id
        for section_id, (begin, end) in zip(corridor.section_ids, corridor.section_km, strict=True)
        if begin < high and end > low
    )


def _areas_by_name(sections: Iterable[Section]) -> Mapping[str, str]:
    """Return area keys by the key itself and by bare name; a region before its namesake cercle."""
    keys = sorted({key for section in sections for key in section.areas}, key=_breadth)
    names: dict[str, str] = {}
    for key in keys:
        names[_area_name(key)] = key
        names.setdefault(_area_name(_bare(key)), key)
        names.setdefault(_area_name(key.partition(":")[2]), key)
    return names


def _breadth(key: str) -> tuple[int, str]:
    return ({"region": 0, "cercle": 1}.get(key.partition(":")[0], 2), key)


def _area_name(text: str) -> str:
    kind, colon, rest = text.partition(":")
    return f"{kind.lower()}:{_steps(rest)}" if colon else _steps(text)


def _steps(text: str) -> str:
    return "/".join(name_key(step) for step in text.split("/"))


def _bare(key: str) -> str:
    return key.partition(":")[2].rpartition("/")[2]


def _stops_by_name(network: Network) -> Mapping[str, set[str]]:
    names: dict[str, set[str]] = {}
    for corridor in network.corridors.values():
        for stop in corridor.stops:
            place = network.places.get(stop.place_id)
            spellings = {stop.name, *(place.alt_names if place else ())}
            if place:
                spellings.add(place.name)
            for spelling in spellings:
                names.setdefault(name_key(spelling), set()).add(stop.place_id)
    names.pop("", None)
    return names


def _legs(corridors: Iterable[Corridor]) -> Mapping[str, list[_Leg]]:
    legs: dict[str, list[_Leg]] = {}
    for corridor in corridors:
        for here, there in pairwise(corridor.stops):
            sections = frozenset(_sections_between(corridor, here.km, there.km))
            km = there.km - here.km
            legs.setdefault(here.place_id, []).append(_Leg(there.place_id, km, sections))
            legs.setdefault(there.place_id, []).append(_Leg(here.place_id, km, sections))
    return legs


def _nearest(name: str, shown: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of `shown` whose names are most like `name`."""
    found = process.extract(
        name.casefold(),
        {key: text.casefold() for key, text in shown.items()},
        scorer=fuzz.WRatio,
        score_cutoff=_ALIKE,
        limit=_SUGGESTIONS,
    )
    return tuple(key for _, _, key in found)


def targets_of(
    *,
    routes: Sequence[str],
    regions: Sequence[str],
    towns: Sequence[TownPair],
    roads: RoadNames,
) -> "Targets":
    """Return what a subscription that names these hears of; everything when it names nothing."""
    faults: list[UnknownName] = []
    codes = _sift((roads.route(n, pointer=f"/routes/{i}") for i, n in enumerate(routes)), faults)
    areas = _sift((roads.area(n, pointer=f"/regions/{i}") for i, n in enumerate(regions)), faults)
    sections: set[str] = set()
    for index, pair in enumerate(towns):
        sections.update(_pair(pair, roads, faults, at=f"/towns/{index}"))
    words = {
        *map(route_target, codes),
        *map(area_target, areas),
        *map(section_target, sections),
    }
    named = bool(routes or regions or towns)
    return Targets(
        routes=tuple(codes),
        index=frozenset(words if named else {ALL}),
        faults=tuple(faults),
    )


def unknown_words(
    what: str, words: Sequence[str], known: Sequence[str], *, at: str
) -> list[UnknownName]:
    """Return a fault for each of `words` that is not `known`."""
    shown = {word: word for word in known}
    return [
        UnknownName(f"{at}/{index}", what, word, _nearest(word, shown) or tuple(known))
        for index, word in enumerate(words)
        if word not in shown
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Names made sure of: codes as the network has them, the index words, what is unknown."""

    routes: tuple[str, ...]
    index: frozenset[str]
    faults: tuple[UnknownName, ...]


def _sift(found: Iterable[str | UnknownName], faults: list[UnknownName]) -> list[str]:
    known: dict[str, None] = {}
    for entry in found:
        if isinstance(entry, UnknownName):
            faults.append(entry)
        else:
            known[entry] = None
    return list(known)


def _pair(
    pair: TownPair, roads: RoadNames, faults: list[UnknownName], *, at: str
) -> tuple[str, ...]:
    start = roads.town(pair.start, pointer=f"{at}/from")
    end = roads.town(pair.end, pointer=f"{at}/to")
    faults += [side for side in (start, end) if isinstance(side, UnknownName)]
    if isinstance(start, UnknownName) or isinstance(end, UnknownName):
        return ()
    sections = roads.between(start, end)
    if not sections:
        faults.append(UnknownName(at, "road between", f"{pair.start} - {pair.end}", ()))
    return sections
