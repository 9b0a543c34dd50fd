"""`sira move`."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import make_url

from app.cli.frame import done, fail, reported, say
from app.core.clock import SystemClock
from app.environment import load_settings
from app.flows.upkeep.move import move as move_database
from app.flows.upkeep.open_vault import KEY_FILE
from app.settings import Settings, named_driver


def move(
    *,
    to: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="postgresql://USER@HOST/DATABASE, a new one; the password is best left to"
            " ~/.pgpass or PGPASSWORD.",
        ),
    ],
) -> None:
    """Move everything from SQLite into a new PostgreSQL database. Stop every process first."""
    with reported():
        settings = load_settings()
        target = _target(to)
        if (file := settings.database_file) is None:
            fail("the database is PostgreSQL already: pg_dump and pg_restore move it")
        moved = move_database(
            file,
            target,
            now=SystemClock().now(),
            tell=lambda table, rows: say(f"{table}: {rows}") if rows else None,
        )
    tables = sum(1 for rows in moved.rows.values() if rows)
    say(_next(settings, target, moved.aside))
    done(f"moved {sum(moved.rows.values())} rows of {tables} tables, compared")


def _target(text: str) -> str:
    try:
        url = named_driver(text)
    except ValueError as error:
        fail(f"--to {error}", error)
    if url.startswith("sqlite"):
        fail("--to is for PostgreSQL: `sira backup` and `sira restore` move SQLite elsewhere")
    return url


def _next(settings: Settings, target: str, aside: Path) -> str:
    shown = make_url(target).set(drivername="postgresql").render_as_string(hide_password=True)
    keys = (
        "SIRA_VAULT_KEYS"
        if settings.vault_keys is not None
        else f"{(settings.var_dir / KEY_FILE).absolute()}"
    )
    return f"""The database that was moved is now {aside}: nothing works on it any more.
Next, on every machine:
1. SIRA_DATABASE_URL={shown} (with its password, unless ~/.pgpass has it)
2. the same vault keys ({keys}): without them nobody can be reached, and nothing starts
3. the same config/ and the same other settings; SIRA_LISTEN_URL where PgBouncer is in front
4. `sira serve`, or `sira serve --api-only` and `sira worker`. What waited is sent from there.
Back up with pg_dump from now on: `sira backup` is for SQLite."""
