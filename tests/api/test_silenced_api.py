"""Whoever silences an organisation's drivers before an attack does not do so unheard."""

from datetime import timedelta

import pytest
from httpx import AsyncClient
from sqlalchemy import select

from app.accounts.keys import Scope
from app.db.tables import NoticeRow
from app.flows.duty.tell_of_silenced import tell_of_silenced
from tests.harness.api import Api

A_LONG_TIME = timedelta(days=30)


async def drivers(api: Api, client: AsyncClient, number: int) -> list[str]:
    """Have an organisation add so many, each with a subscription, long ago."""
    ids = []
    for n in range(number):
        who = {"name": f"Chauffeur {n}", "phone": f"+223760000{n:02}"}
        made = (await client.post("/v1/contacts", json=who)).json()["id"]
        await subscribe(client, made)
        ids.append(made)
    api.clock.advance(A_LONG_TIME)
    return ids


async def subscribe(client: AsyncClient, contact_id: str) -> None:
    wanted = {"contact_id": contact_id, "routes": ["ML-DKR-N"], "cargoes": ["fuel"]}
    assert (await client.post("/v1/subscriptions", json=wanted)).is_success


async def unsubscribe(client: AsyncClient, contact_id: str) -> None:
    listed = await client.get("/v1/subscriptions", params={"contact_id": contact_id})
    for one in listed.json()["items"]:
        assert (await client.delete(f"/v1/subscriptions/{one['id']}")).is_success


async def told(api: Api) -> list[int]:
    """Let the clock look; return of how many the person on duty is told."""
    state = api.state
    await tell_of_silenced(state.db, state.context, api.clock, duty=["sms"])
    query = select(NoticeRow.number).where(NoticeRow.kind == "silenced")
    return state.db.read_now(lambda conn: list(conn.scalars(query)))


async def test_whoever_is_on_duty_hears_that_many_are_silenced_with_one_key(api: Api) -> None:
    own = api.organisation()
    theirs = api.subscriber(own)
    people = await drivers(api, theirs, 12)
    _, stolen = api.new_key(Scope.SUBSCRIBER, own)
    thief = api.client(stolen)

    for one in people[:3]:
        assert (await thief.delete(f"/v1/contacts/{one}")).is_success
    for n, one in enumerate(people[3:6]):
        body = {"phone": f"+223789999{n:02}"}
        assert (await thief.patch(f"/v1/contacts/{one}", json=body)).is_success
    for one in people[6:7]:
        await unsubscribe(thief, one)
    few = await told(api)
    await unsubscribe(thief, people[7])
    many = await told(api)
    api.clock.advance(timedelta(hours=2))
    later = await told(api)

    assert (few, many, later) == ([], [8], [8])


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_an_organisation_that_looks_after_its_people_alarms_nobody(api: Api) -> None:
    theirs = api.subscriber(api.organisation())
    people = await drivers(api, theirs, 9)

    for n, one in enumerate(people):
        path = f"/v1/contacts/{one}"
        whole = {"name": "Autre nom", "phone": f"+223760000{n:02}"}
        assert (await theirs.put(path, json=whole)).is_success
        more = {"email": f"chauffeur{n}@example.org", "channels": ["sms", "email"]}
        assert (await theirs.patch(path, json=more)).is_success
        await unsubscribe(theirs, one)
        await subscribe(theirs, one)
        passing = {"name": "Par erreur", "phone": f"+223771111{n:02}"}
        slip = (await theirs.post("/v1/contacts", json=passing)).json()["id"]
        assert (await theirs.delete(f"/v1/contacts/{slip}")).is_success

    assert await told(api) == []
