"""What is carried: the codes of config/cargoes.toml, and how free text names them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.core.errors import ConfigError
from app.incidents.words import fold

_KEYS = {"fr", "en", "words"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """One cargo for which roads are rated."""

    code: str
    label_fr: str
    label_en: str
    words: frozenset[str]

    def label(self, language: str) -> str:
        """Return the label in `language`; French where there is no other."""
        return self.label_en if language == "en" else self.label_fr


class Cargoes:
    """Every cargo, in the order of the file."""

    def __init__(self, cargoes: Mapping[str, Cargo]) -> None:
        self.by_code = dict(cargoes)
        self._code_of = {word: cargo.code for cargo in cargoes.values() for word in cargo.words}
        longest_first = sorted(self._code_of, key=lambda word: (-len(word), word))
        self._words = re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")
        self._read = lru_cache(maxsize=2048)(self._read_uncached)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __iter__(self) -> Iterator[Cargo]:
        return iter(self.by_code.values())

    def __len__(self) -> int:
        return len(self.by_code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return every code, in the order of the file."""
        return tuple(self.by_code)

    def read(self, text: str | None) -> tuple[str, ...]:
        """Return the codes that `text` names, in the order of the file; () when it names none."""
        return self._read(text[:400]) if text else ()

    def _read_uncached(self, text: str) -> tuple[str, ...]:
        named = self._in(fold(text).replace("_", " "))
        return tuple(code for code in self.by_code if code in named)

    def _in(self, folded: str) -> set[str]:
        return {self._code_of[word] for word in self._words.findall(folded)}


def parse(table: Mapping[str, Any], *, file: str) -> Cargoes:
    """Return the cargoes of a parsed TOML table.

    Raises:
        ConfigError: A cargo lacks a key or has one too many, or two claim one word.
    """
    cargoes = {code: _cargo(code, entry, file) for code, entry in table.items()}
    if not cargoes:
        raise ConfigError(f"{file}: no cargo is defined")
    owner: dict[str, str] = {}
    for cargo in cargoes.values():
        for word in cargo.words:
            if (other := owner.setdefault(word, cargo.code)) != cargo.code:
                raise ConfigError(f"{file}: [{cargo.code}] and [{other}] both claim '{word}'")
    return Cargoes(cargoes)


def _cargo(code: str, entry: Any, file: str) -> Cargo:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"{file}: [{code}] is not a table")
    if unknown := set(entry) - _KEYS:
        raise ConfigError(f"{file}: [{code}] has the unknown key '{min(unknown)}'")
    try:
        words = frozenset(fold(str(word)) for word in entry["words"]) | {fold(code)}
        return Cargo(code=code, label_fr=str(entry["fr"]), label_en=str(entry["en"]), words=words)
    except KeyError as missing:
        raise ConfigError(f"{file}: [{code}] lacks {missing}") from missing
