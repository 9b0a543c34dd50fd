"""How far a doubt reaches: what is told beside it is told all the same. Pure.

"Barrage à Niéna, ils vont brûler" has a roadblock that stands; "pas de problème à Diéma mais tirs à
Sandaré" takes nothing back of Sandaré.
"""

import re
from collections.abc import Callable

from app.subscribers.claims import Claims, groups_of, kind_of
from app.subscribers.clauses import NO_EVENT
from app.subscribers.lexicon import ASKING, DOUBT, Lexicon

_BUT = re.compile(r"\b(?:mais|par contre|en revanche|but|however)\b", re.IGNORECASE)
#: What says that something did not happen; other doubts, "on dit que", say that it may have.
_NOT = frozenset("pas aucun aucune rien ras jamais not no nothing none".split())  # noqa: SIM905
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


def told_after_question(claims: Claims, lexicon: Lexicon) -> bool:
    """Return whether a danger is told behind the question: "Vous dormez? Barrage à Bla"."""
    after = claims.wording.words[claims.wording.asked_until :]
    if not claims.wording.asked_until or any({ASKING, DOUBT} & word.marks for word in after):
        return False
    groups = frozenset(group for word in after for group in groups_of(word))
    return kind_of(groups, lexicon, called=False) is not None


def sound_part(text: str, read: Callable[[str], Claims]) -> str | None:
    """Return the part of "A mais B" that tells something of a place, where the other does not.

    None: there is no "mais", or both parts tell something, or neither does plainly. "Barrage à A,
    mais c'est faux" is one statement, for the second part has no place of its own.
    """
    parts = [part.strip() for part in _BUT.split(text)]
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - one "mais"
        return None
    head, tail = (read(part) for part in parts)
    if _tells_nothing(head) and _tells(tail):
        return parts[1]
    if _tells(head) and tail.has("calm") and _tells_nothing(tail) and not tail.doubted:
        return parts[0]
    return None


def _tells(claims: Claims) -> bool:
    placed = any(spot.found for spot in claims.spots)
    return bool(placed and set(claims.groups) - NO_EVENT) and not (
        claims.doubted or claims.asks or claims.ended or claims.has("calm")
    )


def _tells_nothing(claims: Claims) -> bool:
    """Return whether it has a place of which nothing is told, or only that nothing happened."""
    placed = any(spot.found for spot in claims.spots)
    told = set(claims.groups) - NO_EVENT
    doubts = [word.said for word in claims.outside if {DOUBT, "deny"} & word.marks]
    return placed and not claims.asks and (not told or bool(_NOT & set(doubts[:1])))
