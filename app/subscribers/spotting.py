"""Finds the places that an inbound message names: looked up and asked back, never guessed. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.incidents.nearness import holds
from app.incidents.words import STOP as LITTLE_WORDS
from app.roads.choosing import STOP as STOP_WEIGHT
from app.roads.choosing import WELL_KNOWN
from app.roads.folding import name_key
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import rough_km
from app.roads.locating import locate
from app.roads.places import Candidate, Location, PlaceQuery, Shape, Unplaced
from app.roads.placing import at_place
from app.subscribers.wording import Word

#: A name has so many words at most; a misspelt one so many letters at least.
_MOST_WORDS, _SHORTEST_SLIP = 4, 4
#: So many places side by side are no ends of a road.
_LIST = 3
#: So near to a town, a village that is said beside it is told by it.
_NEAR_KM = 80.0
#: In a message this short, a word that is nothing else is the name of a place.
SHORT = 7
#: Words before the name of a place. The first say so of any name, the others also much else.
_AT = frozenset("a vers at near entre between pres autour axe avant apres before after".split())  # noqa: SIM905
#: The same, where "de" stands between: "près de", "à hauteur de", "à la sortie de".
_BY_IT = frozenset(
    "pres loin proche proximite hauteur niveau autour environs alentours sortie entree face".split()  # noqa: SIM905
)
_OF = frozenset("de du d from to in dans sur pour for jusqu et and".split())  # noqa: SIM905
#: What has a name as a town has one: "attaque village Sokolo".
_SITES = frozenset("village hameau localite bourgade commune camp marche foret mare pont".split())  # noqa: SIM905
#: Behind these "a" is a verb: "il y a", "on a".
_HAVE = frozenset({"y", "il", "elle", "on", "qui"})
_ENDS, _ONE_AND = frozenset({"entre", "between"}), frozenset({"et", "and"})
_ARTICLES = frozenset("la le les l the".split())  # noqa: SIM905
_LINK = frozenset({"de", "du", "d"})
_NUMBERED = re.compile(r"^(?:rn|rr|rc|n|r)\d{1,3}$")
POINT = frozenset({"pk", "km"})
#: Between the names of the two ends of a road.
_JOINING = frozenset({"et", "and", "a", "to", "vers", "ver", "jusqu", "de", "la", "le"})
#: Before the names of its two ends: "axe Sikasso Loulouni".
_WAYS = frozenset(
    "route routes rte rout axe voie troncon trajet liaison road".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place that was named, or words that stand where a place does.

    Attributes:
        start, end: The words, `end` exclusive.
        said: Those words.
        found: Where it is; None when it has to be asked.
        candidates: What may have been meant.
        sure: Whether it is meant as a place for certain: a town's name, or what stands behind "à".
    """

    start: int
    end: int
    said: str
    found: Location | None
    candidates: tuple[Candidate, ...] = ()
    sure: bool = False

    @property
    def ambiguous(self) -> bool:
        """Return whether several places may be meant."""
        return self.found is None and bool(self.candidates)

    @property
    def on_road(self) -> bool:
        """Return whether it is a kilometre of a road: "RN1 PK 340"."""
        return " pk " in self.said

    @property
    def meant(self) -> bool:
        """Return whether the words stand for a place, known or not, and for nothing else."""
        return self.found is not None or bool(self.candidates) or self.sure


def names_in(words: Sequence[str], gazetteer: Gazetteer) -> tuple[str, ...]:
    """Return the words that are, alone, the name of a known place as written."""
    return tuple(word for word in words if not word.isdigit() and gazetteer.names.exact(word))


