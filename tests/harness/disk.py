"""A disk under a running process that fills up, fails to sync or refuses to write, and recovers."""

import os
import resource
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event
from typing_extensions import override

from app.db.engine import Database
from tests.harness.optional import missing

#: Nothing of a database of this suite is larger; what is filled up must not take long.
_SIZE = "16m"
_BLOCK = b"\0" * 4096


class Disk(ABC):
    """Where a database lives, and a way for it to break. `mend` is also called at the end."""

    #: What the service says of it.
    words = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def fail(self, pid: int) -> None:
        """Break, under the process that uses it."""

    @abstractmethod
    def mend(self) -> None:
        """Be well again."""


class FullDisk(Disk):
    """A small file system of its own, filled to the last block: what a real full disk does."""

    words = "The disk of the database is full."

    @override
    def fail(self, pid: int) -> None:
        with (self.folder / "ballast").open("ab", buffering=0) as ballast, suppress(OSError):
            while ballast.write(_BLOCK):
                pass

    @override
    def mend(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


class FilesMayNotGrow(Disk):
    """A limit on the size of files, for where nothing may be mounted: writes beyond it fail."""

    words = "The disk of the database fails."

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._limited = 0

    @override
    def fail(self, pid: int) -> None:
        size = max(file.stat().st_size for file in self.folder.glob("sira.db*"))
        _limit(pid, size)
        self._limited = pid

    @override
    def mend(self) -> None:
        if self._limited:
            with suppress(ProcessLookupError):
                _limit(self._limited, resource.RLIM_INFINITY)
        self._limited = 0


class SystemCallsFail(Disk):
    """Calls of the running process that end with an error: `strace` says it in the kernel's place.

    Nothing else about the process changes: what was written before stays, what is called fails.
    """

    words = "The disk of the database fails."
    calls = ""
    error = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._strace: subprocess.Popen[bytes] | None = None

    @override
    def fail(self, pid: int) -> None:
        inject = f"inject={self.calls}:error={self.error}"
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={self.calls}"]
        self._strace = subprocess.Popen(
            [*command, "-e", inject, "-p", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while not _all_traced(pid):
            if self._strace.poll() is not None or time.monotonic() > deadline:
                self.mend()
                missing("strace", "it cannot attach to another process here")
            time.sleep(0.01)

    @override
    def mend(self) -> None:
        if self._strace is not None:
            self._strace.send_signal(signal.SIGTERM)
            self._strace.wait(timeout=30)
            self._strace = None


class NoSync(SystemCallsFail):
    """Data is written and never reaches the disk."""

    calls, error = "fsync,fdatasync", "EIO"


class NoWrites(SystemCallsFail):
    """What a file system does that was set read-only, after an error, under open files."""

    calls, error = "pwrite64,pwritev,ftruncate", "EROFS"


KINDS: dict[str, type[Disk]] = {
    "full": FullDisk,
    "files may not grow": FilesMayNotGrow,
    "fsync fails": NoSync,
    "read-only": NoWrites,
}


@contextmanager
def a_disk(kind: str, folder: Path) -> Iterator[Disk]:
    """Yield an empty disk that can break in one way; skip where this machine cannot do that."""
    with ExitStack() as stack:
        if kind == "full":
            folder = stack.enter_context(_mounted(folder))
        if issubclass(KINDS[kind], SystemCallsFail) and not shutil.which("strace"):
            missing("strace", "no strace on the PATH (Debian: strace)")
        disk = KINDS[kind](folder)
        stack.callback(disk.mend)
        yield disk


@contextmanager
def no_writes(db: Database) -> Iterator[None]:
    """Let SQLite answer every change in this process as it does on a file that it may only read.

    A connection that was opened meanwhile stays like that when the file is well again.
    """

    ill = True

    def refuse(dbapi: Any, _record: Any) -> None:
        if ill:
            dbapi.execute("PRAGMA query_only = ON")

    event.listen(db.engine, "connect", refuse)
    db.engine.dispose()
    try:
        yield
    finally:
        ill = False  # the listener stays: it must not be taken off while a thread connects


@contextmanager
def _mounted(folder: Path) -> Iterator[Path]:
    place = folder / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        missing("tmpfs", "only root may mount")
    done = subprocess.run(
        [_tool("mount"), "-t", "tmpfs", "-o", f"size={_SIZE}", "none", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        missing("tmpfs", done.stderr.decode().strip())
    try:
        yield place
    finally:
        # lazily: a process that was just killed may hold a file for a moment longer
        subprocess.run([_tool("umount"), "--lazy", str(place)], check=True)


def _tool(name: str) -> str:
    return shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin") or missing(
        "tmpfs", f"no {name}"
    )


def _limit(pid: int, size: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _all_traced(pid: int) -> bool:
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    return all("TracerPid:\t0" not in (task / "status").read_text() for task in tasks)
