"""Tells what a message says of one place from what it says of the other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.subscribers.claims import Claims, groups_of, kind_of
from app.subscribers.days import phrases_in
from app.subscribers.lexicon import CARGO, FILLER, Lexicon
from app.subscribers.spotting import Spot, is_of_a_way, side_by_side
from app.subscribers.together import distance_from
from app.subscribers.wording import Word

#: Parts of a report that do not say that something happened.
NO_EVENT = frozenset(
    {"road", "vehicle", "tanker", "convoy", "people", "town", "factory", "civilian", "army"}
)
#: Between two statements that do not go the same way; then, between two that follow each other.
BUT = frozenset({"mais", "but"})
_THEN = BUT | {"puis", "then"}
_AND = frozenset({"et", "and"})
#: Between two places that are told one beside the other: "à Diéma et aussi vers Nioro".
_BESIDE = _AND | {
    "a", "at", "in", "aussi", "also", "vers", "near", "pres", "de", "la", "le", "les", "the",
    "village", "ville", "town", "encore", "celui",
}  # fmt: skip
#: Before them they say that the two are the ends of a road.
_STRETCH = frozenset({"entre", "between", "axe", "troncon", "liaison", "trajet"})
_ROAD = frozenset({"route", "routes", "rte", "rout", "road", "highway", "voie", "piste", "goudron"})
_OF = frozenset({"de", "du", "d", "from", "the", "la", "le", "of", "vers"})
#: "Barrage à Sandaré vers Nioro" is one place, and the way it lies.
_TOWARDS = frozenset({"vers", "ver", "direction", "towards", "toward"})
#: Right before a place they say that a vehicle comes from there, or is bound for it.
_ON_THE_WAY = frozenset(
    {
        "venant", "venait", "venaient", "venu", "venus", "venue", "vient", "provenance", "parti",
        "partis", "partant", "partance", "quitte", "quittant", "destination", "coming", "bound",
        "heading", "leaving",
    }
)  # fmt: skip
#: Behind a vehicle or who is in it they say the same: "bus de Kayes", "truck from Bamako".
_ON_BOARD = frozenset({"vehicle", "tanker", "convoy", "people"})
_FROM_OR_TO = frozenset("de du d from pour for to".split())  # noqa: SIM905
_NEAR = 3
_LINK = frozenset({"de", "du", "d", "of"})
#: So many places side by side are a list.
_LIST = 3
#: Right before a place they say that it happened there.
_AT = frozenset({"a", "at", "in"})
#: The same, less exactly.
_ABOUT = frozenset("vers ver near avant apres before after".split())  # noqa: SIM905
#: Behind what happened they lead to where it did not: "passez par Kita", "évacués à Kayes".
_ELSEWHERE = frozenset(
    {
        "passez", "prenez", "allez", "deviation", "via", "contournez", "venant", "provenance",
        "evacue", "evacues", "evacuee", "evacuees", "emmene", "emmenes", "emmenee", "emmenees",
        "hopital", "detour", "instead", "evacuated", "taken", "hospital",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """A place, and what is said of it.

    Attributes:
        kind: Of what happened there; None: it is not plain.
        said: The words that tell it, and when it was.
    """

    spot: Spot
    kind: str | None
    said: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """Places, the words that tell what happened there, and those that say when."""

    spots: Sequence[Spot]
    told: Sequence[Word]
    said: Sequence[Word]


def clauses_of(claims: Claims, lexicon: Lexicon) -> tuple[Clause, ...]:
    """Return the places of a message that speaks of two, one by one; () where they are one.

    Two towns side by side are the ends of a road, and one place; three are a list.

    1. "Camion brûlé à Diéma, pont coupé à Kita": each has what is said before it.
    2. "Diéma: camion brûlé, Kita: pont coupé": each has what is said after it.
    3. "Attaque Diéma, camion brûlé à Kita" and the like: each has its side of the comma.
    4. "Passé Diéma, citerne brûlée à Sandaré": it happened at the second alone.
    5. "Barrage à Diéma, passez par Kita": at the first alone.
    6. "Bus de Kayes attaqué vers Sandaré": at the second; from the first it only came.
    7. "Diéma attaqué Nioro", "barrage à Diéma et à Nioro": either, with all that is said.
    """
    words = claims.wording.words
    found = [spot for spot in claims.named if spot.found]
    if len(found) >= _LIST and strange_in_list(claims):
        return _all(found, claims.kind, words)
    units = side_by_side(found, words)
    if listed := _on_a_road(units, words):
        return _all(listed, claims.kind, words)
    if len(units) > 2 and (gone := _journey_in(units, words)):  # noqa: PLR2004
        units = units[gone:]
        if len(units) == len(units[0]) == 1:
            return _all(units[0], claims.kind, words)
    if len(units) == 1:
        return _of_neighbours(units[0], claims, lexicon)
    if len(units) != 2:  # noqa: PLR2004 - of more none is told from the others
        return ()
    return _of_two(units[0], units[1], claims, lexicon)


def strange_in_list(claims: Claims) -> str | None:
    """Return the word that stands in a list of places as one of them and is none that is known.

    "Barrage Koro, Xyzzy et Bandiagara" is told of two, and who wrote it may believe that of three.
    """
    words, found = claims.wording.words, [spot for spot in claims.spots if spot.found]
    for before, after in pairwise(found):
        parts = [word.said in _AND for word in words[before.end : after.start]]
        strange = [at for at in range(before.end, after.start) if words[at].said not in _AND]
        if len(strange) != 1:
            continue
        (at,) = strange
        apart = {at, before.end} & claims.wording.breaks or parts[0]
        beside = {at + 1, after.start} & claims.wording.breaks or parts[-1]
        if apart and beside and not (words[at].marks or words[at].is_figure):
            return words[at].said
    return None


def _on_a_road(units: Sequence[Sequence[Spot]], words: Sequence[Word]) -> Sequence[Spot]:
    """Return a list of places beside the name of the road that they are on; () without one.

    "Route de Kayes: Diéma, Lakamané et Sandaré" is told of three, and "axe Bamako Kayes" of none.
    """
    if len(units) == 1 and len(units[0]) > _LIST:
        road, first = units[0][:2]
        named = words[road.start - 1].said in _LINK and is_of_a_way(road.start, words)
        return units[0][1:] if named and road.end == first.start else ()
    lists = [unit for unit in units if len(unit) >= _LIST]
    roads = [one for one in units if len(one) < _LIST and is_of_a_way(one[0].start, words)]
    return lists[0] if len(lists) == len(roads) == 1 and len(units) == 2 else ()  # noqa: PLR2004


def _of_two(
    first: Sequence[Spot], second: Sequence[Spot], claims: Claims, lexicon: Lexicon
) -> tuple[Clause, ...]:
    """Return two places that other words stand between; () where they are the ends of a road."""
    words, both = claims.wording.words, (*first, *second)
    before, between = words[: first[0].start], words[first[-1].end : second[0].start]
    if _tells(before) and _leads_away(first[-1], between, words):
        return _all(first, claims.kind, words) if len(first) == 1 else ()
    is_journey = len(second) == 1 and _tells(between) and _is_journey(before, between)
    if is_journey and not _is_cut(first, second, claims):
        return _all(second, claims.kind, words)
    if _lists(between, before):
        return _all(both, claims.kind, words)
    if _is_break(between, passed=any("passed" in word.marks for word in before)):
        return _of_each(first, second, claims, lexicon) or _all(both, claims.kind, words)
    return _on_two_days(first, second, claims, lexicon)


def _of_each(
    first: Sequence[Spot], second: Sequence[Spot], claims: Claims, lexicon: Lexicon
) -> tuple[Clause, ...]:
    """Return two places that have something said between them, each with its own; () in doubt."""
    words, start, end = claims.wording.words, first[-1].end, second[0].start
    before, between, after = words[: first[0].start], words[start:end], words[second[-1].end :]
    cuts = [at for at in range(start, end + 1) if _parts(claims, at)]
    early = cuts[0] if cuts else start + _still_dates(between)
    came = len(second) == 1 and _ON_THE_WAY & {w.said for w in before[-_NEAR:]}
    if came and _tells(between) and not _is_cut(first, second, claims):
        return _all(second, claims.kind, words)
    if _tells(before) and _tells(between):
        return _pair(
            _Side(first, before, words[:early]),
            _Side(second, (*between, *after), words[early:]),
            lexicon,
        )
    if _tells(between) and _tells(after):
        late = cuts[-1] if cuts else end
        return _pair(
            _Side(first, between, words[:late]), _Side(second, after, words[late:]), lexicon
        )
    cut = next((at for at in cuts if _tells(words[start:at]) and _tells(words[at:end])), None)
    if cut is not None:
        of_second = (*words[cut:end], *after)
        return _pair(
            _Side(first, words[start:cut], words[:cut]),
            _Side(second, of_second, words[cut:]),
            lexicon,
        )
    if _tells(between) and between[-1].said in _AT and len(second) == 1:
        return _all(second, claims.kind, words[early:])
    return ()


def _of_neighbours(unit: Sequence[Spot], claims: Claims, lexicon: Lexicon) -> tuple[Clause, ...]:
    """Return places side by side that are not the ends of a road; () when they are."""
    words = claims.wording.words
    before, after = words[: unit[0].start], words[unit[-1].end :]
    if len(unit) > 2:  # noqa: PLR2004 - two are the ends of a road
        return () if _is_road(before) else _all(unit, claims.kind, words)
    between = words[unit[0].end : unit[-1].start]
    commas = claims.wording.breaks.intersection(range(unit[0].end, unit[-1].start + 1))
    if commas and _tells(before) and _tells(after):
        cut = min(commas)
        return _pair(
            _Side(unit[:1], before, words[:cut]), _Side(unit[1:], after, words[cut:]), lexicon
        )
    return _all(unit, claims.kind, words) if _lists(between, before) else ()


def _on_two_days(
    first: Sequence[Spot], second: Sequence[Spot], claims: Claims, lexicon: Lexicon
) -> tuple[Clause, ...]:
    """Return two places of the same on other days, "hier attaque à Bla, ce matin San"; else ()."""
    words, start, end = claims.wording.words, first[-1].end, second[0].start
    commas = claims.wording.breaks.intersection(range(start, end + 1))
    between = any(phrases_in(words[start:end], lexicon))
    if not between or not (commas or any(phrases_in(words[: first[0].start], lexicon))):
        return ()
    cut = min(commas, default=start)
    return (*_all(first, claims.kind, words[:cut]), *_all(second, claims.kind, words[cut:]))


def _is_journey(before: Sequence[Word], between: Sequence[Word]) -> bool:
    """Return whether the first place is but where a vehicle comes from, or is bound for.

    It was attacked by the second, unless only the way to it is said: "attaqué direction Diéma".
    """
    said = [word for word in before if word.said not in {"la", "le", "l", "the"}]
    if _tells(before) or not said or between[-1].said in _TOWARDS - {"vers", "ver"}:
        return False
    aboard = _ON_BOARD & _groups(said[-2:-1]) or any(CARGO in word.marks for word in said[-2:-1])
    linked = said[-1].said in _FROM_OR_TO
    return said[-1].said in _ON_THE_WAY or (
        linked and bool(aboard or _ON_THE_WAY & {word.said for word in said[-2:-1]})
    )


def _journey_in(units: Sequence[Sequence[Spot]], words: Sequence[Word]) -> int:
    """Return of how many places at the beginning it is only said that a vehicle goes between them.

    "Bus pour Bamako attaqué à Kayes, chauffeur tué à Sandaré": one; "bus de Kayes pour Bamako
    attaqué à Diéma": two.
    """
    before = words[: units[0][0].start]
    behind = [words[one[-1].end : two[0].start] for one, two in pairwise(units)]
    gone = 2 if all(word.said in _FROM_OR_TO | _TOWARDS for word in behind[0]) else 1
    told = behind[gone - 1]
    return gone if _tells(told) and _is_journey(before, told) else 0


def _is_cut(first: Sequence[Spot], second: Sequence[Spot], claims: Claims) -> bool:
    """Return whether the attack is told before a comma, and something else of the second behind it.

    "Camion de Kayes brûlé, Diéma calme": it was somewhere else than where it is calm.
    """
    words, start, end = claims.wording.words, first[-1].end, second[0].start
    commas = claims.wording.breaks.intersection(range(start, end + 1))
    cut = next((at for at in sorted(commas) if _tells(words[start:at])), None)
    if cut is None:
        return False
    return _tells(words[cut:end]) or cut == end or words[end - 1].said not in _AT | _ABOUT


def may_be_left(spot: Spot, words: Sequence[Word]) -> bool:
    """Return whether it may be where a vehicle comes from, or is bound for: "camion de Kayes"."""
    said = [word.said for word in words[: spot.start] if word.said not in {"la", "le", "l", "the"}]
    return bool(said) and said[-1] in _FROM_OR_TO | _ON_THE_WAY


def _lists(between: Sequence[Word], before: Sequence[Word]) -> bool:
    """Return whether two places are told one beside the other, and not as the ends of a road."""
    said = [word.said for word in between]
    if not _AND & set(said) or not _BESIDE.issuperset(said):
        return False
    return not _is_road(before)


def _is_road(before: Sequence[Word]) -> bool:
    """Return whether the words before two towns say that these are the ends of a road."""
    said = [word.said for word in before if word.said not in _OF]
    return bool(_STRETCH & set(said) or _ROAD & set(said[-1:]))


def _parts(claims: Claims, at: int) -> bool:
    """Return whether one sentence ends before a word and another begins."""
    word = claims.wording.words[at : at + 1]
    return at in claims.wording.breaks or bool(word and word[0].said in _AND | _THEN)


def _still_dates(words: Sequence[Word]) -> int:
    """Return how many words at the beginning say when the thing before them was."""
    rest = (at for at, word in enumerate(words) if not (FILLER in word.marks or word.is_figure))
    return next(rest, len(words))


def _leads_away(spot: Spot, between: Sequence[Word], words: Sequence[Word]) -> bool:
    away = any(word.said in _ELSEWHERE for word in between)
    return away and distance_from(words, spot) is None


def _all(spots: Sequence[Spot], kind: str | None, words: Sequence[Word]) -> tuple[Clause, ...]:
    return tuple(Clause(spot, kind, tuple(words)) for spot in spots)


def _is_break(between: Sequence[Word], *, passed: bool) -> bool:
    """Return whether the words between two places say that these are not the ends of a road."""
    if any(word.said in _THEN for word in between):
        return True
    return _tells(between) and (passed or between[-1].said not in _TOWARDS)


def _tells(words: Sequence[Word]) -> bool:
    return bool(_groups(words) - NO_EVENT)


def _groups(words: Sequence[Word]) -> frozenset[str]:
    return frozenset(group for word in words for group in groups_of(word))


def _pair(first: _Side, second: _Side, lexicon: Lexicon) -> tuple[Clause, ...]:
    return tuple(
        Clause(
            spot,
            kind_of(_groups(side.told), lexicon, called=_is_called(side.told)),
            tuple(side.said),
        )
        for side in (first, second)
        for spot in side.spots
    )


def _is_called(words: Sequence[Word]) -> bool:
    return any("report" in word.marks for word in words)
