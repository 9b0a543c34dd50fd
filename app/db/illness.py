"""Whose fault a failure is: the database's own, which passes without us, or the work's."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

FULL = "The disk of the database is full."
READ_ONLY = "The database can only be read."
DISK = "The disk of the database fails."
GONE = "The database does not answer."
BUSY = "The database is too busy."

#: Primary result codes of SQLite. Source: https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_CANTOPEN: DISK,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_NOMEM: BUSY,
}
#: SQLSTATEs of PostgreSQL, or their classes. Source: its manual, appendix A.
_POSTGRES = {
    "53100": FULL,
    "25006": READ_ONLY,
    "25P03": GONE,  # we slept in the middle of a transaction, and lost it; see `app.db.turns`
    "55P03": BUSY,
    "57014": BUSY,  # we gave it up, see `app.db.patient`
    "40": BUSY,
    "53": BUSY,
    "57P": GONE,
    "08": GONE,
    "58": DISK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Illness:
    """What ails the database.

    Attributes:
        words: A sentence.
        unclear: The connection was lost while it committed: what was written may be there.
    """

    words: str
    unclear: bool = False


class UnclearCommitError(OperationalError):
    """The connection was lost while it committed: nobody knows whether the work was kept."""


def illness_of(error: BaseException | None) -> Illness | None:
    """Return what ails the database that `error` came from; None: the error is the work's own."""
    if isinstance(error, PoolTimeoutError):
        return Illness(words=BUSY)
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)
        words = _SQLITE.get(code & 0xFF) if code is not None else None  # the rest says where
    else:
        words = _of_postgres(error)
    if words is None:
        return None
    return Illness(words=words, unclear=isinstance(error, UnclearCommitError))


def _of_postgres(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # the server did not say it: there is none at the other end
        return GONE if isinstance(error, OperationalError | InterfaceError) else None
    return next((words for known, words in _POSTGRES.items() if state.startswith(known)), None)


def may_have_committed(error: Any) -> bool:
    """Tell whether a COMMIT that failed so may have been done all the same.

    An error that the server gives a COMMIT is a refusal, unless it is going down.
    """
    state = getattr(error, "sqlstate", None)
    return state is None or state.startswith(("57P", "08"))
