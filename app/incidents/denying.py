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


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyWords:
    """How people deny; folded words.

    Attributes:
        verbs: "dement". `own`: behind one, somebody denies what is said of himself ("dément avoir
            tiré"), or of where ("mais à Konobougou"), and it happened all the same.
        hoaxes: What says by itself that nothing happened: "fausse alerte".
        dangers: What is denied where a danger is: "blocus". `good`: where good news is: "levée".
    """

    verbs: Sequence[str]
    own: Sequence[str]
    hoaxes: Sequence[str]
    dangers: Sequence[str]
    good: Sequence[str]

    def denies(self, text: str, family: Family) -> bool:
        """Return whether `text`, filed as news of `family`, says that there is no such thing.

        Who denies that a blockade was lifted says that it stands.
        """
        return any(
            self._sentence_denies(fold(part).split(), good=family is Family.POSITIVE)
            for part in _SENTENCE.split(text)
        )

    def _sentence_denies(self, said: Sequence[str], *, good: bool) -> bool:
        speaks_of_good = not set(self.good).isdisjoint(said)
        if any(f" {hoax} " in f" {' '.join(said)} " for hoax in self.hoaxes):
            return (good or not speaks_of_good) and set(self.own).isdisjoint(said)
        at = next((n for n, word in enumerate(said) if word in self.verbs), None)
        if at is None:
            return False
        behind = said[at + 1 : at + 1 + _WORDS]
        if not set(self.good).isdisjoint(behind):
            return good
        danger = next((n for n, word in enumerate(behind) if word in self.dangers), None)
        return not good and danger is not None and set(self.own).isdisjoint(behind[:danger])


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
