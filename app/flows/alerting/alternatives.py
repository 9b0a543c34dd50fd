"""Another road for the text of an alert: the best way round, if one is worth naming."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.alert import NamedWay
from app.core.levels import Level
from app.flows.context import Context
from app.flows.rating.ratings import states_of
from app.risk.journeys import RoadsNow, via_of
from app.risk.rating import SectionCargoState
from app.risk.road_graph import road_graph
from app.roads.network import Corridor

#: Towns named on it: an SMS has room for no more.
_VIA = 2
#: Sections asked for in one statement: databases take no more than some 32,000.
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another road: "Bamako - Kita - Kéniéba - Dakar".

    Attributes:
        unheard: Nobody has news of some of it: it is named, and that is said with it.
        way: It, as it is kept with the alert that names it.
    """

    title: str
    unheard: bool
    way: NamedWay


class Alternatives:
    """Finds other roads for the alerts of one change; what is known of a road is read once.

    What lies so far off that a way over it would be a detour is not read.
    """

    def __init__(self, conn: Connection, context: Context, now: datetime) -> None:
        self._conn, self._context, self._now = conn, context, now
        self._graph = road_graph(context.config.network)
        self._states: defaultdict[str, dict[str, SectionCargoState]] = defaultdict(dict)
        self._read: set[str] = set()
        self._known: dict[str, RoadsNow] = {}

    def find(
        self, route: str, stretch: tuple[str, str] | None, levels: Mapping[str, Level]
    ) -> Alternative | None:
        """Return the best way between the ends of a route, else round the stretch, None without.

        Only of a road at `high` or worse. The way must be open, no detour beyond the policy's, and
        less dangerous for every cargo that the alert speaks of at `high` or above, and below `high`
        for the others. What nobody has news of may be
        named, as such, where the order of the policy prefers it to the danger.

        Args:
            route: Its code.
            stretch: The towns between which the danger lies.
            levels: By cargo, that of the alert first: what the alert says of each.
        """
        cargo, level = next(iter(levels.items()))
        if level.rank < Level.HIGH.rank:
            return None
        corridor = self._context.config.network.corridors[route]
        for ends in _ends(corridor, stretch):
            found = self._between(ends, corridor, cargo, levels)
            if found is not None:
                return found
        return None

    def closed(self, route: str, cargo: str) -> list[str]:
        """Return the sections of a route that something closes for a cargo, in its order."""
        corridor, roads = self._context.config.network.corridors[route], self._roads(cargo)
        self._read_all(corridor.section_ids)
        return [one for one in corridor.section_ids if roads.closures_at(one)]

    def _between(
        self, ends: tuple[str, str], corridor: Corridor, cargo: str, levels: Mapping[str, Level]
    ) -> Alternative | None:
        graph, policy = self._graph, self._context.config.journeys
        start, end = (graph.spots[one] for one in ends)
        farthest_km = _along(corridor, ends) * policy.longest
        chains = graph.chains_near(start, end, farthest_km)
        self._read_all(piece.section_id for one in chains for piece in graph.chains[one].pieces)
        found = self._roads(cargo).between(start, end, limit=1, chains=chains)
        if not found or not found[0].open or found[0].metres / 1_000 > farthest_km:
            return None
        worst: dict[str, Level] = {}
        for other, level in levels.items():
            worst_here = self._roads(other).worst_of(found[0].legs)
            # for whom the road is no danger, the other one must not be one either
            avoided = max(policy.order[level], policy.order[Level.HIGH])
            if worst_here is None or policy.order[worst_here] >= avoided:
                return None
            worst[other] = worst_here
        passed = frozenset(stop.place_id for stop in corridor.stops)
        towns = via_of(graph, found[0].legs, apart=passed, most=_VIA)
        if not towns:
            return None
        title = " - ".join((start.name, *towns, end.name))
        own = frozenset(corridor.section_ids)
        apart = [leg for leg in found[0].legs if leg.piece.section_id not in own]
        return Alternative(
            title=title,
            unheard=Level.UNKNOWN in worst.values(),
            way=NamedWay(
                title=title,
                section_ids=tuple(dict.fromkeys(leg.piece.section_id for leg in apart)),
                level=(self._roads(cargo).worst_of(apart) if apart else None) or worst[cargo],
            ),
        )

    def _roads(self, cargo: str) -> RoadsNow:
        if cargo not in self._known:
            policy = self._context.config.journeys
            self._known[cargo] = RoadsNow(self._graph, self._states[cargo], policy, self._now)
        return self._known[cargo]

    def _read_all(self, section_ids: Iterable[str]) -> None:
        """Read what is known of sections, for every cargo, unless it was read."""
        missing = list(dict.fromkeys(one for one in section_ids if one not in self._read))
        self._read.update(missing)
        for start in range(0, len(missing), _AT_ONCE):
            some = missing[start : start + _AT_ONCE]
            for section_id, state in states_of(self._conn, some, self._context).items():
                for cargo, known in state.cargoes.items():
                    self._states[cargo][section_id] = known


def _along(corridor: Corridor, ends: tuple[str, str]) -> float:
    """Return how long the road of a corridor is between two of its stops, km."""
    km = {stop.place_id: stop.km for stop in corridor.stops}
    return abs(km[ends[0]] - km[ends[1]])


def _ends(corridor: Corridor, stretch: tuple[str, str] | None) -> list[tuple[str, str]]:
    """Return between which stops to look: the whole route first, then the stretch."""
    first, last = corridor.stops[0].place_id, corridor.stops[-1].place_id
    found = [(first, last)] if first != last else []
    ids = {stop.name: stop.place_id for stop in corridor.stops}
    if stretch is not None and set(stretch) <= ids.keys():
        a, b = (ids[name] for name in stretch)
        if a != b and {a, b} != {first, last}:
            found.append((a, b))
    return found
