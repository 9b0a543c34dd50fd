"""A driver on WhatsApp: an approved template out, the same words as by SMS back."""

import json
from collections.abc import AsyncIterator

import pytest
from twilio.request_validator import RequestValidator

from app.channels.scripts import Scripts
from app.db.engine import Database
from tests.harness.reached import a_driver
from tests.harness.texting import answer_in
from tests.harness.twilio import ACCOUNT, TOKEN
from tests.harness.world import PUBLIC_URL, ROUTE, World, a_world

NUMBER, SENDER = "+22376120001", "+15005550008"
ALERT, END = "HX" + "a" * 32, "HX" + "e" * 32


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    scripts = Scripts(whatsapp={"fr": {"alert": ALERT, "withdrawal": END}})
    async with a_world(db, senders={"whatsapp_from": SENDER}, scripts=scripts) as running:
        yield running
        assert running.twilio.bad_requests == []


async def says(world: World, text: str, sid: str) -> str | None:
    """Let the driver write on WhatsApp; return what he is answered."""
    form = {
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{NUMBER}",
        "To": f"whatsapp:{SENDER}",
        "Body": text,
    }
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/v1/twilio/inbound", form)
    answer = await world.api.client().post(
        "/v1/twilio/inbound", data=form, headers={"X-Twilio-Signature": signed}
    )
    assert answer.status_code == 200, answer.text
    return answer_in(answer.text)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_an_alert_and_its_end_go_by_template_and_are_seen_to_be_read(world: World) -> None:
    # there is no template in English: better in French than not
    await a_driver(world, NUMBER, by="whatsapp", language="en")

    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (sent,) = world.twilio.messages
    await world.calls_back(sent, "read")
    await world.decides(report.incident_id, status="refuted")

    assert (sent["to"], sent["sender"]) == (f"whatsapp:{NUMBER}", f"whatsapp:{SENDER}")
    assert [one["template"] for one in world.twilio.messages] == [ALERT, END]
    variables = json.loads(sent["body"])
    assert list(variables) == ["1", "2", "3"]
    assert "Lakamané" in variables["1"]
    assert all(words.strip() and "\n" not in words for words in variables.values())
    first = (await world.alerts(type="alert", cargo="fuel", route=ROUTE))[0]
    (delivery,) = await world.deliveries(first["id"])
    assert (delivery["channel"], delivery["status"]) == ("whatsapp", "delivered")


async def test_who_writes_on_whatsapp_is_understood_and_may_leave_it(world: World) -> None:
    contact_id = await a_driver(world, NUMBER, by="whatsapp")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    noted = await says(world, "OK", "SM" + "1" * 32)
    again = await says(world, "OK", "SM" + "1" * 32)
    asked = await says(world, "ETAT KAYES", "SM" + "2" * 32)
    left = await says(world, "STOP", "SM" + "3" * 32)
    contact = await world.api.admin.get(f"/v1/contacts/{contact_id}")

    (alert,) = await world.alerts(cargo="fuel", route=ROUTE)
    assert alert["acknowledged_at"] is not None
    assert noted is not None
    assert noted == again
    assert asked is not None
    assert left is not None
    assert contact.json()["status"] == {"whatsapp": "opted_out"}
