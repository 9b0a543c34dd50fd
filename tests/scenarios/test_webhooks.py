"""An organisation's own program hears of a danger, and of its end."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import select

from app.api.event_bodies import Event
from app.core.clock import SystemClock
from app.db.engine import Database
from app.db.tables import ContactChannelRow
from app.settings import WebhookSettings
from tests.harness.receiver import Receiver, a_receiver
from tests.harness.world import ROUTE, World, a_world


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    async with a_world(db, webhooks=WebhookSettings(development=True)) as running:
        # libraries for receivers ask the machine how late it is
        running.clock.advance(SystemClock().now() - running.clock.now())
        yield running


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as found:
        yield found


def as_described(event: dict[str, Any]) -> None:
    """Check an event against the description of the API: no member more, none less.

    Raises:
        ValidationError: It is not as described.
    """
    TypeAdapter(Event).validate_json(json.dumps(event))


async def a_program(world: World, receiver: Receiver) -> dict[str, Any]:
    """Let an organisation's program hear of fuel on the road to Dakar."""
    organisation = world.api.organisation()
    client = world.api.subscriber(organisation)
    made = await client.post("/v1/contacts", json={"name": "Régulation", "webhook": receiver.url})
    assert made.status_code == 201, made.text
    contact: dict[str, Any] = made.json()
    body = {"contact_id": contact["id"], "routes": [ROUTE], "cargoes": ["fuel"]}
    assert (await client.post("/v1/subscriptions", json=body)).status_code == 201
    receiver.secret = contact["webhook_secret"]
    return contact


@pytest.mark.alike
@pytest.mark.parametrize(
    ("kind", "place"), [("vehicle_attack", ("Ambidédi", 8)), ("military_operation", (None, None))]
)
async def test_how_far_from_a_place_is_told_where_the_place_is(
    world: World, receiver: Receiver, kind: str, place: tuple[str | None, int | None]
) -> None:
    await a_program(world, receiver)

    await world.reports(kind, at="8 km au nord de Ambidedi", source="AFP")

    alert = receiver.events[0]["data"]["alerts"][0]
    assert (alert["place"], alert["place_km"]) == place


@pytest.mark.alike
async def test_a_program_hears_of_a_danger_and_of_its_end(world: World, receiver: Receiver) -> None:
    contact = await a_program(world, receiver)
    receiver.answers = [503]  # it is being restarted

    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.passes(timedelta(seconds=30), every=timedelta(seconds=10))
    await world.decides(report.incident_id, status="refuted")

    first, second = receiver.events
    (warning,), (end,) = first["data"]["alerts"], second["data"]["alerts"]
    assert (first["version"], first["type"]) == (1, "alerts")
    assert (warning["kind"], warning["level"], warning["cargo"]) == ("alert", "severe", "fuel")
    assert (warning["route"], warning["certainty"]) == (ROUTE, "unconfirmed")
    assert "Lakamané" in warning["text"]
    for event in receiver.events:
        as_described(event)
    assert warning["why"]
    assert (end["kind"], end["supersedes"]) == ("withdrawal", [warning["id"]])
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    assert ids[0] == ids[1] != ids[2]  # tried again under the same id
    (delivery,) = await world.deliveries(warning["id"])
    assert (delivery["id"], delivery["status"]) == (ids[0], "delivered")
    assert (delivery["channel"], delivery["attempts"]) == ("webhook", 2)
    read = await world.api.admin.get(f"/v1/contacts/{contact['id']}")
    assert "webhook_secret" not in read.json()
    assert read.json()["webhook"].endswith("/***")


async def test_a_secret_is_replaced_and_tried_without_a_gap(
    world: World, receiver: Receiver
) -> None:
    contact = await a_program(world, receiver)
    client = world.api.subscriber(contact["organisation_id"])
    path = f"/v1/contacts/{contact['id']}/webhook"

    rotated = (await client.post(f"{path}/rotate", json={})).json()
    tried = await client.post(f"{path}/test")
    assert tried.status_code == 202, tried.text
    again = await client.post(f"{path}/test")
    await world.quiet()

    assert again.status_code == 409
    (event,) = receiver.events  # by the former secret
    assert event == receiver.verified(0, rotated["secret"])
    assert event["type"] == "test"
    as_described(event)
    assert world.statuses_of(tried.json()["alert_id"]) == {"delivered"}
    sealed = select(ContactChannelRow.address_sealed)
    (kept,) = world.db.read_now(lambda conn: list(conn.scalars(sealed)))
    assert receiver.url.encode() not in kept
    assert rotated["secret"].encode() not in kept


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_program_that_is_gone_is_not_called_again_until_it_is_given_anew(
    world: World, receiver: Receiver
) -> None:
    theirs = await a_program(world, receiver)  # of another organisation, with the same provider
    contact = await a_program(world, receiver)
    client = world.api.subscriber(contact["organisation_id"])
    path = f"/v1/contacts/{contact['id']}"
    receiver.answers = [410]

    await client.post(f"{path}/webhook/test")
    await world.quiet()
    gone = (await client.get(path)).json()
    other = await world.api.admin.get(f"/v1/contacts/{theirs['id']}")
    refused = await client.post(f"{path}/webhook/test")
    anew = await client.patch(path, json={"webhook": receiver.url})

    assert gone["status"] == {"webhook": "opted_out"}
    assert other.json()["status"] == {"webhook": "active"}
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert (fault["parameter"], fault["in"]) == ("contact_id", "path")
    assert "no webhook" in fault["detail"]
    assert anew.json()["status"] == {"webhook": "active"}
    assert anew.json()["webhook_secret"] not in {None, contact["webhook_secret"]}


@pytest.mark.alike
async def test_a_program_that_comes_later_gets_what_stands_once_as_it_is_on_record(
    world: World, receiver: Receiver
) -> None:
    for place in ("Lakamane", "Sandaré"):
        await world.reports("fuel_interception", at=place, cargo="fuel", basis="official")

    await a_program(world, receiver)
    await world.service.tell_waiting()
    await world.quiet()

    (event,) = receiver.events
    as_described(event)
    (standing,) = [
        one for one in await world.alerts(cargo="fuel", route=ROUTE) if one["status"] == "active"
    ]
    (alert,) = event["data"]["alerts"]
    assert (alert["id"], alert["kind"], alert["reason"]) == (
        standing["id"],
        "update",
        "other_stretch",
    )
    assert "AUTRE LIEU" not in alert["sms"]
    assert "Vous recevez désormais" in alert["why"]
