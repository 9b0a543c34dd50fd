"""Messages that came before anything could be set aside wait, and are set aside, after it."""

from sqlalchemy import text

from app.db import migrate
from app.db.migrate import _config, migration_engine

COLUMNS = "id, provider, message_id, at, sender, replied, action, outcome, duress"
FALSE = {"sqlite": "0", "postgres": "false"}
TRUE = {"sqlite": "1", "postgres": "true"}


def test_what_was_kept_before_stays_and_waits(empty_database_url: str, db_kind: str) -> None:
    from alembic import command  # noqa: PLC0415 - as the application does

    config = _config(empty_database_url)
    command.upgrade(config, "0019")
    engine = migration_engine(empty_database_url)
    no, yes = FALSE[db_kind], TRUE[db_kind]
    with engine.begin() as conn:
        for number, forced in enumerate([no, yes]):
            conn.execute(
                text(
                    f"INSERT INTO inbound ({COLUMNS}) VALUES ('{number}', 'p', '{number}',"
                    f" '2026-01-01 00:00:00', 'unknown', {no}, 'report', 'unknown', {forced})"
                )
            )

    migrate.upgrade(empty_database_url)

    with engine.begin() as conn:
        kept = conn.execute(
            text("SELECT id, for_person, set_aside_at, set_aside_by FROM inbound ORDER BY id")
        ).all()
        waits = text(
            "SELECT count(*) FROM inbound WHERE for_person IS NOT"
            f" {no} AND at >= '2025-12-31 00:00:00'"
        )
        counted = conn.scalar(waits)
    command.downgrade(config, "0019")
    with engine.begin() as conn:
        left = conn.scalar(text("SELECT count(*) FROM inbound"))
    engine.dispose()
    assert [tuple(one) for one in kept] == [("0", None, None, None), ("1", None, None, None)]
    assert (counted, left) == (2, 2)
