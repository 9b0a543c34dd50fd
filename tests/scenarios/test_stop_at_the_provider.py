"""A phone told the provider to stop, and we hear of it from the provider alone."""

from typing import Any

import pytest

from tests.harness.world import World

PHONE, OTHER_PHONE = "+22376990001", "+22376990002"


async def told(world: World) -> dict[str, str]:
    """Return {organisation: contact} of two that have the same phone, and were told."""
    found = {}
    for name, language in (("Union", "fr"), ("Company", "en")):
        organisation = world.api.organisation(name)
        client = world.api.subscriber(organisation)
        body = {"name": name, "phone": PHONE, "language": language}
        made = await client.post("/v1/contacts", json=body)
        found[organisation] = made.json()["id"]
        wanted = {"contact_id": found[organisation], "cargoes": ["fuel"]}
        assert (await client.post("/v1/subscriptions", json=wanted)).status_code == 201
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    return found


async def stopped(world: World, message: dict[str, str]) -> None:
    assert await world.calls_back(message, "undelivered", ErrorCode="21610") == 204


async def contact(world: World, organisation: str, contact_id: str) -> Any:
    return (await world.api.subscriber(organisation).get(f"/v1/contacts/{contact_id}")).json()


async def test_it_holds_for_whoever_has_the_number(world: World) -> None:
    people = await told(world)
    before = len(world.twilio.to(PHONE))

    stopper = await organisation_of(world, world.twilio.messages[0])
    await stopped(world, world.twilio.messages[0])
    await world.reports("abduction", at="Diema", cargo="fuel")

    for organisation, contact_id in people.items():
        assert (await contact(world, organisation, contact_id))["status"] == {"sms": "opted_out"}
        client = world.api.subscriber(organisation)
        trail = (await world.api.admin.get("/v1/audit", params={"subject_id": contact_id})).json()
        (entry,) = (one for one in trail["items"] if one["action"] == "contact.opted_out")
        assert (entry["actor"] == "clock") == (organisation != stopper)
        assert (await client.post(f"/v1/contacts/{contact_id}/invite")).status_code == 409
    assert len(world.twilio.to(PHONE)) == before


@pytest.mark.alike
async def test_a_number_that_took_its_place_since_is_another_persons(world: World) -> None:
    people = await told(world)
    first, contact_id = next(iter(people.items()))
    client = world.api.subscriber(first)
    by_contact = {one["contact_id"]: one["id"] for one in await deliveries(world)}
    sent = [one for one in world.twilio.messages if by_contact[contact_id] in one["callback"]]
    world.clock.advance(world.api.state.config.delivery.pause)
    changed = await client.patch(f"/v1/contacts/{contact_id}", json={"phone": OTHER_PHONE})
    assert changed.status_code == 200

    await stopped(world, sent[0])

    assert (await contact(world, first, contact_id))["status"] == {"sms": "active"}


async def organisation_of(world: World, message: dict[str, str]) -> str:
    (one,) = (one for one in await deliveries(world) if one["id"] in message["callback"])
    return str(
        (await world.api.admin.get(f"/v1/contacts/{one['contact_id']}")).json()["organisation_id"]
    )


async def deliveries(world: World) -> list[dict[str, Any]]:
    (alert,) = (one for one in await world.alerts() if one["cargo"] == "fuel")
    return await world.deliveries(alert["id"])
