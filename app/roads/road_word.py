"""The word "road" in a place text, where the hand slipped in it."""

import re

from rapidfuzz.distance import OSA

_ENDS = r"[^\W\d_]{2,}(?: [^\W\d_]+)?(?:-[^\W\d_]{2,})+"
#: `Markala-Niono rooad`, `Rute Kayes-Diéma`: what stands by two ends that a hyphen joins.
_BEHIND = re.compile(rf"^(?P<ends>{_ENDS})\s+(?P<word>[^\W\d_]{{3,6}})(?=\s*(?:\(|,|$))")
_BEFORE = re.compile(rf"^(?P<word>[^\W\d_]{{4,6}})\s+(?P<ends>{_ENDS})(?=\s*(?:\(|,|$))")
_WORDS = ("road", "route")


def with_road_word(text: str) -> str:
    """Return `text` with "road" as it is written, where a letter of it is wrong beside two ends."""
    for pattern in (_BEHIND, _BEFORE):
        found = pattern.match(text)
        if found is None:
            continue
        word = found["word"].lower()
        meant = next((one for one in _WORDS if _is_slip(word, one)), None)
        if meant and word != meant:
            at, end = found.span("word")
            return f"{text[:at]}{meant}{text[end:]}"
    return text


def _is_slip(word: str, meant: str) -> bool:
    """Return whether a letter was left out, doubled or swapped: `rond` is no misspelt "road"."""
    of_the_pen = len(word) != len(meant) or sorted(word) == sorted(meant)
    return of_the_pen and OSA.distance(word, meant) <= 1
