"""`sira backup` and `sira restore`."""

import asyncio
import errno
import gzip
import json
import os
import sqlite3
import stat
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import insert, literal, select, update

from app.core.clock import SystemClock, doubt_about
from app.db.engine import Database
from app.db.tables import ApiKeyRow, DeliveryRow, ReportRow, SessionRow
from app.db.types import UtcDateTime
from app.delivery.outbox import workers
from app.flows.upkeep import archive
from app.flows.upkeep.open_vault import KEY_FILE
from app.settings import Settings
from tests.harness.api import CONFIG, serving
from tests.harness.command import Command
from tests.harness.outbox import Outbox
from tests.harness.working import until

ENOUGH = 20
FAR = datetime(2100, 1, 1, tzinfo=UTC)
REPORT = {"kind": "ied", "occurred_at": "2025-09-07T10:00:00Z", "summary": "a crater in the road"}


def pages_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as conn:
        (word,) = conn.execute("PRAGMA integrity_check").fetchone()
    return str(word)


def repack(file: Path, name: str, content: bytes) -> None:
    """Change one member of a backup."""
    with tarfile.open(file) as tar:
        members = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    with tarfile.open(file, "w") as tar:
        for member, old in (members | {name: content}).items():
            entry = tarfile.TarInfo(member)
            data = content if member == name else old
            entry.size = len(data)
            tar.addfile(entry, BytesIO(data))


@pytest.fixture
def other(tmp_path: Path) -> Command:
    """Another machine: the same command in an empty folder."""
    folder = tmp_path / "other"
    folder.mkdir()
    return Command(folder)


