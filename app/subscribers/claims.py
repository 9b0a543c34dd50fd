"""What an inbound message speaks of: kind, places, cargo, and what is left unexplained. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from app.incidents.cargo import Cargoes
from app.incidents.words import STOP as LITTLE_WORDS
from app.roads.gazetteer import Gazetteer
from app.subscribers.days import phrases_in
from app.subscribers.glued import unglued
from app.subscribers.lexicon import ASKING, CARGO, DOUBT, FILLER, OTHER, KindPattern, Lexicon
from app.subscribers.spotting import Spot, names_in, spots_in
from app.subscribers.understood import Courtesy
from app.subscribers.whole_roads import WholeRoad, road_in
from app.subscribers.wording import Word, Wording, take_apart, words_of

_GROUP = "group:"
#: English puts these first to ask, and to ask alone, unless they are denied.
_VERBS = frozenset({"is", "are", "was", "were", "does", "did", "can", "could", "has", "have"})
_NOT = frozenset({"t", "not", "nt"})
#: What begins with one of these asks: "qui a vu", "où est".
_FIRST = frozenset({"qui", "ou", "pourquoi", "combien", "who", "where", "why"})
#: Behind one of these such a verb says something: "we are ok".
_WHO = frozenset({"i", "we"})
_ROAD = "road"
#: What a "car bomb" was made of was no load.
_BOMB = "group:bomb"
#: What they are about to do.
_MEANT = "group:meant"
#: What takes a statement back, or says that it is yet to be; "plus de barrage" may mean either.
_DOUBTS = frozenset({DOUBT, "deny", _MEANT, "group:unblocked"})
#: Of these nothing else says that they are over.
_LIFTED = "lifted"
_MAY_END = frozenset({"curfew", "protest", "border", "suspended", "shortage", "flood", "strike"})
#: Between a road and what is said of it.
_BETWEEN = frozenset({"est", "sont", "reste", "bien", "is"})
#: Beside thanks they say something: "Merci, pas de mort".
_MORE = frozenset({"pas", "sans", "non", "plus", "mort", "morts", "blesse", "blesses"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """A message with all that its words say.

    Attributes:
        groups: The parts of a report it has, in its order.
        kind: What happened; None when it does not say, or not plainly.
        offers: Kinds to choose from when it is asked.
        unsure: The words that say `kind` are said of much else.
        road: That it names by number or code, where it names no place.
    """

    wording: Wording
    spots: tuple[Spot, ...]
    groups: tuple[str, ...]
    kind: str | None
    offers: tuple[str, ...]
    cargoes: tuple[str, ...]
    unsure: bool = False
    road: WholeRoad | None = None

    def has(self, mark: str) -> bool:
        """Return whether a word outside the names of places is marked so."""
        return any(mark in word.marks for word in self.outside)

    @property
    def doubted(self) -> bool:
        """Return whether a word takes the statement back, or says that it is yet to be."""
        return self.unsure or any(map(self.has, _DOUBTS))

    def doubted_beside(self, mark: str) -> bool:
        """Return whether a word without `mark` takes the statement back: "RAS" is calm."""
        return any(_DOUBTS & word.marks and mark not in word.marks for word in self.outside)

    @property
    def asks(self) -> bool:
        """Return whether it is a question by its mark, its words, or a verb before all else."""
        return self.wording.questioned or self.has(ASKING) or self._inverted

    @property
    def _inverted(self) -> bool:
        """Return whether it begins as questions do: "Qui a vu", "Is Diema ok", not "Can't pass"."""
        words = self.wording.words
        said = [word.said for word in words if word.marks != {FILLER} or word.said in _WHO]
        asked = said[:1] and (said[0] in _FIRST or said[0] in _VERBS)
        return bool(asked) and not _NOT & set(said[1:2])

    @property
    def ended(self) -> bool:
        """Return whether what it names is said to be over: "couvre-feu levé à Kayes"."""
        return _LIFTED in self.groups and bool(_MAY_END & set(self.groups))

    @property
    def named(self) -> tuple[Spot, ...]:
        """Return the places named, each once."""
        return tuple(
            {spot.found.label if spot.found else spot.said: spot for spot in self.spots}.values()
        )

    def begins_with(self, *marks: str) -> bool:
        """Return whether the first word that is not courtesy is marked so."""
        first = next((word for word in self.wording.words if word.marks != {FILLER}), None)
        return first is not None and bool(first.marks & set(marks))

    @property
    def outside(self) -> tuple[Word, ...]:
        """Return the words that are not in the name of a place."""
        named = (*self.spots, *((self.road,) if self.road else ()))
        inside = {i for one in named for i in range(one.start, one.end)}
        return tuple(word for i, word in enumerate(self.wording.words) if i not in inside)

    def left(self, *allowed: str) -> tuple[Word, ...]:
        """Return the words that no mark in `allowed` explains, nor courtesy, cargo or grammar."""
        marks = {FILLER, CARGO, *allowed}
        return tuple(
            word
            for word in self.outside
            if not (marks & word.marks or word.is_figure or is_little(word))
        )


def read_claims(text: str, lexicon: Lexicon, gazetteer: Gazetteer, cargoes: Cargoes) -> Claims:
    """Return what `text` says."""
    text = unglued(text, lexicon, gazetteer)
    names = names_in(words_of(text, lexicon), gazetteer)
    goods = _goods(cargoes)
    wording = take_apart(text, lexicon, names=names, goods=goods)
    road = road_in(wording.words, lexicon, gazetteer)
    spots = tuple(
        spot
        for spot in spots_in(wording.words, gazetteer, breaks=wording.breaks)
        if road is None or spot.start < road.start or spot.end > road.end  # "DKR" of a code
    )
    inside = {i for spot in spots for i in range(spot.start, spot.end)}
    outside = [word for i, word in enumerate(wording.words) if i not in inside]
    told = [group for word in outside for group in groups_of(word)]
    on_road = road or any(spot.on_road for spot in spots)
    groups = tuple(dict.fromkeys((*told, *([_ROAD] if on_road else ()))))
    called = any("report" in word.marks for word in outside)
    pattern = _pattern_of(frozenset(groups), lexicon, called=called)
    return Claims(
        wording=wording,
        spots=spots,
        groups=groups,
        kind=pattern.kind if pattern else None,
        unsure=pattern is not None and pattern.asked and not _is_of_it(pattern, wording, inside),
        offers=_offers(groups, lexicon),
        cargoes=_cargoes(outside, lexicon, cargoes),
        road=None if spots else road,
    )


@cache
def _goods(cargoes: Cargoes) -> frozenset[str]:
    return frozenset(word for cargo in cargoes for word in cargo.words if word.isalpha())


def groups_of(word: Word) -> list[str]:
    """Return the parts of a report that a word stands for."""
    return sorted(mark.removeprefix(_GROUP) for mark in word.marks if mark.startswith(_GROUP))


def kind_of(groups: frozenset[str], lexicon: Lexicon, *, called: bool) -> str | None:
    """Return the kind that parts of a report make up; `called`: they are called an alert."""
    pattern = _pattern_of(groups, lexicon, called=called)
    return pattern.kind if pattern else None


def _pattern_of(groups: frozenset[str], lexicon: Lexicon, *, called: bool) -> KindPattern | None:
    fits = (
        pattern
        for pattern in lexicon.kinds
        if not pattern.unless & groups
        and any(wanted <= groups for wanted in pattern.any + (pattern.called if called else ()))
    )
    return next(fits, None)


def _is_of_it(pattern: KindPattern, wording: Wording, inside: Collection[int]) -> bool:
    """Return whether the words of a pattern are of one another: "la route de Kita est ouverte".

    Of two groups the one that is no event comes first, and only names and grammar stand between.
    """
    last: set[str] = set()
    for at, word in enumerate(wording.words):
        if at in wording.breaks:
            last = set()
        told = set(groups_of(word))
        if at not in inside and any(wanted <= last | told for wanted in pattern.any if last):
            return True
        if at not in inside and (told or not (FILLER in word.marks or _is_between(word))):
            last = told if _ROAD in told else set()
    return False


def _is_between(word: Word) -> bool:
    return is_little(word) or word.said in _BETWEEN


def _offers(groups: Collection[str], lexicon: Lexicon) -> tuple[str, ...]:
    fits = (kinds for group, kinds in lexicon.offers.items() if group in groups)
    return next(fits, lexicon.offers[OTHER])


def _cargoes(words: Collection[Word], lexicon: Lexicon, cargoes: Cargoes) -> tuple[str, ...]:
    kept = (
        word.read for word in words if word.read not in lexicon.left_out and _BOMB not in word.marks
    )
    return cargoes.read(" ".join(kept))


def courtesy_of(claims: Claims, lexicon: Lexicon) -> Courtesy | None:
    """Return whether a message thanks, or says that one arrived; None when it says more."""
    words = claims.wording.words
    if claims.spots or claims.wording.questioned or next(phrases_in(words, lexicon), None):
        return None
    if any(word.said in _MORE or (word.is_figure and "ok" not in word.marks) for word in words):
        return None
    if any(not (word.marks & {"ok", FILLER} or is_little(word)) for word in words):
        return None
    if claims.has("ok"):
        return Courtesy.NOTED
    read = " ".join(word.read for word in words)
    thanks = any(f" {' '.join(phrase)} " in f" {read} " for phrase in lexicon.thanks)
    return Courtesy.THANKS if thanks else None


def is_little(word: Word) -> bool:
    """Return whether it is grammar alone: "de", "la", "to"."""
    return word.said in LITTLE_WORDS or len(word.said) == 1
