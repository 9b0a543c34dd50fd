"""`sira move`: from SQLite to PostgreSQL, everything or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import inspect

from app.db import migrate
from app.db.engine import Database
from tests.harness.command import Command
from tests.harness.filling import ROWS, contents, fill
from tests.harness.postgres import PostgresServer, connect


@pytest.fixture
def target(postgres_server: PostgresServer) -> str:
    """The URL of a new database."""
    return postgres_server.create("moved")


@contextmanager
def opened(url: str) -> Iterator[Database]:
    db = Database(url, pool_size=1)
    yield db
    db.close()


def filled(sira: Command) -> None:
    with sira.database() as db:
        db.write_now(fill)


def rows_in(url: str) -> int:
    with opened(url) as db:
        return sum(map(len, db.read_now(contents).values()))


def test_every_row_of_every_table_is_there_as_it_was(sira: Command, target: str) -> None:
    filled(sira)
    with sira.database() as db:
        before = db.read_now(contents)

    said = sira.ok("move", "--to", target)

    with opened(target) as db:
        after = db.read_now(contents)
        tables = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
        made = db.read_now(
            lambda c: c.exec_driver_sql("SELECT count(*) FROM pg_sequences").scalar()
        )
    assert after == before
    assert {name for name, rows in after.items() if len(rows) == ROWS} == tables
    assert f"moved {ROWS * len(tables)} rows of {len(tables)} tables, compared" in said.stdout
    assert made == 0, "numbers that the database gives must go on after those that were moved"
    migrate.check(target)


def test_what_was_moved_from_is_put_aside_so_that_nothing_is_sent_from_it(
    sira: Command, target: str
) -> None:
    filled(sira)

    said = sira.ok("move", "--to", target).stderr

    (aside,) = sira.folder.glob("sira.db*")
    assert aside.name.startswith("sira.db.moved-")
    assert str(aside) in said
    for word in ("SIRA_DATABASE_URL=postgresql://", "vault.keys", "SIRA_LISTEN_URL", "pg_dump"):
        assert word in said


def test_a_database_that_somebody_serves_is_not_moved(sira: Command, target: str) -> None:
    with sira.database() as db:
        db.read_now(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM report"))

        assert "in use" in sira.refused("move", "--to", target)

        db.write_now(fill)
    assert "moved" in sira.ok("move", "--to", target).stdout


def test_a_target_that_has_rows_is_refused(sira: Command, target: str) -> None:
    filled(sira)
    sira.ok("migrate", SIRA_DATABASE_URL=target)  # seeds the rules

    assert "has rows already" in sira.refused("move", "--to", target)
    with sira.database() as db:
        assert db.read_now(contents)["report"]


def test_a_target_of_something_else_is_refused(sira: Command, target: str) -> None:
    with connect(target) as conn:
        conn.execute(b"CREATE TABLE people (id integer)")

    assert "not Sira's: it has a table `people`" in sira.refused("move", "--to", target)


@pytest.mark.parametrize("which", ["source", "target"])
@pytest.mark.parametrize("revision", ["0016", "of tomorrow"])
def test_databases_of_two_versions_are_not_mixed(
    sira: Command, target: str, which: str, revision: str
) -> None:
    statement = f"UPDATE alembic_version SET version_num = '{revision}'"
    migrate.upgrade(target)
    if which == "target":
        with connect(target) as conn:
            conn.execute(statement.encode())
    else:
        with sira.database() as db:
            db.write_now(lambda conn: conn.exec_driver_sql(statement))

    assert f"revision {revision}" in sira.refused("move", "--to", target)
    assert (sira.folder / "sira.db").exists()


def test_what_this_version_does_not_know_is_not_left_behind(sira: Command, target: str) -> None:
    with sira.database() as db:
        db.write_now(lambda conn: conn.exec_driver_sql("CREATE TABLE later (id INTEGER)"))

    assert "`later` holds id" in sira.refused("move", "--to", target)


@pytest.mark.parametrize(
    "ill",
    [
        "NEW.name := 'other'; RETURN NEW",  # written otherwise
        "RETURN NULL",  # not written
        "RAISE EXCEPTION 'disk full'",
    ],
)
def test_a_move_that_fails_leaves_the_target_empty_and_may_be_made_again(
    sira: Command, target: str, ill: str
) -> None:
    filled(sira)
    with sira.database() as db:
        before = db.read_now(contents)
    migrate.upgrade(target)
    with connect(target) as conn:
        body = f"$$ BEGIN {ill}; END $$ LANGUAGE plpgsql"
        conn.execute(f"CREATE FUNCTION ill() RETURNS trigger AS {body}".encode())
        conn.execute(
            b"CREATE TRIGGER ill BEFORE INSERT ON place FOR EACH ROW EXECUTE FUNCTION ill()"
        )

    assert "table `place`" in sira.refused("move", "--to", target)

    assert rows_in(target) == 0
    with sira.database() as db:
        assert db.read_now(contents) == before
    with connect(target) as conn:
        conn.execute(b"DROP TRIGGER ill ON place")
    sira.ok("move", "--to", target)
    with opened(target) as db:
        assert db.read_now(contents) == before


def test_a_text_that_postgresql_does_not_take_is_named(sira: Command, target: str) -> None:
    filled(sira)
    with sira.database() as db:
        db.write_now(lambda conn: conn.exec_driver_sql("UPDATE place SET country = 'Mali'"))

    said = sira.refused("move", "--to", target)

    assert "table `place`: country of" in said
    assert "has 4 letters, 2 is the most" in said


def test_a_target_in_use_is_not_waited_for_long(sira: Command, target: str) -> None:
    migrate.upgrade(target)
    with connect(target) as conn, conn.transaction():
        conn.execute(b"LOCK TABLE report IN ACCESS SHARE MODE")

        assert "somebody is using the target" in sira.refused("move", "--to", target)


@pytest.mark.parametrize(
    ("to", "says"), [("sqlite:///other.db", "for PostgreSQL"), ("mysql://x", "not supported")]
)
def test_only_postgresql_is_moved_to(sira: Command, to: str, says: str) -> None:
    assert says in sira.refused("move", "--to", to)


def test_no_password_is_shown(sira: Command, target: str) -> None:
    said = sira.ok("move", "--to", target.replace("postgres:@", "postgres:secret@"))

    assert "secret" not in said.output
    assert "postgres:***@" in said.stderr


def test_a_target_that_does_not_answer_is_named_and_not_the_source(sira: Command) -> None:
    filled(sira)

    said = sira.refused("move", "--to", "postgresql://127.0.0.1:1/sira")

    assert "the target fails" in said
    assert "SIRA_DATABASE_URL" not in said
    with sira.database() as db:
        assert db.read_now(contents)["report"]
