"""`sira vault rotate`, by the procedure of its help."""

import base64
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.tables import AuditRow, ContactChannelRow
from app.subscribers.vault import Vault
from tests.harness.command import Command


def test_after_a_rotation_the_old_key_can_be_dropped(sira: Command) -> None:
    sira.ok("subscribe", "--phone", "+223 65 01 23 45")
    file = sira.folder / "vault.keys"
    old, index = file.read_text().split()
    new = f"k2:{base64.b64encode(os.urandom(32)).decode()},"
    file.write_text(f"{new}\n{old}\n{index}")

    result = sira.ok("vault", "rotate")

    assert result.stdout == "every name and address is sealed with the key `k2`\n"
    file.write_text(f"{new}\n{index}")
    sira.ok("migrate")  # proves that the vault opens what the database holds
    with sira.database() as db:
        row = db.read_now(lambda conn: conn.execute(select(ContactChannelRow.__table__)).one())
        actions = db.read_now(lambda conn: set(conn.scalars(select(AuditRow.action))))
    opened = Vault.parse(file.read_text()).open(
        row.address_sealed, row_id=row.contact_id, field="sms"
    )
    assert opened == "+22365012345"
    assert "vault.rotated" in actions


def test_a_key_dropped_before_the_rotation_is_missed(sira: Command) -> None:
    sira.ok("subscribe", "--phone", "+223 65 01 23 45")
    file = sira.folder / "vault.keys"
    _, index = file.read_text().split()
    new = f"k2:{base64.b64encode(os.urandom(32)).decode()},"
    file.write_text(f"{new}\n{index}")

    assert "`k1`" in sira.refused("vault", "rotate")


@pytest.mark.parametrize(
    "words", [("vault", "rotate"), ("trust-clock",), ("escalation", "--organisation", "any")]
)
def test_what_is_done_to_a_service_begins_no_database(
    sira: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """In another folder nothing would have been sealed anew, and the old key dropped for it."""
    there = tmp_path / "elsewhere" / "sira.db"

    said = sira.refused(*words, SIRA_DATABASE_URL=f"sqlite:///{there}")

    assert str(there) in said
    assert "SIRA_DATABASE_URL" in said
    assert not there.parent.exists()


def test_who_subscribes_somebody_elsewhere_is_told_that_the_service_does_not_know(
    sira: Command, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere.db"
    words = ("subscribe", "--phone", "+223 65 01 23 45")

    begun = sira.ok(*words, SIRA_DATABASE_URL=f"sqlite:///{there}", SIRA_VAR_DIR=str(tmp_path))
    known = sira.ok(*words)

    assert f"{there}: there was no database, a new one begins" in begun.stderr
    assert "there was no database" not in known.stderr


def test_whoever_starts_the_service_for_the_first_time_is_not_asked_whether_it_is_meant(
    sira: Command, tmp_path: Path
) -> None:
    there = tmp_path / "new.db"

    begun = sira.ok("migrate", SIRA_DATABASE_URL=f"sqlite:///{there}", SIRA_VAR_DIR=str(tmp_path))

    assert f"{there}: a new database begins" in begun.stderr
    assert "Is that not meant?" not in begun.stderr


@pytest.mark.parametrize("name", ["sira.db?timeout=20", "s%69ra.db"])
def test_a_database_is_found_as_its_url_is_read(sira: Command, name: str, tmp_path: Path) -> None:
    url = f"sqlite:///{sira.folder / name}"

    for words in (("vault", "rotate"), ("check",), ("backup", tmp_path / "copy.tar.gz")):
        sira.ok(*words, SIRA_DATABASE_URL=url)

    assert "rule set 1 is" in sira.ok("check", SIRA_DATABASE_URL=url).stdout
