"""Every row of one database into an empty one of another make, compared before it is kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Insert,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

import app.db.tables  # noqa: F401 - fills Base.metadata
from app.core.errors import ConfigError
from app.db.base import Base

#: Rows that are in memory at a time.
_BATCH = 500
#: How long to wait for somebody else on the target.
_WAIT = "5s"
_ROUND = 2**256

Row = Sequence[Any]


class MovingError(ConfigError):
    """The rows cannot be moved; the message says why. Nothing of them is kept in the target."""


@dataclass(slots=True)
class Sum:
    """How many rows there are, and a sum of what is in them, in whichever order they come."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Count `rows`."""
        self.rows += len(rows)
        for row in rows:
            told = repr([_told(value) for value in row]).encode("utf-8", "surrogatepass")
            self.digest = (self.digest + int.from_bytes(sha256(told).digest())) % _ROUND


def move_rows(
    source: Connection, target: Connection, *, tell: Callable[[str, int], object]
) -> dict[str, int]:
    """Write every row of `source` into `target`; return how many there are of each table.

    1. `target` is locked, and has no row yet.
    2. Tables come in the order of their references; a row may refer to a later one of its table.
    3. What was written is read again, and must be what was read of the source.

    One transaction, which is the caller's to commit. `target` is PostgreSQL.

    Raises:
        MovingError: One of these is not so.
    """
    _know_all(source)
    tables = Base.metadata.sorted_tables
    names = ", ".join(f'"{table.name}"' for table in tables)
    try:
        target.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
        target.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    except DBAPIError as error:
        raise MovingError(f"somebody is using the target: {_words(error)}") from error
    _refuse_rows(target, tables)
    moved = {}
    for table in tables:
        moved[table.name] = _move(table, source, target)
        tell(table.name, moved[table.name])
    target.execute(text(f"ANALYZE {names}"))  # else the first minutes are planned for no rows
    return moved


def _know_all(source: Connection) -> None:
    """Refuse a database that holds what this version does not know, and would leave behind."""
    found = inspect(source)
    for name in sorted(set(found.get_table_names()) - {"alembic_version"}):
        table = Base.metadata.tables.get(name)
        known = set(table.columns.keys()) if table is not None else set()
        unknown = {column["name"] for column in found.get_columns(name)} - known
        if unknown:
            raise MovingError(
                f"table `{name}` holds {', '.join(sorted(unknown))}, which this version does not"
                " know: it would be left behind"
            )


def _refuse_rows(target: Connection, tables: Sequence[Table]) -> None:
    for table in tables:
        if target.execute(select(text("1")).select_from(table).limit(1)).first():
            raise MovingError(
                f"the target has rows already (in `{table.name}`): a move is into a new database."
                " Where nothing ever ran on it but `sira migrate`, drop it and create it again"
            )


def _move(table: Table, source: Connection, target: Connection) -> int:
    read, written = Sum(), Sum()
    with _own_references_later(table, target):
        for batch in _batches(source, table):
            _write(table, batch, target)
            read.add(batch)
    for batch in _batches(target, table):
        written.add(batch)
    if read != written:
        raise MovingError(
            f"table `{table.name}` reads otherwise in the target: {read.rows} rows were written,"
            f" {written.rows} are there, and what is in them differs"
        )
    return read.rows


@contextmanager
def _own_references_later(table: Table, target: Connection) -> Iterator[None]:
    """Look whether rows refer to rows of their own table when all are there."""
    own = [key.name for key in table.foreign_key_constraints if key.referred_table is table]
    for name in own:
        target.execute(text(_alter(table, name, "DEFERRABLE INITIALLY DEFERRED")))
    yield
    for name in own:
        target.execute(text(f'SET CONSTRAINTS "{name}" IMMEDIATE'))
        target.execute(text(_alter(table, name, "NOT DEFERRABLE")))


def _write(table: Table, batch: Sequence[Row], target: Connection) -> None:
    rows = [{f"v{number}": value for number, value in enumerate(row)} for row in batch]
    try:
        target.execute(_insert(table), rows)
    except DBAPIError as error:
        raise MovingError(f"table `{table.name}`: {_fault(table, batch, error)}") from error


def _alter(table: Table, constraint: Any, how: str) -> str:
    return f'ALTER TABLE "{table.name}" ALTER CONSTRAINT "{constraint}" {how}'


def _batches(conn: Connection, table: Table) -> Iterator[Sequence[Row]]:
    yield from conn.execute(_select(table).execution_options(yield_per=_BATCH)).partitions()


def _select(table: Table) -> Select[Any]:
    """JSON as its text: to Python, what is absent and what is `null` would be one."""
    return select(
        *(cast(one, Text) if isinstance(one.type, JSON) else one for one in table.columns)
    )


def _insert(table: Table) -> Insert:
    values = {}
    for number, column in enumerate(table.columns):
        is_json = isinstance(column.type, JSON)
        value = bindparam(f"v{number}", type_=Text() if is_json else column.type)
        values[column.name] = cast(value, column.type) if is_json else value
    return insert(table).values(values)


def _told(value: Any) -> Any:
    """Return a value as it is told alike of both databases; text of JSON as any other text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in {"{", "["}:
        return _told_json(value)
    return value


def _told_json(value: str) -> str:
    """PostgreSQL keeps the keys of an object in an order of its own, and writes 1e3 as 1000."""
    try:
        found = json.loads(value, parse_int=_number, parse_float=_number)
    except ValueError:
        return value
    return json.dumps(found, sort_keys=True)


def _number(digits: str) -> str:
    return f"#{(Decimal(digits) + 0).normalize()}"


def _fault(table: Table, batch: Sequence[Row], error: DBAPIError) -> str:
    """Say what PostgreSQL does not take; SQLite does not count letters."""
    for row in batch:
        for column, value in zip(table.columns, row, strict=True):
            most = column.type.length if isinstance(column.type, String) else None
            if most is not None and isinstance(value, str) and len(value) > most:
                return (
                    f"{column.name} of {_key(table, row)} has {len(value)} letters,"
                    f" {most} is the most"
                )
    return _words(error)


def _key(table: Table, row: Row) -> str:
    together = zip(table.columns, row, strict=True)
    return ", ".join(repr(value) for column, value in together if column.primary_key)


def _words(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]
