"""`sira keys create` and `sira migrate`."""

import json

from sqlalchemy import select

from app.accounts import store as accounts
from app.accounts.keys import hash_key
from app.db.tables import AuditRow
from tests.harness.command import Command


def test_the_key_stands_alone_on_standard_output(sira: Command) -> None:
    result = sira.ok("keys", "create", "--scope", "admin", SIRA_LOG_LEVEL="DEBUG")

    (key,) = result.stdout.splitlines()
    with sira.database() as db:
        found = db.read_now(lambda conn: accounts.find_key_by_hash(conn, hash_key(key)))
    assert found is not None
    assert found.scope == "admin"
    # colleagues are told apart by it at the desk
    assert found.name == f"admin {found.created_at:%Y-%m-%d %H:%M:%S}"
    assert "vault.keys_made" in result.stderr
    assert key not in result.stderr


def test_a_key_is_on_the_record_without_itself(sira: Command) -> None:
    key = sira.ok("keys", "create", "--scope", "reporter").stdout.strip()

    with sira.database() as db:
        (entry,) = db.read_now(lambda conn: conn.execute(select(AuditRow.__table__)).all())
    assert (entry.actor, entry.action, entry.detail) == (
        "cli",
        "key.created",
        {"scope": "reporter"},
    )
    assert key not in json.dumps(entry._asdict(), default=str)


def test_a_subscribers_key_needs_an_organisation_that_exists(sira: Command) -> None:
    assert "--organisation" in sira.refused("keys", "create", "--scope", "subscriber")
    assert "no organisation" in sira.refused(
        "keys", "create", "--scope", "subscriber", "--organisation", "nobody"
    )
    assert "bound to no organisation" in sira.refused(
        "keys", "create", "--scope", "admin", "--organisation", "nobody"
    )


def test_migrate_makes_a_database_and_says_which_rules_are_in_force(sira: Command) -> None:
    fresh = f"sqlite:///{sira.folder / 'made' / 'fresh.db'}"

    result = sira.ok("migrate", SIRA_DATABASE_URL=fresh)

    assert result.stdout == "database at this version, rule set 1 in force\n"
