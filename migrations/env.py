"""Alembic environment: one history for SQLite and PostgreSQL."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import app.db.tables  # noqa: F401 - fills Base.metadata
from app.db.base import Base
from app.db.migrate import migration_engine
from app.db.types import UtcDateTime

#: Any number; two processes that migrate one PostgreSQL database take turns on it.
MIGRATION_LOCK = 7_316_521
#: How long a migration waits for a table in use, and reports wait for the migration.
LOCK_TIMEOUT = "2s"


def database_url() -> str:
    """Return the URL of the caller (programs), of `-x url=...` or of the settings."""
    if url := context.config.attributes.get("url"):
        return str(url)
    if url := context.get_x_argument(as_dictionary=True).get("url"):
        return str(url)
    from app.environment import load_settings  # noqa: PLC0415 - only the command line needs them

    return load_settings().database_url


def render_item(kind: str, value: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write plain column types into migrations, so that old ones never depend on today's code."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations in one transaction, alone."""
    engine = migration_engine(database_url())
    with engine.connect() as conn:
        context.configure(
            connection=conn,
            target_metadata=Base.metadata,
            render_as_batch=conn.dialect.name == "sqlite",
            transactional_ddl=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            if conn.dialect.name == "postgresql":
                conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                # whoever waits for a table keeps out all who come after: better try again later
                conn.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            context.run_migrations()
    engine.dispose()


run()
