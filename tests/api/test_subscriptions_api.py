from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from app.db.tables import (
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from tests.harness.api import Api, shipped_config


async def a_dispatcher(api: Api, **changes: Any) -> tuple[httpx.AsyncClient, str]:
    """Return a client of an organisation and the id of one contact of it."""
    client = api.subscriber(api.organisation())
    contact = {"name": "Dispatch", "phone": "76123456", "email": "d@union.ml", **changes}
    answer = await client.post("/v1/contacts", json=contact)
    return client, answer.json()["id"]


def index_of(api: Api, subscription_id: str) -> dict[str, set[str]]:
    """Return the index rows of a subscription."""

    def work(conn: Connection) -> dict[str, set[str]]:
        return {
            name: set(conn.scalars(select(column).where(key == subscription_id)))
            for name, column, key in (
                ("targets", SubscriptionTargetRow.target, SubscriptionTargetRow.subscription_id),
                ("cargoes", SubscriptionCargoRow.cargo, SubscriptionCargoRow.subscription_id),
                (
                    "channels",
                    SubscriptionChannelRow.channel,
                    SubscriptionChannelRow.subscription_id,
                ),
            )
        }

    return api.state.db.read_now(work)


async def test_a_bare_subscription_hears_of_everything_from_high(api: Api) -> None:
    client, contact = await a_dispatcher(api)

    answer = await client.post("/v1/subscriptions", json={"contact_id": contact})

    body = answer.json()
    assert answer.status_code == 201
    assert body["min_level"] == "high"
    assert body["routes"] == body["regions"] == body["towns"] == body["cargoes"] == []
    assert index_of(api, body["id"]) == {
        "targets": {"all"},
        "cargoes": set(shipped_config().cargoes.codes),
        "channels": {"sms", "email"},
    }


async def test_each_part_has_its_index(api: Api) -> None:
    client, contact = await a_dispatcher(api)
    asked = {
        "contact_id": contact,
        "routes": ["ML-DKR-N"],
        "regions": ["Ségou"],
        "towns": [{"from": "Kayes", "to": "Diboli"}],
        "cargoes": ["fuel", "goods"],
        "min_level": "moderate",
        "channels": ["sms"],
    }

    answer = await client.post("/v1/subscriptions", json=asked)

    body = answer.json()
    assert answer.status_code == 201
    assert {name: body[name] for name in asked} == asked
    index = index_of(api, body["id"])
    assert {"route:ML-DKR-N", "region:ML/Segou"} < index["targets"]
    assert {t.partition(":")[0] for t in index["targets"]} == {"route", "region", "section"}
    assert index["cargoes"] == {"fuel", "goods"}
    assert index["channels"] == {"sms"}
    rank = api.state.db.read_now(lambda c: c.scalar(select(SubscriptionRow.min_rank)))
    assert rank == 2


@pytest.mark.alike
@pytest.mark.parametrize(
    ("wrong", "pointer", "suggestion"),
    [
        ({"routes": ["ML-DKR-X"]}, "/routes/0", "ML-DKR-N"),
        ({"regions": ["Kayess"]}, "/regions/0", "region:ML/Kayes"),
        ({"cargoes": ["fuell"]}, "/cargoes/0", "fuel"),
        ({"towns": [{"from": "Kays", "to": "Diboli"}]}, "/towns/0/from", "Kayes"),
    ],
)
async def test_unknown_names_come_back_with_suggestions(
    api: Api, wrong: dict[str, Any], pointer: str, suggestion: str
) -> None:
    client, contact = await a_dispatcher(api)

    answer = await client.post("/v1/subscriptions", json={"contact_id": contact, **wrong})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert suggestion in answer.json()["suggestions"][pointer]
    assert (await client.get("/v1/subscriptions")).json()["items"] == []


@pytest.mark.alike
@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"min_level": "low"}, "/min_level"),
        ({"min_level": "unknown"}, "/min_level"),
        ({"channels": ["pigeon"]}, "/channels/0"),
        ({"towns": [{"from": "Kayes"}]}, "/towns/0/to"),
        ({"routes": "ML-DKR-N"}, "/routes"),
        ({"route": ["ML-DKR-N"]}, "/route"),
    ],
)
async def test_malformed_parts_are_pointed_at(
    api: Api, wrong: dict[str, Any], pointer: str
) -> None:
    client, contact = await a_dispatcher(api)

    answer = await client.post("/v1/subscriptions", json={"contact_id": contact, **wrong})

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_channel_that_the_contact_does_not_take_is_refused(api: Api) -> None:
    client, contact = await a_dispatcher(api, email=None)

    answer = await client.post(
        "/v1/subscriptions", json={"contact_id": contact, "channels": ["sms", "email"]}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/channels"


async def test_replacing_rewrites_the_index(api: Api) -> None:
    client, contact = await a_dispatcher(api)
    made = await client.post(
        "/v1/subscriptions", json={"contact_id": contact, "routes": ["ML-DKR-N"]}
    )
    path = f"/v1/subscriptions/{made.json()['id']}"

    answer = await client.put(path, json={"contact_id": contact, "routes": ["ML-DKR-S"]})

    assert answer.status_code == 200
    assert answer.json() == {**made.json(), "routes": ["ML-DKR-S"]}
    assert index_of(api, made.json()["id"])["targets"] == {"route:ML-DKR-S"}


async def test_new_channels_of_a_contact_are_followed(api: Api) -> None:
    client, contact = await a_dispatcher(api, email=None)
    made = await client.post("/v1/subscriptions", json={"contact_id": contact})
    subscription = made.json()["id"]

    await client.patch(f"/v1/contacts/{contact}", json={"email": "d@union.ml"})
    both = index_of(api, subscription)["channels"]
    await client.patch(f"/v1/contacts/{contact}", json={"phone": None})
    one = index_of(api, subscription)["channels"]

    assert both == {"sms", "email"}
    assert one == {"email"}


async def test_a_channel_that_a_subscription_asks_for_cannot_be_taken_away(api: Api) -> None:
    client, contact = await a_dispatcher(api)
    await client.post("/v1/subscriptions", json={"contact_id": contact, "channels": ["email"]})

    answer = await client.patch(f"/v1/contacts/{contact}", json={"email": None})

    assert answer.status_code == 409
    assert (await client.get(f"/v1/contacts/{contact}")).json()["email"] == "***@union.ml"


@pytest.mark.alike
async def test_a_batch_is_added_whole_or_not_at_all(api: Api) -> None:
    client, contact = await a_dispatcher(api)
    good = {"contact_id": contact}

    bad = await client.post(
        "/v1/subscriptions/batch", json={"subscriptions": [good, {**good, "routes": ["Z"]}]}
    )
    unknown = await client.post(
        "/v1/subscriptions/batch", json={"subscriptions": [good, {"contact_id": "nobody"}]}
    )
    fine = await client.post("/v1/subscriptions/batch", json={"subscriptions": [good] * 200})

    assert bad.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == "/subscriptions/1/routes/0"
    assert unknown.status_code == 404
    assert len(set(fine.json()["ids"])) == 200
    assert len((await client.get("/v1/subscriptions?limit=200")).json()["items"]) == 200


async def test_the_organisation_named_must_be_the_contacts(api: Api) -> None:
    _, contact = await a_dispatcher(api)
    other = api.organisation("Other")

    answer = await api.admin.post(
        "/v1/subscriptions", json={"contact_id": contact, "organisation_id": other}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/organisation_id"
