"""What every stage needs of texts: characters that deceive, and French in front of a name."""

import unicodedata

#: Embeddings, overrides and isolates (Unicode UAX 9, 2): they turn the direction of what follows.
#: The marks beside them (U+200E, U+200F) belong to Arabic text and turn nothing but themselves.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


#: Before these "de" loses its vowel. `de Yélimané` and `de Hombori` keep it.
_ELIDING = frozenset("aeiouAEIOU")


def de(name: str) -> str:
    """Return a name behind the French "de": `de Kayes`, `d'Ansongo`, `d'Élan`."""
    plain = unicodedata.normalize("NFD", name[:1])
    return f"d'{name}" if plain[:1] in _ELIDING else f"de {name}"


def without_turns(text: str) -> str:
    """Return `text` without characters that turn its direction, so that it reads as it is written.

    Taken out, not refused: what is copied out of a chat or a list of contacts carries them along.
    """
    return text if text.isascii() else text.translate(_TURNS)
