"""Figures of a claim: ranges as the sources give them, and what the numbers count."""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from app.incidents.report import Range
from app.incidents.words import DIGITS, fold, numbers

VEHICLES, FATALITIES, ABDUCTED = "vehicles", "fatalities", "abducted"

#: Beyond this a figure is a slip of the keyboard, or counts something else.
MOST = {VEHICLES: 10_000, FATALITIES: 10_000, ABDUCTED: 10_000}

_COUNTED = (
    (
        VEHICLES,
        r"tankers?|trucks?|lorr\w+|vehi\w+|bus(?:es)?|coach(?:es)?|camions?|citernes?|in convoy",
    ),
    (
        FATALITIES,
        r"killed|dead|deaths?|morts?|tue(?:s|es)?|executed|tolls?|bod(?:y|ies)|corps|cadavres?",
    ),
    (
        ABDUCTED,
        r"abducted|hostages?|held|kidnapped|captives?|taken|otages?|enlev\w*|released|freed|liberes?",
    ),
)
_UNITS = {unit: re.compile(rf"\b(?:{words})\b") for unit, words in _COUNTED}
_BURNED = re.compile(r"\b(?:burned|burnt|destroyed|brules?|detruits?)\b")
_MONTHS = (
    "january|february|march|april|may|june|july|august|sept?(?:ember)?|oct(?:ober)?|november|december|"
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
)
#: Numbers that say when or where, not how many.
_WHEN_WHERE = (
    rf"\d+(?:[.,]\d+)?\s*(?:km|kilomet\w*|h\b|hours?|heures?|min\b|minutes?|days?|jours?|weeks?|months?|"
    rf"(?:{_MONTHS})\b|%)|\d{{1,2}}:\d{{2}}|\b(?:rn|pk|km)\s*\d+"
)
_OF_OTHERS = (
    r"|\d+(?:[.,]\d+)?\s*(?:wounded|hurt|injured|blesses?|soldiers?|soldats?|fighters?|attackers?|people|"
    r"arrested|arretes?|persons?|personnes|cans?|stations?|refugees|sources|million\w*)|\b(?:usd|eur)\s*\d+"
)
_DATES = re.compile(_WHEN_WHERE)
#: What stands beside a number that counts none of vehicles, dead and abducted.
_OTHER = re.compile(_WHEN_WHERE + _OF_OTHERS)
#: What may stand beside a bare number without making it one of something else.
_BARE = re.compile(
    r"[\W\d]|\b(?:about|around|some|over|more|less|than|at|least|most|up|to|nearly|vs|of|or|and|then|in|all|total|"
    r"missing|environ|pres|le|la|de|plus|moins|au|jusqu|a|et|ou|sur|puis|en|tout)\b"
)
#: Numbers that people write out where they tell what they counted.
_SPELT = {
    "two": 2, "deux": 2, "three": 3, "trois": 3, "four": 4, "quatre": 4, "five": 5, "cinq": 5,
    "six": 6, "seven": 7, "sept": 7, "eight": 8, "huit": 8, "nine": 9, "neuf": 9, "ten": 10,
    "dix": 10, "eleven": 11, "onze": 11, "twelve": 12, "douze": 12, "thirteen": 13, "treize": 13,
    "fourteen": 14, "quatorze": 14, "fifteen": 15, "quinze": 15, "sixteen": 16, "seize": 16,
    "twenty": 20, "vingt": 20, "thirty": 30, "trente": 30, "forty": 40, "quarante": 40,
    "fifty": 50, "cinquante": 50,
}  # fmt: skip
#: People of whom a number counts those that this then happened to: "ten prisoners", "12 blessés".
_OTHERS = re.compile(
    r"prisoners?|prisonniers?|wounded|hurt|injured|blesses?|fighters?|combattants?|attackers?|"
    r"assaillants?|jihadist\w*|djihadist\w*|terrorist\w*|arrested|arretes?|villages?|localit\w+|"
    r"houses?|maisons?|shells?|obus|drones?"
)
#: And those that say when or where: the same number may count something further on.
_WHEN_OR_WHERE = re.compile(r"days?|jours?|weeks?|semaines?|months?|mois|km|h")
_WORDS = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"\([^)]*\)")
_CLAUSE = re.compile(r"[;,](?!\d{3})")


def parse_range(text: str | None) -> Range | None:
    """Return the figure that `text` gives ("20-40", "about 30", "51"); None when it gives none."""
    found = _plain_numbers(text or "")
    return Range(low=min(found), high=max(found)) if found else None


def widest(ranges: Iterable[Range | None]) -> Range | None:
    """Return the range from the lowest to the highest of all, None when nothing is known."""
    known = [r for r in ranges if r is not None]
    if not known:
        return None
    return Range(low=min(r.low for r in known), high=max(r.high for r in known))


def counted(figures: str | None, *, unitless: str | None, told: str = "") -> dict[str, Range]:
    """Return what the figures of a claim count: "80 in convoy; 20 burned" is 20 to 80 vehicles.

    Args:
        figures: As filed: clauses apart by `;` or `,`.
        unitless: What a bare number counts in this report, if that is known: one beside which
            nothing else is named. "4 shells" at a camp are not four dead.
        told: The claim, which may say what a bare number counts: "10" of "ten prisoners" are no
            dead, "2" of "deux morts" no vehicles.
    """
    found: dict[str, list[int]] = {}
    bare = _ASIDE.sub(" ", fold(figures or ""))
    for clause in _CLAUSE.split(bare):
        said = _OTHER.sub(" ", clause)
        counts = [n for n in _plain_numbers(said) if n > 0]
        unit = _unit(clause) or (None if _BARE.sub("", said) else _unit_of(counts, told, unitless))
        if counts and unit and max(counts) <= MOST[unit]:
            found.setdefault(unit, []).extend(counts)
    return {unit: Range(low=min(ns), high=max(ns)) for unit, ns in found.items()}


def matchable(*texts: str | None) -> tuple[int, ...]:
    """Return the numbers by which two claims of one event may be known, at most 12."""
    found = numbers(" ; ".join(_DATES.sub(" ", fold(text)) for text in texts if text))
    return found[:12]


def _unit_of(counts: Sequence[int], told: str, unitless: str | None) -> str | None:
    """Return what bare numbers count by the word behind the first that `told` has of them.

    One that says when or where is passed over: "10 km from Fana gunmen killed 10". Where there is
    none, or behind it stands a word of which that is not known, they count `unitless`.
    """
    words = _WORDS.findall(fold(told))
    nouns = [
        noun
        for word, noun in zip_longest(words, words[1:], fillvalue="")
        if _number_of(word) in counts
    ]
    noun = next((one for one in nouns if not _WHEN_OR_WHERE.fullmatch(one)), None)
    if noun is None:
        return None if nouns else unitless
    if _OTHERS.fullmatch(noun):
        return None
    return next((unit for unit, known in _UNITS.items() if known.fullmatch(noun)), unitless)


def _number_of(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) <= DIGITS else _SPELT.get(word)


def _unit(clause: str) -> str | None:
    for unit, words in _UNITS.items():
        if words.search(clause):
            return unit
    return VEHICLES if _BURNED.search(clause) else None


def _plain_numbers(text: str) -> list[int]:
    joined = re.sub(r"(?<=\d)[, \u00a0\u202f](?=\d{3}\b)", "", text)
    return [int(digits) for digits in re.findall(r"\d+", joined) if len(digits) <= DIGITS]
