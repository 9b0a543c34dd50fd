"""Backups of an installation on SQLite: one file, made while it runs, proven before it is used."""

import errno
import hashlib
import io
import json
import lzma
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.accounts import store as accounts_store
from app.config import hash_of
from app.core.errors import ConfigError
from app.db import copying, migrate
from app.db.engine import Database
from app.delivery.outbox import answers, restored, workers
from app.flows.upkeep.ended_since import Ended, ended_in
from app.flows.upkeep.open_vault import KEY_FILE, open_vault
from app.settings import Settings
from app.subscribers.vault import VaultKeyError

FORMAT = 1
_MANIFEST, _DATABASE, _KEYS = "manifest.json", "sira.db", "vault.keys"
_CHUNK = 1024 * 1024
#: How the folder of one that is being made is called, and when nobody can be making it any more.
_HALF, _HALF_LIVES = ".sira-", timedelta(days=1)


class ArchiveError(ConfigError):
    """A backup cannot be made or restored; the message says why and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        revision: Of the database.
        config: Hash of the configuration that was in force; a backup does not hold it.
        keys: Whether it holds the vault's keys.
    """

    format: int
    made_at: str
    revision: str | None
    database_bytes: int
    database_sha256: str
    config: str
    keys: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did.

    Attributes:
        doubted: Deliveries that may have been sent since the backup, and are asked for first.
        aside: Where the database that was there before is now.
        keys_missing: Why names and addresses cannot be opened; None: they can.
        config_differs: The configuration is not the one that was in force.
    """

    manifest: Manifest
    doubted: int
    aside: Path | None
    keys_missing: str | None
    config_differs: bool


def back_up(settings: Settings, file: Path, *, with_keys: bool, now: datetime) -> Manifest:
    """Write a backup to `file`, whole or not at all, while the service runs.

    Raises:
        ArchiveError: The database is not SQLite or not there, the copy is damaged, the keys are
            wanted and cannot be found, or `file` exists.
    """
    source = _sqlite_path(settings, "pg_dump --format=custom")
    if not source.exists():
        raise ArchiveError(f"{source}: there is no database to back up")
    if file.exists():
        raise ArchiveError(f"{file} exists: a backup never replaces another; give a new name")
    keys = _keys_of(settings) if with_keys else None
    with _folder_beside(file, now) as folder:
        copy, tar = folder / _DATABASE, folder / "backup.tar"
        try:
            copying.copy_live(source, copy)
        except sqlite3.Error as error:
            where = copy.parent.parent
            raise ArchiveError(f"{source} cannot be copied to {where}: {error}") from error
        if damage := copying.find_damage(copy):
            raise ArchiveError(f"{source} is damaged ({damage}): nothing was written")
        manifest = Manifest(
            format=FORMAT,
            made_at=now.isoformat(),
            revision=migrate.revision_of(copy),
            database_bytes=copy.stat().st_size,
            database_sha256=_sha256(copy),
            config=hash_of(settings.config_dir),
            keys=keys is not None,
        )
        _pack(tar, manifest, copy, keys)
        try:
            _put(tar, file)
        except FileExistsError as error:
            raise ArchiveError(f"{file} exists: give a new name") from error
        copying.sync(file.absolute().parent)
    return manifest


def restore(
    settings: Settings, file: Path, *, replace: bool, nothing_since: bool, now: datetime
) -> Restored:
    """Put the database of a backup in place.

    1. The backup is whole, its database sound, and not of a newer Sira than this.
    2. Nobody has the present database open; it is moved aside, never deleted.
    3. The copy is brought to this version. What was still to be sent may have been sent after the
       backup: it becomes a doubt and the provider is asked first, unless `nothing_since`. Of what
       silence would have led to since, nothing is done. Nobody is signed in. What people ended
       in the present database, where it can be read, stays ended.

    Raises:
        ArchiveError: One of these is not so; nothing has changed.
    """
    target = _sqlite_path(settings, "pg_restore")
    if target.exists() and not replace:
        raise ArchiveError(f"{target} exists: --replace moves it aside and restores in its place")
    with _opened(file) as tar, _folder_beside(target, now) as folder, _room_in(folder.parent):
        manifest = _read_manifest(tar, file)
        copy = folder / _DATABASE
        _unpack(tar, manifest, copy, file)
        migrate.upgrade(f"sqlite:///{copy}")
        ended = ended_in(target, since=datetime.fromisoformat(manifest.made_at))
        doubted = _bring_back(copy, folder, ended, nothing_since=nothing_since, now=now)
        aside = _aside(target, now)
        try:
            with copying.alone_with(target):
                _restore_keys(settings, tar, manifest, replace=replace, now=now)
                copying.put_in_place(copy, target, aside=aside)
        except copying.InUseError as error:
            raise ArchiveError(
                f"{target} is in use: stop every Sira process that works on it, then restore"
            ) from error
    return Restored(
        manifest=manifest,
        doubted=doubted,
        aside=aside if aside.exists() else None,
        keys_missing=_missing_keys(settings),
        config_differs=hash_of(settings.config_dir) != manifest.config,
    )


def _sqlite_path(settings: Settings, tool: str) -> Path:
    if (file := settings.database_file) is None:
        raise ArchiveError(f"the database is PostgreSQL: use its own {tool} (docs/operations.md)")
    return file


@contextmanager
def _room_in(folder: Path) -> Iterator[None]:
    """Say of a disk that is full, or takes no writes, what a restore needs of it."""
    needs = "there must be room there for the database twice, beside the one in use"
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        raise ArchiveError(f"{folder}: {why}; {needs}. Nothing has changed") from error
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        where = Path(error.filename or folder)
        raise ArchiveError(f"{where}: {error.strerror}; {needs}. Nothing has changed") from error


def _put(tar: Path, file: Path) -> None:
    """Give the whole backup its name.

    Raises:
        FileExistsError: Something has come up there meanwhile.
    """
    try:
        os.link(tar, file)
    except FileExistsError:
        raise
    except OSError:  # USB sticks (FAT) and network volumes have no links
        if file.exists():
            raise FileExistsError(file) from None
        tar.rename(file)


@contextmanager
def _folder_beside(file: Path, now: datetime) -> Iterator[Path]:
    """Yield a folder on the same file system, for its owner alone, gone afterwards."""
    beside = file.absolute().parent
    beside.mkdir(parents=True, exist_ok=True)
    _sweep(beside, now)
    with tempfile.TemporaryDirectory(dir=beside, prefix=_HALF) as name:
        yield Path(name)


def _sweep(folder: Path, now: datetime) -> None:
    """Remove what backups left that were killed: each is as large as the database."""
    long_ago = (now - _HALF_LIVES).timestamp()
    for left in folder.glob(f"{_HALF}*"):
        if left.is_dir() and not left.is_symlink() and left.stat().st_mtime < long_ago:
            shutil.rmtree(left, ignore_errors=True)


def _keys_of(settings: Settings) -> bytes:
    if settings.vault_keys is not None:
        return settings.vault_keys.get_secret_value().encode()
    try:
        return (settings.var_dir / KEY_FILE).read_bytes()
    except FileNotFoundError as error:
        raise ArchiveError(f"{error.filename}: there are no keys to put into the backup") from error


def _pack(tar: Path, manifest: Manifest, database: Path, keys: bytes | None) -> None:
    handle = os.open(tar, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        with tarfile.open(fileobj=out, mode="w") as archive:
            _add(archive, _MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
            archive.add(database, _DATABASE)
            if keys is not None:
                _add(archive, _KEYS, keys)
        out.flush()
        os.fsync(out.fileno())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file) as tar:
            yield tar
    except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise ArchiveError(f"{file} is no backup of Sira, or is cut short") from error


def _member(tar: tarfile.TarFile, name: str, file: Path) -> IO[bytes]:
    """Return a file of the archive to read from. Only names of ours are ever looked for."""
    try:
        found = tar.extractfile(name)
    except KeyError as error:
        raise ArchiveError(f"{file} is no backup of Sira: it has no {name}") from error
    if found is None:
        raise ArchiveError(f"{file}: {name} is no file")
    return found


def _read_manifest(tar: tarfile.TarFile, file: Path) -> Manifest:
    try:
        manifest = Manifest(**json.load(_member(tar, _MANIFEST, file)))
        datetime.fromisoformat(manifest.made_at)
    except (ValueError, TypeError) as error:
        raise ArchiveError(f"{file}: its manifest cannot be read") from error
    if manifest.format != FORMAT or manifest.revision not in migrate.revisions():
        raise ArchiveError(
            f"{file} was made by a newer Sira (database revision {manifest.revision}): "
            "update first, then restore"
        )
    return manifest


def _unpack(tar: tarfile.TarFile, manifest: Manifest, copy: Path, file: Path) -> None:
    with _member(tar, _DATABASE, file) as packed, copy.open("wb") as out:
        while chunk := packed.read(_CHUNK):
            out.write(chunk)
    if _sha256(copy) != manifest.database_sha256:
        raise ArchiveError(f"{file} is damaged: its database is not the one that was packed")
    if damage := copying.find_damage(copy):
        raise ArchiveError(f"the database in {file} is damaged: {damage}")


def _bring_back(
    copy: Path, folder: Path, ended: Ended, *, nothing_since: bool, now: datetime
) -> int:
    """End what must not come back with the past; return how many deliveries are in doubt."""

    def work(conn: Connection) -> int:
        # who signed out since, or lost a telephone, must not be signed in again
        accounts_store.close_every_session(conn)
        workers.note_run(conn, now=now)  # how old the backup is says nothing of the clock
        ended.end(conn, now=now)
        if nothing_since:
            return 0
        restored.leave_to_a_person(conn, now=now)
        return restored.doubt_unsent(conn, now=now) + answers.doubt_unsent(conn, now=now)

    db = Database(f"sqlite:///{copy}")
    try:
        doubted = db.write_now(work)
    finally:
        db.close()
    single = folder / "single.db"  # without a write-ahead log
    copying.copy_live(copy, single)
    single.replace(copy)
    return doubted


def _restore_keys(
    settings: Settings, tar: tarfile.TarFile, manifest: Manifest, *, replace: bool, now: datetime
) -> None:
    if not manifest.keys or settings.vault_keys is not None:
        return
    path = settings.var_dir / KEY_FILE
    content = _member(tar, _KEYS, Path(str(tar.name))).read()
    if path.exists():
        if path.read_bytes() == content:
            return
        if not replace:
            raise ArchiveError(f"{path} holds other keys: --replace moves it aside")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _folder_beside(path, now) as folder:  # whole before the others are moved
        fresh = folder / KEY_FILE
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if path.exists():
            path.rename(_aside(path, now))
        fresh.rename(path)


def _missing_keys(settings: Settings) -> str | None:
    db = Database(settings.database_url)
    try:
        open_vault(settings, db)
    except VaultKeyError as error:
        return str(error)
    finally:
        db.close()
    return None


def _aside(path: Path, now: datetime) -> Path:
    return path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%SZ}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
