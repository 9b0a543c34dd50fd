"""Calls between processes: who makes work calls those who wait for it.

Only speed: whoever waits looks by himself now and then. PostgreSQL passes calls on; on SQLite it is
seen that somebody else has committed.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from app.db.engine import Database

if TYPE_CHECKING:
    from psycopg import AsyncConnection

_log = logging.getLogger(__name__)

_CALL = text("NOTIFY sira_work")
_LISTEN = "LISTEN sira_work"
#: Rest before connecting again: the first, and the longest.
_REST_S, _REST_MOST_S = 0.5, 15.0


class PooledError(Exception):
    """There is a pooler between us and the server: calls do not pass it."""


def call_workers(conn: Connection) -> None:
    """Wake the workers of every process when this transaction commits, and only then."""
    if conn.dialect.name == "postgresql":
        conn.execute(_CALL)


async def watch_for_ever(db: Database, ring: Callable[[], object]) -> None:
    """Ring whenever another process has committed to our SQLite file.

    Args:
        db: The file.
        ring: Called from another thread.
    """
    db.watch(ring)
    try:
        await asyncio.Event().wait()
    finally:
        db.watch(None)


async def listen_for_ever(url: str, ring: Callable[[], object]) -> None:
    """Ring at every call, whatever happens to the connection; returns where none can come.

    Args:
        url: SQLAlchemy URL of PostgreSQL itself: PgBouncer lends a server for a transaction at a
            time, and a call goes to the connection that listens.
        ring: Called from this loop.
    """
    rest_s = _REST_S
    while True:
        try:
            async with await _connect(url) as conn:
                await conn.execute(_LISTEN)
                rest_s = _REST_S
                ring()  # for what was committed while nobody listened
                async for _ in conn.notifies():
                    ring()
        except PooledError:
            _log.warning("listen.pooled", extra={"hint": "set SIRA_LISTEN_URL; polling until then"})
            return
        except Exception as error:  # noqa: BLE001 - without calls there is polling
            _log.warning("listen.lost", extra={"error": type(error).__name__, "rest_s": rest_s})
        await asyncio.sleep(rest_s)
        rest_s = min(rest_s * 2, _REST_MOST_S)


async def _connect(url: str) -> "AsyncConnection[tuple[object, ...]]":
    """Return a connection of its own, outside of every pool.

    Raises:
        PooledError: PgBouncer gives clients made-up process ids; the server knows its own.
    """
    from psycopg import AsyncConnection, Error  # noqa: PLC0415 - 8 MiB that SQLite does not need

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    conn = await AsyncConnection.connect(
        plain,
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=10,
        keepalives_idle=30,  # a server gone without a word is noticed within a minute
        keepalives_interval=10,
        keepalives_count=3,
    )
    try:
        found = await (await conn.execute("SELECT pg_backend_pid()")).fetchone()
    except Error:
        await conn.close()
        raise
    if found != (conn.info.backend_pid,):
        await conn.close()
        raise PooledError
    return conn
