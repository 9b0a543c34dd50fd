"""The length of an SMS: what one `ê` costs, and how to do without it."""
# ruff: noqa: RUF001 - letters that look alike are what this module is about

import unicodedata

from app.core.gsm7 import BASIC, EXTENSION, is_gsm7

#: Septets in one SMS, and in each part of several: a header of 6 octets joins them.
#: Source: 3GPP TS 23.040, 9.2.3.24.
GSM_SINGLE, GSM_PART = 160, 153
#: UTF-16 code units in one SMS, and in each part of several.
UCS2_SINGLE, UCS2_PART = 70, 67

_LAST_OF_BMP = 0xFFFF

#: What a French reader accepts for what the alphabet lacks and Unicode does not take apart, and
#: what writers of Bambara, Fulfulde, Hausa, Tamasheq and Mooré put where a telephone lacks letters.
_REPLACEMENTS = str.maketrans(
    {
        "œ": "oe",
        "Œ": "OE",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "ʿ": "'",
        "ʾ": "'",
        "‚": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‹": "'",
        "›": "'",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "·": "-",
        "×": "x",
        "→": "->",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\t": " ",
        "ɛ": "e",
        "Ɛ": "E",
        "ɔ": "o",
        "Ɔ": "O",
        "ŋ": "ng",
        "Ŋ": "NG",
        "ɲ": "ny",
        "Ɲ": "NY",
        "ɓ": "b",
        "Ɓ": "B",
        "ɗ": "d",
        "Ɗ": "D",
        "ƴ": "y",
        "Ƴ": "Y",
        "ƙ": "k",
        "Ƙ": "K",
        "ə": "e",
        "Ə": "E",
        "ǝ": "e",
        "Ǝ": "E",
        "ɣ": "gh",
        "Ɣ": "GH",
        "ɩ": "i",
        "Ɩ": "I",
        "ʋ": "u",
        "Ʋ": "U",
        "ı": "i",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
    }
)


def segments(text: str) -> int:
    """Return how many SMS `text` is sent and paid as; 0 for no text.

    A character of the extension table is never split over two parts, nor a surrogate pair.
    """
    if BASIC.issuperset(text):  # nearly every text, tried again and again until it fits
        return _equal_parts(len(text))
    if is_gsm7(text):
        return _parts([2 if char in EXTENSION else 1 for char in text], GSM_SINGLE, GSM_PART)
    return _parts([2 if ord(char) > _LAST_OF_BMP else 1 for char in text], UCS2_SINGLE, UCS2_PART)


def to_gsm7(text: str) -> str:
    """Return `text` in the GSM 7-bit alphabet, as a French reader would write it without accents.

    é è à ù and É stay; ê becomes e, œ oe, « " and so on. What has no near letter is left out,
    never shown as `?`.
    """
    if is_gsm7(text):
        return text
    # Composed first, or an `e` and its combining accent would be taken for a bare `e`.
    composed = unicodedata.normalize("NFC", text).translate(_REPLACEMENTS)
    return "".join(_nearest(char) for char in composed)


def _nearest(char: str) -> str:
    if char in BASIC or char in EXTENSION:
        return char
    plain = unicodedata.normalize("NFKD", char).translate(_REPLACEMENTS)
    return "".join(part for part in plain if part in BASIC or part in EXTENSION)


def _equal_parts(septets: int) -> int:
    if septets <= GSM_SINGLE:
        return 1 if septets else 0
    return -(-septets // GSM_PART)


def _parts(widths: list[int], single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1 if widths else 0
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count
