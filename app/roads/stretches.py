"""Stretches of road between two places: the way along the network, and its middle."""

import heapq
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from app.roads.geometry import Position, between, distance_km, nearest_on_line
from app.roads.network import Network
from app.roads.places import Place

#: When the way along known roads is longer than the straight line by more than this, the report
#: speaks of a road that the network does not have.
LONGEST_DETOUR = 1.6
#: A leg drawn straight is really longer by about this factor.
_SCHEMATIC = 1.2
#: Less of a section than this on the way is only where sections touch.
_TOUCH_KM = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A road between two places.

    Attributes:
        middle: The point of the road nearest to halfway as the crow flies.
        km: Along the road when `along_road`, else straight.
        section_ids: The sections it runs on; empty when it is not on the network.
        line: Its points in order.
        stops: Place ids of the stops on the way, its ends included.
        leg_km: Length of each leg of `line`.
    """

    middle: Position
    km: float
    section_ids: tuple[str, ...]
    line: tuple[Position, ...]
    along_road: bool
    stops: tuple[str, ...]
    leg_km: tuple[float, ...]


class Stretches:
    """Finds the way between places along the corridors."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._legs: dict[str, dict[str, tuple[float, str]]] = {}
        for corridor in network.corridors.values():
            for a, b in pairwise(corridor.stops):
                leg = ((b.km - a.km) * (_SCHEMATIC if b.schematic else 1.0), corridor.code)
                self._legs.setdefault(a.place_id, {}).setdefault(b.place_id, leg)
                self._legs.setdefault(b.place_id, {}).setdefault(a.place_id, leg)
        self.way = lru_cache(maxsize=4_096)(self._way)
        self.stretch = lru_cache(maxsize=4_096)(self._stretch)

    def _stretch(self, a: Place, b: Place) -> Stretch:
        straight = distance_km(a.position, b.position)
        way = self.way(a.id, b.id)
        halfway = between(a.position, b.position, 0.5)
        if way is None or way[1] > max(straight * LONGEST_DETOUR, straight + 20.0):
            return Stretch(
                middle=halfway,
                km=straight,
                section_ids=(),
                line=(a.position, b.position),
                along_road=False,
                stops=(a.id, b.id),
                leg_km=(straight,),
            )
        ids, km = way
        line = tuple(self._network.places[i].position for i in ids)
        return Stretch(
            middle=nearest_on_line(halfway, line),
            km=km,
            section_ids=self._sections(ids),
            line=line,
            along_road=True,
            stops=ids,
            leg_km=tuple(self._leg_km(*leg) for leg in pairwise(ids)),
        )

    def _leg_km(self, a: str, b: str) -> float:
        code = self._legs[a][b][1]
        from_km, to_km = (self._network.stop_km(code, i) or 0.0 for i in (a, b))
        return abs(to_km - from_km)

    def _way(self, start: str, end: str) -> tuple[tuple[str, ...], float] | None:
        """Return (stops, km) of the way; None when there is none.

        It is that of a corridor which joins the two, else the shortest along several.
        """
        if start not in self._legs or end not in self._legs:
            return None
        if shared := self._on_one_corridor(start, end):
            return shared
        km, came = self._reached(start, end)
        if end not in km:
            return None
        ids = [end]
        while ids[-1] != start:
            ids.append(came[ids[-1]])
        return tuple(reversed(ids)), km[end]

    def _on_one_corridor(self, start: str, end: str) -> tuple[tuple[str, ...], float] | None:
        ways = []
        for code in self._network.routes_at(start):
            stops = self._network.corridors[code].stops
            ids = [stop.place_id for stop in stops]
            if end in ids:
                a, b = ids.index(start), ids.index(end)
                way = ids[a : b + 1] if a < b else ids[b : a + 1][::-1]
                ways.append((abs(stops[a].km - stops[b].km), tuple(way)))
        if not ways:
            return None
        km, way_ids = min(ways)
        return way_ids, km

    def _reached(self, start: str, end: str) -> tuple[dict[str, float], dict[str, str]]:
        """Dijkstra from `start` until `end`: km to each stop, and the stop before it."""
        best: dict[str, float] = {start: 0.0}
        came: dict[str, str] = {}
        queue = [(0.0, start)]
        while queue:
            km, at = heapq.heappop(queue)
            if at == end:
                break
            for other, (leg, _) in self._legs[at].items():
                if km + leg < best.get(other, float("inf")):
                    best[other], came[other] = km + leg, at
                    heapq.heappush(queue, (km + leg, other))
        return best, came

    def _sections(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for a, b in pairwise(ids):
            code = self._legs[a][b][1]
            ends = sorted(self._network.stop_km(code, i) or 0.0 for i in (a, b))
            corridor = self._network.corridors[code]
            for section_id, (low, high) in zip(
                corridor.section_ids, corridor.section_km, strict=True
            ):
                if min(high, ends[1]) - max(low, ends[0]) > _TOUCH_KM:
                    found[section_id] = None
        return tuple(found)
