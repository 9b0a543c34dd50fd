"""The one history of migrations, run on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.core.errors import ConfigError
from app.db import migrate
from app.db.base import Base
from tests.harness.postgres import connect

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    engine = migrate.migration_engine(empty_database_url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_upgrade_makes_every_table_and_downgrade_leaves_none(
    empty_database_url: str, engine: Engine
) -> None:
    migrate.upgrade(empty_database_url)
    assert tables(engine) == set(Base.metadata.tables)
    assert migrate.current_revision(engine) == migrate.head_revision()

    migrate.downgrade(empty_database_url)
    assert tables(engine) == set()
    assert migrate.current_revision(engine) is None

    migrate.upgrade(empty_database_url)
    assert tables(engine) == set(Base.metadata.tables)


def test_migrations_say_what_the_tables_say(empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)

    migrate.check(empty_database_url)  # raises when autogenerate would add anything


def test_upgrade_of_a_current_database_changes_nothing(
    empty_database_url: str, engine: Engine
) -> None:
    migrate.upgrade(empty_database_url)
    with engine.begin() as conn:
        conn.execute(text("INSERT INTO lease VALUES ('clock', 'me', '2025-01-01 00:00:00', 3)"))

    migrate.upgrade(empty_database_url)

    with engine.connect() as conn:
        assert conn.execute(text("SELECT runs FROM lease")).scalar_one() == 3


def test_processes_that_migrate_at_once_take_turns(empty_database_url: str, engine: Engine) -> None:
    program = "import sys; from app.db import migrate; migrate.upgrade(sys.argv[1])"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_database_url],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outcomes = [(process.communicate()[1], process.returncode) for process in processes]

    assert [code for _, code in outcomes] == [0, 0], outcomes
    assert migrate.current_revision(engine) == migrate.head_revision()


def test_no_step_of_a_failed_migration_stays(empty_database_url: str, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE subscription_target (id INTEGER)"))  # the last one made

    with pytest.raises(DBAPIError):
        migrate.upgrade(empty_database_url)

    assert tables(engine) == {"subscription_target"}
    assert migrate.current_revision(engine) is None


@pytest.mark.parametrize("db_kind", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("made", "says"),
    [
        ("ALTER DATABASE {name} SET datestyle = 'SQL, DMY'", "shows dates as SQL, DMY"),
        (
            "DROP DATABASE {name}; CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0",
            "keeps text as SQL_ASCII",
        ),
    ],
)
def test_a_database_that_cannot_keep_what_is_written_to_it_is_refused_in_words(
    empty_database_url: str, made: str, says: str
) -> None:
    url = make_url(empty_database_url)
    with connect(url.set(database="postgres")) as conn:
        for statement in made.format(name=f'"{url.database}"').split("; "):
            conn.execute(statement.encode())

    with pytest.raises(ConfigError, match=says):
        migrate.upgrade(empty_database_url)
