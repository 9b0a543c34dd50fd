"""Characters of a text that nobody sees and that deceive whoever reads it."""

#: Embeddings, overrides and isolates (Unicode UAX 9, 2): they turn the direction of what follows.
#: The marks beside them (U+200E, U+200F) belong to Arabic text and turn nothing but themselves.
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def without_turns(text: str) -> str:
    """Return `text` without characters that turn its direction, so that it reads as it is written.

    Taken out, not refused: what is copied out of a chat or a list of contacts carries them along.
    """
    return text if text.isascii() else text.translate(_TURNS)
