"""A disk that fills up, fails to sync or refuses to write, under `sira serve` on SQLite."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.tables import ReportRow
from tests.harness.command import Command, a_command
from tests.harness.disk import KINDS, Disk, a_disk
from tests.harness.running import Running
from tests.harness.served import Reporter, serve
from tests.harness.stem import Stem


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """An empty disk, well until it is told to fail."""
    with a_disk(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def sira(disk: Disk, migrated_sqlite: Path) -> Iterator[Command]:
    """The command, with its database on that disk."""
    with a_command(disk.folder, migrated_sqlite) as command:
        yield command


def there(sira: Command) -> set[str]:
    """Return the summaries of the reports that whoever opens the database finds."""
    db = Database(sira.environment["SIRA_DATABASE_URL"])
    try:
        return set(db.read_now(lambda conn: conn.scalars(select(ReportRow.summary)).all()))
    finally:
        db.close()


def test_a_report_is_answered_and_there_or_refused_and_not(
    sira: Command, disk: Disk, stem: Stem, tmp_path: Path
) -> None:
    key = sira.ok("keys", "create", "--scope", "moderator").stdout.strip()

    with serve(stem, sira.environment, tmp_path / "output") as server:
        server.wait_until_well()
        reporter = Reporter(server, key)
        assert [reporter.report().status_code for _ in range(3)] == [201] * 3
        disk.fail(server.pid)

        with ThreadPoolExecutor(4) as reporters:  # whose reports are committed together
            refused, *_ = reporters.map(lambda _: reporter.report_until(503), range(4))
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["type"] == "/problems/unavailable"
        assert refused.json()["detail"] == f"{disk.words} Nothing was changed; send it again later."
        for part in ("all", "api"):
            assert said_of_the_database(server, part) == disk.words

        # it comes back by itself, worker and all, when the disk does
        disk.mend()
        reporter.report_until(201)
        server.wait_until_well()
        assert [reporter.report().status_code for _ in range(3)] == [201] * 3

        # and a crash while it is ill brings back nothing that was refused
        disk.fail(server.pid)
        reporter.report_until(503)
        server.kill()
    disk.mend()

    assert there(sira) == reporter.taken
    assert {answer.status_code for answer in reporter.refused.values()} == {503}
    with serve(stem, sira.environment, tmp_path / "afterwards") as server:
        reporter.server = server
        assert {reporter.again(one).status_code for one in sorted(reporter.taken)[:3]} == {200}
        assert {reporter.again(one).status_code for one in sorted(reporter.refused)[:3]} == {201}


def said_of_the_database(server: Running, part: str) -> str | None:
    answer = server.says(part)
    assert answer.status_code == 503
    (check,) = (one for one in answer.json()["checks"] if one["name"] == "database")
    return str(check["detail"])
