"""Server processes to measure: Sira as it is run, and a bare endpoint to compare it with."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.core.clock import SystemClock
from app.db import migrate
from app.db.engine import Database

ROOT = Path(__file__).resolve().parents[1]
_START_S = 180.0


class Server:
    """A process that serves HTTP on loopback."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port
        self._seen = psutil.Process(process.pid)

    def cpu_s(self) -> float:
        """Return the CPU time it used so far."""
        times = self._seen.cpu_times()
        return float(times.user + times.system)

    def peak_mib(self) -> float:
        """Return the most memory it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(kib) / 1024


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, *, ready: str, **env: str) -> Iterator[Server]:
    """Run `command` until the context closes; entered once the path `ready` answers 200."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL
    )
    try:
        _wait(process, f"http://127.0.0.1:{port}{ready}")
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        try:
            urlopen(url).read()  # noqa: S310 - loopback
        except URLError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


@contextmanager
def sira(folder: Path, database: str, *options: str, **env: str) -> Iterator[Server]:
    """Serve Sira on a database that `prepare` has seen."""
    port = free_port()
    command = [sys.executable, "-c", "from app.cli import app; app()", "serve"]
    with serving(
        [*command, "--port", str(port), *options],
        port,
        ready="/healthz",
        SIRA_DATABASE_URL=database,
        SIRA_VAR_DIR=str(folder),
        SIRA_RATE_LIMIT_PER_MINUTE="100000000",
        SIRA_LOG_LEVEL="WARNING",
        **env,
    ) as server:
        yield server


@contextmanager
def bare(script: str, database: str, *, writer: str) -> Iterator[Server]:
    """Serve the bare endpoint of `script`."""
    port = free_port()
    command = [sys.executable, str(ROOT / "bench" / script), str(port), database, writer]
    with serving(command, port, ready="/healthz") as server:
        yield server


def prepare(database: str, reporters: int) -> tuple[str, list[str]]:
    """Migrate a database; return an admin key and reporters' keys."""
    migrate.upgrade(database)
    db = Database(database)
    now = SystemClock().now()

    def key(scope: Scope) -> str:
        return db.write_now(
            lambda conn: accounts_store.create_key(
                conn,
                scope=scope,
                organisation_id=None,
                name="bench",
                expires_at=now + timedelta(days=1),
                now=now,
            )
        )[1]

    keys = [key(Scope.REPORTER) for _ in range(reporters)]
    admin = key(Scope.ADMIN)
    db.close()
    return admin, keys


def storm(
    port: int, path: str, requests: Sequence[tuple[str, dict[str, Any]]], connections: int
) -> dict[str, Any]:
    """Post requests from a process of its own; return what it measured."""
    lines = [{"key": key, "body": body} for key, body in requests]
    return storm_of(port, lines, connections, path=path)


def storm_of(
    port: int,
    lines: Sequence[dict[str, Any]],
    connections: int,
    *,
    path: str = "/v1/reports",
    pace_s: float = 0.0,
) -> dict[str, Any]:
    """Post lines as `storm.py` reads them; return what it measured."""
    command = [sys.executable, str(ROOT / "bench" / "storm.py"), "--port", str(port)]
    command += ["--path", path, "--connections", str(connections), "--pace-s", str(pace_s)]
    given = "\n".join(json.dumps(line) for line in lines)
    done = subprocess.run(command, input=given.encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]
