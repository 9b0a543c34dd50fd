"""How far a doubt reaches: what is told beside it is told all the same. Pure.

"Barrage à Niéna, ils vont brûler" has a roadblock that stands; "pas de problème à Diéma mais tirs à
Sandaré" takes nothing back of Sandaré.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from app.incidents.denying import stands_still
from app.subscribers.claims import Claims, groups_of, is_little, kind_of
from app.subscribers.clauses import NO_EVENT, may_be_left
from app.subscribers.lexicon import ASKING, DOUBT, FILLER, Lexicon
from app.subscribers.wording import Word

_BUT = re.compile(r"\b(?:mais|par contre|en revanche|but|however)\b", re.IGNORECASE)
#: What says that something did not happen; other doubts, "on dit que", say that it may have.
_NOT = frozenset("pas aucun aucune rien ras jamais not no nothing none".split())  # noqa: SIM905
#: Of a place alone they say the same as "calme".
_NOTHING = frozenset({"rien", "ras", "nothing"})
_UNSURE = frozenset({DOUBT, "deny"})
#: Where one sentence ends for certain.
_SENTENCES = re.compile(r"(?<=[.!;])\s+|\n+")
#: Between what is told of one place and what of another.
_PARTS = re.compile(r"\s*[,;.]\s+|\s*\n+\s*")
#: Words that say of a place that it is calm there, and its name.
_FEW = 6
#: What may be good news.
_GOOD = frozenset({"reopened", "lifted", "unblocked", "open", "freed", "gone"})
#: Of these it is a report, though they do not say yet of what kind.
_HARM = frozenset({"attacked", "killed", "armed"})
_ROAD_BLOCKED = frozenset({"road", "blocked"})
#: What a denial may be of, and of nothing else: "pas de barrage".
_THINGS = frozenset(
    "attaque embuscade barrage blocus enlevement attack ambush roadblock".split()  # noqa: SIM905
)
#: Right before what happened they say that it did not, or that it is only like it.
_WITHOUT = frozenset({"sans", "without", "0", "zero", "comme"})
#: Who was without it was so when it happened: "parti sans escorte, attaqué à Kita".
_ESCORT = frozenset({"escorte", "escort"})
#: Words between the two.
_LIGHT = frozenset(
    """de du d des l la le les un une aucun aucune etre avoir ete voir vu croiser rencontrer any a
    an the being seeing""".split()  # noqa: SIM905
)
#: What they are about to do, and what they threaten to: neither takes back what stands before it.
_TO_COME = frozenset({"group:meant", "group:threat"})


def beside_what_is_to_come(claims: Claims, lexicon: Lexicon) -> str | None:
    """Return the kind of what is told, with its one place, before what somebody is about to do.

    None: nothing is, or something else is in doubt.
    """
    if len(claims.named) != 1 or claims.has(DOUBT) or claims.has("deny"):
        return None
    words, spot = claims.wording.words, claims.named[0]
    ahead = next((at for at, word in enumerate(words) if _TO_COME & word.marks), len(words))
    if ahead == len(words) or spot.found is None or spot.start >= ahead:
        return None
    told = [word for at, word in enumerate(words[:ahead]) if not spot.start <= at < spot.end]
    groups = frozenset(group for word in told for group in groups_of(word))
    called = any("report" in word.marks for word in told)
    return kind_of(groups, lexicon, called=called)


def tells_without(claims: Claims) -> bool:
    """Return whether what happened is what there was none of: "passé sans aucun barrage".

    "Citerne sans escorte attaquée" was attacked.
    """
    words = claims.wording.words
    events = (at for at, word in enumerate(words) if set(groups_of(word)) - NO_EVENT)
    return any(_is_without(at, words) for at in events)


def _is_without(event: int, words: Sequence[Word]) -> bool:
    at, thing = event - 1, ""
    while at >= 0 and (words[at].said in _LIGHT or NO_EVENT & set(groups_of(words[at]))):
        thing = words[at].said if groups_of(words[at]) else thing
        at -= 1
    if at < 0 or words[at].said not in _WITHOUT or thing in _ESCORT or groups_of(words[at]):
        return False  # "fermée de nuit comme de jour" is one thing said
    return not (thing and at and groups_of(words[at - 1]))


def denies_a_part(claims: Claims, lexicon: Lexicon) -> bool:
    """Return whether a danger is told beside what there is none of: "route coupée, pas de barrage".

    "C'est faux" is said of all; "pas de barrage" of nothing else. Whoever adds that nothing moves
    does not believe what he denies.
    """
    if _says_nothing_moves(claims):
        return True
    words = claims.outside
    if any(word.said == "ni" for word in words):  # "pas d'attaque ni de barrage"
        return False
    denying = ["deny" in word.marks for word in words]
    last = [
        word.said
        for word, denies, goes_on in zip(words, denying, [*denying[1:], False], strict=True)
        if denies and not goes_on
    ]
    groups = frozenset(group for word in words for group in groups_of(word))
    harm = groups & _HARM or groups >= _ROAD_BLOCKED or kind_of(groups, lexicon, called=False)
    return bool(last and harm) and all(said in _THINGS for said in last)


def _says_nothing_moves(claims: Claims) -> bool:
    """Return whether a part of it says so: "Le blocus est démenti. Personne ne passe."."""
    words = claims.wording.words
    edges = [0, *sorted(claims.wording.breaks), len(words)]
    parts = (" ".join(word.said for word in words[at:to]) for at, to in pairwise(edges))
    return any(map(stands_still, parts))


def told_beside_question(claims: Claims, lexicon: Lexicon) -> frozenset[str]:
    """Return the parts of what is told beside a question, and is not what it asks; none: nothing.

    To whoever writes "Vous dormez? Barrage à Bla" no state of Bla is the answer.
    """
    return _told_behind(claims, lexicon) or _told_before(claims, lexicon)


def _told_behind(claims: Claims, lexicon: Lexicon) -> frozenset[str]:
    """Return what is told behind a question mark: "Vous dormez? Barrage à Bla"."""
    after = claims.wording.words[claims.wording.asked_until :]
    if not claims.wording.asked_until or any({ASKING, DOUBT} & word.marks for word in after):
        return frozenset()
    groups = frozenset(group for word in after for group in groups_of(word))
    return groups if kind_of(groups, lexicon, called=False) else frozenset()


def _told_before(claims: Claims, lexicon: Lexicon) -> frozenset[str]:
    """Return what is told before the words that ask: "Barrage à Bla, on passe par où ?".

    "Barrage à Bla, c'est vrai ?" and "barrage à Bla, ça passe ?" ask of nothing but that.
    """
    words = claims.wording.words
    inside = {at for spot in claims.spots for at in range(spot.start, spot.end)}
    asking = [at for at, word in enumerate(words) if ASKING in word.marks and at not in inside]
    breaks = claims.wording.breaks if claims.wording.closed else ()
    cut = asking[0] if asking else max(breaks, default=0)
    told = [word for at, word in enumerate(words[:cut]) if at not in inside]
    placed = any(spot.meant and spot.end <= cut for spot in claims.spots)
    if not placed or any({ASKING, DOUBT} & word.marks for word in told):
        return frozenset()
    groups = frozenset(group for word in told for group in groups_of(word))
    harm = groups & _HARM or kind_of(groups, lexicon, called=False)
    return groups if harm and _asks_of_more(words[cut:]) else frozenset()


def _asks_of_more(words: Sequence[Word]) -> bool:
    """Return whether a question asks of more than whether it is so."""
    idle = {ASKING, DOUBT, FILLER}
    return any(not (idle & word.marks or is_little(word) or word.is_figure) for word in words)


def sound_part(text: str, read: Callable[[str], Claims]) -> str | None:
    """Return the part of "A mais B" that tells something of a place, where the other does not.

    None: there is no "mais", or both parts tell something, or neither does plainly. "Barrage à A,
    mais c'est faux" is one statement, for the second part has no place of its own. Of "Barrage à A.
    Vous dormez ?" the first sentence is told.
    """
    for beside in (_before_its_question, _beside_the_calm):
        if (told := beside(text, read)) is not None:
            return told
    parts = [part.strip() for part in _BUT.split(text)]
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - one "mais"
        return None
    head, tail = (read(part) for part in parts)
    if _tells_nothing(head) and _tells(tail):
        return parts[1]
    if _tells(head) and tail.has("calm") and _tells_nothing(tail) and not tail.doubted:
        return parts[0]
    return None


def _before_its_question(text: str, read: Callable[[str], Claims]) -> str | None:
    """Return the sentences that tell of a danger before the one that asks of something else."""
    *told, asked = _SENTENCES.split(text.strip())
    question = read(asked) if told else None
    if question is None or not question.asks or not _asks_of_more(question.wording.words):
        return None
    head = read(" ".join(told))
    plain = head.kind and _tells(head) and not _GOOD & set(head.groups)
    return " ".join(told) if plain else None


def _beside_the_calm(text: str, read: Callable[[str], Claims]) -> str | None:
    """Return what is told of other places than those that are calm: "attaque à A, B calme".

    Or of no place: where the convoy was attacked is asked, and not taken for where it is calm.
    """
    parts = _PARTS.split(text.strip().rstrip("."))
    if len(parts) < 2:  # noqa: PLR2004 - one place, and another
        return None
    quiet = {part: read(part) for part in parts if len(part.split()) <= _FEW}
    quiet = {part: claims for part, claims in quiet.items() if _is_calm(claims)}
    rest = ", ".join(part for part in parts if part not in quiet)
    if not quiet or not rest:
        return None
    told = read(rest)
    there = not any(may_be_left(spot, told.wording.words) for spot in told.named)
    apart = _places(told).isdisjoint(one for claims in quiet.values() for one in _places(claims))
    elsewhere = told.kind and not told.spots and _is_plain(told)
    return rest if (_tells(told) or elsewhere) and there and apart else None


def _is_calm(claims: Claims) -> bool:
    """Return whether it is only said that nothing is the matter there: "Sandaré RAS"."""
    nothing = all(word.said in _NOTHING for word in claims.outside if _UNSURE & word.marks)
    said = claims.has("calm") or any(word.said in _NOTHING for word in claims.outside)
    told = set(claims.groups) - NO_EVENT
    return bool(_places(claims) and said and nothing and not (told or claims.asks)) and not (
        claims.left("calm", *_UNSURE)
    )


def _places(claims: Claims) -> frozenset[str]:
    return frozenset(spot.found.label for spot in claims.named if spot.found)


def _tells(claims: Claims) -> bool:
    placed = any(spot.found for spot in claims.spots)
    return bool(placed and set(claims.groups) - NO_EVENT) and _is_plain(claims)


def _is_plain(claims: Claims) -> bool:
    return not (claims.doubted or claims.asks or claims.ended or claims.has("calm"))


def _tells_nothing(claims: Claims) -> bool:
    """Return whether it has a place of which nothing is told, or only that nothing happened."""
    placed = any(spot.found for spot in claims.spots)
    told = set(claims.groups) - NO_EVENT
    doubts = [word.said for word in claims.outside if {DOUBT, "deny"} & word.marks]
    return placed and not claims.asks and (not told or bool(_NOT & set(doubts[:1])))
