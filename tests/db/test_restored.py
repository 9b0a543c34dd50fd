"""What a restored copy of the outbox does with messages that had not left when it was made."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.db.tables import DeliveryRow
from app.delivery.outbox import restored
from tests.db.test_claims import queued
from tests.harness.outbox import NOW, Outbox


@pytest.mark.parametrize(
    ("waits", "becomes", "code"),
    [
        (None, "in_doubt", "restored"),  # the provider is asked for it
        (timedelta(hours=8), "queued", None),  # the night is not over
        (timedelta(hours=-1), "undelivered", "unsettled"),  # a digest may have said it
    ],
)
def test_what_had_not_left_is_asked_for_waits_on_or_is_listed(
    outbox: Outbox, waits: timedelta | None, becomes: str, code: str | None
) -> None:
    alert = queued(outbox)
    tell_at = NOW + waits if waits else None
    outbox.run(update(DeliveryRow).values(tell_at=tell_at))

    outbox.db.write_now(lambda conn: restored.doubt_unsent(conn, now=NOW))

    (row,) = outbox.db.read_now(
        lambda conn: conn.execute(
            DeliveryRow.__table__.select().where(DeliveryRow.alert_id == alert)
        ).all()
    )
    assert (row.status, row.error_code) == (becomes, code)
    assert (row.tell_at is not None) == (becomes == "queued")
