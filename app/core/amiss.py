"""What is wrong in a table of settings, all of it at once, found by likeness to one that is right.

A parser complains of the first thing that it cannot use. Here every difference from a table that it
takes is put to it by itself, so that whoever mends the file reads the whole list. Pure.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any, Generic, TypeVar

from app.core.errors import ConfigError

T = TypeVar("T")
Table = Mapping[str, Any]
Path = tuple[str, ...]


class Way(StrEnum):
    """How a table differs from another one at a place."""

    MISSING = auto()
    EXTRA = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place at which a table differs; `path`: the names that lead there."""

    path: Path
    way: Way
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A difference that the parser does not take, and what it says of it."""

    where: Difference
    complaint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """The faults of a table, and what it says without them."""

    faults: tuple[Fault, ...]
    rest: T


def find(own: Table, right: Table, parse: Callable[[Table], T]) -> Found[T] | None:
    """Return every fault of `own`; None: `right` is too unlike it to tell them apart.

    Args:
        own: What `parse` does not take.
        right: What it takes, or would with what `own` has besides: the table as it was shipped.
        parse: Raises `ConfigError` for the first fault.
    """
    base = _base(own, right, parse)
    if base is None:
        return None
    table, left = base, list(_differences(own, base))
    complaints: dict[Path, str] = {}
    # one may be right only beside another: again, until none is taken any more
    while taken := _first_taken(table, left, parse, complaints):
        table = _applied(table, taken)
        left = left[left.index(taken) + 1 :] + left[: left.index(taken)]
    order = {one.path: number for number, one in enumerate(_differences(own, base))}
    left.sort(key=lambda one: order[one.path])
    faults = tuple(Fault(where=one, complaint=complaints[one.path]) for one in left)
    return Found(faults=faults, rest=parse(table))


def line_of(text: str, path: Path) -> int | None:
    """Return the line of a TOML text at which the table or key `path` begins."""
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\[\]]+)\]", line):
            table = here = _names(header[1])
        elif key := re.match(r"""\s*([\w.-]+|"[^"]+")\s*=""", line):
            here = table + _names(key[1])
        else:
            continue
        if here[: len(path)] == path:
            return number
    return None


def _base(own: Table, right: Table, parse: Callable[[Table], object]) -> Table | None:
    """Return a table that `parse` takes and that is as near to `own` as is seen at once.

    What `own` lacks is put in, and what is then complained of by name is taken from `right`, or
    left out: an entry that came with a kind of incident which `own` does not have.
    """
    base, settled = _filled(own, right), set[Path]()
    while complaint := _complaint(base, parse):
        steps = (*_differences(right, base), *_differences(own, base))
        step = next((s for s in steps if s.path not in settled and _is_named(s, complaint)), None)
        if step is None:
            break
        settled.add(step.path)
        base = _applied(base, step)
    for table in (base, _filled(right, own), right):
        if _complaint(table, parse) is None:
            return table
    return None


def _is_named(one: Difference, complaint: str) -> bool:
    names = {".".join(one.path), one.path[-1]}
    return any(f"{a}{name}{z}" in complaint for name in names for a, z in ("``", "''", "[]"))


def _names(dotted: str) -> Path:
    return tuple(name.strip(" \"'") for name in dotted.split("."))


def _first_taken(
    table: Table,
    left: list[Difference],
    parse: Callable[[Table], object],
    complaints: dict[Path, str],
) -> Difference | None:
    for one in left:
        complaint = _complaint(_applied(table, one), parse)
        if complaint is None:
            return one
        complaints[one.path] = complaint
    return None


def _complaint(table: Table, parse: Callable[[Table], object]) -> str | None:
    try:
        parse(table)
    except ConfigError as error:
        return str(error)
    return None


def _filled(table: Table, more: Table) -> Table:
    """Return `table` with what only `more` has."""
    filled = {**more, **table}
    for name in table.keys() & more.keys():
        if isinstance(table[name], Mapping) and isinstance(more[name], Mapping):
            filled[name] = _filled(table[name], more[name])
    return filled


def _differences(own: Table, base: Table, path: Path = ()) -> Iterator[Difference]:
    """Yield what makes `own` of `base`, in the order of `base`, then of `own`."""
    for name, value in base.items():
        here = (*path, name)
        if name not in own:
            yield Difference(path=here, way=Way.MISSING)
        elif isinstance(value, Mapping) and isinstance(own[name], Mapping):
            yield from _differences(own[name], value, here)
        elif own[name] != value:
            yield Difference(path=here, way=Way.OTHER, value=own[name])
    for name, value in own.items():
        if name not in base:
            yield Difference(path=(*path, name), way=Way.EXTRA, value=value)


def _applied(table: Table, one: Difference) -> Table:
    changed = dict(table)
    name, *rest = one.path
    if rest:
        inner = Difference(path=tuple(rest), way=one.way, value=one.value)
        changed[name] = _applied(changed[name], inner)
    elif one.way is Way.MISSING:
        del changed[name]
    else:
        changed[name] = one.value
    return changed
