"""Drivers whom a world reaches in one way alone."""

from tests.harness.world import ROUTE, World


async def a_driver(world: World, phone: str, *, by: str, language: str = "fr") -> str:
    """Let a driver hear of fuel on the road to Dakar by one channel; return his id."""
    body = {"name": "Moussa", "phone": phone, "channels": [by], "language": language}
    client = world.api.subscriber(world.api.organisation())
    made = await client.post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    contact_id = str(made.json()["id"])
    wish = {"contact_id": contact_id, "routes": [ROUTE], "cargoes": ["fuel"]}
    assert (await client.post("/v1/subscriptions", json=wish)).status_code == 201
    return contact_id
