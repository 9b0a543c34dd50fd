"""What an organisation's messages cost is what the provider charged, whatever they said."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import smsutil
from twilio.request_validator import RequestValidator

from app.db.engine import Database
from app.flows.people import sign_in_code
from app.flows.people.sign_in_code import Browser
from app.flows.people.try_contact import try_contact
from app.subscribers.countries import MICROS
from tests.harness.api import shipped_config
from tests.harness.texting import answer_in
from tests.harness.twilio import TOKEN
from tests.harness.world import PUBLIC_URL, ROUTE, World, a_world

CALLER, WRITER = "+15005550007", "+15005550008"
IVORIAN, CALLED = "+2250501020304", "+22376120071"


class Operator:
    """Whoever sends test messages."""

    key_id = "operator"

    def must_see(self, organisation_id: str, *, what: str) -> None:
        """Everything."""


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    templates = {"fr": {"alert": "HX" + "a" * 32}}
    scripts = replace(shipped_config().scripts, whatsapp=templates)
    senders = {"voice_from": CALLER, "whatsapp_from": WRITER}
    async with a_world(db, senders=senders, scripts=scripts) as running:
        yield running
        assert running.twilio.bad_requests == []


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # tests/db/test_money has the SQL
async def test_every_kind_of_message_is_in_the_ledger(world: World) -> None:
    boss = await world.subscriber("boss", email=False)
    deputy = await world.person("deputy", email=False)
    beyond = await added(world, phone=CALLED, channels=["voice", "whatsapp"])
    wish = {"contact_id": beyond, "routes": [ROUTE], "cargoes": ["fuel"]}
    assert (await world.api.admin.post("/v1/subscriptions", json=wish)).status_code == 201
    boss_steps = [{"contact_ids": [boss.contact_id]}, {"contact_ids": [deputy.contact_id]}]
    await world.api.admin.put(
        f"/v1/organisations/{boss.organisation_id}/escalation", json={"steps": boss_steps}
    )

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(minutes=20))
    await world.service.escalate()
    await world.quiet()
    reply = await writes(world, str(boss.phone), "ETAT KAYES")
    await tries(world, deputy.contact_id)
    await added(world, phone=IVORIAN, confirm=True)
    await world.until(lambda: bool(world.twilio.to(IVORIAN)))
    await signs_in(world, boss.contact_id, str(boss.phone))
    await world.service.settle_spending()
    await runs_short(world)

    tariff = world.service.context.config.countries
    charged = sum(
        _parts(one["body"]) * tariff.tariff_of(one["to"]).price
        for one in world.twilio.messages
        if not one["to"].startswith("whatsapp:")
    )
    charged += sum(
        tariff.tariff_on("whatsapp", one["to"].removeprefix("whatsapp:")).price
        for one in world.twilio.messages
        if one["to"].startswith("whatsapp:")
    )
    charged += sum(tariff.tariff_on("voice", one["To"]).price for one in world.twilio.calls)
    charged += _parts(reply) * tariff.tariff_of(str(boss.phone)).price
    costs = (await world.api.subscriber(boss.organisation_id).get("/v1/costs")).json()
    assert round(costs["cost"] * MICROS) == charged
    assert costs["reserved"] == 0
    assert costs["messages"] == len(world.twilio.messages) + len(world.twilio.calls) + 1
    said = {one["level"] for one in costs["levels"]}
    assert said == {"severe", "unknown", "reply", "invitation", "sign_in", "notice"}
    assert {"CI/mtn", "ML", "voice:ML", "whatsapp:ML"} == {
        one["tariff"] for one in costs["countries"]
    }


async def added(world: World, **body: object) -> str:
    """Add a contact to the one organisation; return his id."""
    body |= {"name": "Awa", "organisation_id": world.organisation_id}
    made = await world.api.admin.post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def writes(world: World, phone: str, text: str) -> str:
    """Let somebody write by SMS; return what he is answered."""
    form = {"MessageSid": "SM" + "1" * 32, "From": phone, "To": CALLER, "Body": text}
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/v1/twilio/inbound", form)
    client, headers = world.api.client(), {"X-Twilio-Signature": signed}
    await client.post("/v1/twilio/inbound", data=form, headers=headers)
    again = await client.post("/v1/twilio/inbound", data=form, headers=headers)
    return str(answer_in(again.text))  # of two deliveries one is answered


async def tries(world: World, contact_id: str) -> None:
    context, now = world.service.context, world.clock.now()
    await world.db.write(
        lambda conn: try_contact(conn, contact_id, insider=Operator(), context=context, now=now)
    )
    await world.quiet()


async def signs_in(world: World, contact_id: str, phone: str) -> None:
    await world.api.admin.put(f"/v1/contacts/{contact_id}/sign-in")
    browser = Browser(visit="v", known="", network="127.0.0.1")
    context, now = world.service.context, world.clock.now()
    before = len(world.twilio.to(phone))
    assert await world.db.write(
        lambda conn: sign_in_code.ask(conn, phone, browser, context=context, now=now)
    )
    await world.until(lambda: len(world.twilio.to(phone)) > before)


async def runs_short(world: World) -> None:
    """Let the money be gone; the organisation hears of it, by SMS as it has no mailbox."""
    body = {"monthly": "0.01", "reserve": "100"}
    before = len(world.twilio.messages)
    await world.api.admin.put(f"/v1/organisations/{world.organisation_id}/budget", json=body)
    await world.service.settle_spending()
    await world.until(lambda: len(world.twilio.messages) > before)
    await world.stop_worker()  # what was sent has been written down


def _parts(text: str) -> int:
    return len(smsutil.split(text).parts)