def spots_in(
    words: Sequence[Word], gazetteer: Gazetteer, *, breaks: Collection[int] = ()
) -> tuple[Spot, ...]:
    """Return the places named in `words`, in their order; before `breaks` stands a comma.

    1. A point on a numbered road ("RN1 PK 340") and names as written, the longest first.
    2. Else misspelt names, of words that are nothing else.
    3. Else words that stand where a place does and are not known: to be said back.
    In long messages only names of towns, and what stands behind "a", "vers", "entre" ..., count.
    """
    short = sum(not _is_little(word) for word in words) <= SHORT
    point = _road_point(words, gazetteer)
    named = [] if point else _as_written(words, gazetteer, short=short)
    named = _told_apart(named, gazetteer)
    commas = breaks
    if not any(len(group) >= _LIST for group in side_by_side(named, words)):
        breaks = ()
    if any(spot.found and spot.sure for spot in named):
        near = [spot for spot in named if _is_by_a_town(spot, named, commas)]
        beside = _told_beside(named, words, breaks)
        named = [spot for spot in named if spot in beside or spot in near]
    taken = {i for spot in named for i in range(spot.start, spot.end)}
    slips = [] if point else _misspelt(words, taken, gazetteer, short=short)
    if any(spot.found and spot.sure for spot in named):
        slips = [
            spot
            for spot in slips
            if spot.sure or (spot.found and _is_one_of_some(spot, named, words, breaks))
        ]
    found = [*([point] if point else ()), *named, *slips]
    if any(spot.found or spot.ambiguous for spot in found):
        found = [spot for spot in found if spot.meant]
    found = [spot for spot in found if not _is_around(spot, found)]
    return tuple(sorted(found, key=lambda spot: spot.start))


def _is_around(spot: Spot, others: Sequence[Spot]) -> bool:
    """Return whether it is the area that another place lies in: "Mondoro, cercle de Douentza"."""
    area = spot.found
    points = [one.found for one in others if one.found and one.found.shape is not Shape.AREA]
    return area is not None and any(holds(area, point) for point in points)


def _told_beside(
    named: Sequence[Spot], words: Sequence[Word], breaks: Collection[int]
) -> list[Spot]:
    """Return the places that are meant for certain, and the villages told of beside one of them.

    Each makes the next one certain, and the one before it: "à Kadiolo, Misséni et Fourou" is a list
    of three, "Misséni, Kadiolo, Fourou" as well. Of two, "Misséni, Kadiolo", the second may be the
    area of the first.
    """
    kept = [spot for spot in named if spot.sure]
    for spot in named:
        if not spot.sure and (spot.ambiguous or _is_one_of_some(spot, kept, words, breaks)):
            kept.append(spot)
    for spot in reversed(named):
        starts = {other.start for other in kept if other.found}
        if spot not in kept and spot.end in starts and spot.end in breaks:
            kept.append(spot)
    return kept


def _is_by_a_town(spot: Spot, others: Sequence[Spot], commas: Collection[int]) -> bool:
    """Return whether a village is said right beside the town it is told by: "Loulouni, Sikasso".

    So near to that town, hardly a word is the name of a village by chance. Behind a comma it may
    be the area of the first: "Kadiolo, Misséni".
    """
    return any(
        (spot.end == town.start or (town.end == spot.start and spot.start not in commas))
        and _is_near(spot.found, town.found)
        for town in others
        if town.sure
    )


def _told_apart(spots: Sequence[Spot], gazetteer: Gazetteer) -> list[Spot]:
    """Return the spots; of namesakes, the one that alone lies near the town said beside it."""
    return [_by_town(spot, spots, gazetteer) if spot.ambiguous else spot for spot in spots]


def _by_town(spot: Spot, others: Sequence[Spot], gazetteer: Gazetteer) -> Spot:
    towns = [one for one in others if spot.end == one.start or one.end == spot.start]
    meant = [at_place(gazetteer.places[one.place_id], "by a town") for one in spot.candidates]
    for town in towns:
        near = [found for found in meant if _is_near(found, town.found)]
        if len(near) == 1:
            return replace(spot, found=near[0], candidates=())
    return spot


def _is_near(found: Location | None, town: Location | None) -> bool:
    if found is None or town is None or Shape.AREA in {found.shape, town.shape}:
        return False
    return rough_km(found.position, town.position) <= _NEAR_KM


