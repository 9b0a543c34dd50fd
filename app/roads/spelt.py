"""Distances said in words: `une trentaine de km`, `some forty kilometres`."""

import re

_DOZENS = {
    "dizaine": 10, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
    "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
}  # fmt: skip
_NUMBERS = {
    "cinq": 5, "dix": 10, "quinze": 15, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "cent": 100, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100,
}  # fmt: skip
_WORDS = _DOZENS | _NUMBERS
#: Whole words: of `vingt-cinq` neither is the number, and it is left as it is.
_SPELT = re.compile(
    rf"(?<![\w-])(?:(?:une |a )?(?P<dozens>{'|'.join(_DOZENS)}) de"
    rf"|(?:a )?(?P<word>{'|'.join(_NUMBERS)}))\s+(?=km\b|kilom)",
    re.IGNORECASE,
)


def in_digits(text: str) -> str:
    """Return `text` with round distances that are spelt out in digits: `30 km`."""
    return _SPELT.sub(lambda found: f"{_WORDS[(found['dozens'] or found['word']).lower()]} ", text)
