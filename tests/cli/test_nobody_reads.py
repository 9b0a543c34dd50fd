"""What a command did is told where its answer cannot be: a full disk, a reader that is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.tables import ApiKeyRow, AuditRow
from tests.harness.command import Command, a_file

SIRA = [sys.executable, "-c", "from app.cli import app; app(prog_name='sira')"]
FULL = Path("/dev/full")
HEADER = "report_id,kind,occurred_at,place,summary,source_type\n"
BAD = "R2,nothing,2025-09-03,Lakamane,Nobody knows what,driver\n"
GOOD = "R1,fuel_interception,2025-09-03,Lakamane,Tankers stopped,driver\n"

needs_full = pytest.mark.skipif(not FULL.exists(), reason="Linux has a disk that is always full")


def onto(out: int, sira: Command, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIRA, *words],
        env=os.environ | sira.environment,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def onto_a_full_disk(sira: Command, *words: str) -> subprocess.CompletedProcess[str]:
    with FULL.open("wb") as full:
        return onto(full.fileno(), sira, *words)


def onto_nobody(sira: Command, *words: str) -> subprocess.CompletedProcess[str]:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return onto(writer, sira, *words)
    finally:
        os.close(writer)


def live_keys(sira: Command) -> list[str]:
    live = select(ApiKeyRow.id).where(ApiKeyRow.revoked_at.is_(None))
    with sira.database() as db:
        return db.read_now(lambda conn: list(conn.scalars(live)))


@needs_full
def test_a_key_that_nobody_saw_opens_nothing(sira: Command) -> None:
    sira.ok("migrate")  # makes the vault's keys

    full = onto_a_full_disk(sira, "keys", "create", "--scope", "admin")
    gone = onto_nobody(sira, "keys", "create", "--scope", "admin")

    said = "sira: the key could not be printed, and is revoked: "
    assert (full.returncode, full.stderr) == (1, f"{said}No space left on device\n")
    assert (gone.returncode, gone.stderr) == (1, f"{said}Broken pipe\n")
    assert live_keys(sira) == []
    with sira.database() as db:
        actions = db.read_now(lambda conn: list(conn.scalars(select(AuditRow.action))))
    assert [one for one in actions if one.startswith("key.")] == ["key.created", "key.revoked"] * 2


@needs_full
def test_a_rotation_that_is_done_is_no_failure_because_nobody_reads_so(sira: Command) -> None:
    sira.ok("migrate")  # makes the vault's keys
    done = "every name and address is sealed with the key `k1`"

    gone = onto_nobody(sira, "vault", "rotate")
    full = onto_a_full_disk(sira, "vault", "rotate")

    assert (gone.returncode, gone.stderr) == (0, f"{done}\n")
    assert full.returncode == 1
    assert full.stderr == (
        f"sira: {done}; that is done, and could not be written: No space left on device\n"
    )


@needs_full
def test_bad_rows_are_kept_although_nobody_can_be_told_how_many(sira: Command) -> None:
    file = a_file(sira.folder / "reports.csv", HEADER + GOOD + BAD)

    full = onto_a_full_disk(sira, "import", "reports", str(file))

    assert "1 placed" in full.stderr
    (aside,) = sira.folder.glob("*.bad.csv")
    assert "R2" in aside.read_text()


def test_that_nobody_reads_a_list_to_its_end_is_no_fault(sira: Command) -> None:
    sira.ok("keys", "create", "--scope", "reporter")

    gone = onto_nobody(sira, "keys", "list")

    assert (gone.returncode, gone.stderr) == (0, "")
