"""Nobody else on the machine reads the database: it holds where convoys passed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import migrate
from app.db.engine import Database


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize("migrated", [True, False])
def test_a_new_database_is_for_its_owner_alone_with_what_lies_beside_it(
    tmp_path: Path, *, migrated: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'var' / 'sira.db'}"
    if migrated:
        migrate.upgrade(url)

    db = Database(url)
    try:
        db.write_now(lambda conn: conn.execute(text("CREATE TABLE more (name TEXT)")))
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob("var/*")}
    finally:
        db.close()

    assert modes == dict.fromkeys(("sira.db", "sira.db-wal", "sira.db-shm"), 0o600)


def test_what_its_owner_has_opened_to_others_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "sira.db"
    Database(f"sqlite:///{path}").close()
    path.chmod(0o640)

    Database(f"sqlite:///{path}").close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o640