def _is_one_of_some(
    spot: Spot, others: Sequence[Spot], words: Sequence[Word], breaks: Collection[int]
) -> bool:
    """Return whether a village is told of as its neighbour is, or is an end of its road.

    "Tessalit et Aguelhok", "Kadiolo, Misséni"; "axe Sikasso Loulouni" is not at Sikasso.
    """
    return any(
        (other.end + 1 == spot.start and words[other.end].said in _ONE_AND)
        or (other.end == spot.start and (spot.start in breaks or is_of_a_way(other.start, words)))
        or (spot.end == other.start and is_of_a_way(spot.start, words))
        for other in others
        if other.found
    )


def is_of_a_way(start: int, words: Sequence[Word]) -> bool:
    """Return whether a road is what the words before a name speak of: "sur la route de"."""
    before = (word.said for word in reversed(words[:start]) if word.said not in _ARTICLES | _LINK)
    return next(before, "") in _WAYS


def _road_point(words: Sequence[Word], gazetteer: Gazetteer) -> Spot | None:
    said = [word.said for word in words]
    road = next((i for i, word in enumerate(said) if _NUMBERED.match(word)), None)
    point = next((i for i, word in enumerate(said[:-1]) if word in POINT), None)
    if road is None or point is None or not said[point + 1].isdigit():
        return None
    end = point + 2
    query = f"{said[road].upper()} pk {said[point + 1]}"
    if said[end : end + 1] and said[end] in {"vers", "direction", "towards", "to"}:
        query, end = f"{query} {' '.join(said[end : end + 2])}", min(end + 2, len(said))
    near = all(_is_little(word) for word in words[road + 1 : point])  # "RN1 bloquée au km 45"
    start = road if road < point and near else point
    return _spot(start, end, query, locate(PlaceQuery(place=query), gazetteer))


def _as_written(words: Sequence[Word], gazetteer: Gazetteer, *, short: bool) -> list[Spot]:
    spots: list[Spot] = []
    at = 0
    while at < len(words):
        spot = next(
            (
                found
                for end in range(min(len(words), at + _MOST_WORDS), at, -1)
                if (found := _named(words, at, end, gazetteer, short=short))
            ),
            None,
        )
        if spot:
            spots.append(spot)
        at = spot.end if spot else at + 1
    return spots


def _named(
    words: Sequence[Word], start: int, end: int, gazetteer: Gazetteer, *, short: bool
) -> Spot | None:
    run = words[start:end]
    if _is_little(run[0]) or _is_little(run[-1]) or any(word.is_number for word in run):
        return None
    if all(word.marks or _is_little(word) for word in run):
        return None
    said = " ".join(word.said for word in run)
    matches = gazetteer.names.exact(name_key(said))
    if not matches:
        return None
    weight = max(gazetteer.chooser.weight(match.place) for match in matches)
    before = word_before(words, start)
    anchored = before in _AT | _BY_IT | _OF | _SITES
    if len(said) <= 2 and not (anchored or len(words) <= 3):  # noqa: PLR2004 - `Pa`, `Ba`
        return None
    if not (short or anchored or weight >= STOP_WEIGHT):
        return None
    if (division := _division(words, start)) is not None:
        said = f"{words[division].said} de {said}"
        start = division
    told = " ".join(word.said for word in words)
    query = PlaceQuery(place=said, road=road_number(words), told=told)
    answer = locate(query, gazetteer)
    sure = weight >= WELL_KNOWN or before in _AT | _BY_IT | _SITES
    return _spot(start, end, said, answer, sure=sure)


def road_number(words: Sequence[Word]) -> str | None:
    """Return the road that tells namesakes apart, or which way a distance counts: "RN6"."""
    return next((word.said.upper() for word in words if is_numbered(word)), None)


def is_numbered(word: Word) -> bool:
    """Return whether a word is the number of a road: "RN6"."""
    return bool(_NUMBERED.match(word.said))


def _division(words: Sequence[Word], start: int) -> int | None:
    """Return where "region de" or "cercle de" begins before a name; None without."""
    at = start - 1
    while at >= 0 and words[at].said in {"de", "du", "d", "of"}:
        at -= 1
    return at if at >= 0 and words[at].said in {"region", "cercle"} else None


