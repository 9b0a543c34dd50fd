"""Whose word of duress came in the last week before the upgrade is held to be forced after it."""

from sqlalchemy import text

from app.db import migrate
from app.db.migrate import _config, migration_engine

COLUMNS = "id, provider, message_id, at, sender, phone_index, replied, action, outcome, duress"
TRUE = {"sqlite": "1", "postgres": "true"}


def test_who_wrote_the_word_of_late_is_held(empty_database_url: str, db_kind: str) -> None:
    from alembic import command  # noqa: PLC0415 - as the application does

    config = _config(empty_database_url)
    command.upgrade(config, "0017")
    engine = migration_engine(empty_database_url)
    word = {True: TRUE[db_kind], False: TRUE[db_kind].replace("1", "0").replace("true", "false")}
    heard = [
        ("a", "2026-01-01 00:00:00", True),
        ("b", "2026-01-20 00:00:00", True),
        ("b", "2026-01-21 00:00:00", True),
        ("c", "2026-01-22 00:00:00", False),
    ]
    with engine.begin() as conn:
        for number, (phone, at, forced) in enumerate(heard):
            conn.execute(
                text(
                    f"INSERT INTO inbound ({COLUMNS}) VALUES ('{number}', 'p', '{number}', '{at}',"
                    f" 'reporter', '{phone}', {word[True]}, 'report', 'done', {word[forced]})"
                )
            )

    migrate.upgrade(empty_database_url)

    with engine.connect() as conn:
        held = conn.execute(text("SELECT phone_index, inbound_id FROM forced_sender")).all()
    engine.dispose()
    assert [tuple(one) for one in held] == [("b", "1")]
