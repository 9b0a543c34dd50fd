"""Reads how people say to whom a road is open again: [answering.openings] of incidents.toml."""

from collections.abc import Mapping
from typing import Any

from app.core.errors import ConfigError
from app.incidents.cargo import Cargoes
from app.incidents.openings import OpeningWords
from app.roads.folding import fold

_NEEDED = ("in_part", "whole")
#: Without them an opening that names cargoes is for nobody until a person decides.
_OPTIONAL = (
    "to_come",
    "to_all",
    "excepting",
    "barred",
    "only",
    "opened",
    "lasting",
    "lasted",
    "spans",
)
_VEHICLE = ("open", "closed")
#: By its words, the cargoes that a vehicle surely means, and those that it may mean.
_Vehicles = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]


def opening_words(table: object, where: str, cargoes: Cargoes) -> OpeningWords:
    """Return the words of a parsed TOML table.

    Raises:
        ConfigError: A list is missing, unknown or empty, a word is not folded, or a vehicle carries
            what is no cargo.
    """
    if not isinstance(table, Mapping) or not {*_NEEDED} <= {*table}:
        raise ConfigError(f"{where}: lists of words {' and '.join(_NEEDED)} are needed")
    if unknown := {*table} - {*_NEEDED, *_OPTIONAL, "vehicles"}:
        raise ConfigError(f"{where} has the unknown key '{min(unknown)}'")
    lists = {name: table[name] for name in (*_NEEDED, *_OPTIONAL) if name in table}
    for name, words in lists.items():
        if not are_names(words) or any(fold(one) != one for one in words):
            raise ConfigError(f"{where} {name}: words in small letters without accents and signs")
    return OpeningWords(
        **{name: tuple(words) for name, words in lists.items()},
        vehicles=_vehicles(table.get("vehicles", {}), f"{where} vehicles", cargoes),
        cargoes=cargoes,
    )


def are_names(group: object) -> bool:
    """Return whether it is a list of words, and not empty."""
    return (
        isinstance(group, list)
        and bool(group)
        and all(isinstance(name, str) and name for name in group)
    )


def _vehicles(table: Any, where: str, cargoes: Cargoes) -> _Vehicles:
    found: _Vehicles = {}
    for entry in table if isinstance(table, list) else [None] if table else []:
        if not isinstance(entry, Mapping) or {*entry} != {"words", *_VEHICLE}:
            raise ConfigError(f"{where}: tables of exactly words, {' and '.join(_VEHICLE)}")
        if not are_names(entry["words"]) or any(fold(one) != one for one in entry["words"]):
            raise ConfigError(f"{where} words: in small letters without accents and signs")
        carried = [tuple(entry[name]) for name in _VEHICLE]
        if unknown := {code for codes in carried for code in codes if code not in cargoes}:
            known = ", ".join(cargoes.codes)
            raise ConfigError(f"{where}: `{min(unknown)}` is no cargo; there are {known}")
        found |= dict.fromkeys(entry["words"], (carried[0], carried[1]))
    return found
