"""A service that outgrew its machine is the same on PostgreSQL, and nobody hears anything twice."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, select, update

from app.db.engine import Database
from app.db.tables import DeliveryRow
from app.db.tables.delivery import STATUSES
from app.flows.context import Context
from app.flows.upkeep.move import move
from tests.harness.api import Api, serving
from tests.harness.postgres import PostgresServer
from tests.harness.twilio import Fault
from tests.harness.world import ROUTE, World, a_world

#: None of these comes to more than one page here.
LISTS = (
    "/v1/alerts",
    "/v1/audit",
    "/v1/contacts",
    "/v1/costs?month=2025-09",
    "/v1/incidents",
    "/v1/inbound",
    "/v1/keys",
    "/v1/organisations",
    "/v1/routes",
    f"/v1/routes/{ROUTE}/ratings?cargo=fuel",
    "/v1/rules",
    "/v1/rulesets",
    "/v1/subscriptions",
)
REPORT = {
    "kind": "convoy_ambush",
    "occurred_at": "2025-09-08T04:00:00Z",
    "place": "Sandaré",
    "summary": "two lorries",
    "source": {"name": "AFP", "type": "agency"},
}
OF_AN_ALERT = ("", "/deliveries", "/unreached", "/why", "/escalations")


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    db = Database(sqlite_url, pool_size=4)
    async with a_world(db) as running:
        yield running
    db.close()


@pytest.fixture
def target(postgres_server: PostgresServer) -> str:
    return postgres_server.create("moved")


def moved(world: World, target: str) -> Database:
    """Move what `world` stood on, as everything has been stopped; return where it is now."""
    source = Path(str(world.db.url.database))
    world.db.close()
    move(source, target, now=world.clock.now(), tell=lambda _table, _rows: None)
    return Database(target, pool_size=4)


async def said(db: Database, world: World) -> dict[str, bytes]:
    """Return everything that the API says of what happened, as it is sent."""
    async with serving(db, context=_as_new(world)) as api:
        api.clock.move_to(world.clock.now())
        api.keys.update(world.api.keys)
        found = {path: await _get(api, path) for path in LISTS}
        for cargo in world.service.context.config.cargoes:
            path = f"/v1/routes/{ROUTE}/rating?cargo={cargo.code}"
            hour_ago = (api.clock.now() - timedelta(hours=1)).strftime("%FT%TZ")
            for one in (path, f"{path}&at={hour_ago}"):
                found[one] = await _get(api, one)
        for incident in json.loads(found["/v1/incidents"])["items"]:
            path = f"/v1/incidents/{incident['id']}"
            found[path] = await _get(api, path)
        for alert in json.loads(found["/v1/alerts"])["items"]:
            for part in OF_AN_ALERT:
                path = f"/v1/alerts/{alert['id']}{part}"
                found[path] = await _get(api, path)
        found["sent again"] = (await sends(api)).content
    return found


async def sends(api: Api) -> httpx.Response:
    """Send a report, the same each time."""
    answer = await api.moderator.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": "k"})
    assert answer.is_success, answer.text
    return answer


async def _get(api: Api, path: str) -> bytes:
    answer = await api.admin.get(path)
    assert answer.status_code == 200, answer.text
    return answer.content


def _as_new(world: World) -> Context:
    """The context of a process that has just started."""
    old = world.service.context
    return Context(config=old.config, gazetteer=old.gazetteer, vault=old.vault)


def of_every_status(world: World, contact_ids: list[str]) -> None:
    """Let the deliveries of each contact be of another status."""

    def work(conn: Connection) -> None:
        for contact_id, status in zip(contact_ids, STATUSES, strict=True):
            its = update(DeliveryRow).where(DeliveryRow.contact_id == contact_id)
            conn.execute(its.values(status=status))

    world.db.write_now(work)


async def test_the_api_says_the_same_bytes(world: World, target: str) -> None:
    people = [await world.subscriber(f"p{number}") for number in range(len(STATUSES))]
    first = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.calls_back(world.phone("p0").messages[0], "delivered")
    await world.reports("ied", at="Diéma", minutes_ago=3000)
    await sends(world.api)
    await world.decides(first.incident_id, status="confirmed", note="vu par l'équipe")
    await world.passes(timedelta(hours=2))
    await world.stop_worker()
    of_every_status(world, [person.contact_id for person in people])
    before = await said(world.db, world)

    db = moved(world, target)
    after = await said(db, world)
    db.close()

    assert {path for path in before if before[path] != after[path]} == set()
    assert before.keys() == after.keys()


async def test_what_waited_is_sent_once_and_what_was_told_is_not_told_again(
    world: World, target: str
) -> None:
    told = await world.subscriber("told")
    waits = await world.subscriber("waits", cargoes=["goods"])
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.twilio.fault = lambda _form: Fault(status=503)
    await world.reports("vehicle_attack", at="Sandaré", cargo="goods")
    untold = await world.subscriber("untold", cargoes=["passengers"])
    await world.stop_worker()
    await world.reports("vehicle_attack", at="Diéma", cargo="passengers", wait=False)
    statuses = select(DeliveryRow.contact_id, DeliveryRow.status)
    waiting = {
        contact_id
        for contact_id, status in world.db.read_now(lambda conn: conn.execute(statuses).all())
        if status in {"queued", "in_doubt"}
    }

    db = moved(world, target)
    async with a_world(db, like=world) as later:
        await later.passes(timedelta(minutes=30), every=timedelta(minutes=1))
        later.nobody_was_told_twice()
    db.close()

    heard = [(one["to"], one["body"]) for one in later.twilio.messages]
    assert waits.contact_id in waiting
    assert {to for to, _ in heard} >= {waits.phone, untold.phone}
    of = Counter((to, at) for to, body in heard for at in ("Sandaré", "Diéma") if f"à {at}" in body)
    assert len(heard) == len(of) == of.total()  # one danger a message, and each of them once
    assert {(waits.phone, "Sandaré"), (waits.phone, "Diéma")} <= of.keys()
    assert not set(heard) & {(one["to"], one["body"]) for one in world.twilio.messages}
    assert [one["to"] for one in world.twilio.messages] == [told.phone]
