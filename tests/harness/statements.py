"""What databases of tests share within a process: what they have compiled, and their connections.

The one is a tenth of what the tests would cost otherwise; the others cost 4 ms each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.pool import Pool

from app.db.engine import Database

#: By database: what its engines compile for, and what they have compiled.
_SHARED: dict[str, tuple[Dialect, dict[Any, Any]]] = {}
#: By URL: connections to PostgreSQL that no test has now. Each is a process of the server's, which
#: reads the catalogue anew for the first statement of each kind.
_CONNECTED: dict[str, Pool] = {}


@contextmanager
def a_database(url: str) -> Iterator[Database]:
    """Open a database for one test; what others like it have compiled and opened is used again."""
    database = Database(url, pool_size=4)
    if url in _CONNECTED:
        database.engine.pool = _CONNECTED.pop(url)
    else:
        with database.engine.connect():
            pass  # the first connection tells a dialect what its server can do
    _share_statements(database)
    yield database
    pool = database.engine.pool
    if database.is_sqlite or pool.checkedout():  # type: ignore[attr-defined]
        database.close()
        return
    database.engine.dispose(close=False)
    database.close()
    _CONNECTED[url] = pool


def hang_up(url: str) -> None:
    """Close the connections that were kept for the next test."""
    if pool := _CONNECTED.pop(url, None):
        pool.dispose()


def _share_statements(database: Database) -> None:
    """Let `database` use what others like it have compiled.

    A compiled statement is kept under the dialect it was compiled for, so that is shared too.
    """
    name = database.engine.dialect.name
    dialect, compiled = _SHARED.setdefault(name, (database.engine.dialect, {}))
    # what the options of an engine ask of its own dialect, they asked when it was made
    vars(database.engine.dialect).update(vars(dialect))
    for engine in (database.engine, database._read_engine):
        engine.dialect = dialect
        engine.update_execution_options(compiled_cache=compiled)
