"""An alert is withdrawn while half of it is out: who was told hears so, and nobody else does."""

import pytest

from app.delivery.delivery import Status
from app.delivery.outbox import chunks
from app.delivery.outbox.fanning import fan_out_step
from app.subscribers.store.contacts import delete_contact
from tests.db.test_claims import claim, record
from tests.harness.outbox import NOW, Outbox


def a_step(outbox: Outbox, alert: str, after: str | None) -> str | None:
    return outbox.db.write_now(
        lambda conn: fan_out_step(
            conn, alert, languages=["fr", "en"], after=after, chunk=2, now=NOW, policy=None
        )
    ).next_after


@pytest.mark.parametrize("status", [Status.SENT, Status.IN_DOUBT, Status.SENDING])
def test_withdrawn_in_the_middle_of_its_fan_out(
    outbox: Outbox, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_FIRST_CHUNK", 2)
    contacts = [outbox.contact() for _ in range(6)]
    alert = outbox.alert()
    outbox.contact(routes=["ML-GAO"])

    after = a_step(outbox, alert, None)
    out = claim(outbox)
    if status is not Status.SENDING:
        for one in out:
            record(outbox, one, status=status, outcome="x", provider_id=None)
    end = outbox.end(alert)
    while after is not None:
        after = a_step(outbox, alert, after)
    outbox.fan_out(end)
    left = claim(outbox)

    reached = {one.contact_id for one in out}
    assert len(reached) == 2
    assert reached < set(contacts)
    assert {(one.alert_id, one.contact_id) for one in left} == {(end, one) for one in reached}
    told = outbox.deliveries(alert)
    assert {told[one, "sms"] for one in contacts if one not in reached} <= {"suppressed"}
    assert outbox.told(end) == reached


def test_who_was_deleted_while_the_alert_was_in_the_air_hears_nothing_more(
    outbox: Outbox,
) -> None:
    stays, goes = outbox.contact(), outbox.contact()
    alert = outbox.alert()
    outbox.fan_out(alert)
    out = claim(outbox)
    outbox.db.write_now(lambda conn: delete_contact(conn, goes))
    for one in out:
        record(outbox, one, outcome="accepted")
    outbox.fan_out(outbox.end(alert))

    left = claim(outbox)

    assert [one.contact_id for one in left] == [stays]
    assert set(outbox.deliveries(alert).values()) == {"sent"}
