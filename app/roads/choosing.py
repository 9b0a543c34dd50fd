"""Chooses the one place meant among those that bear a name, or says that none stands out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from rapidfuzz.distance import OSA

from app.roads.areas import standing
from app.roads.folding import name_key
from app.roads.geometry import distance_to_line_km, rough_km
from app.roads.hints import ROAD_KM, Context
from app.roads.names import Match, NameIndex
from app.roads.places import Place

#: A filed position may be displaced by 12 km, and a town has an extent.
AGREES_KM = 20.0
#: Rows this near to one another are the same place, recorded twice.
SAME_KM = 10.0
#: A town this much larger than its namesakes is the one that people mean.
FAR_LARGER = 10
#: Two slips are believed only in names at least this long, and only when the position or the road
#: confirms them: a region has too many names that are alike.
SHORTEST_WITH_TWO_SLIPS = 6
#: A slip in a shorter name is believed only of a regional capital, or when something confirms it.
SHORTEST_WITH_BARE_SLIP = 5
#: A slip of the hand, any letter for any, is believed only in names at least this long.
SHORTEST_WITH_ANY_LETTER = 7
#: A little-known place this far from the road that the report names is a namesake of what it means.
OFF_ROAD_KM = 120.0
#: So is a place with a slip in its name this far from a road of which both ends are known.
_SLIP_OFF_ROAD_KM = 40.0
#: Letters that are one sound, written as it comes: `Simby` is `Simbi`, `Zantiguila` `Santiguila`.
_SOUNDS = str.maketrans("yzc", "isk")
#: Letters that are heard for one another: a slip of the ear, as `Dombila` for `Tombila`.
_HEARD = ("aeiouy", "bp", "dt", "gkcq", "szc", "lr", "fv", "mn", "jyi", "uw", "hk")
#: Between its ends a road bends so far aside of the straight line, as a share of that.
_WINDING = 0.4
#: Standing (see `Chooser.weight`) from which a place is known well beyond its surroundings.
WELL_KNOWN = 4
#: That of a capital: a road to it may begin anywhere.
_CAPITAL = 6
#: That of a seat of a commune or a stop on a corridor.
STOP = 2


class Outcome(Enum):
    """How the search for one place ended."""

    ONE = "one"
    SEVERAL = "several"
    ELSEWHERE = "elsewhere"  # the name is known, but not where the report says
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found; `matches` holds the chosen place, or all that may have been meant."""

    outcome: Outcome
    matches: tuple[Match, ...] = ()

    @property
    def match(self) -> Match:
        """Return the place chosen."""
        return self.matches[0]


