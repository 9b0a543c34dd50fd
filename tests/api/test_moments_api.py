"""Quiet hours, digests and mutes as organisations set them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from app.db.tables import ContactRow, DeliveryRow, HoursRow, SubscriptionRow
from tests.harness.api import START, Api
from tests.harness.outbox import Outbox


async def a_contact(api: Api, **named: Any) -> tuple[httpx.AsyncClient, str]:
    client = api.subscriber(api.organisation(**named))
    answer = await client.post("/v1/contacts", json={"name": "Dispatch", "phone": "76123456"})
    return client, answer.json()["id"]


async def test_a_contact_sleeps_on_a_clock_of_its_own(api: Api) -> None:
    client, contact = await a_contact(api)
    night = {"zone": "Africa/Niamey", "quiet_from": "22:00", "quiet_until": "05:45"}

    before = await client.get(f"/v1/contacts/{contact}/hours")
    set_to = await client.put(f"/v1/contacts/{contact}/hours", json=night)

    assert before.json() == {"zone": None, "quiet_from": None, "quiet_until": None}
    assert set_to.json() == (await client.get(f"/v1/contacts/{contact}/hours")).json() == night


async def test_contacts_with_the_same_hours_share_one_clock(api: Api) -> None:
    client, first = await a_contact(api)
    made = await client.post("/v1/contacts", json={"name": "Depot", "phone": "76123457"})
    night = {"quiet_from": "22:00", "quiet_until": "06:00"}

    for contact in (first, made.json()["id"]):
        await client.put(f"/v1/contacts/{contact}/hours", json=night)

    kept = api.state.db.read_now(lambda conn: list(conn.scalars(select(HoursRow.id))))
    used = api.state.db.read_now(lambda conn: list(conn.scalars(select(ContactRow.hours_id))))
    assert used == kept * 2


async def test_who_sleeps_no_more_has_no_clock_of_its_own(api: Api) -> None:
    client, contact = await a_contact(api)
    await client.put(
        f"/v1/contacts/{contact}/hours", json={"quiet_from": "22:00", "quiet_until": "06:00"}
    )

    await client.put(f"/v1/contacts/{contact}/hours", json={})

    query = select(ContactRow.hours_id).where(ContactRow.id == contact)
    assert api.state.db.read_now(lambda conn: conn.scalar(query)) is None


@pytest.mark.alike
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"zone": "Africa/Bamakko"}, "/zone"),
        ({"zone": "../../etc/passwd"}, "/zone"),
        ({"quiet_from": "22h", "quiet_until": "06:00"}, "/quiet_from"),
        ({"quiet_from": "22:10", "quiet_until": "06:00"}, "/quiet_from"),
        ({"quiet_from": "22:00"}, ""),
    ],
)
async def test_hours_that_are_none_are_refused(
    api: Api, body: dict[str, str], pointer: str
) -> None:
    client, contact = await a_contact(api)

    answer = await client.put(f"/v1/contacts/{contact}/hours", json=body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(("tell", "kept"), [(None, 0), ("immediately", 0), ("weekly", 2)])
async def test_a_subscription_says_how_often_it_wants_to_hear(
    api: Api, tell: str | None, kept: int
) -> None:
    client, contact = await a_contact(api)
    wanted = {"tell": tell} if tell else {}

    made = await client.post("/v1/subscriptions", json={"contact_id": contact, **wanted})

    assert made.json()["tell"] == (tell or "immediately")
    assert api.state.db.read_now(lambda conn: conn.scalar(select(SubscriptionRow.tell))) == kept


async def test_a_mute_says_who_why_and_until_when(api: Api) -> None:
    client, _ = await a_contact(api)
    until = (START + timedelta(days=3)).isoformat()
    body = {"route": "ML-DKR-N", "reason": "Fleet at home", "until": until}

    made = await client.post("/v1/mutes", json=body)
    api.clock.advance(timedelta(hours=1))
    lifted = await client.delete(f"/v1/mutes/{made.json()['id']}")
    (kept,) = (await client.get("/v1/mutes")).json()["items"]

    assert made.status_code == 201
    assert lifted.status_code == 204
    assert (kept["route"], kept["reason"]) == ("ML-DKR-N", "Fleet at home")
    assert kept["created_by"]
    assert kept["until"] < made.json()["until"]


@pytest.mark.alike
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"until": (START - timedelta(seconds=1)).isoformat()}, "/until"),
        ({"until": (START + timedelta(days=40)).isoformat()}, "/until"),
        ({"route": "ML-DKR-X"}, "/route"),
        ({"reason": "x"}, "/reason"),
    ],
)
async def test_a_mute_without_an_end_a_reason_or_a_road_is_refused(
    api: Api, change: dict[str, str], pointer: str
) -> None:
    client, _ = await a_contact(api)
    body = {"reason": "Fleet at home", "until": (START + timedelta(days=3)).isoformat()} | change

    answer = await client.post("/v1/mutes", json=body)

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_mute_that_is_lifted_lets_what_waited_be_told(api: Api) -> None:
    client, contact = await a_contact(api)
    until = START + timedelta(days=3)
    made = await client.post(
        "/v1/mutes", json={"reason": "Fleet at home", "until": until.isoformat()}
    )
    alert = Outbox(api.state.db).alert()
    waiting = {
        "id": "waiting",
        "alert_id": alert,
        "contact_id": contact,
        "organisation_id": made.json()["organisation_id"],
        "channel": "sms",
        "language": "fr",
        "status": "queued",
        "priority": 2,
        "attempts": 0,
        "due_at": until,
        "created_at": START,
        "updated_at": START,
        "expires_at": until,
        "deferred": "muted",
        "tell_at": until,
    }
    api.state.db.write_now(lambda conn: conn.execute(insert(DeliveryRow).values(waiting)))

    listed = await client.get(f"/v1/alerts/{alert}/deliveries")
    await client.delete(f"/v1/mutes/{made.json()['id']}")

    assert listed.json()["items"][0]["deferred"] == "muted"
    query = select(DeliveryRow.tell_at)
    assert api.state.db.read_now(lambda conn: conn.scalar(query)) == api.clock.now()
