"""Fixtures that every test may use: databases, on SQLite and on PostgreSQL."""

import gc
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

import app.db.tables  # noqa: F401 - fills Base.metadata
from app.db import migrate, sqlite_engine
from app.db.base import Base
from app.db.engine import Database
from app.settings import Settings
from tests.harness.optional import missing
from tests.harness.outbox import Outbox
from tests.harness.postgres import Emptier, PostgresServer, running_server
from tests.harness.statements import a_database, hang_up
from tests.harness.warm import read_shipped_once

KINDS = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db",
        choices=(*KINDS, "both", "enough"),
        default="enough",
        help="databases that tests with the `db` fixture run on; enough: both, but those marked "
        "`alike` on SQLite (default: enough)",
    )
    parser.addoption(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="keep a picture there of every page that Chromium looks at (default: none is taken)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keep the developer's own settings out of the tests."""
    config.addinivalue_line(
        "markers",
        "alike: asks PostgreSQL for nothing that other tests do not ask it for; see --db enough",
    )
    for name in set(os.environ) - {"SIRA_REQUIRE"}:
        if name.startswith("SIRA_"):
            del os.environ[name]
    Settings.model_config["env_file"] = None
    # nothing here outlives the run, so nothing is worth waiting for a disk; what must be on it is
    # asked of real processes (`tests/faults`), whose commits wait as ever
    sqlite_engine.SYNCHRONOUS = "OFF"
    read_shipped_once()
    # no deadlines, for a busy machine is not a bug; and the same examples each time
    settings.load_profile("ci")
    # what is collected, 7,000 tests, stays: to look through it again and again is an eighth of it
    gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """Collect garbage less often, and never what every test uses: a fifth of the time otherwise.

    The service does the same (`app.running.settle_down`).
    """
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Look for garbage once: pytest does it five times, for another Python, 400 ms each."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = {mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")}
    if "db_kind" in metafunc.fixturenames and "db_kind" not in own:
        chosen = metafunc.config.getoption("--db")
        alike = metafunc.definition.get_closest_marker("alike") is not None
        kinds = {"both": KINDS, "enough": KINDS[:1] if alike else KINDS}.get(chosen, (chosen,))
        metafunc.parametrize("db_kind", kinds, indirect=True)


@pytest.fixture
def db_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`: a test that takes it (or `db`) runs once on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to copy from."""
    path = tmp_path_factory.mktemp("template") / "sira.db"
    migrate.upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA journal_mode=WAL")  # kept in the file: no test has to turn it
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Iterator[Emptier]:
    """A database at the newest revision, to be emptied before each test."""
    url = postgres_server.create("main")
    migrate.upgrade(url)
    tables = [table.name for table in Base.metadata.sorted_tables]
    emptier = Emptier(url, tables, revision=migrate.head_revision())
    yield emptier
    hang_up(url)
    emptier.close()


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite file without a row, for what PostgreSQL has no like of."""
    path = tmp_path / "sira.db"
    shutil.copyfile(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def database_url(db_kind: str, request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database without a row, this test's own."""
    if db_kind == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    migrated: Emptier = request.getfixturevalue("migrated_postgres")
    migrated.empty()
    return migrated.url


@pytest.fixture
def empty_database_url(db_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a table."""
    if db_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create("empty")


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A migrated `Database` without a row; closed after the test."""
    with a_database(database_url) as database:
        yield database


@pytest.fixture
def outbox(db: Database) -> Outbox:
    """Alerts, contacts and deliveries to come, straight in the database."""
    return Outbox(db)


@pytest.fixture
def postgres_db(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated `Database` on PostgreSQL, for what SQLite has no like of."""
    if request.config.getoption("--db") == "sqlite":
        pytest.skip("--db sqlite")
    migrated: Emptier = request.getfixturevalue("migrated_postgres")
    migrated.empty()
    with a_database(migrated.url) as database:
        yield database


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to look at pages with."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    return path or missing("chromium", "no chromium on the PATH")
