"""`sira keys` and `sira migrate`."""

import json

import pytest
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


def test_keys_are_listed_without_what_opens(sira: Command) -> None:
    key = sira.ok("keys", "create", "--scope", "reporter", "--name", "Radio Kayes").stdout.strip()
    sira.ok("keys", "create", "--scope", "admin")

    first, second = sira.ok("keys", "list").stdout.splitlines()

    assert first.split()[1:3] == ["reporter", "live"]
    assert first.endswith("  -  Radio Kayes")
    assert second.split()[1:3] == ["admin", "live"]
    assert key not in first


@pytest.mark.parametrize("by_id", [True, False])
def test_a_key_is_revoked_by_its_id_or_by_itself(sira: Command, *, by_id: bool) -> None:
    key = sira.ok("keys", "create", "--scope", "reporter").stdout.strip()
    (line,) = sira.ok("keys", "list").stdout.splitlines()

    result = sira.ok("keys", "revoke", line.split()[0] if by_id else key)

    assert key not in result.output
    (line,) = sira.ok("keys", "list").stdout.splitlines()
    assert line.split()[2] == "revoked"
    with sira.database() as db:
        rows = db.read_now(lambda conn: conn.execute(select(AuditRow.__table__)).all())
    assert [(row.actor, row.action) for row in rows] == [
        ("cli", "key.created"),
        ("cli", "key.revoked"),
    ]


def test_what_cannot_be_revoked_is_told(sira: Command) -> None:
    key = sira.ok("keys", "create", "--scope", "admin").stdout.strip()

    assert "No other admin key is live" in sira.refused("keys", "revoke", key)
    assert "no key with this id" in sira.refused("keys", "revoke", "01")
    foreign = f"sira_a_{'x' * 43}"
    said = sira.refused("keys", "revoke", foreign)
    assert "none of this installation's" in said
    assert foreign not in said


def test_migrate_makes_a_database_and_says_which_rules_are_in_force(sira: Command) -> None:
    fresh = f"sqlite:///{sira.folder / 'made' / 'fresh.db'}"

    result = sira.ok("migrate", SIRA_DATABASE_URL=fresh)

    assert result.stdout == "database at this version, rule set 1 in force\n"