def _misspelt(
    words: Sequence[Word], taken: set[int], gazetteer: Gazetteer, *, short: bool
) -> list[Spot]:
    spots: list[Spot] = []
    at = 0
    while at < len(words):
        spot = None
        for end in range(min(len(words), at + _MOST_WORDS), at, -1):
            if not taken & set(range(at, end)):
                spot = spot or _slip(words, at, end, gazetteer, short=short)
        if spot:
            spots.append(spot)
        at = spot.end if spot else at + 1
    return spots


def _slip(
    words: Sequence[Word], start: int, end: int, gazetteer: Gazetteer, *, short: bool
) -> Spot | None:
    run = words[start:end]
    # "10km" and "6h30" are no names, nor a slip of one.
    if any(word.marks or word.said[0].isdigit() for word in run):
        return None
    if _is_little(run[0]) or _is_little(run[-1]):
        return None
    before = word_before(words, start)
    said = " ".join(word.said for word in run)
    if len(name_key(said)) < _SHORTEST_SLIP or not (short or before in _AT | _BY_IT | _OF):
        return None
    answer = locate(PlaceQuery(place=said), gazetteer)
    if isinstance(answer, Location) or answer.candidates:
        sure = before in _AT | _BY_IT or _is_known_well(answer, gazetteer)
        spot = _spot(start, end, said, answer, sure=sure)
        near = [c for c in spot.candidates if c.routes]
        return spot if spot.found or near else _unknown(run, start, end, said, before, short=short)
    return _unknown(run, start, end, said, before, short=short)


def _unknown(
    run: Sequence[Word], start: int, end: int, said: str, before: str, *, short: bool
) -> Spot | None:
    if len(run) > 1 or not (short or before in _AT):
        return None
    # "a" is also "has": in a long message what follows it may be anything.
    sure = before in _AT and (short or before != "a")
    return Spot(start=start, end=end, said=said, found=None, sure=sure)


def _spot(
    start: int, end: int, said: str, answer: Location | Unplaced, *, sure: bool = False
) -> Spot:
    if isinstance(answer, Unplaced):
        return Spot(start=start, end=end, said=said, found=None, candidates=answer.candidates)
    return Spot(start=start, end=end, said=said, found=answer, sure=sure)


def _is_known_well(answer: Location | Unplaced, gazetteer: Gazetteer) -> bool:
    place = gazetteer.places.get(answer.place_id or "") if isinstance(answer, Location) else None
    return place is not None and gazetteer.chooser.weight(place) >= WELL_KNOWN


def word_before(words: Sequence[Word], start: int) -> str:
    """Return the word before, articles left aside; what a road leads to has that of its other end.

    "Entre Sikasso et Loulouni" is not at Sikasso, however little is known of Loulouni.
    """
    at = start - 1
    while at >= 0 and words[at].said in _ARTICLES:
        at -= 1
    if at > 0 and words[at].said == "a" and words[at - 1].said in _HAVE:
        return words[at - 1].said
    if at > 0 and words[at].said in _ONE_AND:
        earlier = (word.said for word in reversed(words[max(0, at - _MOST_WORDS - 1) : at]))
        return next((said for said in earlier if said in _ENDS), words[at].said)
    if at > 0 and words[at].said in _LINK and words[at - 1].said in _BY_IT:
        return words[at - 1].said
    return words[at].said if at >= 0 else ""


def _is_little(word: Word) -> bool:
    return word.said in LITTLE_WORDS or len(word.said) == 1


def side_by_side(spots: Sequence[Spot], words: Sequence[Word]) -> list[list[Spot]]:
    """Return `spots` in groups: those between which nothing stands but "à", "et", "vers"."""
    groups: list[list[Spot]] = []
    for spot in spots:
        link = words[groups[-1][-1].end : spot.start] if groups else ()
        if groups and all(word.said in _JOINING for word in link):
            groups[-1].append(spot)
        else:
            groups.append([spot])
    return groups
