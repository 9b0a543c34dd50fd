"""Takes the text of an inbound message apart: words, and what each is a mark of. Pure."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from app.roads.folding import fold
from app.roads.spelt import in_km
from app.subscribers.clock_words import dates_as_words, is_time, times_as_words
from app.subscribers.lexicon import ASKING, CARGO, DOUBT, FILLER, GOING, ORDINARY, Lexicon

#: Longer texts are read so far: ten SMS joined, as many words as they hold at most.
LONGEST = 1_600
_MOST_WORDS = 320
#: What stands for every number in a phrase: "plus de 20 camions" is not "plus de camions".
_ANY_NUMBER = "0"
#: A word this long may have one slip, one that long two.
_ONE_SLIP, _TWO_SLIPS = 5, 9
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")
_QUESTION = re.compile(r"[?\u061f\u00bf]")
_AT_THE_END = re.compile(r"[?\u061f]\W*$")
#: What parts one sentence from the next; a colon stands within one: "Diéma: barrage".
_BREAK = re.compile(r"[,;.!?()\n]")
#: Many leave the apostrophe out: "letat", "dattaque".
_ELIDED = re.compile(r"([dl])([aehiou]\w{3,})")
#: Behind these a participle follows: "ils on bruler" is "ont brûlé".
_HAS = frozenset(
    """ont on ai as avons avez ete est sont etait etaient suis es somme sommes etes""".split()  # noqa: SIM905
)
#: Before "a", which is also "à": "on a enlever", and not "trois colis a enlever".
_WHO = [["on"], ["il"], ["elle"], ["qui"], ["y"], ["armee"], ["jnim"]]
_APOSTROPHE = re.compile("['\u2019\u2018`\u00b4]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a message, folded.

    Attributes:
        said: As it was written. `read`: as it is understood, a slip put right.
        marks: What it and the phrase around it are marks of; empty for a word not known.
    """

    said: str
    read: str
    marks: frozenset[str] = frozenset()

    @property
    def is_number(self) -> bool:
        """Return whether it is made of digits."""
        return self.said.isdigit()

    @property
    def is_figure(self) -> bool:
        """Return whether it is a number, a time of day or a date."""
        return self.is_number or is_time(self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A message, taken apart.

    Attributes:
        questioned: Whether it has a question mark.
        closed: Whether that is its end, so that all of it is the question.
        breaks: The words that a comma or the like stands before.
        asked_until: How many words stand before its last question mark, where more follow; else 0.
    """

    words: tuple[Word, ...]
    questioned: bool
    closed: bool
    tongue: str | None
    breaks: frozenset[int] = frozenset()
    asked_until: int = 0

    @property
    def asked(self) -> bool:
        """Return whether it is a question mark and nothing else."""
        return self.questioned and not self.words

    @property
    def marks(self) -> frozenset[str]:
        """Return every mark of the message."""
        return frozenset(mark for word in self.words for mark in word.marks)

    @property
    def core(self) -> tuple[str, ...]:
        """Return the words that are not courtesy, as they were written."""
        kept = tuple(word.said for word in self.words if word.marks != {FILLER})
        return kept or tuple(word.said for word in self.words)

    def having(self, mark: str) -> bool:
        """Return whether a word of the message is marked so."""
        return any(mark in word.marks for word in self.words)


def take_apart(
    text: str, lexicon: Lexicon, *, names: Collection[str] = (), goods: Collection[str] = ()
) -> Wording:
    """Return the words of `text`, marked.

    Args:
        text: As it came in; any length, any script.
        lexicon: The words that mark something.
        names: Folded words that are names of places: none of them is a misspelt command.
        goods: Folded words that name a cargo; they may be misspelt like commands.
    """
    said = words_of(text, lexicon)
    known = lexicon.words | frozenset(names) | frozenset(goods)
    meant = sorted({*lexicon.commanding, *goods})
    read = [word if word in known else _put_right(word, meant, lexicon) for word in said]
    read = _as_heard(read, lexicon)
    marks = [
        found | {CARGO} if word in goods else found
        for word, found in zip(read, _marked(read, lexicon), strict=True)
    ]
    words = tuple(Word(*each) for each in zip(said, read, marks, strict=True))
    asks_last = len(said) > 1 and said[-1] in lexicon.asking_last and not marks[-1]
    return Wording(
        words=words,
        questioned=asks_last or bool(_QUESTION.search(text[:LONGEST])),
        closed=asks_last or bool(_AT_THE_END.search(text[:LONGEST])),
        tongue=_tongue(read, lexicon),
        breaks=_breaks(text[:LONGEST], said, lexicon),
        asked_until=_asked_until(text[:LONGEST], said, lexicon),
    )


def words_of(text: str, lexicon: Lexicon) -> list[str]:
    """Return the folded words of `text`: signs become words, drawn out letters single ones.

    A time of day is one word, however it is written: "6 h", "6:00" and "6am" are "6h". A distance
    is in figures, and in "km".
    """
    text = dates_as_words(unicodedata.normalize("NFKC", text[:LONGEST]))
    for sign, word in lexicon.signs.items():
        text = text.replace(sign, f" {word} ")
    text = in_km(_DRAWN_OUT.sub(r"\1", fold(_APOSTROPHE.sub(" ", text))))
    said = [part for word in text.split()[:_MOST_WORDS] for part in _unglued(word, lexicon)]
    return times_as_words(_in_full(said, lexicon))


def _breaks(text: str, said: Sequence[str], lexicon: Lexicon) -> frozenset[int]:
    """Return the words of `said` that a comma or the like stands before; none when in doubt."""
    if _BREAK.search(text) is None:
        return frozenset()
    parts = [words_of(part, lexicon) for part in _BREAK.split(text)]
    if [word for part in parts for word in part] != list(said):
        return frozenset()
    return frozenset(accumulate(len(part) for part in parts)) - {0, len(said)}


def _asked_until(text: str, said: Sequence[str], lexicon: Lexicon) -> int:
    """Return how many words stand before the last question mark; 0 where none follow, or unsure."""
    before, mark, after = text.rpartition("?")
    if not mark:
        return 0
    first, rest = words_of(before, lexicon), words_of(after, lexicon)
    return len(first) if rest and [*first, *rest] == list(said) else 0


def _unglued(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return "l", "etat" for "letat": only before a word that says something here."""
    glued = _ELIDED.fullmatch(word)
    if glued is None or word in lexicon.words or glued[2] not in lexicon.commanding:
        return (word,)
    return glued[1], glued[2]


def _in_full(words: list[str], lexicon: Lexicon) -> list[str]:
    """Return `words` with what people write for short written out."""
    full: list[str] = []
    for at, word in enumerate(words):
        name = (lexicon.places.get(word) or lexicon.shorthand.get(word, word)).split()
        full += [word] if words[at : at + len(name)] == name else name
    return full


def _put_right(word: str, meant: Sequence[str], lexicon: Lexicon) -> str:
    """Return the word `meant` that `word` is a slip of; the word itself when in doubt.

    The first letter is hardly ever wrong, and tells `tombe` from `bombe`.
    """
    if len(word) < _ONE_SLIP or word.isdigit():
        return word
    most = 2 if len(word) >= _TWO_SLIPS else 1
    near = extract(word, meant, scorer=OSA.distance, score_cutoff=most, limit=3)
    near = [hit for hit in near if len(hit[0]) >= _ONE_SLIP and hit[0][0] == word[0]]
    best = [hit[0] for hit in near if hit[1] == near[0][1]]
    if len({lexicon.marks.get((hit,)) for hit in best}) != 1:
        return word
    return best[0]


def _as_heard(words: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Return `words` with what sounds like a participle as one: "on a enlever", "sont arriver".

    Many write by ear. Only behind what a participle follows, where nothing else can stand.
    """
    heard = list(words)
    for at in range(1, len(heard)):
        word, before = heard[at], heard[at - 1]
        has = before in _HAS or (before == "a" and heard[at - 2 : at - 1] in _WHO)
        known = lexicon.marks.get((word,), frozenset()) - {ORDINARY}
        if not has or not word.endswith("er") or known:
            continue
        forms = (f"{word[:-2]}e{ending}" for ending in ("", "s", "es"))
        heard[at] = next((form for form in forms if _tells(form, lexicon)), word)
        if heard[at] != word and before == "on" and _are_many(heard[: at - 1]):
            heard[at - 1] = "ont"
    return heard


def _are_many(words: Sequence[str]) -> bool:
    """Return whether who is named last is several: "ils on", "les hommes on"."""
    return bool(words) and (words[-1] == "qui" or (words[-1].endswith("s") and len(words[-1]) > 2))  # noqa: PLR2004


def _tells(word: str, lexicon: Lexicon) -> bool:
    """Return whether a word alone is a command or a part of a report."""
    return bool(lexicon.marks.get((word,), frozenset()) - {FILLER, ORDINARY, DOUBT, ASKING, GOING})


def _marked(words: Sequence[str], lexicon: Lexicon) -> list[frozenset[str]]:
    """Return the marks of each word, those of the longest phrase that it stands in."""
    marks: list[frozenset[str]] = []
    words = [_ANY_NUMBER if word.isdigit() else word for word in words]
    counted = [_ANY_NUMBER if word in lexicon.numbers else word for word in words]
    while len(marks) < len(words):
        at = len(marks)
        for length in range(min(lexicon.longest, len(words) - at), 0, -1):
            span = slice(at, at + length)
            # "tous les deux" is a phrase of its own, "deux personnes" one of any number.
            as_said = lexicon.marks.get(tuple(words[span]))
            found = as_said or lexicon.marks.get(tuple(counted[span]))
            if found is not None:
                marks += [found] * length
                break
        else:
            marks.append(frozenset())
    return marks


def _tongue(words: Sequence[str], lexicon: Lexicon) -> str | None:
    """Return the language most words are of alone, None when they say nothing of it."""
    counts: dict[str, int] = {}
    for word in words:
        spoken = lexicon.tongues.get((word,), frozenset())
        if len(spoken) == 1:
            (language,) = spoken
            counts[language] = counts.get(language, 0) + 1
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
