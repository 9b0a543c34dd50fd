"""`sira vault rotate`, by the procedure of its help."""

import base64
import os

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
