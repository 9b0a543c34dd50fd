"""An attack whose place is known and whose sort is not: told at once, and then it is asked. Pure.

Whoever is shot at answers no question, and until he did nobody on that road was warned.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.subscribers.accounted import TURNING, changes_nothing
from app.subscribers.claims import Claims, groups_of
from app.subscribers.clauses import NO_EVENT
from app.subscribers.lexicon import KindPattern, Lexicon
from app.subscribers.message import Message
from app.subscribers.together import but_where_it_leads
from app.subscribers.understood import Reading, When
from app.subscribers.whereabouts import MOST_CHOICES
from app.subscribers.wording import Word

#: So long ago is still now, and what goes on since whatever hour: "tirs depuis 5h".
_NOW = timedelta(hours=12)
_GOES_ON = frozenset({"depuis", "since"})
_TODAY = frozenset({"today", "hours_ago", "minutes_ago"})
#: Beside these it may be over, or not so; said again, or still, it is told no less.
_TURNING = TURNING - {"encore"} | {"avait", "avaient", "etait", "etaient", "had", "va", "vont"}
#: Before what happened they say that something else is told: "plus de car depuis l'attaque".
_SINCE = frozenset(
    "apres after depuis since suite sur about lors pendant during".split()  # noqa: SIM905
)
#: It was heard of, not seen.
_HEARSAY = frozenset(
    """dit dire disent appris apprend apprenons avise prevenu informe informons signale signales
    signalee signalent appelle appele parle rapport selon que qu said say says reports reported
    suspected that""".split()  # noqa: SIM905
)
#: They shoot without attacking anybody: at a wedding, in an exercise, at what attacked them.
_SHOOTING = frozenset(
    """chasseurs donso dozo soldat policier policiers douanier douaniers agent agents patrouille
    ratissage helicoptere helicopteres avion avions""".split()  # noqa: SIM905
)
_ARTICLES = frozenset("a au aux de des du d l la le les un une the an of".split())  # noqa: SIM905
_BETWEEN = frozenset({"entre", "between"})
#: Marks of words that say that it went well.
_WELL = frozenset({"passed", "calm", "ok"})
_URGENT = frozenset({"report", "urgent"})
_YEAR = re.compile(r"^(?:19|20)\d\d$")


def told_at_once(message: Message, reading: Reading) -> Reading | None:
    """Return `reading`, which lacks its kind alone, under the kind that fits best; None: ask first.

    It is of now, at one place, said by who saw it, and every word of it is known to stand beside
    such a danger: "tirs au but", "attaque de chien errant" and "depuis l'attaque" are asked back.
    """
    pattern = _pattern_of(message, reading)
    if pattern is None or reading.location is None or not _is_one_place(message):
        return None
    now = When(message.calendar.now, "instant") if message.calendar else None
    return replace(
        reading,
        kind=pattern.kind,
        missing=None,
        for_now=True,
        when=reading.when or now,
        reasons=(*reading.reasons, "of what sort is asked once it is told"),
    )


def _is_one_place(message: Message) -> bool:
    """Return whether all places named are one: by which road, or between which towns, it is."""
    named, words = message.claims.named, message.claims.wording.words
    if len(named) == 2 and any(word.said in _BETWEEN for word in words):  # noqa: PLR2004 - its ends
        return True
    found = [spot for spot in named if spot.found]
    return len(found) == len(named) and (
        len(but_where_it_leads(found, words, message.gazetteer)) == 1
    )


def sorts_once_placed(message: Message, reading: Reading) -> tuple[str, ...]:
    """Return the kind under which an attack is told as soon as its place is chosen, and the sorts.

    None where it would be asked first: whoever chose the place may not answer once more.
    """
    pattern = None if reading.each else _pattern_of(message, reading)
    return (pattern.kind, *message.claims.offers[:MOST_CHOICES]) if pattern else ()


def _pattern_of(message: Message, reading: Reading) -> KindPattern | None:
    """Return the kind that fits what is said best, where each word of it is plain and of now."""
    pattern = _fitting(message.claims, message.lexicon)
    if pattern is None or not _is_of_now(message, reading.when):
        return None
    return pattern if _is_known(message.claims, pattern, message.lexicon) else None


def _fitting(claims: Claims, lexicon: Lexicon) -> KindPattern | None:
    said = frozenset(claims.groups)
    fits = (
        one
        for one in lexicon.for_now
        if not one.unless & said and any(wanted <= said for wanted in one.any)
    )
    return next(fits, None)


def _is_of_now(message: Message, when: When | None) -> bool:
    """Return whether it was within these hours, goes on, or does not say when."""
    if message.days - _TODAY:
        return False
    if when is None or message.calendar is None:
        return when is None
    goes_on = any(word.said in _GOES_ON for word in message.claims.wording.words)
    fresh = goes_on or message.calendar.now - when.at <= _NOW
    return when.precision == "instant" and fresh


def _is_known(claims: Claims, pattern: KindPattern, lexicon: Lexicon) -> bool:
    """Return whether each word outside the place's name stands beside such a danger."""
    told = frozenset().union(*pattern.any)
    known = lexicon.beside_danger
    if not all(_fits(word, told | NO_EVENT, known) for word in claims.outside):
        return False
    words = claims.wording.words
    events = (at for at, word in enumerate(words) if (told - NO_EVENT) & set(groups_of(word)))
    return not any(_word_before(at, words) in _SINCE for at in events)


def _fits(word: Word, told: frozenset[str], known: frozenset[str]) -> bool:
    """Return whether a word says of the attack no more than that it is, and how bad it is."""
    groups = set(groups_of(word))
    if _URGENT & word.marks and not groups:  # "ne venez pas" denies nothing
        return True
    if word.said in _TURNING | _HEARSAY | _SHOOTING or _WELL & word.marks or _YEAR.match(word.said):
        return False
    return groups <= told if groups else changes_nothing(word, known)


def _word_before(at: int, words: Sequence[Word]) -> str:
    """Return the word before, articles left aside."""
    before = (word.said for word in reversed(words[:at]) if word.said not in _ARTICLES)
    return next(before, "")
