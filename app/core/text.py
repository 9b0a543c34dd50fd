"""What every stage needs of texts: characters that deceive, accents, how things are set."""

import difflib
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime

#: Embeddings, overrides and isolates (Unicode UAX 9, 2): they turn the direction of what follows.
#: The marks beside them (U+200E, U+200F) belong to Arabic text and turn nothing but themselves.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


#: Before these "de" loses its vowel. `de Yélimané` and `de Hombori` keep it.
_ELIDING = frozenset("aeiouAEIOU")

#: Spaces that French sets inside guillemets and before signs; tags are passed over whole.
_TIED = re.compile(r"<[^>]*>| (?=[:;?!»])|(?<=«) ")


#: What begins a formula; numbers with a sign are none. Source: OWASP, CSV Injection: signs of full
#: width are read as the plain ones, white space is skipped.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?[\d\s.,]+(?:[eE][+-]?\d+)?")


def tied(text: str) -> str:
    """Return text or HTML in which no sign such as ":" or "»" begins a line.

    For pages and e-mails: GSM 03.38 has no no-break space.
    """
    return _TIED.sub(lambda found: "\u00a0" if found[0] == " " else found[0], text)


def de(name: str) -> str:
    """Return a name behind the French "de": `de Kayes`, `d'Ansongo`, `d'Élan`."""
    plain = unicodedata.normalize("NFD", name[:1])
    return f"d'{name}" if plain[:1] in _ELIDING else f"de {name}"


def unaccented(text: str) -> str:
    """Return `text` without accents, in its own case and script."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char))


def rfc3339(instant: datetime) -> str:
    """Return an instant in UTC as RFC 3339 has it, with `Z`."""
    return instant.isoformat().replace("+00:00", "Z")


def without_turns(text: str) -> str:
    """Return `text` without characters that turn its direction, so that it reads as it is written.

    Taken out, not refused: what is copied out of a chat or a list of contacts carries them along.
    """
    return text if text.isascii() else text.translate(_TURNS)


def as_cell(text: str) -> str:
    """Return text as a cell of a CSV: behind an apostrophe where a spreadsheet would run it."""
    runs = text.startswith(_RUN) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def from_cell(cell: str) -> str:
    """Return the text that `as_cell` made a cell of."""
    return cell[1:] if cell.startswith("'") and as_cell(cell[1:]) == cell else cell


def meant(word: str, known: Collection[str]) -> str:
    """Return what a complaint of an unknown word ends in: the nearest that is known, or all."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(known))}"
