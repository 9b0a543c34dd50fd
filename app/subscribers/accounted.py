"""How much of a message its reading accounts for: what is taken at once, and what is asked. Pure.

No list of words ends: there is always one more thing that burns, is open or was stopped. So what
tells of a danger is taken at once where every word next to it is known to stand beside a danger,
and what may send people onto a road only where all of the message is known.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.subscribers.claims import Claims, groups_of, is_little
from app.subscribers.clauses import BUT, NO_EVENT
from app.subscribers.lexicon import (
    ANYTHING,
    CARGO,
    DOUBT,
    FILLER,
    ORDINARY,
    Lexicon,
    carrying,
    ways_of,
)
from app.subscribers.spotting import is_numbered
from app.subscribers.wording import Word

#: What may be open again, beside what says so.
_OPENED = NO_EVENT | {"border", "bridge", "ferry"}
#: What is taken away as a roadblock is: "ils ont enlevé 3 personnes au barrage".
_TAKEN = frozenset({"people", "civilian", "vehicle", "tanker", "convoy"})
#: Marks of words that say no more than good news does.
_PLAIN = frozenset({"calm", "report"})
#: Grammar that turns what stands beside it: these leave a message open again only by halves.
TURNING = BUT | frozenset(
    """sans avant before until contre against pas not non no under encore plus que if
    qui who when while ou or pour for""".split()  # noqa: SIM905
)
#: What bears the name of who drives it: "le bus Sonef".
_DRIVEN = frozenset({"vehicle", "tanker", "convoy"})
#: Words of such a name: "le car Nour Voyages".
_NAME_WORDS = 2
#: Who does something else now: what stands before or behind them is a sentence of its own.
_ANEW = BUT | frozenset(
    "et and puis then ils elles on nous je j il elle they we he she i ya y".split()  # noqa: SIM905
)
#: Behind what happened they tell by what means.
_WITH = frozenset({"avec", "with"})
#: Between what is named and a place they make one of the two: "barrage de Markala", not "près de".
_OF = frozenset({"de", "du", "d", "of"})
#: "15km", "200m", "30mn".
_MEASURE = re.compile(r"^\d+(?:km|m|mn|min)$")
#: What is said of all that was told: "c'est une vieille vidéo".
_IT, _WAS = frozenset({"c", "it", "this"}), frozenset({"est", "etait", "etaient", "is", "was"})
_IT_WAS = frozenset({"cest", "cetait", "ces", "its"})
#: It has not happened yet, or is over: "accident dégagé".
_NOT_SO = frozenset({"announced", "lifted", "gone", "freed", "reopened"})


def left_of_good_news(claims: Claims, kind: str, lexicon: Lexicon) -> Word | None:
    """Return a word that says anything but that it is over; None: all of the message is known.

    A warning that was wrong costs a journey; a road that is called open and is not costs lives.
    """
    known = lexicon.beside.get(ANYTHING, frozenset())
    own = carrying(kind, lexicon)
    allowed = own | _OPENED
    told = [set(groups_of(word)) for word in claims.outside]
    if (again := _shut_again(claims.outside, kind, lexicon)) is not None:
        return again
    if any(groups & allowed and groups - allowed for groups in told):  # a word says something else
        allowed -= _TAKEN - own
    left = (
        word
        for word in claims.outside
        if word.said in TURNING
        or not (
            changes_nothing(word, known) or allowed & set(groups_of(word)) or _PLAIN & word.marks
        )
    )
    return next(left, None)


def _shut_again(words: Sequence[Word], kind: str, lexicon: Lexicon) -> Word | None:
    """Return a word behind the good news that tells of what is over by no word: "puis fermée"."""
    said = [set(groups_of(word)) for word in words]
    groups = frozenset().union(*said)
    met = frozenset().union(*(way for way in ways_of(kind, lexicon) if way <= groups))
    over = next((at for at, one in enumerate(said) if one & met), len(said))
    unmet = carrying(kind, lexicon) - met - NO_EVENT
    return next((words[at] for at in range(over, len(words)) if said[at] & unmet), None)


def strange_beside_danger(claims: Claims, kind: str, lexicon: Lexicon) -> Word | None:
    """Return a word that is not known to stand where it does, next to what tells of the danger.

    None: there is none. Who calls it an alert may use what words he likes. A copy of commands.toml
    without [beside] knows no such words, and its dangers are taken as they read.
    """
    if not lexicon.beside:
        return None
    own = carrying(kind, lexicon)
    known = lexicon.beside_danger
    words = claims.wording.words
    events = [at for at, word in enumerate(words) if set(groups_of(word)) & own - NO_EVENT]
    ways = [way for at in events for way in (_before(at, claims), _behind(at, claims))]
    ways += [_behind(at, claims) for at in _said_of_it(words) if events and at > events[0]]
    for way in ways:
        near = next((one for one in way if not _stands_beside(one, known)), None)
        if near is None or (claims.has("report") and not groups_of(near)):
            continue
        if _is_strange(near, own):
            return near
    return None


def _said_of_it(words: Sequence[Word]) -> list[int]:
    """Return where "c'est" stands, by its last word."""
    pairs = (
        at
        for at, (it, was) in enumerate(pairwise(words), start=1)
        if it.said in _IT and was.said in _WAS
    )
    return [*pairs, *(at for at, word in enumerate(words) if word.said in _IT_WAS)]


def _before(at: int, claims: Claims) -> Iterator[Word]:
    """Return the words before, from the nearest on, as far as their sentence goes."""
    words, breaks = claims.wording.words, claims.wording.breaks
    ends = {spot.end - 1 for spot in claims.spots}
    while at > 0 and at not in breaks:
        at -= 1
        if at in ends or words[at].said in _ANEW:
            return
        if not _is_name(at, words):
            yield words[at]


def _behind(at: int, claims: Claims) -> Iterator[Word]:
    """Return the words behind, as far as their sentence goes, or to where it was."""
    words, breaks = claims.wording.words, claims.wording.breaks
    ends = {spot.start: spot.end for spot in claims.spots}
    at += 1
    while at < len(words) and at not in breaks and words[at].said not in _ANEW | _WITH:
        if at not in ends and not _is_name(at, words):
            yield words[at]
        elif at in ends and (words[at - 1].said not in _OF or not groups_of(words[at - 2])):
            return
        at = ends.get(at, at + 1)


def _is_name(at: int, words: Sequence[Word]) -> bool:
    """Return whether a word that nobody knows names what drives there: "le bus Sonef attaqué"."""
    for one in reversed(words[max(0, at - _NAME_WORDS) : at + 1]):
        if _DRIVEN & set(groups_of(one)):
            return one is not words[at]
        if one.marks:
            return False
    return False


def _stands_beside(word: Word, known: frozenset[str]) -> bool:
    told = groups_of(word)
    return changes_nothing(word, known) or (bool(told) and NO_EVENT.issuperset(told))


def changes_nothing(word: Word, known: frozenset[str]) -> bool:
    """Return whether a word is grammar, a figure, courtesy or a cargo, or among those known."""
    figure = word.is_figure or is_numbered(word) or bool(_MEASURE.match(word.said))
    return figure or is_little(word) or word.said in known or bool({FILLER, CARGO} & word.marks)


def _is_strange(word: Word, own: frozenset[str]) -> bool:
    """Return whether a word is none of ours, or says that it is not so."""
    told = set(groups_of(word))
    if told:
        return bool(told & _NOT_SO) and not told & own
    return not word.marks - {ORDINARY, DOUBT}
