"""A database is put in place of another."""

from pathlib import Path

import pytest

from app.db import copying


def test_whoever_is_cut_short_leaves_a_database_in_its_place(tmp_path: Path) -> None:
    """Without one, the next start would begin an empty one and tell nobody anything."""
    target, aside = tmp_path / "sira.db", tmp_path / "sira.db.before"
    target.write_bytes(b"of before")
    (tmp_path / "sira.db-wal").write_bytes(b"beside it")

    with pytest.raises(FileNotFoundError):
        copying.put_in_place(tmp_path / "none", target, aside=aside)

    assert target.read_bytes() == aside.read_bytes() == b"of before"
    assert not (tmp_path / "sira.db-wal").exists()
