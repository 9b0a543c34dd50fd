"""Tells what is counted over months from news: "depuis septembre, 300 citernes ont été brûlées"."""

import re

from app.roads.folding import fold

#: How far a tally is believed as word of an attack: so many of them raise nothing together.
TALLIED = 0.02
_CLAUSE = re.compile(r"[.,;:!?()\n]")
_MONTH = (
    "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|"
    "january|february|march|april|may|june|july|august|september|october|november|december"
)
_SPAN = "annee|an|trimestre|blocus|embargo|crise|guerre|year|quarter|blockade|crisis|war"
_LITTLE = "le|la|les|l|de|du|d|the|of|mois|month|fin|mi|early|late|mid|this|cette|ce"
_UNIT = "mois|ans|annees|months|years"
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
#: All that a count is made of. One word that is not here, and it is news: no list of what an attack
#: may be called is ever whole, and one that is taken for a count warns nobody.
_COUNTED = frozenset(
    """plus moins de d des du au a more than less least at over about some environ quelque le la
    les the of et and ont a ete sont have has been were was are par by jnim gsim jihadistes
    terroristes jihadists citernes camions vehicules cars bus tankers trucks vehicles buses
    lorries carburant fuel chauffeurs conducteurs civils soldats militaires personnes villageois
    drivers civilians soldiers people villagers morts mortes dead tues tuees killed blesses
    blessees wounded injured enleves enlevees kidnapped abducted brules brulees incendies
    incendiees burnt burned torched detruits detruites destroyed attaques attaquees attacked
    pilles pillees looted perdus perdues lost attacks embuscades ambushes enlevements
    kidnappings abductions victimes victims sur on in across en dans routes roads axes pays
    country mali sud nord centre ouest est south north west east""".split()  # noqa: SIM905
)
_YEAR = re.compile(r"(?:19|20)\d\d")
#: Where it was counted, by a word: "à Diéma". Not how it goes on: "in flames".
_WHERE = re.compile(r"\b(?:a|at|in) (?!feu|flammes?|flames|fire|progress)([a-z]+)")
_SAID = "dit|disent|said|says|estime|estiment|affirme|affirment|annonce|indique|rapporte|reports"
_SAYS_MORE = r"(?: (?!(?:a|at|in|en|sur|on|une?|an)\b)\w+){0,4}"
#: Who counted: nothing else may stand beside a count.
_SAYS = re.compile(
    rf"(?:selon|d apres|according to|(?:a |ont )?(?:{_SAID})){_SAYS_MORE}"
    rf"|(?:\w+ ){{1,3}}(?:{_SAID})"
)


def is_tally(text: str) -> bool:
    """Return whether all that `text` tells is how many there were over months.

    Whatever else it says, but who counted, is news: an attack that is taken for a count warns
    nobody, a count that is taken for an attack warns in vain.
    """
    clauses = _joined([_words(part) for part in _CLAUSE.split(text)])
    counts = [one for one in clauses if not _SAYS.fullmatch(one)]
    return bool(counts) and all(_counts(one) for one in counts)


def _counts(clause: str) -> bool:
    """Return whether a clause is how many of what, over which months, and at most where."""
    told, spans = _OVER_MONTHS.subn(" ", clause)
    told, many = _MANY.subn(" ", told)
    strange = [one for one in told.split() if one not in _COUNTED and not _YEAR.fullmatch(one)]
    return spans == many == 1 and (not strange or strange == _WHERE.findall(told)[-1:])


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
