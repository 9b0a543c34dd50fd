"""Rows for every table that there is, with values that are easily lost on the way."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    Table,
    insert,
    null,
    select,
    update,
)

from app.db.base import Base
from app.db.types import UtcDateTime

LAST_OF_1969 = datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)

#: Of each table: whole; without all that may be absent; with `null` where JSON may be absent.
ROWS = 3

#: What is easily lost, by the type of a column; the first that fits.
_VALUES: list[tuple[type[Any], Callable[[int], Any]]] = [
    (JSON, lambda number: {"b": [1e22, 1.0, -0.0, 0.1, 2**60], "a": {"é": None, "": number}}),
    (UtcDateTime, lambda number: LAST_OF_1969 + number * timedelta(days=9999)),
    (Boolean, lambda number: number % 2 == 0),
    (BigInteger, lambda number: 2**62 + number),
    (Integer, lambda number: 2**31 - 1 - number),
    (Float, lambda number: 0.1 + number / 3),
    (LargeBinary, lambda number: bytes(range(256)) + bytes([number])),
]

Contents = dict[str, list[tuple[Any, ...]]]


def fill(conn: Connection) -> None:
    """Put `ROWS` rows into every table, in the order of their references."""
    for table in Base.metadata.sorted_tables:
        for number in range(ROWS):
            conn.execute(insert(table).values(_row(table, number)))
        for column in filter(_refers_to_its_own, table.columns):
            last = _value(next(iter(column.foreign_keys)).column, ROWS - 1)
            conn.execute(update(table).values({column.name: last}))  # also of those before it


def contents(conn: Connection) -> Contents:
    """Return what every table holds, as the service reads it; what is absent apart from `null`."""
    return {
        table.name: sorted((tuple(row) for row in conn.execute(_all_of(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def _all_of(table: Table) -> Any:
    absent = [one.is_(null()) for one in table.columns if isinstance(one.type, JSON)]
    return select(*table.columns, *absent)


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    if column.nullable and number:
        return None if number > 1 else null()  # of JSON: `null`, absent
    for key in column.foreign_keys:
        return None if _refers_to_its_own(column) else _value(key.column, number)
    if words := _words(column):
        return words[number % len(words)]
    return _of_type(column, number)


def _refers_to_its_own(column: Column[Any]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def _words(column: Column[Any]) -> list[str]:
    """Return the words that a CHECK allows."""
    for one in column.table.constraints:
        if isinstance(one, CheckConstraint):
            name, _, words = str(one.sqltext).partition(" IN ")
            if name == column.name:
                return re.findall(r"'(\w+)'", words)
    return []


def _of_type(column: Column[Any], number: int) -> Any:
    for kind, value in _VALUES:
        if isinstance(column.type, kind):
            return value(number)
    most = getattr(column.type, "length", None)
    return f"{number} Diéma \n\t'\"\\N %s 🛻{{"[:most]
