"""A PostgreSQL that vanishes, or whose disk is full, under `sira serve`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import migrate
from app.db.engine import Database
from app.db.tables import ReportRow
from tests.harness.command import Command, a_command
from tests.harness.disk import a_disk
from tests.harness.own_postgres import OwnPostgres, own_postgres
from tests.harness.served import Reporter, serve
from tests.harness.stem import Stem


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[OwnPostgres]:
    if request.config.getoption("--db") == "sqlite":
        pytest.skip("--db sqlite")
    with own_postgres() as found:
        yield found


@pytest.fixture
def sira(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Command]:
    with a_command(tmp_path, migrated_sqlite) as command:
        yield command


@contextmanager
def reachable() -> Iterator[Path]:
    """Yield a folder that the server's own user can reach."""
    with tempfile.TemporaryDirectory(prefix="sira-disk-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def there(url: str) -> list[str]:
    db = Database(url, pool_size=1)
    try:
        return sorted(db.read_now(lambda conn: conn.scalars(select(ReportRow.summary)).all()))
    finally:
        db.close()


def test_while_the_server_is_gone_reports_are_refused_and_then_taken_again(
    server: OwnPostgres, sira: Command, stem: Stem, tmp_path: Path
) -> None:
    url = server.create("vanishing")
    environment = sira.environment | {"SIRA_DATABASE_URL": url}
    migrate.upgrade(url)
    key = sira.ok("keys", "create", "--scope", "moderator", SIRA_DATABASE_URL=url)

    with serve(stem, environment, tmp_path / "output") as served:
        served.wait_until_well()
        reporter = Reporter(served, key.stdout.strip())
        assert [reporter.report().status_code for _ in range(3)] == [201] * 3

        server.vanish()
        try:
            refused = reporter.report_until(503)
            ready = served.says("api")
        finally:
            server.come_back()
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["detail"].startswith("The database does not answer.")
        assert ready.status_code == 503
        assert "The database does not answer." in ready.json()["detail"]

        reporter.report_until(201)
        served.wait_until_well()
        assert [reporter.report().status_code for _ in range(3)] == [201] * 3
        # what was refused in the moment of the fall may be there: the same key counts once
        assert all(reporter.again(one).is_success for one in reporter.refused)

    assert there(url) == sorted(reporter.taken | reporter.refused.keys())


def test_while_the_servers_disk_is_full_nothing_is_half_written(
    server: OwnPostgres, sira: Command, stem: Stem, tmp_path: Path
) -> None:
    with reachable() as folder, a_disk("full", folder) as disk:
        tables = disk.folder / "tables"
        tables.mkdir()
        url = server.create("small", on=tables)
        environment = sira.environment | {"SIRA_DATABASE_URL": url}
        migrate.upgrade(url)
        key = sira.ok("keys", "create", "--scope", "moderator", SIRA_DATABASE_URL=url)

        with serve(stem, environment, tmp_path / "output") as served:
            reporter = Reporter(served, key.stdout.strip())
            assert [reporter.report().status_code for _ in range(3)] == [201] * 3
            disk.fail(served.pid)
            refused = reporter.report_until(503)
            assert refused.json()["detail"].startswith(disk.words)
            assert served.says("api").json()["detail"] == disk.words
            disk.mend()
            reporter.report_until(201)
            served.kill()

        assert there(url) == sorted(reporter.taken)
        server.drop("small")
