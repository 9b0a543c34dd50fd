"""To whom a road is open again: to all, to some cargoes, or in part and nobody knows to whom."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.incidents.cargo import Cargoes
from app.roads.folding import fold

#: The kind of incident that says that a road is open again.
REOPENED = "road_reopened"

_STOP = re.compile(r"[.;:!?()\n]|\s-\s")
#: Between a word of whom and the words that govern it.
_LITTLE = frozenset(
    """a au aux de des du d et for la le les leur leurs ni nor of or ou pour que the to and ainsi
    , ce ces tous toutes""".split()  # noqa: SIM905
)
_JOINS = frozenset({"et", "ou", "and", "or", "ni", "nor", ","})
#: Before whom a road is opened to.
_TO = frozenset({"a", "au", "aux", "pour", "for", "to"})
#: Said of a road that is open to some whom no word tells.
_PARTLY = "en partie"
_THE = frozenset({"le", "la", "les", "the"})
#: Between a vehicle and its load.
_OF = frozenset({"de", "d", "des", "of"})
#: What stands between whom and "interdit": "les citernes restent toujours interdites".
_BEING = frozenset(
    """sont est reste restent demeure demeurent toujours encore is are remain remains still again
    a nouveau ont etre be peuvent peut can may""".split()  # noqa: SIM905
)
_NOT = frozenset("pas ne ni non not no nest nont ny jamais aucun aucune cannot cant never".split())  # noqa: SIM905
#: What may follow whom a road is open to without saying which of them: not "camions vides".
_THEN = frozenset(
    """depuis ce cette ces hier aujourdhui maintenant desormais sur entre dans en mais since from on
    between in today yesterday now again but sans selon apres a au aux this by via jusqua jusqu vers
    seulement uniquement only a nouveau""".split()  # noqa: SIM905
)

#: Said of what passes again, it says nothing of which: "les bus circulent de nouveau".
_AGAIN = (" de nouveau ", " a nouveau ")
_HOUR = r"\d{1,2} ?(?:h(?:\d\d)?|heures?|am|pm)"
#: A road that is open "de 6h à 18h" is closed for the rest of the day.
_HOURS = re.compile(rf" (\w+) ((?:de|entre|from|between) {_HOUR} (?:a|et|to|and) {_HOUR}) ")
#: Between "for" and the unit of a time: "les dix prochains".
_SPAN_WORDS = 3

Sort = Literal["cargo", "except", "barred", "only", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """To whom a text says that a road is open again.

    Attributes:
        to: The cargoes that it names; (): none, so that it is for all that are not shut out.
        shut: The cargoes to which it says that the road stays closed.
        in_part: A word by which it is open in part beyond that; None: there is none.
    """

    to: tuple[str, ...] = ()
    shut: tuple[str, ...] = ()
    in_part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningWords:
    """What says that a road is open in part, as a whole, or to whom; folded.

    Attributes:
        in_part: Open one way, to some, under escort. `whole`: open both ways, to all.
        to_come: Not open yet: it is asked for, hoped, promised or talked of.
        to_all: Of `whole`, what says that it is open to whoever drives.
        excepting: What stands before whom it is closed to: "sauf". `barred`: what stands on either
            side: "interdit". `only`: what says that it is open to nobody else.
        opened: What stands behind whom it is open to: "les cars passent".
        lasting: What stands before the time for which it is open, `spans`: what ends that: "jours".
            `lasted`: what stands before a time for which it was closed, or is open already.
        vehicles: What carries cargoes that a word does not name ("camion"): those that it surely
            means where it is let through, then all that it may mean where it is not.
        cargoes: What may be carried, and how it is named.
    """

    in_part: Sequence[str]
    whole: Sequence[str]
    to_come: Sequence[str] = ()
    to_all: Sequence[str] = ()
    excepting: Sequence[str] = ()
    barred: Sequence[str] = ()
    only: Sequence[str] = ()
    opened: Sequence[str] = ()
    lasting: Sequence[str] = ()
    lasted: Sequence[str] = ()
    spans: Sequence[str] = ()
    vehicles: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    cargoes: Cargoes | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every cargo that may be carried."""
        return self.cargoes.codes if self.cargoes is not None else ()

    def in_part_by(self, text: str) -> str | None:
        """Return the words of `text` by which a road is open in part only; None: there are none.

        Open in both directions, but not to tankers, is open in part; so is what is not open yet.
        """
        said = self._but_whole(fold(text))
        partly = (*self.in_part, *self.to_come)
        word = next((words for words in partly if f" {words} " in said), None)
        return word or self._for_a_while(said.split()) or self._for_hours(said)

    def _for_a_while(self, said: Sequence[str]) -> str | None:
        """Return the words that say for how long a road is open: "pour dix jours".

        That it was closed for ten days is no news of what is to come.
        """
        for at, word in enumerate(said):
            if word not in self.lasting or (at and said[at - 1] in self.lasted):
                continue
            ahead = said[at + 1 : at + 2 + _SPAN_WORDS]
            end = next((n for n, one in enumerate(ahead) if one in self.spans), None)
            if end and not set(ahead[:end]) & set(self.lasted):  # "for days" gives no number
                return " ".join(said[at : at + 2 + end])
        return None

    def _for_hours(self, said: str) -> str | None:
        """Return the hours in which a road is open; in "couvre-feu de 21h à 5h" there are none."""
        told = (one[2] for one in _HOURS.finditer(said) if one[1] not in self.lasted)
        return next(told, None)

    def is_to_come(self, text: str) -> bool:
        """Return whether `text` says of a road that it may be open one day, and not that it is."""
        said = f" {fold(text)} "
        return any(f" {words} " in said for words in self.to_come)

    def as_a_whole(self, text: str) -> bool:
        """Return whether `text` says that a road is open in both directions, or to all."""
        said = f" {fold(text)} "
        return self.in_part_by(text) is None and any(f" {one} " in said for one in self.whole)

    def read(self, text: str, named: Collection[str] = ()) -> Opening:
        """Return to whom `text` says that a road is open; `named`: the cargoes said beside it.

        What is barred anywhere is open nowhere. Whatever is said of whom that is not understood
        leaves the road open in part.
        """
        found = [_Clause(self, words).read(named) for words in self._clauses(text)]
        codes = self.codes
        shut = {code for one in found for code in one.shut}
        to = {*named, *(code for one in found for code in one.to)}
        if not to and shut:
            to = {*codes}
        left = next((one.in_part for one in found if one.in_part), None)
        if to and not to - shut:
            left = left or "only"  # nobody is left to whom it is open
        return Opening(
            to=tuple(code for code in codes if code in to - shut),
            shut=tuple(code for code in codes if code in shut),
            in_part=left,
        )

    def named(self, text: str, cargo: Collection[str]) -> frozenset[str]:
        """Return the cargoes to which a road is said to be open; none: it is not said to which."""
        to = self.read(text, cargo).to
        said = f" {fold(text)} "
        if not to and self.cargoes and any(f" {words} " in said for words in self.to_all):
            return frozenset(self.cargoes.codes)
        return frozenset(to)

    def words_for(self, opening: Opening) -> str:
        """Return the shortest text that says of a road what `opening` has of it beside `to`."""
        said = [opening.in_part] if opening.in_part else []
        if said and self.in_part_by(said[0]) is None:
            said = [_PARTLY if _PARTLY in self.in_part else self.in_part[0]]
        if opening.shut and self.excepting:
            said.append(f"{self.excepting[0]} {', '.join(map(self._label, opening.shut))}")
        return "; ".join(said)

    def _label(self, code: str) -> str:
        label = self.cargoes.by_code[code].label_fr if self.cargoes is not None else code
        return label if self.codes_of(label)[0] == (code,) else code

    def _clauses(self, text: str) -> Iterator[list[str]]:
        for part in _STOP.split(text):
            words = [
                word
                for piece in re.split(r"(,)", part)
                for word in ([","] if piece == "," else self._words(piece))
            ]
            start = 0
            for at, word in enumerate(words):
                if word in {"mais", "but"}:
                    yield words[start:at]
                    start = at + 1
            yield words[start:]

    def _words(self, piece: str) -> list[str]:
        return self._but_whole(fold(piece)).replace(*_AGAIN).split()

    def _but_whole(self, folded: str) -> str:
        said = f" {folded} "
        for words in self.whole:
            said = said.replace(f" {words} ", "  ")
        return said

    def sorts(self) -> Iterator[tuple[str, Sort]]:
        """Return every phrase that says to whom, with what it does."""
        named = (word for one in self.cargoes or () for word in one.words)
        yield from ((phrase, "cargo") for phrase in (*self.vehicles, *named))
        yield from ((phrase, "except") for phrase in self.excepting)
        yield from ((phrase, "barred") for phrase in self.barred)
        yield from ((phrase, "only") for phrase in self.only)
        yield from ((phrase, "open") for phrase in self.opened)

    def codes_of(self, phrase: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the cargoes that a phrase surely means, and those that it may mean."""
        if phrase in self.vehicles:
            return self.vehicles[phrase]
        codes = self.cargoes.read(phrase) if self.cargoes is not None else ()
        return codes, codes


class _Clause:
    """A clause of what is said of an opening, read word by word."""

    def __init__(self, words: OpeningWords, said: Sequence[str]) -> None:
        self._words = words
        self._said = list(said)
        self._sort: list[Sort | None] = [None] * len(self._said)
        self._phrase: list[str] = [""] * len(self._said)
        self._kept = list(self._said)
        by_length = sorted(words.sorts(), key=lambda one: (-len(one[0]), one[0]))
        for phrase, sort in by_length:
            self._mark(phrase.split(), phrase, sort)

    def _mark(self, tokens: list[str], phrase: str, sort: Sort) -> None:
        for at in range(len(self._said) - len(tokens) + 1):
            span = slice(at, at + len(tokens))
            if self._said[span] == tokens and not any(self._sort[span]):
                self._sort[span] = [sort] * len(tokens)
                self._phrase[span] = [phrase] * len(tokens)

    def read(self, named: Collection[str]) -> Opening:
        """Return what the clause says; that a cargo of `named` is mentioned is no news."""
        to: set[str] = set()
        shut: set[str] = set()
        doubt: str | None = None
        at = 0
        denied = not _NOT.isdisjoint(
            word for word, sort in zip(self._said, self._sort, strict=True) if sort is None
        )
        while at < len(self._said):
            if self._sort[at] != "cargo":
                at += 1
                continue
            left, end, right = self._around(at)
            sure, may_be = self._codes(at, end)
            if self._governed(left, "except", "barred") or self._governed(right, "barred"):
                shut |= may_be
                self._explain(left, end, right)
                doubt = doubt or self._goes_on(end)
            elif denied:
                shut |= may_be
                doubt = doubt or "pas"
            elif self._is_let_through(left, at, right, end):
                to |= sure
                plain = sure and self._is_whole(left, at) and self._is_plain(end)
                doubt = doubt or (None if plain else self._said[at])
                self._explain(left, end, right)
            elif not may_be <= {*named}:
                doubt = doubt or self._said[at]
            at = end
        rest = " ".join(self._kept)
        return Opening(
            to=tuple(to),
            shut=tuple(shut),
            in_part=self._words.in_part_by(rest) or doubt,
        )

    def _around(self, at: int) -> tuple[int | None, int, int | None]:
        """Return what stands before a list of cargoes, its end, and what stands behind it."""
        left, end = self._left(at), self._end_of_list(at)
        if self._governed(self._right(end), "barred") and self._is_begun(left, at):
            end = self._last_comma(at, end)  # "aux cars, citernes interdites"
        return left, end, self._right(end)

    def _end_of_list(self, at: int) -> int:
        """Return where a list of cargoes ends: "aux cars, minibus et camions"."""
        end = at
        while end < len(self._said):
            ahead = end
            while ahead < len(self._said) and self._is_little(ahead):
                ahead += 1
            if ahead == len(self._said) or self._sort[ahead] != "cargo":
                break
            if ahead - end > 1 and self._said[ahead - 2] == "," and self._said[ahead - 1] in _THE:
                break  # "aux cars, les citernes": of these something else is said
            end = ahead + 1
        return end

    def _is_little(self, at: int) -> bool:
        return self._sort[at] is None and self._said[at] in _LITTLE

    def _codes(self, at: int, end: int) -> tuple[set[str], set[str]]:
        sure: set[str] = set()
        may_be: set[str] = set()
        for place in range(at, end):
            if self._sort[place] == "cargo":
                surely, perhaps = self._words.codes_of(self._phrase[place])
                may_be.update(perhaps)
                if not self._is_of_a_load(place, end):
                    sure.update(surely)
        return sure, may_be

    def _is_of_a_load(self, at: int, end: int) -> bool:
        """Return whether what a vehicle carries is named behind it: "camions de carburant"."""
        load = at + 2
        return load < end and self._said[at + 1] in _OF and self._sort[load] == "cargo"

    def _left(self, at: int) -> int | None:
        """Return the place of the word that stands before a list, little ones left out."""
        place = at - 1
        while place >= 0 and self._is_little(place):
            place -= 1
        return place if place >= 0 else None

    def _right(self, end: int) -> int | None:
        place = end
        while place < len(self._said) and self._sort[place] is None and self._said[place] in _BEING:
            place += 1
        return place if place < len(self._said) else None

    def _governed(self, place: int | None, *by: Sort) -> bool:
        return place is not None and self._sort[place] in by

    def _is_let_through(self, left: int | None, at: int, right: int | None, end: int) -> bool:
        only = self._governed(left, "only") or self._governed(self._at(end), "only")
        return self._is_to(left, at) or only or self._governed(right, "open")

    def _is_to(self, left: int | None, at: int) -> bool:
        return not _TO.isdisjoint(self._said[0 if left is None else left + 1 : at])

    def _is_begun(self, left: int | None, at: int) -> bool:
        """Return whether it is said before a list what is to become of it."""
        return self._governed(left, "except", "barred", "only") or self._is_to(left, at)

    def _last_comma(self, at: int, end: int) -> int:
        commas = [place for place in range(at, end) if self._said[place] == ","]
        return commas[-1] if commas else end

    def _at(self, end: int) -> int | None:
        return end if end < len(self._said) else None

    def _is_whole(self, left: int | None, at: int) -> bool:
        """Return whether nothing before says which of them: "certains cars", "petits camions"."""
        return left is None or left < at - 1 or self._sort[left] is not None

    def _is_plain(self, end: int) -> bool:
        """Return whether nothing behind says which of them: "aux camions vides"."""
        place = end
        while place < len(self._said) and self._sort[place] in ("only", "open"):
            place += 1
        if place >= len(self._said) or self._sort[place] is not None:
            return True
        said = self._said[place]
        if said in _JOINS:
            return said == "," or self._goes_on(place) is None
        return said in _THEN or said in _BEING

    def _goes_on(self, end: int) -> str | None:
        """Return what is joined to a list and is no cargo: "sauf aux citernes et la nuit"."""
        place, joined = end, False
        while place < len(self._said) and self._is_little(place):
            joined |= self._said[place] in _JOINS - {","}
            place += 1
        while place < len(self._said) and self._said[place] in _BEING:
            place += 1
        if not joined or place >= len(self._said) or self._sort[place] in ("open", "barred"):
            return None
        return self._said[place]

    def _explain(self, left: int | None, end: int, right: int | None) -> None:
        """Leave out of what speaks of a part whatever says to whom."""
        for place in (left, right, self._at(end)):
            if place is not None and self._sort[place] in ("except", "barred", "only"):
                self._blank(place)

    def _blank(self, place: int) -> None:
        phrase = self._phrase[place]
        start = place
        while start > 0 and self._phrase[start - 1] == phrase:
            start -= 1
        while start < len(self._said) and self._phrase[start] == phrase:
            self._kept[start] = ""
            start += 1
