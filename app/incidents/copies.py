"""Whether one text is a copy of another, lightly changed: copies are no new voice. Pure.

A rumour passed on changes a little each time: accents go, "Transféré" comes before it, a date or a
link after it, a letter is mistyped, a word added. Its words stay, in their order. Two people who
saw the same thing choose other words, or put them in another order.

A sketch is what of a text is kept to tell: its words in order, each as two short keyed hashes, of
how it begins and of how it ends, so that a slip spoils one of them. No word can be read in it.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from hashlib import blake2b

from rapidfuzz.distance import LCSseq

from app.incidents.words import STEM, STOP, fold

#: So much of the longer text, in its order, is in the shorter one: a copy. Measured on published
#: reports and on texts changed by a seeded script (tests/unit/incidents/test_copies.py).
ALIKE = 0.75
#: Two people may well say little in the same words. A word counts one, one that most reports share
#: ("attaque", "route", "camion") a half; below this much only the very same words are a copy.
TELLING = 5.0
_SHARED = 0.5

#: Words of a sketch: who copies a page copies its beginning.
_MOST_WORDS = 24
_SHORTEST = 3
_BEGINS, _ENDS = 3, 2
_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+|(?<!\w)@\w+")
_MONTHS = (
    "janv(?:ier)?|jan(?:uary)?|fevr(?:ier)?|feb(?:ruary)?|mars|march|avril|april|apr|mai|may"
    "|juin|june|juil(?:let)?|july|aout|august|aug|sept(?:embre|ember)?|oct(?:obre|ober)?"
    "|nov(?:embre|ember)?|dec(?:embre|ember)?"
)
_DATE = re.compile(
    r"\b\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b\d{1,2}\s?[h:]\s?\d{2}\b"
    rf"|\b\d{{1,2}}(?:er|st|nd|rd|th)?\s+(?:{_MONTHS})\b(?:\s+\d{{4}}\b)?"
)
#: What people who pass a text on put around it, and verbs that only help others. Folded.
_AROUND = frozenset(
    """
    alert alerte attention bonjour bonsoir breaking diffuser diffusez exclusif exclusive flash
    forward forwarded frere freres fwd important info infos information merci message news partage
    partager partagez please pls recu rt salam salut save share source svp sure transfer transfere
    transferee transferes transfert transmis tr tres urgent urgence via vraie
    ont avons aurait auraient
    """.split()  # noqa: SIM905 - reads better as text
)


def bare(text: str) -> str:
    """Return the words of a text without what is put around it: links, names, dates, "RT"."""
    told = _DATE.sub(" ", _LINK.sub(" ", fold(text)))
    return " ".join(word for word in _WORD.findall(told) if word not in _AROUND)


def sketch(text: str, key: str, common: Collection[str]) -> str | None:
    """Return what is kept of a text to know its copies; None: it says too little to tell.

    Args:
        text: As reported.
        key: Of the hashes; the same for all texts that are compared.
        common: Stems that most reports share.
    """
    words = [
        word
        for word in bare(text).split()
        if len(word) >= _SHORTEST and word not in STOP and not word.isdigit()
    ]
    stems = {word[:STEM] for word in words}
    if sum(_SHARED if stem in common else 1.0 for stem in stems) < TELLING:
        return None
    return "".join(part for word in words[:_MOST_WORDS] for part in _parts(word, key))


def are_copies(one: str, other: str) -> bool:
    """Return whether two sketches are of one text, lightly changed."""
    first, second = _units(one), _units(other)
    longest = max(len(first), len(second))
    if min(len(first), len(second)) < ALIKE * longest:
        return False
    return bool(LCSseq.similarity(first, second) >= ALIKE * longest)


@lru_cache(maxsize=8192)
def _parts(word: str, key: str) -> tuple[str, str]:
    """Return the hashes of how a word begins and ends: three hexadecimal digits each."""
    begins, ends = f"{word[:_BEGINS]}-", f"-{word[-_ENDS:]}"
    return _hash(begins, key), _hash(ends, key)


def _hash(part: str, key: str) -> str:
    return blake2b(part.encode(), key=key.encode()[:64], digest_size=2).hexdigest()[:_UNIT]


#: Digits of a hash: enough that words are rarely taken for one another.
_UNIT = 3


@lru_cache(maxsize=1024)
def _units(drawn: str) -> tuple[str, ...]:
    return tuple(_cut(drawn))


def _cut(drawn: str) -> Iterator[str]:
    for at in range(0, len(drawn), _UNIT):
        yield drawn[at : at + _UNIT]
