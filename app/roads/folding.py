"""Spellings made comparable: accents, case, hyphens and blanks do not tell places apart."""

import re
import unicodedata
from functools import lru_cache

from app.core.text import unaccented

#: Letters that Unicode does not decompose, as French and English keyboards write them.
_LETTERS = str.maketrans(
    {
        "ɛ": "e", "ɔ": "o", "ŋ": "n", "ɲ": "n", "ɓ": "b", "ɗ": "d", "ƴ": "y", "ø": "o", "æ": "ae",
        "œ": "oe", "ß": "ss", "\u0131": "i", "đ": "d", "ł": "l", "ə": "e",
    }
)  # fmt: skip
#: Spellings remembered. The texts of reports go through here too, and bring new ones for ever.
_REMEMBERED = 8_192
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=_REMEMBERED)
def fold(text: str) -> str:
    """Return `text` in plain lower-case words: `Ségou-Koura` becomes `segou koura`."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    if not plain.isascii():
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _NOT_A_WORD.sub(" ", plain.replace("'", "").replace("\u2019", "")).strip()


@lru_cache(maxsize=_REMEMBERED)
def name_key(text: str) -> str:
    """Return the key a name is looked up by: letters and digits only.

    `Kani-Bonzon`, `Kani Bonzon` and `KANIBONZON` are one name.
    """
    return fold(text).replace(" ", "")


@lru_cache(maxsize=_REMEMBERED)
def without_accents(text: str) -> str:
    """Return `text` without accents, case and blanks kept: for keys that people may read."""
    return unaccented(text).replace("\u2019", "'")