def test_what_was_backed_up_is_there_after_a_restore(
    sira: Command, other: Command, tmp_path: Path
) -> None:
    key = sira.ok("keys", "create", "--scope", "admin").stdout.strip()
    file = tmp_path / "a.sira"

    sira.ok("backup", file, "--with-keys")
    restored = other.ok("restore", file)

    assert key.startswith("sira_")
    assert pages_of(other.folder / "sira.db") == "ok"
    assert (other.folder / KEY_FILE).read_bytes() == (sira.folder / KEY_FILE).read_bytes()
    assert stat.S_IMODE((other.folder / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((other.folder / "sira.db").stat().st_mode) == 0o600
    assert "WARNING" not in restored.stderr
    with other.database() as db, sira.database() as source:
        keys = "SELECT count(*) FROM api_key"
        assert db.read_now(lambda c: c.exec_driver_sql(keys).scalar()) == 1
        assert source.read_now(lambda c: c.exec_driver_sql(keys).scalar()) == 1


def test_how_old_a_backup_is_makes_nobody_doubt_the_clock(
    sira: Command, other: Command, tmp_path: Path
) -> None:
    now, file = SystemClock().now(), tmp_path / "a.sira"
    with sira.database() as db:
        db.write_now(lambda conn: workers.note_run(conn, now=now - timedelta(days=90)))
    sira.ok("backup", file)

    other.ok("restore", file)

    with other.database() as db:
        last_ran_at = db.read_now(workers.last_ran_at)
    assert doubt_about(now, last_ran_at=last_ran_at) is None


@pytest.mark.parametrize("more", [(), ("--nothing-since",)])
def test_nobody_is_signed_in_after_a_restore(
    sira: Command, other: Command, tmp_path: Path, more: tuple[str, ...]
) -> None:
    sira.ok("keys", "create", "--scope", "admin")
    with sira.database() as db:
        db.write_now(
            lambda c: c.execute(
                insert(SessionRow).from_select(
                    ["token_hash", "key_id", "created_at", "expires_at"],
                    select(
                        ApiKeyRow.key_hash,
                        ApiKeyRow.id,
                        ApiKeyRow.created_at,
                        literal(FAR, UtcDateTime),
                    ),
                )
            )
        )
    file = tmp_path / "a.sira"
    sira.ok("backup", file)

    other.ok("restore", file, *more)

    with other.database() as db, sira.database() as source:
        sessions = "SELECT count(*) FROM session"
        assert db.read_now(lambda c: c.exec_driver_sql(sessions).scalar()) == 0
        assert source.read_now(lambda c: c.exec_driver_sql(sessions).scalar()) == 1


def test_a_compressed_backup_that_was_cut_is_refused_in_words(
    sira: Command, other: Command, tmp_path: Path
) -> None:
    sira.ok("backup", tmp_path / "a.sira")
    whole = gzip.compress((tmp_path / "a.sira").read_bytes())
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole[: len(whole) // 2])

    assert "is cut short" in other.refused("restore", cut)


def test_a_database_that_is_none_is_not_backed_up(sira: Command, tmp_path: Path) -> None:
    (sira.folder / "sira.db").write_bytes(b"no database at all" * 500)

    assert "cannot be copied" in sira.refused("backup", tmp_path / "a.sira")
    assert not (tmp_path / "a.sira").exists()


def test_keys_are_left_out_unless_asked_for_and_both_say_so(sira: Command, tmp_path: Path) -> None:
    sira.ok("keys", "create", "--scope", "admin")

    without = sira.ok("backup", tmp_path / "without.sira")
    with_keys = sira.ok("backup", tmp_path / "with.sira", "--with-keys")

    with tarfile.open(tmp_path / "without.sira") as tar:
        assert "vault.keys" not in tar.getnames()
    with tarfile.open(tmp_path / "with.sira") as tar:
        assert "vault.keys" in tar.getnames()
    assert "keys are not in it" in without.stderr
    assert f"keep {sira.folder / 'vault.keys'} in" in without.stderr
    assert "WARNING" in with_keys.stderr


def test_a_restore_without_the_keys_says_that_nobody_can_be_reached(
    sira: Command, other: Command, tmp_path: Path
) -> None:
    body = ["subscribe", "--phone", "+22365012345", "--route", "ML-DKR-N", "--cargo", "fuel"]
    sira.ok(*body)
    sira.ok("backup", tmp_path / "a.sira")

    restored = other.ok("restore", tmp_path / "a.sira")

    assert "cannot be opened" in restored.stderr


def reports_restored(file: Path, settings: Settings, folder: Path) -> set[str]:
    """Restore a backup elsewhere; return the ids of the reports in it."""
    target = settings.model_copy(
        update={"database_url": f"sqlite:///{folder}/sira.db", "var_dir": folder}
    )
    now = SystemClock().now()
    archive.restore(target, file, replace=False, nothing_since=False, now=now)
    assert pages_of(folder / "sira.db") == "ok"
    copy = Database(target.database_url)
    found = set(copy.read_now(lambda conn: conn.scalars(select(ReportRow.id)).all()))
    copy.close()
    return found


async def test_a_backup_under_load_holds_every_report_answered_before_it(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = Settings(
        _env_file=None, database_url=sqlite_url, var_dir=tmp_path, config_dir=CONFIG
    )
    file = tmp_path / "a.sira"
    answered: list[str] = []
    going = True
    db = Database(sqlite_url)
    async with serving(db) as api:

        async def post() -> None:
            client = api.moderator
            while going:
                body = {**REPORT, "place": "Lakamane"}
                answer = await client.post("/v1/reports", json=body)
                answered.append(answer.json()["report"]["id"])

        async with asyncio.TaskGroup() as writers:
            for _ in range(4):
                writers.create_task(post())
            await until(lambda: len(answered) >= ENOUGH, within_s=40)
            before = list(answered)
            await asyncio.to_thread(
                archive.back_up, settings, file, with_keys=False, now=SystemClock().now()
            )
            during = len(answered)
            await until(lambda: len(answered) > during, within_s=40)
            going = False
    db.close()

    found = reports_restored(file, settings, tmp_path / "elsewhere")

    assert set(before) <= found


def test_a_database_in_use_is_not_restored_over(sira: Command, tmp_path: Path) -> None:
    sira.ok("backup", tmp_path / "a.sira")
    with sira.database() as db:
        db.read_now(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM report"))

        said = sira.refused("restore", tmp_path / "a.sira", "--replace")

        assert "in use" in said
        assert db.read_now(lambda conn: conn.exec_driver_sql("SELECT 1").scalar()) == 1
    assert not list(sira.folder.glob("*.before-*"))


def test_a_database_that_is_there_is_moved_aside_never_deleted(
    sira: Command, tmp_path: Path
) -> None:
    sira.ok("backup", tmp_path / "a.sira")
    sira.ok("keys", "create", "--scope", "admin")

    refused = sira.refused("restore", tmp_path / "a.sira")
    sira.ok("restore", tmp_path / "a.sira", "--replace")

    assert "--replace" in refused
    (aside,) = sira.folder.glob("sira.db.before-*")
    for path, keys in ((aside, 1), (sira.folder / "sira.db", 0)):
        with closing(sqlite3.connect(path)) as conn:
            assert conn.execute("SELECT count(*) FROM api_key").fetchone() == (keys,)


def test_a_ruined_database_can_be_restored_over(sira: Command, tmp_path: Path) -> None:
    sira.ok("backup", tmp_path / "a.sira")
    database = sira.folder / "sira.db"
    database.write_bytes(b"nothing that a database begins with" * 1000)
    database.with_name("sira.db-wal").write_bytes(b"left over" * 100)

    sira.ok("restore", tmp_path / "a.sira", "--replace")

    assert pages_of(database) == "ok"
    assert not database.with_name("sira.db-wal").exists()


def test_a_backup_of_a_newer_sira_is_refused(sira: Command, other: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.sira"
    sira.ok("backup", file)
    with tarfile.open(file) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    repack(file, "manifest.json", json.dumps(manifest | {"revision": "9999"}).encode())

    said = other.refused("restore", file)

    assert "newer Sira" in said
    assert not (other.folder / "sira.db").exists()


@pytest.mark.parametrize("ruin", ["database", "cut", "other"])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    sira: Command, other: Command, tmp_path: Path, ruin: str
) -> None:
    file = tmp_path / "a.sira"
    sira.ok("backup", file)
    if ruin == "database":
        with tarfile.open(file) as tar:
            content = bytearray(tar.extractfile("sira.db").read())  # type: ignore[union-attr]
        content[len(content) // 2] ^= 1
        repack(file, "sira.db", bytes(content))
    elif ruin == "cut":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        file.write_text("kind,place\n")

    said = other.refused("restore", file)

    assert "damaged" in said or "cut short" in said
    assert not (other.folder / "sira.db").exists()


def test_a_backup_never_replaces_a_file(sira: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.sira"
    file.write_text("last week's")

    assert "exists" in sira.refused("backup", file)
    assert file.read_text() == "last week's"


def test_postgresql_is_left_to_its_own_tools(sira: Command, tmp_path: Path) -> None:
    url = "postgresql://sira@localhost/sira"

    said = sira.refused("backup", tmp_path / "a.sira", SIRA_DATABASE_URL=url)

    assert "pg_dump" in said


@pytest.mark.parametrize(
    ("options", "status"), [((), "in_doubt"), (("--nothing-since",), "queued")]
)
def test_what_was_still_to_be_sent_may_have_been_sent_since(
    sira: Command, tmp_path: Path, options: tuple[str, ...], status: str
) -> None:
    with sira.database() as db:
        outbox = Outbox(db)
        outbox.contact()
        outbox.contact()
        alert = outbox.alert(expires_at=SystemClock().now() + timedelta(days=1))
        outbox.fan_out(alert)
        first = select(DeliveryRow.id).limit(1).scalar_subquery()
        outbox.run(update(DeliveryRow).where(DeliveryRow.id == first).values(status="delivered"))
    sira.ok("backup", tmp_path / "a.sira")

    sira.ok("restore", tmp_path / "a.sira", "--replace", *options)

    with sira.database() as db:
        found = db.read_now(lambda conn: sorted(conn.scalars(select(DeliveryRow.status))))
    assert found == sorted(["delivered", status])


def test_a_volume_without_links_takes_a_backup(
    sira: Command, other: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the FAT of a USB stick, which is what a small office has to carry it away on."""

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", source, None, target)

    file = tmp_path / "stick" / "backup.sira"
    with monkeypatch.context() as stick:
        stick.setattr("os.link", refuse)
        sira.ok("backup", file)

    assert list(file.parent.iterdir()) == [file]
    other.ok("restore", file)
    assert "exists: a backup never replaces another" in sira.refused("backup", file)


def test_what_killed_backups_left_does_not_fill_the_disk(sira: Command, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    yesterday, now = folder / ".sira-killed", folder / ".sira-at-work"
    for half in (yesterday, now):
        half.mkdir(parents=True)
        (half / "sira.db").write_bytes(b"half of it")
    long_ago = SystemClock().now() - timedelta(hours=25)
    os.utime(yesterday, (long_ago.timestamp(),) * 2)

    sira.ok("backup", folder / "backup.sira")

    assert {path.name for path in folder.iterdir()} == {"backup.sira", now.name}
