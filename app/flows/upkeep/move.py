"""From SQLite to PostgreSQL, when one machine is outgrown: everything, or nothing."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.core.logging import mask
from app.db import copying, migrate
from app.db.moving import MovingError, move_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a move did.

    Attributes:
        rows: Of each table.
        aside: Where the database is now that was moved from.
    """

    rows: Mapping[str, int]
    aside: Path


def move(source: Path, target: str, *, now: datetime, tell: Callable[[str, int], object]) -> Moved:
    """Write everything in the SQLite file `source` into the PostgreSQL database `target`.

    1. Nobody has the source open; it is sound, and at this version.
    2. The target is new: without a table, or with ours and not one row.
    3. All rows are written and compared in one transaction.
    4. The source is moved aside: what waits in it would be sent a second time from there.

    Args:
        source: Only its name changes, and that last.
        target: A URL.
        now: The instant that the source is named after.
        tell: Called with each table that is written, and how many rows it has.

    Raises:
        ConfigError: One of these is not so; the source is as it was, and no row is in the target.
    """
    if not source.exists():
        raise MovingError(f"{source}: there is no database to move")
    if damage := copying.find_damage(source):
        raise MovingError(f"{source} is damaged ({damage}): restore a backup first")
    with _held(source) as old:
        _refuse_version(source, migrate.revision_at(old))
        with _told_of_the_target():
            _make_ready(target)
            with _connected(target) as new, new.begin():
                rows = move_rows(old, new, tell=tell)
        aside = source.with_name(f"{source.name}.moved-{now:%Y%m%dT%H%M%SZ}")
        copying.put_aside(source, aside)
    copying.sync(aside.parent)
    return Moved(rows=rows, aside=aside)


@contextmanager
def _told_of_the_target() -> Iterator[None]:
    """Say that it is the target that fails, and what it may hold where it vanished as it ended."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise
        words = mask(str(error.orig).strip().splitlines()[0])
        raise MovingError(
            f"the target fails: {words}. The source is as it was. Should the target have rows by"
            " the next try, which will say so, drop it and create it again"
        ) from error


def _refuse_version(source: Path, revision: str | None) -> None:
    if migrate.is_newer(revision):
        raise MovingError(f"{source} is of a newer Sira (revision {revision}): move it with that")
    if revision != migrate.head_revision():
        raise MovingError(
            f"{source} is of an older Sira (revision {revision}): back it up, then `sira migrate`"
        )


def _make_ready(target: str) -> None:
    """Give the target its tables, where it has none."""
    with _connected(target) as conn:
        revision = migrate.revision_at(conn)
        if revision is None and (names := inspect(conn).get_table_names()):
            raise MovingError(
                f"the target is not Sira's: it has a table `{names[0]}`. A move is into a new"
                " database"
            )
    if revision not in {None, migrate.head_revision()}:
        raise MovingError(
            f"the target is at revision {revision}, this version at {migrate.head_revision()}:"
            " a move is into a new database"
        )
    migrate.upgrade(target)


@contextmanager
def _held(path: Path) -> Iterator[Connection]:
    """Open an SQLite file that nobody else has open, or can until we are done.

    Raises:
        MovingError: Somebody has.
    """
    given = {"isolation_level": None, "timeout": copying.WAIT_S}
    engine = create_engine(
        f"sqlite:///{path}", poolclass=NullPool, hide_parameters=True, connect_args=given
    )
    with engine.connect() as conn:
        raw: Any = conn.connection.dbapi_connection
        try:
            copying.hold(raw)
        except sqlite3.OperationalError as error:
            raise MovingError(
                f"{path} is in use: stop every Sira process that works on it, then move"
            ) from error
        yield conn


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        # by PgBouncer's rules, and whatever the database has for others
        connect_args={"prepare_threshold": None, "client_encoding": "utf8"},
    )
    with engine.connect() as conn:
        yield conn
