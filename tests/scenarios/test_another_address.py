"""Whose number or address was wrong while a danger was told hears of it once that is put right."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.db.tables import DeliveryRow
from tests.harness.people import Phone
from tests.harness.twilio import Fault
from tests.harness.world import World

pytestmark = pytest.mark.alike
HOUR = timedelta(hours=1)
NEW = "+22376129999"


async def told(world: World) -> None:
    """Let the clock's job tell what waits, twice as after a crash."""
    for _ in range(2):
        await world.service.tell_waiting()
        await world.quiet()


async def given(world: World, name: str, **address: str) -> None:
    """Give a contact another address, and let some time pass for what follows."""
    await world.passes(HOUR)
    contact_id = world.people[name].contact_id
    changed = await world.api.admin.patch(f"/v1/contacts/{contact_id}", json=address)
    assert changed.status_code == 200, changed.text
    await told(world)


@pytest.mark.parametrize("status", ["failed", "undelivered", "expired"])
async def test_what_did_not_arrive_goes_to_the_new_number_and_so_does_its_end(
    world: World, status: str
) -> None:
    old = (await world.subscriber("driver")).phone
    world.twilio.fault = lambda form: Fault.error(400, 21211) if form["To"] == old else None
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    ended = update(DeliveryRow).values(status=status)
    world.db.write_now(lambda conn: conn.execute(ended.where(DeliveryRow.status == "failed")))

    await given(world, "driver", phone=NEW)
    phone = Phone(NEW, world.twilio)
    phone.received("DANGER GRAVE carburant", "Lakaman")
    await given(world, "driver", phone=NEW)  # once more as it is
    assert len(phone.texts) == 1

    await world.decides(report.incident_id, status="refuted")
    phone.received("ANNULATION")
    assert len(phone.texts) == 2


async def test_who_heard_of_it_is_told_nothing_again(world: World) -> None:
    await world.subscriber("driver")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (heard,) = world.phone("driver").messages
    assert await world.calls_back(heard, "delivered") == 204

    await given(world, "driver", phone=NEW)

    assert Phone(NEW, world.twilio).texts == []


async def test_a_bad_number_is_not_tried_again_because_he_asks_for_more(world: World) -> None:
    await world.subscriber("driver")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (lost,) = world.phone("driver").messages
    assert await world.calls_back(lost, "undelivered", ErrorCode="30005") == 204
    await world.passes(HOUR)

    await world.subscribes("driver", cargoes=["goods", "fuel"])
    await told(world)

    texts = world.phone("driver").texts
    assert len([text for text in texts if "carburant" in text]) == 1
