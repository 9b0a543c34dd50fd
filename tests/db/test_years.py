"""What runs every few seconds costs the same after years as on the first day."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from app.core.ids import new_id
from app.core.levels import Level
from app.db.tables import AlertRow, DeliveryRow, EscalationContactRow
from app.delivery.outbox import call_rounds
from tests.harness.effort import steps
from tests.harness.outbox import NOW, ORGANISATION, Outbox

YEAR = timedelta(days=365)


def add_old_alerts(outbox: Outbox, like: str, number: int) -> None:
    """Add alerts of years ago, which others came after, and who was told."""
    row: dict[str, Any] = dict(outbox.one(select(AlertRow.__table__), AlertRow.id == like)._mapping)
    past = [NOW - YEAR - timedelta(hours=one) for one in range(number)]
    old: list[dict[str, Any]] = [
        row
        | {"id": (one := new_id(at)), "bundle_id": one, "chain_id": one, "status": "superseded"}
        | {"created_at": at, "expires_at": at, "fanned_out_at": at}
        for at in past
    ]
    outbox.db.write_now(lambda conn: conn.execute(insert(AlertRow), old))
    told: dict[str, Any] = dict(
        outbox.one(select(DeliveryRow.__table__), DeliveryRow.alert_id == like)._mapping
    )
    then = [
        told | {"id": new_id(one["created_at"]), "alert_id": one["id"]}
        | {"created_at": one["created_at"], "updated_at": one["created_at"], "status": "delivered"}
        for one in old
    ]  # fmt: skip
    outbox.db.write_now(lambda conn: conn.execute(insert(DeliveryRow), then))


@pytest.mark.parametrize("db_kind", ["sqlite"])
def test_who_has_to_answer_is_found_without_a_look_at_what_was_said_years_ago(
    outbox: Outbox,
) -> None:
    """Every 15 s the one writer walked along every alert there ever was, once an organisation."""
    contact, alert = outbox.contact(), outbox.alert()
    outbox.fan_out(alert)
    outbox.run(update(AlertRow).values(fanned_out_at=NOW))
    outbox.run(
        insert(EscalationContactRow).values(
            organisation_id=ORGANISATION, contact_id=contact, step=1, since=NOW - 3 * YEAR
        )
    )

    def look(conn: Connection) -> tuple[int, int]:
        with steps(conn) as effort:
            found = call_rounds.list_unopened(conn, levels=[Level.SEVERE], limit=9, now=NOW)
        return len(found), effort.calls

    on_the_first_day = outbox.db.write_now(look)
    add_old_alerts(outbox, alert, 200)

    assert outbox.db.write_now(look) == on_the_first_day
    assert on_the_first_day[0] == 1
