"""`sira restore` onto a disk that is full: what is there stays, and what is needed is said."""

import os
from pathlib import Path

from app.flows.upkeep.open_vault import KEY_FILE
from app.subscribers.vault import new_keys
from tests.harness.command import Command
from tests.harness.disk import a_disk


def test_a_disk_too_full_for_a_restore_is_named_and_keeps_what_it_has(
    sira: Command, tmp_path: Path
) -> None:
    file = tmp_path / "a.sira"
    sira.ok("backup", file)
    with a_disk("full", tmp_path) as disk:
        disk.fail(0)
        ballast = disk.folder / "ballast"
        os.truncate(ballast, ballast.stat().st_size - 3 * file.stat().st_size // 2)

        said = sira.refused(
            "restore", file, SIRA_DATABASE_URL=f"sqlite:///{disk.folder / 'sira.db'}"
        )

        left = [path.name for path in disk.folder.iterdir()]
    assert said.startswith(f"sira: {disk.folder}: ")
    assert "room there for the database twice" in said
    assert left == ["ballast"]


def test_keys_that_find_no_room_leave_those_that_are_there(sira: Command, tmp_path: Path) -> None:
    other = Command(tmp_path / "other")
    other.folder.mkdir()
    sira.ok("migrate")
    sira.ok("backup", tmp_path / "a.sira", "--with-keys")
    with a_disk("full", tmp_path) as disk:
        path = disk.folder / KEY_FILE
        path.write_text(new_keys(), encoding="ascii")
        before = path.read_bytes()
        disk.fail(0)

        said = other.refused(
            "restore", tmp_path / "a.sira", "--replace", SIRA_VAR_DIR=str(disk.folder)
        )

        assert "Nothing has changed" in said
        assert path.read_bytes() == before
