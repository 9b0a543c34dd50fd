"""Whose number or address was wrong while a danger was told hears of it once that is put right."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.tables import DeliveryRow, ReceiptRow
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


async def lost(world: World, times: int = 1) -> tuple[str, dict[str, str]]:
    """Let a warning be lost at the number of before; return its incident and the message."""
    await world.subscriber("driver")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (message,) = world.phone("driver").messages
    assert await world.calls_back(message, "undelivered", ErrorCode="30005") == 204
    tried = update(DeliveryRow).values(attempts=times)
    world.db.write_now(lambda conn: conn.execute(tried))
    return report.incident_id, message


async def only(world: World) -> dict[str, Any]:
    """Return the only delivery there is."""
    alerts = await world.alerts()
    (delivery,) = [one for alert in alerts for one in await world.deliveries(alert["id"])]
    return delivery


async def test_the_new_number_has_as_many_tries_as_any(world: World) -> None:
    most = world.service.context.config.delivery.max_attempts
    await lost(world, times=most)

    world.twilio.fault = lambda form: Fault.error(400, 30008) if form["To"] == NEW else None
    await given(world, "driver", phone=NEW)
    assert (await only(world))["status"] == "queued"  # at its first hiccup
    world.twilio.fault = lambda _: None
    await world.passes(HOUR)

    Phone(NEW, world.twilio).received("DANGER GRAVE carburant", "Lakaman")
    assert (await only(world))["attempts"] == most + 2


@pytest.mark.parametrize(
    "late", [{"status": "delivered"}, {"status": "undelivered", "ErrorCode": "21610"}]
)
async def test_a_late_word_of_the_old_number_says_nothing_of_the_new_one(
    world: World, late: dict[str, str]
) -> None:
    incident, old = await lost(world)
    world.twilio.fault = lambda form: Fault.error(503, 20503) if form["To"] == NEW else None
    await given(world, "driver", phone=NEW)
    before = await only(world)

    assert await world.calls_back(old, **late) == 204

    assert await only(world) == before
    world.twilio.fault = lambda _: None
    await world.passes(HOUR)
    phone = Phone(NEW, world.twilio)
    phone.received("DANGER GRAVE carburant", "Lakaman")
    (fresh,) = phone.messages
    assert await world.calls_back(old, **late) == 204
    assert (await only(world))["status"] == "sent"
    assert await world.calls_back(fresh, "delivered") == 204
    assert (await only(world))["status"] == "delivered"
    said = select(ReceiptRow.applied).order_by(ReceiptRow.id)
    assert world.db.read_now(lambda conn: conn.scalars(said).all()) == [
        *("undelivered", "ignored", "ignored", "delivered")
    ]

    await world.decides(incident, status="refuted")
    phone.received("ANNULATION")
    assert len(phone.texts) == 2


async def test_who_heard_of_less_than_was_lost_is_told_of_it(world: World) -> None:
    await world.subscriber("driver")
    await world.reports("vehicle_attack", at="Lakamane", cargo="fuel")
    assert await world.level() == "high"
    (heard,) = world.phone("driver").messages
    assert await world.calls_back(heard, "delivered") == 204
    await world.passes(HOUR)
    await world.reports("fuel_interception", at="Diema", cargo="fuel")
    assert await world.level() == "severe"
    missed = world.phone("driver").messages[-1]
    assert missed != heard
    assert await world.calls_back(missed, "undelivered", ErrorCode="30005") == 204

    await given(world, "driver", phone=NEW)

    phone = Phone(NEW, world.twilio)
    phone.received("DANGER GRAVE carburant", "Lakaman")
    await given(world, "driver", phone=NEW)
    assert len(phone.texts) == 1


LATER = "+22376129998"


async def test_the_number_between_two_corrections_says_nothing_of_the_last_one(
    world: World,
) -> None:
    await lost(world)
    await given(world, "driver", phone=NEW)
    (between,) = Phone(NEW, world.twilio).messages
    assert await world.calls_back(between, "undelivered", ErrorCode="30005") == 204

    await given(world, "driver", phone=LATER)
    (fresh,) = Phone(LATER, world.twilio).messages
    before = await only(world)
    assert await world.calls_back(between, "delivered") == 204

    assert await only(world) == before
    assert before["status"] == "sent"
    assert await world.calls_back(fresh, "delivered") == 204
    assert (await only(world))["status"] == "delivered"
    assert len(Phone(LATER, world.twilio).texts) == len(Phone(NEW, world.twilio).texts) == 1


@pytest.mark.parametrize("listed", [False, True])
async def test_a_number_put_right_before_it_is_known_to_be_wrong_is_told_once_it_is(
    world: World, *, listed: bool
) -> None:
    await world.subscriber("driver")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (message,) = world.phone("driver").messages
    await given(world, "driver", phone=NEW)
    if listed:  # nothing was heard of it for so long that it is on the list of whom to call
        await world.service.fail_over()
    assert Phone(NEW, world.twilio).texts == []

    assert await world.calls_back(message, "undelivered", ErrorCode="30005") == 204
    await world.service.fail_over()
    await told(world)

    phone = Phone(NEW, world.twilio)
    phone.received("DANGER GRAVE carburant", "Lakaman")
    await world.service.fail_over()
    await told(world)
    assert len(phone.texts) == 1
    (fresh,) = phone.messages
    assert await world.calls_back(fresh, "undelivered", ErrorCode="30005") == 204
    await world.service.fail_over()
    await told(world)
    assert len(phone.texts) == 1  # nobody knows a better one
    unreached = await world.api.admin.get(f"/v1/alerts/{(await only(world))['alert_id']}/unreached")
    assert [one["status"] for one in unreached.json()["items"]] == ["undelivered"]
    await world.decides(report.incident_id, status="refuted")
    phone.received("ANNULATION")


async def test_another_persons_number_put_right_is_no_reason_to_try_a_bad_one_again(
    world: World,
) -> None:
    await lost(world)
    await world.subscriber("other")
    await told(world)
    (theirs,) = world.phone("other").messages
    assert await world.calls_back(theirs, "undelivered", ErrorCode="30005") == 204
    await given(world, "other", phone=NEW)
    Phone(NEW, world.twilio).received("DANGER GRAVE carburant", "Lakaman")

    await given(world, "other", phone=LATER)
    await world.subscribes("driver", cargoes=["goods", "fuel"])
    await told(world)

    texts = world.phone("driver").texts
    assert len([text for text in texts if "carburant" in text]) == 1


async def test_what_a_lost_message_said_beside_its_own_danger_is_told_at_the_right_number_too(
    world: World,
) -> None:
    await world.subscriber("driver", routes=("ML-DKR-N", "ML-RN4"), cargoes=["fuel", "goods"])
    said: dict[str, Any] = {"region": "Kayes", "summary": "Un groupe bloque la route"}
    await world.reports("blockade_threat", source="AFP", **said)
    await world.reports("blockade_threat", source="RFI", **said)
    for message in world.phone("driver").messages:
        assert await world.calls_back(message, "undelivered", ErrorCode="30005") == 204

    await given(world, "driver", phone=NEW)

    phone = Phone(NEW, world.twilio)
    (text,) = phone.texts
    assert "DANGER GRAVE carburant (marchandises: élevé): Bamako-Kayes-Dakar" in text
    assert "Aussi: Bamako-Nouakchott." in text
    await given(world, "driver", phone=NEW)  # once more as it is
    assert len(phone.texts) == 1
