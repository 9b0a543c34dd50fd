"""`sira returned-mail`: called by a mail server, with a mail that came back."""

from os import EX_TEMPFAIL
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.tables import DeliveryRow
from app.subscribers.stop_link import stop_link
from app.subscribers.vault import Vault, new_keys
from tests.harness.command import Command
from tests.harness.outbox import NOW, Outbox
from tests.harness.returned import a_complaint, a_mail, a_return

SMTP = {"SIRA_SMTP__HOST": "127.0.0.1", "SIRA_SMTP__FROM": "Sira <alerts@sira.example>"}


def test_each_mail_is_taken_and_said_what_it_was(sira: Command, tmp_path: Path) -> None:
    with sira.database() as db:
        outbox = Outbox(db)
        outbox.contact(email="awa@union.example")
        alert = outbox.alert()
        outbox.fan_out(alert)
        outbox.set_delivery(alert, status="delivered", provider="smtp", due_at=NOW)
        delivery = outbox.one(select(DeliveryRow.id)).id
    back, late = tmp_path / "back", tmp_path / "late"
    back.write_bytes(a_return(delivery))
    late.write_bytes(a_return(delivery, action="delayed"))

    shown = sira.ok("returned-mail", back, late, **SMTP).stdout.splitlines()

    assert shown == [
        "a message came back: it counts as undelivered",
        "no report that a message did not arrive",
    ]
    with sira.database() as db:
        row = db.read_now(lambda conn: conn.execute(select(DeliveryRow.status)).one())
    assert row.status == "undelivered"


def test_a_complaint_is_known_by_the_keys_where_they_are(sira: Command, tmp_path: Path) -> None:
    keys = new_keys()
    with sira.database() as db:
        outbox = Outbox(db, vault=Vault.parse(keys))
        outbox.contact(email="awa@union.example")
        alert = outbox.alert()
        outbox.fan_out(alert)
        outbox.set_delivery(alert, status="delivered", provider="smtp", due_at=NOW)
        delivery = outbox.one(select(DeliveryRow.id)).id
        link = stop_link(delivery, outbox.vault.token)
    mail = tmp_path / "mail"
    mail.write_bytes(a_complaint(a_mail(delivery, stop_link=link)))

    without = sira.ok("returned-mail", mail, **SMTP)
    (sira.folder / "vault.keys").write_text(keys, encoding="ascii")
    shown = sira.ok("returned-mail", mail, **SMTP)

    assert without.stdout == (
        "a reader called a message spam, and nothing proves it: nothing is changed\n"
    )
    assert "without the vault's keys" in without.stderr
    assert shown.stdout == "a reader called a message spam: no more is written to the address\n"


@pytest.mark.parametrize(
    "wrong", [{}, SMTP | {"SIRA_DATABASE_URL": "postgresql://127.0.0.1:1/sira"}]
)
def test_a_mail_that_cannot_be_taken_now_is_kept_by_the_mail_server(
    sira: Command, tmp_path: Path, wrong: dict[str, str]
) -> None:
    mail = tmp_path / "mail"
    mail.write_bytes(a_return("01991e0a-1000-72cf-b78c-000000000000"))

    assert sira.run("returned-mail", mail, **wrong).exit_code == EX_TEMPFAIL
