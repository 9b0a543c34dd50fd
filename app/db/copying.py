"""Copies of an SQLite database: taken while it is written to, checked, put in place of another."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from app.db.private_file import make_private

#: What SQLite keeps beside a database; never to be found beside another one.
_BESIDE = ("-wal", "-shm", "-journal")
#: How long to wait for the lock of a database that may just be closing, s.
WAIT_S = 2.0


class InUseError(Exception):
    """Some process has the database open."""


def copy_live(source: Path, target: Path) -> None:
    """Copy `source` to `target` as of one instant, while others write to it.

    The copy holds every transaction that was committed before the call. Nobody waits: the snapshot
    is read in one go from the write-ahead log's point of view.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    uri = f"{source.absolute().as_uri()}?mode=rw"  # rw: never makes the file
    make_private(target)
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=60)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    sync(target)


def find_damage(path: Path) -> str | None:
    """Return what is wrong inside a database, or None when all of it is sound."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            (word,) = conn.execute("PRAGMA integrity_check(1)").fetchone()
            if word != "ok":
                return str(word)
            broken = conn.execute("PRAGMA foreign_key_check").fetchone()
            return f"a row of {broken[0]} refers to nothing" if broken else None
    except sqlite3.DatabaseError as error:
        return str(error)


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Hold `path` for this process alone; a file that is no sound database is not in use.

    Leaving the write-ahead log takes a lock that no other open connection leaves free, idle or not.

    Raises:
        InUseError: Somebody has it open.
    """
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)) as conn:
        try:
            hold(conn)
        except sqlite3.OperationalError as error:
            raise InUseError(str(path)) from error
        except sqlite3.DatabaseError:
            pass  # damaged beyond reading: what a restore is for
        yield


def hold(conn: sqlite3.Connection) -> None:
    """Hold a database for this connection alone, until its transaction ends.

    Raises:
        sqlite3.OperationalError: Somebody else has it open.
    """
    conn.execute("PRAGMA journal_mode=DELETE").fetchone()
    conn.execute("BEGIN EXCLUSIVE")


def put_in_place(new: Path, target: Path, *, aside: Path) -> None:
    """Make `new` the database `target`; the one that was there, and what is beside it, go aside.

    There is no instant without one: whoever started in it would begin an empty database.
    """
    with suppress(OSError):  # none is there; or the disk knows no links, and has that instant
        os.link(target, aside)
    put_aside(target, aside)  # of two names of one file none goes: `target` stays
    new.replace(target)
    sync(target)
    sync(target.parent)


def put_aside(path: Path, aside: Path) -> None:
    """Give a database, and what is beside it, the name `aside`."""
    for end in ("", *_BESIDE):
        old = path.with_name(path.name + end)
        if old.exists():
            old.rename(aside.with_name(aside.name + end))


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot for folders
            os.fsync(handle)
    finally:
        os.close(handle)
