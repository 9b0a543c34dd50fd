"""Tells what is counted over months from news: "depuis septembre, 300 citernes ont été brûlées"."""

import re

from app.roads.folding import fold

#: How far a tally is believed as word of an attack: so many of them raise nothing together.
TALLIED = 0.02
_CLAUSE = re.compile(
    r"[.,;:!?()\n]|\b(?:as|while|when|after|alors que|tandis que|pendant que|apr[eè]s)\b",
    re.IGNORECASE,
)
_MONTH = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|"
    "january|february|march|april|may|june|july|august|september|october|november|december"
)
_SPAN = "annee|an|mois|trimestre|blocus|embargo|crise|guerre|year|month|quarter|blockade|crisis|war"
_LITTLE = "le|la|les|l|de|du|d|the|of|mois|month|fin|mi|early|late|mid|this|cette|ce"
_UNIT = "mois|ans|annees|semaines|months|years|weeks"
#: "Depuis septembre", "since the beginning of the blockade", "en six mois", "over 3 months".
_OVER_MONTHS = re.compile(
    rf"\b(?:depuis|since)(?: (?:{_LITTLE}|debut|beginning|start)){{0,4}} "
    rf"(?:(?:{_MONTH})\b|(?:19|20)\d\d\b)"
    rf"|\b(?:depuis|since)(?: (?:{_LITTLE}))? (?:debut|beginning|start)(?: (?:{_LITTLE})){{0,3}} "
    rf"(?:{_SPAN})\b"
    rf"|\b(?:en|in|over|within)(?: (?:the|les|last|past|moins|less|than|de))* \w+ "
    rf"(?:derniers? |dernieres? )?(?:{_UNIT})\b"
)
_MANY = re.compile(
    r"\b(?:(?!(?:19|20)\d\d\b)\d{2,}|centaines?|dizaines?|milliers?|hundreds|dozens|scores|thousands)\b"
)
#: One attack is told, beside how many there were: "la troisième attaque depuis septembre".
_ONE = re.compile(
    r"\b(?:une|un|an?|the|la|l|this|cette|nouvelle?|new|another|\w+ieme|premiere?|first|second|third|"
    r"\w+th|derniere?|latest|last) (?:\w+ )?"
    r"(?:attaque|attentat|embuscade|assaut|enlevement|convoi|attack|ambush|assault|raid|convoy|blast)\b"
    r"|\b(?:pire|plus (?:meurtriere?|grave|lourde?)|worst|deadliest|biggest|largest)\b"
)
_SAID = "dit|disent|said|says|estime|estiment|affirme|affirment|annonce|indique|rapporte|reports"
#: Who counted: nothing else may stand beside a count.
_SAYS = re.compile(rf"(?:selon|d apres|according to|(?:a |ont )?(?:{_SAID}))\b.*|.*\b(?:{_SAID})")
#: It says on which day, or near what: that is news.
_DATED = re.compile(
    r"\b(?:hier|aujourdhui|ce matin|ce soir|cette nuit|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    r"dimanche|yesterday|today|tonight|overnight|monday|tuesday|wednesday|thursday|friday|saturday|"
    r"sunday|near|pres de|a la hauteur|non loin)\b"
)


def is_tally(text: str) -> bool:
    """Return whether all that `text` tells is how many there were over months.

    Whatever else it says, but who counted, is news: an attack that is taken for a count warns
    nobody, a count that is taken for an attack warns in vain.
    """
    told = _words(text)
    if not _OVER_MONTHS.search(told) or _ONE.search(told) or _DATED.search(told):
        return False
    clauses = _joined([_words(part) for part in _CLAUSE.split(text)])
    counts = [one for one in clauses if not _SAYS.fullmatch(one) or _OVER_MONTHS.search(one)]
    return bool(counts) and all(
        _OVER_MONTHS.search(one) and _MANY.search(_OVER_MONTHS.sub(" ", one)) for one in counts
    )


def _words(text: str) -> str:
    return fold(re.sub(r"['\u2019]", " ", text))


def _joined(clauses: list[str]) -> list[str]:
    """Return `clauses`, each that is but a time with the next: "Depuis septembre, 300 citernes"."""
    joined: list[str] = []
    waiting = ""
    for clause in clauses:
        said = f"{waiting} {clause}".strip()
        waiting = said if _OVER_MONTHS.fullmatch(said) else ""
        if said and not waiting:
            joined.append(said)
    return joined
