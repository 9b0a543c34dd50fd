"""A real PgBouncer in transaction mode, in front of a test's PostgreSQL."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from tests.harness.optional import missing
from tests.harness.ports import a_free_port
from tests.harness.running import eventually

_CONFIG = """
[databases]
{name} = host={host} port={server_port} dbname={name} user={user}{password}{query}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 200
logfile = {folder}/pgbouncer.log
"""
#: As docs/operations.md asks for.
_QUERY = " connect_query='SET jit = off'"
#: Connections to the server: fewer than one process of Sira opens, so that they are handed round.
POOL = 5


@contextmanager
def pooled(url: str) -> Iterator[str]:
    """Run PgBouncer in front of the database of `url`; yield its URL."""
    path = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        missing("pgbouncer", "no pgbouncer on the PATH")
    target, port = make_url(url), a_free_port()
    folder = Path(tempfile.mkdtemp(prefix="sira-bouncer-"))
    host = str(target.query.get("host") or target.host)
    user = _user(host)
    file = folder / "pgbouncer.ini"
    file.write_text(
        _CONFIG.format(
            name=target.database,
            host=host,
            server_port=target.port or 5432,
            user=target.username,
            password=f" password={target.password}" if target.password else "",
            query=_QUERY,
            port=port,
            pool=POOL,
            folder=folder,
        )
    )
    if user:
        for path_ in (folder, file):
            shutil.chown(path_, user)
    process = subprocess.Popen([path, "-q", file], user=user)
    through = target.set(host="127.0.0.1", port=port, query={})
    try:
        eventually(
            lambda: _answers(
                through.set(drivername="postgresql").render_as_string(hide_password=False)
            )
        )
        yield through.render_as_string(hide_password=False)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _user(host: str) -> str | None:
    """Return who runs it: it refuses root, and must reach the server's socket."""
    if os.geteuid() != 0:
        return None
    owner = pwd.getpwuid(Path(host).stat().st_uid).pw_name if host.startswith("/") else "root"
    return owner if owner != "root" else "nobody"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
