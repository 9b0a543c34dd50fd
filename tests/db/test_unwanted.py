"""Addresses that refused before somebody added them, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.tables import AuditRow, ContactChannelRow
from app.delivery.outbox import claiming
from app.flows.people.opt_out import heed_refusal
from app.subscribers.store import unwanted
from tests.harness.outbox import NOW, Outbox


@pytest.mark.parametrize("starts", [False, True])
def test_a_start_that_comes_while_a_message_is_taken_is_not_undone(
    outbox: Outbox, *, starts: bool
) -> None:
    contact = outbox.contact()
    index = outbox.one(select(ContactChannelRow.blind_index))[0]
    outbox.db.write_now(lambda conn: unwanted.remember(conn, index, now=NOW - timedelta(days=1)))
    outbox.fan_out(outbox.alert())
    refused: list[str] = []
    taken = outbox.db.write_now(
        lambda conn: claiming.claim(
            conn, owner="w", channel="sms", limit=9, now=NOW, lease=timedelta(minutes=1),
            refused=refused.append,
        )
    )  # fmt: skip

    if starts:  # on PostgreSQL before the message that was taken is written down as refused
        outbox.db.write_now(lambda conn: unwanted.forget(conn, [index]))
    for one in refused:
        outbox.db.write_now(lambda conn, one=one: heed_refusal(conn, one, now=NOW))  # type: ignore[misc]

    said = outbox.db.read_now(lambda conn: conn.scalars(select(AuditRow.subject_id)).all())
    assert (len(taken), len(refused)) == (0, 1)
    assert outbox.one(select(ContactChannelRow.status))[0] == ("active" if starts else "opted_out")
    assert said == ([] if starts else [contact])
