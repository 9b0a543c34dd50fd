"""Connections to an SQLite file: what each is told before it is used, and how it begins."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from app.db.private_file import make_private

#: How long SQLite waits for another process's write lock before it fails, ms.
BUSY_TIMEOUT_MS = 10_000
#: What each connection to SQLite keeps of the file. The writer has half of what a chunk of fan-out
#: changes: with all of it a tenth less goes to the log, no faster. Readers, of which there are as
#: many as threads, find the rest in the system's memory.
WRITER_CACHE_KIB, READER_CACHE_KIB = 4_000, 2_000
#: What is answered is on the disk, even if the power goes the moment after: each commit waits.
SYNCHRONOUS = "FULL"


def sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    """Return an engine whose BEGIN is ours: IMMEDIATE for writers, DEFERRED for readers."""
    if url.database:
        make_private(Path(url.database))
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={"check_same_thread": False, "isolation_level": None},
        pool_size=16,
        max_overflow=-1,
        hide_parameters=True,  # errors are logged; values are nobody's business
    )

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: Any, _record: Any) -> None:
        dbapi.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        _turn_to_wal(dbapi)
        for pragma in (
            f"synchronous={SYNCHRONOUS}",
            "wal_autocheckpoint=8000",  # pages of 4 KiB; a chunk of a fan-out writes 3,000
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size=-{READER_CACHE_KIB if read_only else WRITER_CACHE_KIB}",
        ):
            dbapi.execute(f"PRAGMA {pragma}")
        if read_only:
            dbapi.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")

    return engine


def _turn_to_wal(dbapi: Any) -> None:
    """Wait for others as every statement does: SQLite itself gives this one up at once."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return
