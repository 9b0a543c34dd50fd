"""Every place known: by name, by position, by area."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

from app.roads.areas import Areas, is_division, keys_of
from app.roads.choosing import WELL_KNOWN, Chooser, Outcome
from app.roads.folding import fold, name_key
from app.roads.geometry import Position, rough_km
from app.roads.hints import UNCHARTED_KM, Context, RegionHint, read_region
from app.roads.names import Match, NameIndex
from app.roads.network import Network
from app.roads.phrases import Phrase, parse
from app.roads.places import Candidate, Location, Place, PlaceQuery, Unplaced
from app.roads.stretches import Stretches

#: Answers remembered: reports of one event come in bursts and name the same place.
_REMEMBERED = 8_192
#: Cells of the index by position, degrees.
_CELL = 0.25
#: A quarter, as GeoNames has it: what happened there happened in its town, this far off at most.
_QUARTER, _QUARTER_KM = "PPLX", 10.0
_CLAUSE = re.compile(r"[;,]")
#: Names looked for within longer words: shorter ones stand in too many.
_SHORTEST_WITHIN, _MOST_WORDS = 3, 8
#: What a match of each kind is worth to someone who types a name.
_WORTH = {
    "name": 1.0,
    "variant": 0.96,
    "beginning": 0.9,
    "slip": 0.8,
    "two slips": 0.6,
    "within": 0.5,
}
#: A town of a road this far from all its others, by no corridor, is taken for a namesake that is
#: nearer to one of them by so much.
_FAR_END_KM, _MUCH_NEARER = 240.0, 0.25
#: So many words of running text are read for towns.
_MOST_TOLD = 80
#: So many roads are read of a road text.
_MOST_ROADS = 8


class Gazetteer:
    """The places of the network, those shipped beside it, and those imported."""

    def __init__(self, network: Network, extra_places: Iterable[Place] = ()) -> None:
        self.network = network
        known = {place.id: place for place in network.nearby_places}
        known.update((place.id, place) for place in extra_places)
        known.update(network.places)
        self.areas = Areas(known.values(), network.countries)
        self.places: dict[str, Place] = {
            place.id: place for place in known.values() if not is_division(place)
        }
        self.names = NameIndex(self.places.values())
        stops = {one: network.routes_at(one) for one in network.places}
        self.chooser = Chooser(self.names, network.main_stops, stops)
        self.stretches = Stretches(network)
        self.memo: dict[PlaceQuery, Location | Unplaced] = {}
        self._cells: dict[tuple[int, int], list[Place]] = {}
        for place in self.places.values():
            self._cells.setdefault(_cell(place.position), []).append(place)
        self.region = lru_cache(maxsize=2_048)(self._region)
        self.towns_by_road = lru_cache(maxsize=2_048)(self._towns_by_road)
        self._fit = lru_cache(maxsize=65_536)(self._fit_of)

    def find(
        self,
        text: str,
        *,
        region: str | None = None,
        near: Position | None = None,
        limit: int = 8,
    ) -> list[Candidate]:
        """Return the places that `text` may mean, best first: for type-ahead and for asking back.

        Args:
            text: A name or its beginning; misspelt by up to two letters.
            region: Places there come first.
            near: Nearer places come first among equals.
            limit: At most so many.
        """
        phrase = parse(text)
        said = phrase.name or phrase.whole or ""
        key = name_key(said)
        if not key:
            return []
        scores: dict[str, tuple[float, Place]] = {}
        for match, worth in self._offers(key) or self._within(said):
            score = worth * self._leaning(match.place, region, near)
            if score > scores.get(match.place.id, (0.0,))[0]:
                scores[match.place.id] = (score, match.place)
        best = sorted(scores.values(), key=lambda item: (-item[0], item[1].name, item[1].id))
        return [self.candidate(place, score) for score, place in best[:limit]]

    def candidate(self, place: Place, score: float) -> Candidate:
        """Return `place` as something to offer."""
        return Candidate(
            place_id=place.id,
            name=place.name,
            country=place.country,
            region=place.region,
            cercle=place.cercle,
            position=place.position,
            routes=self.network.routes_at(place.id),
            score=round(score, 3),
        )

    def nearest(self, position: Position, km: float) -> tuple[Place, float] | None:
        """Return the place to call a position after, and its distance; None beyond `km`.

        It is the nearest, but a town draws from farther than its quarters and villages.
        """
        row, column = _cell(position)
        ring = math.ceil(km / 111.0 / _CELL / max(0.2, math.cos(math.radians(position.lat))))
        cells = product(range(row - ring, row + ring + 1), range(column - ring, column + ring + 1))
        near = [
            (place, distance)
            for cell in cells
            for place in self._cells.get(cell, ())
            if (distance := rough_km(position, place.position)) <= km
        ]
        return min(near, key=lambda n: n[1] - self._draw(n[0]), default=None)

    def _draw(self, place: Place) -> float:
        """Return from how much farther than another a place gives its name, km."""
        return self.chooser.weight(place) - (_QUARTER_KM if place.feature == _QUARTER else 0.0)

    def context(self, query: PlaceQuery, phrase: Phrase) -> Context:
        """Return what the query says beside the name."""
        region = self._region_text(query.region, phrase)
        hinted = (hint.road for hint in phrase.hints if hint.road)
        counted = phrase.road_point.road if phrase.road_point else ""
        road = query.road or phrase.road or next(hinted, "") or counted
        roads = self.towns_by_road(road) if road else ()
        towns = roads[0] if roads else ()
        for hint in phrase.hints if not towns else ():
            towns = towns or self._towns_of(hint)
        return Context(
            fit=(lambda place: self._fit(region, place.id)) if region else None,
            position=query.position,
            towns=towns,
            roads=roads or (towns,),
            words=f" {fold(road)} ",
            numbered=tuple(self.network.line_of(c) for c in self.network.numbered(road)),
            cercle=bool(region) and self.region(region).is_cercle,
        )

    def within(self, context: Context, region: str) -> Context:
        """Return `context` narrowed to what `region` names."""
        return replace(context, fit=lambda place: self._fit(region, place.id))

    def is_far_from(self, region: str, place: Place) -> bool:
        """Return whether `place` lies neither in what `region` names nor near its main town."""
        return not self._fit(region, place.id) and all(
            rough_km(place.position, area.anchor.position) > UNCHARTED_KM
            for area in self.region(region).narrow
        )

    def fits_region(self, region: str | None, position: Position) -> bool:
        """Return whether `position` lies in, or at the border of, the region named."""
        hint = self.region(region) if region else RegionHint()
        return bool(hint) and hint.fit(position, frozenset(), self.areas) > 1

    def _region_text(self, region: str | None, phrase: Phrase) -> str | None:
        """Return the region filed; else one that stands in parentheses behind the name."""
        if region and self.region(region):
            return region
        for hint in phrase.hints:
            text = hint.area or (hint.name if not hint.parts else None)
            if text and self._only_area(text, named=bool(hint.area)) and self.region(text):
                return text
        return None

    def _only_area(self, text: str, *, named: bool) -> bool:
        return bool(self.areas.named(text)) and (named or not self.names.exact(name_key(text)))

    def _region(self, text: str) -> RegionHint:
        return read_region(text, self.areas)

    def _fit_of(self, region: str, place_id: str) -> int:
        place = self.places[place_id]
        return self.region(region).fit(place.position, frozenset(keys_of(place)), self.areas)

    def towns_told(self, text: str) -> tuple[Place, ...]:
        """Return the well-known towns that running text names, as written."""
        words = fold(text).split()[:_MOST_TOLD]
        runs = ("".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, at + 4))
        bare = Context()
        chosen = (self.chooser.choose(self.names.exact(run), bare) for run in dict.fromkeys(runs))
        towns = (choice.match.place for choice in chosen if choice.outcome is Outcome.ONE)
        return tuple(town for town in towns if self.chooser.weight(town) >= WELL_KNOWN)

    def towns(self, road: str) -> tuple[Place, ...]:
        """Return the towns of the first road that a text names."""
        return next(iter(self.towns_by_road(road)), ())

    def _towns_by_road(self, text: str) -> tuple[tuple[Place, ...], ...]:
        """Return the towns of each road a text names, those in parentheses left aside."""
        roads = (self._towns_of(parse(clause)) for clause in _CLAUSE.split(text)[:_MOST_ROADS])
        return tuple(towns for towns in roads if towns)

    def _towns_of(self, phrase: Phrase) -> tuple[Place, ...]:
        """Return the towns a road leads to; of two of one name that by the others of the road."""
        names = self._joined(phrase.parts) or ((phrase.name,) if phrase.name else ())
        found = [self.names.exact(name_key(name)) for name in names]
        chosen = [self.chooser.choose(matches, Context()) for matches in found]
        sure = tuple(c.match.place for c in chosen if c.outcome is Outcome.ONE)
        beside = Context(towns=sure[:1], words=f" {' '.join(map(fold, names))} ")
        for at, choice in enumerate(chosen):
            if choice.outcome is Outcome.SEVERAL and sure:
                chosen[at] = self.chooser.choose(choice.matches, beside)
        one = [c.match.place if c.outcome is Outcome.ONE else None for c in chosen]
        nearer = (self._nearer(place, at, found[at], one) for at, place in enumerate(one) if place)
        return tuple(nearer)

    def _nearer(
        self, place: Place, at: int, matches: Sequence[Match], towns: Sequence[Place | None]
    ) -> Place:
        """Return the namesake near another town of the road, of a `place` far from all of them.

        `Niono-Pogo` is no road to the border of Côte d'Ivoire. One to a capital is, and so is that
        to the other end of a corridor.
        """
        others = [town for n, town in enumerate(towns) if town and n != at]
        if not others or self.chooser.weight(place) > WELL_KNOWN:
            return place

        def km_off(one: Place) -> float:
            return min(rough_km(one.position, town.position) for town in others)

        routes = self.network.routes_at(place.id)
        if km_off(place) <= _FAR_END_KM or any(
            set(routes) & set(self.network.routes_at(town.id)) for town in others
        ):
            return place
        near = [match for match in matches if km_off(match.place) <= km_off(place) * _MUCH_NEARER]
        choice = self.chooser.choose(near, Context())
        return choice.match.place if choice.outcome is Outcome.ONE else place

    def _joined(self, parts: Sequence[str]) -> tuple[str, ...]:
        """Return the names of a road's towns; `Bambara-Maoundé` is one, though it has a hyphen."""
        names: list[str] = []
        left = list(parts)
        while left:
            runs = range(len(left), 1, -1)
            end = next((n for n in runs if self.names.exact(name_key("-".join(left[:n])))), 1)
            names.append("-".join(left[:end]))
            del left[:end]
        return tuple(names)

    def _offers(self, key: str) -> list[tuple[Match, float]]:
        offers = [
            (match, _WORTH["name" if match.main_name else "variant"])
            for match in self.names.exact(key)
        ]
        offers += [(match, _WORTH["beginning"]) for match in self.names.beginning(key, 200)]
        for slips, worth, shortest in ((1, "slip", 3), (2, "two slips", 6)):
            if len(key) >= shortest:
                offers += [(match, _WORTH[worth]) for match in self.names.slipped(key, slips)]
        return offers

    def _within(self, said: str) -> list[tuple[Match, float]]:
        """Return the known names that stand in words not known as a whole: `Kayes N'Di`."""
        words = fold(said).split()[:_MOST_WORDS]
        runs = (
            "".join(words[start:end])
            for start in range(len(words))
            for end in range(len(words), start, -1)
        )
        return [
            (match, _WORTH["within"])
            for run in runs
            if len(run) >= _SHORTEST_WITHIN
            for match in self.names.exact(run)
        ]

    def _leaning(self, place: Place, region: str | None, near: Position | None) -> float:
        """Return a factor up to 1: known towns, the region named and near places lead."""
        factor = 0.94 + 0.01 * self.chooser.weight(place)
        if region and self.region(region):
            factor *= 0.7 + 0.1 * self._fit(region, place.id)
        if near is not None:
            factor *= 0.8 + 0.2 * math.exp(-rough_km(near, place.position) / 100.0)
        return factor

    def remember(self, query: PlaceQuery, answer: Location | Unplaced) -> None:
        """Keep an answer for the same query; forget all when there are too many."""
        if len(self.memo) >= _REMEMBERED:
            self.memo.clear()
        self.memo[query] = answer

    def offer(self, matches: Sequence[Match], limit: int = 8) -> tuple[Candidate, ...]:
        """Return matches as candidates, best known first."""
        worth = (_WORTH["name"], _WORTH["slip"], _WORTH["two slips"])
        ordered = self.chooser.apart(matches)[:limit]
        return tuple(self.candidate(match.place, worth[match.slips]) for match in ordered)


def _cell(position: Position) -> tuple[int, int]:
    return math.floor(position.lat / _CELL), math.floor(position.lon / _CELL)
