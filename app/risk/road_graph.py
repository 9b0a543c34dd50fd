"""The network as a graph: towns, the roads between them, and where these cross borders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from app.roads.geometry import Position, distance_km, distance_to_line_km, rough_km
from app.roads.network import Corridor, Network, Section
from app.roads.places import Place

#: Two roads between the same towns that are nowhere farther apart are one road, described twice.
SAME_ROAD_KM = 5.0
#: Nearer to the end of a section than this share of it is its end.
_TOUCH = 1e-6
#: Lengths are as documented, and a road may be documented shorter than it is: by less than this.
_SLACK = 1.05
#: Pairs of ends of which it is remembered what lies near.
_REGIONS_KEPT = 64
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A border on a section: at which share of it, and between which towns and countries."""

    share: float
    towns: tuple[str, str]
    countries: tuple[str, str]

    def turned(self) -> "Crossing":
        """Return it as met by who drives the other way."""
        return Crossing(
            share=1.0 - self.share, towns=self.towns[::-1], countries=self.countries[::-1]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A section as an edge between two nodes; a node is a place id, or a cut of a long leg."""

    section: Section
    start: str
    end: str
    metres: int
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A section as it is driven: from the share `low` to `high` of it, against its line or along.

    Shares count in the direction of travel.
    """

    section_id: str
    low: float
    high: float
    along: bool

    def turned(self) -> "Piece":
        """Return it driven the other way."""
        return Piece(self.section_id, 1.0 - self.high, 1.0 - self.low, not self.along)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A road without a junction between its ends; `road` is the same for one described twice."""

    start: str
    end: str
    pieces: tuple[Piece, ...]
    nodes: tuple[str, ...]
    road: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where on the roads a place is: at a node, or at a share of a section."""

    place_id: str
    name: str
    node: str
    section_id: str | None = None
    share: float = 0.0


class RoadGraph:
    """The network as junctions and the roads between them; read-only once made."""

    def __init__(self, network: Network) -> None:
        self.network = network
        crossings = _crossings(network)
        self.links = {
            section.id: _link(section, crossings.get(section.id, ()))
            for section in network.sections.values()
        }
        self.spots: dict[str, Spot] = {}
        for corridor in network.corridors.values():
            for spot in _spots(corridor, self.links):
                self.spots.setdefault(spot.place_id, spot)
        self._at: dict[str, list[Link]] = {}
        for link in self.links.values():
            for node in {link.start, link.end}:
                self._at.setdefault(node, []).append(link)
        self.chains = _name_roads(self._all_chains(), self.links)
        self._chain_at: dict[str, int] = {}
        for index, chain in enumerate(self.chains):
            self._chain_at.update((piece.section_id, index) for piece in chain.pieces)
            self._chain_at.update((node, index) for node in chain.nodes[1:-1])
        self._at_radians = _positions(self.chains, self.links)
        self._first_node = np.cumsum([0, *(len(chain.nodes) for chain in self.chains[:-1])])
        # asked again for each alert of a route
        self._near = lru_cache(_REGIONS_KEPT)(self._find_near)

    def chains_near(self, start: Spot, end: Spot, km: float) -> tuple[int, ...]:
        """Return the places of the chains that a way of at most `km` may use, in their order.

        No node of such a way is farther from both ends together than the way is long.
        """
        return self._near(start, end, km)

    def _find_near(self, start: Spot, end: Spot, km: float) -> tuple[int, ...]:
        off = self._km_to(start) + self._km_to(end)
        farthest = np.maximum.reduceat(off, self._first_node)
        near = {int(index) for index in np.flatnonzero(farthest <= km * _SLACK)}
        # a place within a chain is left by a part of it, and the rest may lead anywhere
        own = {one for spot in (start, end) if (one := self.chain_of(spot)) is not None}
        return tuple(sorted(near | own))

    def _km_to(self, spot: Spot) -> NDArray[np.float64]:
        """Return the great-circle distance of each node of each chain to a spot (haversine)."""
        position = self.network.places[spot.place_id].position
        lat, lon = np.radians((position.lat, position.lon))
        lats, lons = self._at_radians
        squared = (
            np.sin((lats - lat) / 2) ** 2
            + np.cos(lats) * np.cos(lat) * np.sin((lons - lon) / 2) ** 2
        )
        km: NDArray[np.float64] = 2 * _EARTH_KM * np.arcsin(np.sqrt(squared))
        return km

    def nearest(self, place: Place) -> tuple[Spot, float]:
        """Return the stop at or nearest to a place, and the kilometres to it as the crow flies."""
        if place.id in self.spots:
            return self.spots[place.id], 0.0
        places = self.network.places
        _, spot_id = min(
            (rough_km(place.position, places[spot_id].position), spot_id) for spot_id in self.spots
        )
        return self.spots[spot_id], distance_km(place.position, places[spot_id].position)

    def chain_of(self, spot: Spot) -> int | None:
        """Return the place of the chain within which a spot lies; None for a junction."""
        return self._chain_at.get(spot.section_id or spot.node)

    def crossings_of(self, piece: Piece) -> list[Crossing]:
        """Return the borders on a piece, in the order and direction of travel."""
        link = self.links[piece.section_id]
        met = link.crossings if piece.along else [one.turned() for one in link.crossings[::-1]]
        return [one for one in met if piece.low < one.share <= piece.high]

    def metres_of(self, piece: Piece) -> int:
        """Return its length along the road."""
        return round(self.links[piece.section_id].metres * (piece.high - piece.low))

    def ends_of(self, piece: Piece) -> tuple[str, str]:
        """Return the nodes of the section of a piece in the direction of travel."""
        link = self.links[piece.section_id]
        return (link.start, link.end) if piece.along else (link.end, link.start)

    def _all_chains(self) -> list[Chain]:
        """Return every section once, in chains from junction to junction."""
        seen: set[str] = set()
        chains: list[Chain] = []
        junctions = [node for node in sorted(self._at) if len(self._at[node]) != 2]  # noqa: PLR2004
        # a ring without a junction is entered anywhere
        for node in (*junctions, *sorted(self._at)):
            chains.extend(
                self._chain(node, link, seen, frozenset(junctions))
                for link in self._at[node]
                if link.section.id not in seen
            )
        return chains

    def _chain(self, start: str, link: Link, seen: set[str], junctions: frozenset[str]) -> Chain:
        pieces: list[Piece] = []
        nodes = [start]
        while True:
            seen.add(link.section.id)
            along = link.start == nodes[-1]
            pieces.append(Piece(link.section.id, 0.0, 1.0, along))
            nodes.append(link.end if along else link.start)
            onward = [one for one in self._at[nodes[-1]] if one.section.id not in seen]
            if nodes[-1] in junctions or nodes[-1] == start or not onward:
                break
            link = onward[0]
        return Chain(start=start, end=nodes[-1], pieces=tuple(pieces), nodes=tuple(nodes), road="")


@lru_cache(maxsize=8)
def road_graph(network: Network) -> RoadGraph:
    """Return the graph of a network, made once."""
    return RoadGraph(network)


def nodes_of(section: Section) -> tuple[str, str]:
    """Return the ends of a section as nodes: the parts of a long leg meet where it is cut."""
    part, parts = section.part
    leg = f"{section.start}~{section.end}#"
    return (
        section.start if part == 1 else f"{leg}{part - 1}",
        section.end if part == parts else f"{leg}{part}",
    )


def _link(section: Section, crossings: Iterable[Crossing]) -> Link:
    start, end = nodes_of(section)
    met = {(one.towns, round(one.share, 6)): one for one in crossings}
    return Link(
        section=section,
        start=start,
        end=end,
        metres=round(section.km * 1_000),
        crossings=tuple(sorted(met.values(), key=lambda one: one.share)),
    )


def _driven(corridor: Corridor, network_sections: Iterable[Section]) -> list[bool]:
    """Return for each section of a corridor whether it is driven along its line."""
    at, along = corridor.stops[0].place_id, []
    for section in network_sections:
        start, end = nodes_of(section)
        along.append(start == at)
        at = end if start == at else start
    return along


def _crossings(network: Network) -> dict[str, list[Crossing]]:
    """Return the borders by section: halfway between neighbouring stops of two countries."""
    found: dict[str, list[Crossing]] = {}
    for corridor in network.corridors.values():
        ways = _driven(corridor, [network.sections[one] for one in corridor.section_ids])
        for a, b in pairwise(corridor.stops):
            one, other = network.places[a.place_id], network.places[b.place_id]
            if one.country == other.country:
                continue
            km = (a.km + b.km) / 2.0
            index = _section_at(corridor, km)
            low, high = corridor.section_km[index]
            crossing = Crossing(
                share=(km - low) / ((high - low) or 1.0),
                towns=(one.name, other.name),
                countries=(one.country, other.country),
            )
            section_id = corridor.section_ids[index]
            found.setdefault(section_id, []).append(crossing if ways[index] else crossing.turned())
    return found


def _section_at(corridor: Corridor, km: float) -> int:
    last = len(corridor.section_km) - 1
    return next((i for i, (_, high) in enumerate(corridor.section_km) if km < high), last)


def _spots(corridor: Corridor, links: dict[str, Link]) -> Iterable[Spot]:
    ways = _driven(corridor, [links[one].section for one in corridor.section_ids])
    for stop in corridor.stops:
        index = _section_at(corridor, stop.km)
        low, high = corridor.section_km[index]
        link = links[corridor.section_ids[index]]
        nodes = {link.start, link.end}
        if index:
            before = links[corridor.section_ids[index - 1]]
            nodes |= {before.start, before.end}
        if stop.place_id in nodes:
            yield Spot(place_id=stop.place_id, name=stop.name, node=stop.place_id)
            continue
        share = min(max((stop.km - low) / ((high - low) or 1.0), _TOUCH), 1.0 - _TOUCH)
        share = share if ways[index] else 1.0 - share
        yield Spot(
            place_id=stop.place_id,
            name=stop.name,
            node=f"@{stop.place_id}",
            section_id=link.section.id,
            share=share,
        )


def _positions(chains: Sequence[Chain], links: dict[str, Link]) -> NDArray[np.float64]:
    """Return latitudes and longitudes of the nodes of each chain in turn, radians: (2, nodes)."""
    found = []
    for chain in chains:
        ends = [
            links[piece.section_id].section.line[0 if piece.along else -1] for piece in chain.pieces
        ]
        last = chain.pieces[-1]
        ends.append(links[last.section_id].section.line[-1 if last.along else 0])
        found += [(one.lat, one.lon) for one in ends]
    radians: NDArray[np.float64] = np.radians(np.array(found).T)
    return radians


def _name_roads(chains: Sequence[Chain], links: dict[str, Link]) -> tuple[Chain, ...]:
    """Return the chains with names of their roads: one name for one road described twice."""
    names = {index: chain.pieces[0].section_id for index, chain in enumerate(chains)}
    alike: dict[frozenset[str], list[int]] = {}
    for index, chain in enumerate(chains):
        alike.setdefault(frozenset((chain.start, chain.end)), []).append(index)
    for indices in alike.values():
        for one, other in combinations(indices, 2):
            if _same_road(chains[one], chains[other], links):
                names[other] = names[one]
    return tuple(
        Chain(
            start=chain.start,
            end=chain.end,
            pieces=chain.pieces,
            nodes=chain.nodes,
            road=names[index],
        )
        for index, chain in enumerate(chains)
    )


def _same_road(one: Chain, other: Chain, links: dict[str, Link]) -> bool:
    line, other_line = _line(one, links), _line(other, links)
    return all(
        distance_to_line_km(point, road) <= SAME_ROAD_KM
        for points, road in ((line, other_line), (other_line, line))
        for point in points
    )


def _line(chain: Chain, links: dict[str, Link]) -> list[Position]:
    return [
        point
        for piece in chain.pieces
        for point in links[piece.section_id].section.line[:: 1 if piece.along else -1]
    ]
