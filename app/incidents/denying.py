"""Whether a report denies what it is filed as: "le gouverneur dément tout blocus de la ville"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from app.core.errors import ConfigError
from app.incidents.opening_words import are_names
from app.incidents.report import Family
from app.roads.folding import fold

_SENTENCE = re.compile(r"[.;!?\n]")
#: What is denied stands within so many words behind the verb.
_WORDS = 12
#: Before "fausse alerte" these say that it was none.
_NOT = frozenset({"pas", "not", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyWords:
    """How people deny; folded words.

    Attributes:
        verbs: "dement". `own`: behind one, somebody denies what is said of himself ("dément avoir
            tiré"), or of where ("mais à Konobougou"), and it happened all the same.
        hoaxes: What says by itself that nothing happened: "fausse alerte".
        dangers: What is denied where a danger is: "blocus". `events`: what else says that something
            happened: "tués". `good`: what is denied where good news is: "levée".
    """

    verbs: Sequence[str]
    own: Sequence[str]
    hoaxes: Sequence[str]
    dangers: Sequence[str]
    events: Sequence[str]
    good: Sequence[str]

    def denies(self, text: str, family: Family) -> bool:
        """Return whether `text`, filed as news of `family`, says but that there is no such thing.

        Who denies that a blockade was lifted says that it stands. Where anything else in it says
        that something happened ("Deux camions brûlés. Le préfet dément toute attaque.") it warns:
        a danger is not kept silent because somebody denies it.
        """
        good = family is Family.POSITIVE
        read = [self._read(fold(part).split(), good=good) for part in _SENTENCE.split(text)]
        return True in read and False not in read

    def _read(self, said: Sequence[str], *, good: bool) -> bool | None:
        """Return True where a sentence denies, False where it says that something happened."""
        if (to_hoax := self._before_hoax(said)) is not None:
            else_told = (*self.own, *self.events, *(() if good else self.good))
            return _NOT.isdisjoint(to_hoax[-2:]) and not self._names(said, else_told)
        at = next((n for n, word in enumerate(said) if word in self.verbs), None)
        if at is None:
            happened = self.good if good else (*self.dangers, *self.events)
            return False if self._names(said, happened) else None
        before, behind = said[:at], said[at + 1 :]
        if self._names(behind[:_WORDS], self.good):
            return good
        if good:
            return None
        told = self._names(before, (*self.dangers, *self.events)) or self._names(behind, self.own)
        return not told and self._names(behind[:_WORDS], self.dangers)

    def _before_hoax(self, said: Sequence[str]) -> list[str] | None:
        """Return what stands before one of `hoaxes`; None where there is none."""
        text = f" {' '.join(said)} "
        hoax = next((one for one in self.hoaxes if f" {one} " in text), None)
        return None if hoax is None else text.partition(f" {hoax} ")[0].split()

    @staticmethod
    def _names(said: Sequence[str], words: Sequence[str]) -> bool:
        return not set(words).isdisjoint(said)


def deny_words(table: object, where: str) -> DenyWords | None:
    """Return the words of a parsed TOML table; without it nothing is read as a denial.

    Raises:
        ConfigError: A list is missing, unknown or empty, or a word is not folded.
    """
    if table is None:
        return None
    names = [one.name for one in fields(DenyWords)]
    if not isinstance(table, Mapping) or {*table} != {*names}:
        raise ConfigError(f"{where}: exactly {', '.join(names)}")
    lists: dict[str, Any] = {name: table[name] for name in names}
    for name, words in lists.items():
        if not are_names(words) or any(fold(one) != one for one in words):
            raise ConfigError(f"{where} {name}: words in small letters without accents and signs")
    return DenyWords(**{name: tuple(words) for name, words in lists.items()})
