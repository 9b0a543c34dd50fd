"""Distances said in words: `une trentaine de km`, `vingt-cinq kilomètres`, `ten miles north`."""

import re

_DOZENS = {
    "dizaine": 10, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40,
    "cinquantaine": 50, "soixantaine": 60, "centaine": 100,
}  # fmt: skip
_TENS = {
    "dix": 10, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "septante": 70, "nonante": 90, "ten": 10, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_UPTO_NINETEEN = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
    "huit": 8, "neuf": 9, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15,
    "seize": 16, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8,
    "nine": 9, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_HUNDREDS = {"cent": 100, "cents": 100, "hundred": 100}
_VALUES = _TENS | _UPTO_NINETEEN | _HUNDREDS
_AND = frozenset({"et", "and"})
_FOUR, _TEN, _MOST = 4, 10, 1_000
_SCORE = frozenset({"vingt", "vingts"})
#: Behind these French counts on to nineteen: "soixante dix sept".
_COUNTED_ON = frozenset({60, 80})
_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_KM = r"(?:kms?|kilom[eè]tres?|kilometers?|bornes)\b"
#: A mile is told by which way it lies: "cinq miles" may be money.
_MILES = r"miles?(?=\s+(?:north|south|east|west|from|off|before|after|outside|away)\b)"
_SPELT = re.compile(
    rf"(?<![\w-])(?:(?:une |a )?(?P<dozens>{'|'.join(_DOZENS)}) de"
    rf"|(?:a )?(?P<words>(?:{_WORD})(?:(?:[ -](?:et|and))?[ -](?:{_WORD}))*))\s+(?={_KM}|{_MILES})",
    re.IGNORECASE,
)
_FAR = re.compile(rf"(?<![\w.,])(?P<number>\d{{1,3}})\s*(?:(?P<km>{_KM})|{_MILES})", re.IGNORECASE)
_KM_A_MILE = 1.609


def in_digits(text: str) -> str:
    """Return `text` with distances that are spelt out in digits: `30 km`."""
    return _SPELT.sub(_digits, text)


def in_km(text: str) -> str:
    """Return `text` with distances in digits and in `km`, whatever they were told in."""
    return _FAR.sub(_in_km, in_digits(text))


def _digits(found: re.Match[str]) -> str:
    if found["dozens"]:
        return f"{_DOZENS[found['dozens'].lower()]} "
    words = re.split("[ -]", found["words"].lower())
    # of "cinq six km" the last: what stands before it is a number of its own
    starts = (at for at in range(len(words)) if _number(words[at:]) is not None)
    at = next(starts)
    return " ".join([*words[:at], str(_number(words[at:])), ""])


def _number(words: list[str]) -> int | None:
    """Return the number that words make, as "quatre vingt dix sept"; None: they are no one."""
    total, last = 0, _MOST
    for word in words:
        if word in _AND:
            continue
        value = _VALUES[word]
        if value in _HUNDREDS.values() and total < _TEN:  # "cent", "deux cents"
            total, last = (total or 1) * value, value
        elif word in _SCORE and last == _FOUR:  # "quatre vingt"
            total, last = total * value, total * value
        elif value < _room_behind(last):
            total, last = total + value, value
        else:
            return None
    return total or None


def _room_behind(last: int) -> int:
    """Return what a number that is said behind another is less than: "vingt trois", "dix sept"."""
    if last % _TEN or last == 0:
        return 0  # behind "cinq" begins a number of its own
    if last in _COUNTED_ON:
        return 2 * _TEN
    return last if last >= min(_HUNDREDS.values()) else _TEN


def _in_km(found: re.Match[str]) -> str:
    number = int(found["number"])
    return f"{number if found['km'] else round(number * _KM_A_MILE)} km"
