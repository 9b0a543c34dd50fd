"""What waits because a provider refuses our account, as /readyz and moderators are told."""

import pytest
from sqlalchemy import update

from app.db.tables import DeliveryRow
from app.delivery.outbox import standings, vitals
from tests.harness.outbox import NOW, Outbox


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ({"error_code": "20003"}, 1),
        # with two workers, what one was refused the other found resting a second later
        ({"error_code": "resting", "provider": "twilio"}, 1),
        ({"error_code": "resting", "provider": "gateway"}, 0),
        ({"error_code": "unreachable", "provider": "twilio"}, 0),
        ({"error_code": "resting", "provider": "twilio", "status": "expired"}, 0),
    ],
)
def test_what_nobody_tries_while_an_account_is_refused_waits_for_it_too(
    outbox: Outbox, written: dict[str, str], held: int
) -> None:
    outbox.contact()
    outbox.fan_out(outbox.alert())
    outbox.run(update(DeliveryRow).values(attempts=2, **written))
    outbox.db.write_now(
        lambda conn: standings.refuse(conn, "twilio", code="20003", detail="", until=NOW, now=NOW)
    )

    (found,) = outbox.db.read_now(vitals.list_refused)

    assert (found.provider, found.code, found.held) == ("twilio", "20003", held)
