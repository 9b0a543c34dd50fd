"""The words of inbound messages: config/commands.toml, checked to the last word."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from sys import intern
from typing import Any

from app.core.errors import ConfigError
from app.core.text import meant
from app.roads.folding import fold
from app.subscribers.either import each_of

#: Marks of words that are no command and no part of a report.
FILLER, ORDINARY, DOUBT, ASKING = "filler", "ordinary", "doubt", "asking"
#: Marks a verb of whoever drives, or asks whether he may.
GOING = "going"
#: Marks a word that names a cargo (config/cargoes.toml).
CARGO = "cargo"
ACTIONS = frozenset(
    {
        "report",
        "urgent",
        "ask",
        "road",
        "ok",
        "passed",
        "calm",
        "subscribe",
        "language",
        "leave",
        "deny",
        "pick",
        "both",
    }
)
#: A copy of the file may be without them: who needs help, who takes a place or a report back.
_MORE_ACTIONS = frozenset({"need", "amend", "retract", "yes", GOING})
WHOLE = frozenset({"stop", "start", "help"})
#: A copy of the file may be without: that nobody can say where on a road it was.
_MORE_WHOLE = frozenset({"unsure"})
#: Of the days, the first is 0, as in `date.weekday`; of the months, the first is 1.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
DAYS = frozenset(
    {
        "today", "yesterday", "last_night", "two_days_ago", "days_ago", "minutes_ago", "hours_ago",
        "last_week", "weeks_ago", "last_month", "months_ago", "last_year", "years_ago",
        *WEEKDAYS, *MONTHS,
    }
)  # fmt: skip
_TOP = {FILLER, ORDINARY, DOUBT, ASKING, "actions", "whole", "languages", "groups", "kinds"} | {
    "days",
    "thanks",
    "offers",
    "signs",
    "places",
    "cargo",
}
#: Next to what words change nothing: of a danger, and of anything.
DANGER, ANYTHING = "danger", "anything"
BESIDE = frozenset({DANGER, ANYTHING})
#: Tables that a copy of the file may be without.
_OPTIONAL = frozenset({"shorthand", "numbers", "asking_last", "beside", "for_now"})
#: The offer for an alert that says nothing of what happened.
OTHER = "other"

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindPattern:
    """A kind, and the sets of groups of which one must be in a message as a whole.

    Attributes:
        any: They say it by themselves.
        called: They say it in a message that is called an alert; elsewhere they may mean else.
        unless: Groups beside which it is not plain that it was this.
        asked: It is offered, and never taken at once.
    """

    kind: str
    any: tuple[frozenset[str], ...]
    called: tuple[frozenset[str], ...] = ()
    unless: frozenset[str] = frozenset()
    asked: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Lexicon:
    """Every word that a message may be made of; read once, so it is equal to itself alone.

    Attributes:
        marks: What each phrase marks: an action, FILLER ..., "group:tanker", "language:fr".
        tongues: The languages of each phrase.
        days: Phrases that say when something was, each with what it says, one of DAYS.
        thanks: Phrases that thank.
        numbers: Words that stand for a number in a phrase as digits do.
        whole: Phrases that count as the whole message only, by command.
        kinds: The first that fits says the kind.
        offers: Kinds to choose from, by the first group that a message has a word of.
        for_now: The first that fits says under which kind it is told while that is asked.
        languages: Codes of languages that messages may name.
        signs: What people send for a word.
        places: The folded name for what people call a place for short.
        shorthand: The words in full for what people write for short.
        left_out: Cargo words that mean something else in a message.
        asking_last: Words that make a question of what they end.
        beside: Words that may stand next to what is told and change nothing of it, by what that
            is, one of BESIDE.
    """

    marks: Mapping[Phrase, frozenset[str]]
    tongues: Mapping[Phrase, frozenset[str]]
    days: Mapping[Phrase, str]
    thanks: frozenset[Phrase]
    numbers: frozenset[str]
    whole: Mapping[str, frozenset[Phrase]]
    kinds: tuple[KindPattern, ...]
    offers: Mapping[str, tuple[str, ...]]
    languages: tuple[str, ...]
    signs: Mapping[str, str]
    places: Mapping[str, str]
    shorthand: Mapping[str, str]
    left_out: frozenset[str]
    asking_last: frozenset[str] = frozenset()
    beside: Mapping[str, frozenset[str]] = field(default_factory=dict)
    for_now: tuple[KindPattern, ...] = ()

    @cached_property
    def beside_danger(self) -> frozenset[str]:
        """Words that may stand next to a danger and change nothing of it."""
        return frozenset().union(*self.beside.values())

    @cached_property
    def longest(self) -> int:
        """Return the number of words of the longest phrase."""
        return max(len(phrase) for phrase in self.marks)

    @cached_property
    def words(self) -> frozenset[str]:
        """Return every word that stands in a phrase."""
        alone = {word for phrases in self.whole.values() for phrase in phrases for word in phrase}
        return frozenset(word for phrase in self.marks for word in phrase) | alone

    @cached_property
    def commanding(self) -> tuple[str, ...]:
        """Return the words that a misspelt word may stand for: commands and parts of reports."""
        idle = {FILLER, ORDINARY, DOUBT, ASKING, GOING}
        return tuple(
            sorted(p[0] for p, marks in self.marks.items() if len(p) == 1 and not marks <= idle)
        )


def ways_of(kind: str, lexicon: Lexicon) -> list[frozenset[str]]:
    """Return the groups that together say that it was this kind, each way."""
    return [wanted for one in lexicon.kinds if one.kind == kind for wanted in one.any + one.called]


def carrying(kind: str, lexicon: Lexicon) -> frozenset[str]:
    """Return the groups whose words say that it was this kind."""
    return frozenset().union(*ways_of(kind, lexicon))


def _frozen(found: Mapping[Phrase, set[str]]) -> Mapping[Phrase, frozenset[str]]:
    """Return the sets of thousands of phrases, equal ones once: they are some dozens."""
    once: dict[frozenset[str], frozenset[str]] = {}
    return {
        phrase: once.setdefault(own, own)
        for phrase, own in ((phrase, frozenset(words)) for phrase, words in found.items())
    }


def parse(table: Mapping[str, Any], *, file: str, kinds: Collection[str]) -> Lexicon:
    """Return the words of a parsed commands.toml.

    Args:
        table: The parsed file.
        file: Its name, for complaints.
        kinds: The codes of config/kinds.toml.

    Raises:
        ConfigError: A table is missing or wrong, or names an unknown kind, group or action.
    """
    return _Reader(table, file, frozenset(kinds)).lexicon()


class _Reader:
    """Reads the tables; every complaint names file and key."""

    def __init__(self, table: Mapping[str, Any], file: str, kinds: frozenset[str]) -> None:
        self._table, self._file, self._known = table, file, kinds
        self._marks: dict[Phrase, set[str]] = {}
        self._tongues: dict[Phrase, set[str]] = {}

    def lexicon(self) -> Lexicon:
        if wrong := (set(self._table) - _OPTIONAL) ^ _TOP:
            key = min(wrong)
            raise self._wrong(key, "is not known" if key in self._table else "is missing")
        for name in (FILLER, ORDINARY, DOUBT, ASKING):
            self._mark(name, name, self._table[name])
        for action, words in self._exactly("actions", ACTIONS, may=_MORE_ACTIONS).items():
            self._mark(f"actions.{action}", action, words)
        groups = set()
        for together, words in self._sub("groups").items():
            for group in together.split("+"):
                groups.add(group)
                self._mark(f"groups.{together}", f"group:{group}", words)
        languages = self._sub("languages")
        for code, words in languages.items():
            self._add(f"language:{code}", self._phrases(f"languages.{code}", words), ())
        days, thanks, numbers = self._days(), self._thanks(), self._alone("numbers")
        if numbers:
            self._mark("numbers", FILLER, self._table["numbers"])
        whole = self._exactly("whole", WHOLE, may=_MORE_WHOLE)
        return Lexicon(
            whole={
                name: frozenset(
                    phrase
                    for spoken in self._by_language(f"whole.{name}", words).values()
                    for phrase in spoken
                )
                for name, words in whole.items()
            },
            kinds=self._patterns("kinds", frozenset(groups)),
            for_now=self._patterns("for_now", frozenset(groups)),
            offers=self._offers(frozenset(groups)),
            days=days,
            thanks=thanks,
            numbers=numbers,
            languages=tuple(languages),
            signs=self._signs(),
            places=self._in_full("places", "a place name"),
            shorthand=self._in_full("shorthand", "words") if "shorthand" in self._table else {},
            left_out=frozenset(self._words("cargo", self._sub("cargo"), "left_out")),
            asking_last=self._alone("asking_last"),
            beside=self._beside(),
            marks=_frozen(self._marks),
            tongues=_frozen(self._tongues),
        )

    def _days(self) -> Mapping[Phrase, str]:
        """Return the words of days; they change nothing of what a message asks for."""
        days = {}
        for day, words in self._exactly("days", DAYS).items():
            self._mark(f"days.{day}", FILLER, words)
            for phrases in self._by_language(f"days.{day}", words).values():
                days.update(dict.fromkeys(phrases, day))
        return days

    def _thanks(self) -> frozenset[Phrase]:
        """Return the words of thanks, which are courtesy."""
        words = self._table["thanks"]
        self._mark("thanks", FILLER, words)
        return frozenset().union(*self._by_language("thanks", words).values())

    def _beside(self) -> Mapping[str, frozenset[str]]:
        """Return the words that change nothing; a copy of the file may be without them."""
        if "beside" not in self._table:
            return {}
        table = self._exactly("beside", BESIDE)
        for told, words in table.items():
            self._by_language(f"beside.{told}", words)
        return {
            told: frozenset(word for texts in words.values() for word in texts)
            for told, words in table.items()
        }

    def _alone(self, key: str) -> frozenset[str]:
        """Return the words of a table that a copy of the file may be without."""
        spoken = self._by_language(key, self._table[key]).values() if key in self._table else ()
        return frozenset(word for phrases in spoken for phrase in phrases for word in phrase)

    def _mark(self, key: str, mark: str, words: Any) -> None:
        for language, phrases in self._by_language(key, words).items():
            self._add(mark, phrases, (language,))

    def _add(self, mark: str, phrases: Collection[Phrase], tongues: Collection[str]) -> None:
        for phrase in phrases:
            self._marks.setdefault(phrase, set()).add(mark)
            self._tongues.setdefault(phrase, set()).update(tongues)

    def _by_language(self, key: str, words: Any) -> dict[str, tuple[Phrase, ...]]:
        if not isinstance(words, Mapping) or not words:
            raise self._wrong(key, "must be a table of languages")
        known = self._sub("languages")
        for code in words:
            if code not in known:
                raise self._wrong(f"{key}.{code}", f"is no language of it; {meant(code, known)}")
        return {code: self._phrases(f"{key}.{code}", texts) for code, texts in words.items()}

    def _phrases(self, key: str, texts: Any) -> tuple[Phrase, ...]:
        if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
            raise self._wrong(key, "must be a list of words")
        spoken = [one for text in texts for one in each_of(text)]
        phrases = tuple(tuple(map(intern, fold(text).split())) for text in spoken)
        for text, phrase in zip(spoken, phrases, strict=True):
            if text != " ".join(phrase) or not phrase:
                raise self._wrong(key, f"has {text!r}: write it in small letters, without accents")
        return phrases

    def _patterns(self, key: str, groups: frozenset[str]) -> tuple[KindPattern, ...]:
        if key in _OPTIONAL and key not in self._table:
            return ()
        rows = self._table[key]
        if not isinstance(rows, list) or not rows:
            raise self._wrong(key, f"must be [[{key}]] tables")
        return tuple(self._pattern(key, row, groups) for row in rows)

    def _pattern(self, key: str, row: Any, groups: frozenset[str]) -> KindPattern:
        known = {"kind", "any", "called", "unless", "asked"}
        if not isinstance(row, Mapping) or not {"kind", "any"} <= set(row) <= known:
            complaint = "needs `kind`, `any` in each table, may have `called`, `unless`, `asked`"
            raise self._wrong(key, complaint)
        self._is_kind(key, row["kind"])
        called = self._wanted(key, row, "called", groups) if "called" in row else ()
        unless = self._wanted(key, row, "unless", groups) if "unless" in row else ()
        asked = row.get("asked", False)
        if not isinstance(asked, bool):
            raise self._wrong(f"{key}.asked", "must be true or false")
        return KindPattern(
            row["kind"],
            self._wanted(key, row, "any", groups),
            called,
            frozenset().union(*unless),
            asked,
        )

    def _wanted(
        self, key: str, row: Mapping[str, Any], name: str, groups: frozenset[str]
    ) -> tuple[frozenset[str], ...]:
        wanted = tuple(frozenset(text.split()) for text in self._words(key, row, name))
        for one in wanted:
            if unknown := one - groups or (not one and {""}):
                raise self._wrong(key, f"names the unknown group {min(unknown)!r}")
        return wanted

    def _offers(self, groups: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
        table = self._sub("offers")
        if OTHER not in table:
            raise self._wrong(f"offers.{OTHER}", "is missing")
        for group in table:
            if group not in groups | {OTHER}:
                raise self._wrong("offers", f"names the unknown group {group!r}")
            for kind in self._words("offers", table, group):
                self._is_kind(f"offers.{group}", kind)
        return {group: tuple(kinds) for group, kinds in table.items()}

    def _signs(self) -> Mapping[str, str]:
        table = self._sub("signs")
        for sign, word in table.items():
            if not isinstance(word, str) or (word,) not in self._marks:
                raise self._wrong(f"signs.{sign}", "must be a word of this file")
        return dict(table)

    def _in_full(self, key: str, meant_by: str) -> Mapping[str, str]:
        table = self._sub(key)
        for short, full in table.items():
            if not isinstance(full, str) or not fold(full) or short != fold(short):
                raise self._wrong(f"{key}.{short}", f"must be a small word and {meant_by}")
        return {short: fold(full) for short, full in table.items()}

    def _is_kind(self, key: str, kind: Any) -> None:
        if kind not in self._known:
            raise self._wrong(key, f"names the unknown kind {kind!r}")

    def _words(self, key: str, table: Mapping[str, Any], name: str) -> list[str]:
        words = table.get(name)
        if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
            raise self._wrong(f"{key}.{name}", "must be a list of words")
        return words

    def _exactly(
        self, key: str, names: frozenset[str], *, may: frozenset[str] = frozenset()
    ) -> Mapping[str, Any]:
        table = self._sub(key)
        if wrong := (set(table) - may) ^ names:
            name = min(wrong)
            complaint = "is not known" if name in table else "is missing"
            raise self._wrong(f"{key}.{name}", complaint)
        return table

    def _sub(self, key: str) -> Mapping[str, Any]:
        table = self._table[key]
        if not isinstance(table, Mapping):
            raise self._wrong(key, "must be a table")
        return table

    def _wrong(self, key: str, complaint: str) -> ConfigError:
        return ConfigError(f"{self._file}: `{key}` {complaint}")