class Chooser:
    """Resolves names in the context of a report."""

    def __init__(
        self, names: NameIndex, main: Collection[str], stops: Mapping[str, Collection[str]]
    ) -> None:
        self._names = names
        self._main = main
        self._stops = stops

    def resolve(self, name: str, context: Context) -> Choice:
        """Return the place called `name`, as written or with a slip that the context bears out."""
        key = name_key(name)
        if not key:
            return Choice(Outcome.NONE)
        exact = self.choose(self._names.exact(key), context)
        if exact.outcome is Outcome.ONE:
            return self._unless_misspelt(key, exact, context)
        if exact.outcome is Outcome.SEVERAL:
            return exact
        if exact.outcome is Outcome.NONE:
            return self._with_slip(key, context)
        borne_out = self._confirmed(self._names.slipped(key, 1), key, context)
        slipped = self.choose(borne_out, context)
        return slipped if slipped.outcome is Outcome.ONE else exact

    def choose(self, matches: Sequence[Match], context: Context) -> Choice:
        """Return which of `matches` the context singles out."""
        if not matches:
            return Choice(Outcome.NONE)
        if context.position is not None:
            return self._by_position(matches, context)
        left = list(matches)
        if context.fit is not None:
            fits = [context.fit(match.place) for match in left]
            best = max(fits)
            left = [match for match, fit in zip(left, fits, strict=True) if fit == best]
            if best == 0 or (best == 1 and not self._is_plain(left, context)):
                there = self._stops_on_road(matches, context)
                return there or Choice(Outcome.ELSEWHERE, tuple(matches))
        left = self._by_road(left, context)
        left = [match for match in left if not self._off_road(match, context)]
        if not left:
            return Choice(Outcome.ELSEWHERE, tuple(matches))
        return self._stand_out(left)

    def weight(self, place: Place) -> int:
        """Return how well known a place is: 6 capital ... 4 main stop or seat of a cercle ... 1."""
        if place.id in self._main:
            return max(WELL_KNOWN, standing(place)[0])
        return max(STOP if place.id in self._stops else 1, standing(place)[0])

    def apart(self, matches: Sequence[Match]) -> list[Match]:
        """Return `matches` by weight, of a place that was recorded twice the better known row."""
        kept: list[Match] = []
        for match in self.by_weight(matches):
            name, at = name_key(match.place.name), match.place.position
            if not any(
                name_key(other.place.name) == name and rough_km(other.place.position, at) <= SAME_KM
                for other in kept
            ):
                kept.append(match)
        return kept

    def by_weight(self, matches: Sequence[Match]) -> list[Match]:
        """Return `matches`, fewest slips and best known first."""
        return sorted(
            matches,
            key=lambda m: (m.slips, -self.weight(m.place), -(m.place.population or 0), m.place.id),
        )

    def _by_position(self, matches: Sequence[Match], context: Context) -> Choice:
        near = [m for m in matches if context.km_off(m.place) <= AGREES_KM]
        if not near:
            return Choice(Outcome.ELSEWHERE, tuple(matches))
        together = self._stand_out(near)
        if together.outcome is Outcome.ONE:
            return together
        return Choice(Outcome.ONE, (min(near, key=lambda m: context.km_off(m.place)),))

    def _by_road(self, matches: list[Match], context: Context) -> list[Match]:
        """Return those of `matches` that lie on the road named; all where none does."""
        left = matches
        if context.numbered:
            left = [match for match in left if context.on_numbered(match.place)] or left
        if len(context.towns) == 1:
            other_end = [m for m in left if self._at_the_other_end(m.place, context)]
            nearest = context.much_nearest([match.place for match in other_end])
            other_end = [m for m in other_end if m.place is nearest] or other_end
            return other_end or self._by_its_town(left, context) or left
        return [match for match in left if context.on_road(match.place)] or left

    def _stand_out(self, matches: Sequence[Match]) -> Choice:
        """Return the only place, or the one that is far better known than all the others."""
        first, *others = self.by_weight(matches)
        elsewhere = [
            other
            for other in others
            if rough_km(first.place.position, other.place.position) > SAME_KM
        ]
        if all(self._outshines(first, other) for other in elsewhere):
            return Choice(Outcome.ONE, (first,))
        return Choice(Outcome.SEVERAL, tuple(self.by_weight(matches)))

    def _outshines(self, first: Match, other: Match) -> bool:
        """Return whether nobody who writes the name would mean `other`."""
        if other.main_name and not first.main_name:
            return False
        abroad = first.place.country != other.place.country and other.place.id not in self._stops
        if abroad and first.place.id in self._main and not (first.slips or other.main_name):
            return True
        weight, lesser = self.weight(first.place), self.weight(other.place)
        if first.slips and other.slips and weight >= _CAPITAL:
            return lesser <= WELL_KNOWN  # `Bmako` is no misspelt Mako
        if first.slips and name_key(first.place.name) != name_key(other.place.name):
            return lesser < STOP <= weight - 2 or lesser <= STOP < weight - 2
        people = max(1_000, other.place.population or 0) * FAR_LARGER
        if (first.place.population or 0) >= people and weight > lesser:
            return True
        # A border post may be a main stop and yet a village like its namesakes: then it is asked,
        # unless they have the name as a variant only.
        is_town = bool(first.place.population) or standing(first.place)[0] > STOP
        stands_out = is_town or (first.main_name and not other.main_name)
        return weight >= WELL_KNOWN and lesser < STOP and stands_out

    def _by_its_town(self, matches: list[Match], context: Context) -> list[Match]:
        """Return those near the one town of the road: a road to a capital leads from anywhere."""
        if self.weight(context.towns[0]) >= _CAPITAL:
            return []
        return [match for match in matches if context.km_off_road(match.place) <= OFF_ROAD_KM]

    @staticmethod
    def _at_the_other_end(place: Place, context: Context) -> bool:
        """Return whether the road text joins the place to its one town: "Ténenkou-Dioura"."""
        return context.on_road_by_name(place) and context.km_off_road(place) <= OFF_ROAD_KM

    def _off_road(self, match: Match, context: Context) -> bool:
        """Return whether something far from the road named was meant, and not this place.

        A town written as it is written may be right where the road is not; a village that nobody
        recorded is one letter from some town, and that town is not on its road.
        """
        place = match.place
        if not context.towns:
            return False
        if context.on_road_by_name(place):
            return self._is_far_from_its_ends(place, context)
        limit = _SLIP_OFF_ROAD_KM if match.slips and len(context.towns) > 1 else OFF_ROAD_KM
        if context.km_off_road(place) <= limit:
            return False
        if len(context.towns) == 1:
            town = context.towns[0]
            meant = not match.slips and (context.fit is not None or self._leads_to(place, town))
            return not meant and self.weight(town) < _CAPITAL
        return match.slips > 0 or (context.fit is None and self.weight(place) < WELL_KNOWN)

    def _is_far_from_its_ends(self, place: Place, context: Context) -> bool:
        """Return whether the road text has the name, and of another place: `Niono-Pogo`.

        A road from a capital may end anywhere, and so may that of a town known well beyond.
        """
        ends = [town for town in context.towns if town.id != place.id]
        return (
            bool(ends)
            and self.weight(place) < WELL_KNOWN
            and all(
                rough_km(place.position, end.position) > 2 * OFF_ROAD_KM
                and self.weight(end) < _CAPITAL
                and self._routes_at(place.id).isdisjoint(self._routes_at(end.id))
                for end in ends
            )
        )

    def _leads_to(self, place: Place, town: Place) -> bool:
        """Return whether the road to a town so far off may be called after it at the place.

        `Simbi, route de Nioro` is no village 800 km from Nioro; Gao lies on the road of Sévaré.
        """
        shared = not self._routes_at(place.id).isdisjoint(self._routes_at(town.id))
        return shared or standing(place)[0] >= WELL_KNOWN

    def _routes_at(self, place_id: str) -> frozenset[str]:
        return frozenset(self._stops.get(place_id, ()))

    def _is_plain(self, matches: Sequence[Match], context: Context) -> bool:
        """Return whether one place is meant, though the smaller division named is another one."""
        if len(matches) != 1:
            return False
        place = matches[0].place
        return self.weight(place) >= WELL_KNOWN or place.id in {town.id for town in context.towns}

    def _stops_on_road(self, matches: Sequence[Match], context: Context) -> Choice | None:
        """Return the one stop of that name on the road given, whatever division was filed.

        Name and road are two against one, and what lies near the edge of a cercle is told of as in
        the next one.
        """
        if len(context.towns) < 2:  # noqa: PLR2004 - two ends
            return None
        on_it = [
            match
            for match in matches
            if not match.slips
            and match.place.id in self._stops
            and any(self._lies_between(match.place, road) for road in context.roads)
        ]
        return Choice(Outcome.ONE, tuple(on_it)) if len(on_it) == 1 else None

    def _lies_between(self, place: Place, road: Sequence[Place]) -> bool:
        """Return whether `place` lies by the road, or where a corridor of both its ends bends."""
        line = [town.position for town in road]
        aside = ROAD_KM
        if frozenset.intersection(*(self._routes_at(one.id) for one in (place, *road))):
            aside = max(aside, rough_km(line[0], line[-1]) * _WINDING)
        return len(road) > 1 and distance_to_line_km(place.position, line) <= aside

    def _unless_misspelt(self, key: str, exact: Choice, context: Context) -> Choice:
        """A little-known place named by chance: a town one slip away may have been meant."""
        if not context.bare or self.weight(exact.match.place) > STOP:
            return exact
        rivals = [
            match
            for match in self._names.slipped(key, 1)
            if self.weight(match.place) >= WELL_KNOWN
            and rough_km(match.place.position, exact.match.place.position) > SAME_KM
        ]
        return Choice(Outcome.SEVERAL, (*exact.matches, *rivals)) if rivals else exact

    def _with_slip(self, key: str, context: Context) -> Choice:
        once = self.choose(self._names.slipped(key, 1), context)
        if context.bare and once.matches and not self.stands_bare(key, once.match):
            return Choice(Outcome.SEVERAL, tuple(self.by_weight(once.matches)))
        if once.outcome is Outcome.ONE and not self._is_likely(key, once.match, context):
            return Choice(Outcome.NONE, once.matches)
        if once.outcome in {Outcome.ONE, Outcome.SEVERAL}:
            return once
        twice = self._confirmed(self._names.slipped(key, 2), key, context)
        if twice:
            return self.choose(twice, context)
        return once

    def _is_likely(self, key: str, match: Match, context: Context) -> bool:
        """Return whether `match` is meant, with no more than its region to bear the slip out.

        Of the villages of Mali one in six is one letter from another of its region, mostly far
        from it, and most villages nobody recorded: `Moura` is no misspelt `Toura`. A letter left
        out, doubled or swapped is a slip of the pen; a cercle has few names alike.
        """
        plain = context.cercle or self._slip_is_plain(key, match)
        return (
            context.position is not None
            or _of_the_pen(key, match.place)
            or (plain and self._is_alike(key, match.place))
            or context.on_road(match.place)
            or context.on_numbered(match.place)
            or context.on_road_by_name(match.place)
        )

    def stands_bare(self, key: str, match: Match) -> bool:
        """Return whether a slip is believed with nothing beside the name to bear it out.

        A mine or hamlet that nobody recorded is one letter from a village at the other end of the
        country: `Fekola` is no misspelt `Fakola`. Another letter is a slip only of a known town:
        `Kobri` is not `Kouri`, nor `Neguela` Séguéla; and `Acharane` is no `Tacharan`.
        """
        place = match.place
        known = self.weight(place) >= WELL_KNOWN and self._is_alike(key, place)
        by_hand = _of_the_pen(key, place) and _begins_alike(key, place)
        return self._slip_is_plain(key, match) and (known or by_hand)

    def _is_alike(self, key: str, place: Place) -> bool:
        """Return whether a letter that stands for another is a slip of the ear, or of the hand.

        `Kafana` is no misspelt `Kalana`. Any letter but the first is, in a long name on our roads
        and in that of a regional capital.
        """
        long = len(key) >= SHORTEST_WITH_ANY_LETTER and place.id in self._main
        known = long or self.weight(place) > WELL_KNOWN
        return _sounds_alike(key, place) or (known and _begins_alike(key, place))

    def _slip_is_plain(self, key: str, match: Match) -> bool:
        """With nothing else to go by, short names are one letter from too many others.

        A place that nobody recorded, such as the dam of Gouina, is one letter from some village
        far away: what is a stop or a seat of a commune is meant, any other is asked.
        """
        weight = self.weight(match.place)
        if len(key) >= SHORTEST_WITH_BARE_SLIP:
            return weight >= STOP
        return weight > WELL_KNOWN and match.main_name

    def _confirmed(self, matches: list[Match], key: str, context: Context) -> list[Match]:
        """Return what position or road bear out."""
        if len(key) < SHORTEST_WITH_TWO_SLIPS:
            return []
        return [
            match
            for match in matches
            if context.on_road_by_name(match.place)
            or (context.position is not None and context.km_off(match.place) <= AGREES_KM)
        ]


def _of_the_pen(key: str, place: Place) -> bool:
    """Return whether `key` has the letters of a name of `place`, but for one left out or more."""
    return any(
        len(name) != len(key) or sorted(name.translate(_SOUNDS)) == sorted(key.translate(_SOUNDS))
        for name in _a_slip_away(key, place)
    )


def _sounds_alike(key: str, place: Place) -> bool:
    """Return whether one letter stands for another that is heard for it, as `d` for `t`."""
    return any(
        len(name) != len(key)
        or all(
            one == other or any(one in heard and other in heard for heard in _HEARD)
            for one, other in zip(name, key, strict=True)
        )
        for name in _a_slip_away(key, place)
    )


def _begins_alike(key: str, place: Place) -> bool:
    return any(name[0] == key[0] for name in _a_slip_away(key, place))


def _a_slip_away(key: str, place: Place) -> list[str]:
    names = {name_key(name) for name in (place.name, *place.alt_names)}
    return [name for name in names if OSA.distance(name, key, score_cutoff=1) == 1]
