from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app.db.tables import ContactChannelRow, ContactRow, SubscriptionRow
from app.subscribers.store.addresses import mark_opted_out
from tests.harness.api import Api

MOUSSA = {"name": "Moussa Traoré", "phone": "76 12 34 56", "email": "moussa@union.ml"}


def select_all(column: Any) -> Callable[[Connection], list[Any]]:
    return lambda conn: list(conn.scalars(select(column)))


async def a_contact(api: Api, organisation_id: str, **changes: Any) -> dict[str, Any]:
    answer = await api.subscriber(organisation_id).post("/v1/contacts", json={**MOUSSA, **changes})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_addresses_come_back_masked_only(api: Api) -> None:
    organisation = api.organisation()

    contact = await a_contact(api, organisation)

    read = await api.subscriber(organisation).get(f"/v1/contacts/{contact['id']}")
    assert read.json() == contact
    assert contact["phone"] == "+223 ** ** ** 56"
    assert contact["email"] == "m***@union.ml"
    assert contact["name"] == "Moussa Traoré"
    assert contact["channels"] == ["sms", "email"]
    assert contact["status"] == {"sms": "active", "email": "active"}
    assert contact["language"] == "fr"
    assert contact["organisation_id"] == organisation


@pytest.mark.alike
@pytest.mark.parametrize(
    ("phone", "says"),
    [
        ("20 22 33 44", "not a mobile"),
        ("+223 76 12 34", "too short"),
        ("76 12 34 56 78 90", "too long"),
        ("+223 00 00 00 00", "not in use"),
        ("call me", "write +223"),
        ("+1-800-FLOWERS", "write +223"),
        ("", "write +223"),
    ],
)
async def test_bad_number_is_told_how_to_mend(api: Api, phone: str, says: str) -> None:
    client = api.subscriber(api.organisation())

    answer = await client.post("/v1/contacts", json={"name": "Depot", "phone": phone})

    assert answer.status_code == 422
    (error,) = [e for e in answer.json()["errors"] if e["pointer"] == "/phone"]
    assert says in error["detail"]
    assert (await client.get("/v1/contacts")).json()["items"] == []


async def test_every_fault_is_told_at_once(api: Api) -> None:
    client = api.subscriber(api.organisation())

    answer = await client.post(
        "/v1/contacts",
        json={"name": "Depot", "phone": "12", "email": "a@b\r\nBcc: x@y.ml", "language": "bm"},
    )

    assert answer.status_code == 422
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/phone", "/email", "/language"}


async def test_a_channel_needs_its_address(api: Api) -> None:
    client = api.subscriber(api.organisation())

    answer = await client.post(
        "/v1/contacts", json={"name": "Depot", "phone": "76123456", "channels": ["email"]}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/email", "detail": "The channel email needs this address."}
    ]


async def test_an_address_that_is_not_needed_is_not_kept(api: Api) -> None:
    organisation = api.organisation()

    contact = await a_contact(api, organisation, channels=["sms"])

    assert contact["email"] is None
    kept = api.state.db.read_now(lambda c: c.scalars(select(ContactChannelRow.channel)).all())
    assert kept == ["sms"]


@pytest.mark.alike
@pytest.mark.parametrize("field", ["phone", "email"])
async def test_an_address_belongs_to_one_contact_of_an_organisation(api: Api, field: str) -> None:
    organisation = api.organisation()
    await a_contact(api, organisation)
    again = {"phone": "+223 7612-3456", "email": "Moussa@Union.ML"}[field]

    answer = await api.subscriber(organisation).post(
        "/v1/contacts", json={"name": "Other", field: again}
    )

    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/address-taken"
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


async def test_two_organisations_may_know_the_same_person(api: Api) -> None:
    first, second = api.organisation(), api.organisation("Transports du Sahel")

    one, two = await a_contact(api, first), await a_contact(api, second)

    assert one["id"] != two["id"]


@pytest.mark.alike
async def test_numbers_are_read_as_of_the_organisations_country(api: Api) -> None:
    contact = await a_contact(api, api.organisation(country="SN"), phone="77 123 45 67")

    assert contact["phone"] == "+221 ** *** ** 67"


async def test_changing_one_member_leaves_the_others(api: Api) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)

    answer = await api.subscriber(organisation).patch(
        f"/v1/contacts/{contact['id']}", json={"phone": "66 00 11 22"}
    )

    assert answer.status_code == 200
    assert answer.json() == {**contact, "phone": "+223 ** ** ** 22"}


async def test_null_takes_an_address_away(api: Api) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)

    answer = await api.subscriber(organisation).patch(
        f"/v1/contacts/{contact['id']}", json={"email": None}
    )

    assert answer.json()["channels"] == ["sms"]
    assert answer.json()["email"] is None


@pytest.mark.alike
async def test_a_contact_cannot_be_left_without_address(api: Api) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)
    client = api.subscriber(organisation)

    answer = await client.patch(
        f"/v1/contacts/{contact['id']}", json={"email": None, "phone": None}
    )

    assert answer.status_code == 422
    assert (await client.get(f"/v1/contacts/{contact['id']}")).json() == contact


async def test_writing_an_address_again_does_not_undo_a_stop(api: Api) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)
    api.state.db.write_now(
        lambda conn: mark_opted_out(
            conn, contact_id=contact["id"], channel="sms", now=api.clock.now()
        )
    )

    answer = await api.subscriber(organisation).put(f"/v1/contacts/{contact['id']}", json=MOUSSA)

    assert answer.json()["status"] == {"sms": "opted_out", "email": "active"}


async def test_a_new_address_is_written_to(api: Api) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)
    api.state.db.write_now(
        lambda conn: mark_opted_out(
            conn, contact_id=contact["id"], channel="sms", now=api.clock.now()
        )
    )

    answer = await api.subscriber(organisation).put(
        f"/v1/contacts/{contact['id']}", json={**MOUSSA, "phone": "66001122"}
    )

    assert answer.json()["status"] == {"sms": "active", "email": "active"}


@pytest.mark.alike
async def test_contacts_swapping_to_a_taken_address_are_refused(api: Api) -> None:
    organisation = api.organisation()
    await a_contact(api, organisation)
    other = await a_contact(api, organisation, phone="66001122", email="b@union.ml")

    answer = await api.subscriber(organisation).patch(
        f"/v1/contacts/{other['id']}", json={"phone": "76123456"}
    )

    assert answer.status_code == 409


async def test_deleting_a_contact_removes_address_and_subscriptions(api: Api) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)
    client = api.subscriber(organisation)
    await client.post("/v1/subscriptions", json={"contact_id": contact["id"]})

    answer = await client.delete(f"/v1/contacts/{contact['id']}")

    assert answer.status_code == 204
    for column in (ContactRow.id, ContactChannelRow.contact_id, SubscriptionRow.id):
        assert api.state.db.read_now(select_all(column)) == []
    assert (await client.get(f"/v1/contacts/{contact['id']}")).status_code == 404


@pytest.mark.alike
async def test_a_batch_is_added_whole_or_not_at_all(api: Api) -> None:
    client = api.subscriber(api.organisation())
    good = {"name": "One", "phone": "76000001"}

    bad = await client.post(
        "/v1/contacts/batch", json={"contacts": [good, {"name": "Two", "phone": "1"}]}
    )
    twice = await client.post("/v1/contacts/batch", json={"contacts": [good, good]})
    fine = await client.post(
        "/v1/contacts/batch",
        json={"contacts": [{"name": f"N {n}", "phone": f"7600{n:04}"} for n in range(300)]},
    )

    assert bad.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == "/contacts/1/phone"
    assert twice.status_code == 409
    assert [e["pointer"] for e in twice.json()["errors"]] == [
        "/contacts/0/phone",
        "/contacts/1/phone",
    ]
    assert fine.status_code == 201
    assert len(set(fine.json()["ids"])) == 300


async def test_listing_walks_through_every_contact_once(api: Api) -> None:
    client = api.subscriber(api.organisation())
    contacts = [{"name": f"N {n}", "phone": f"7600{n:04}"} for n in range(7)]
    made = await client.post("/v1/contacts/batch", json={"contacts": contacts})

    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"&cursor={cursor}" if cursor else ""
        page = (await client.get(f"/v1/contacts?limit=3{query}")).json()
        seen += [contact["id"] for contact in page["items"]]
        cursor = page["next"]

    assert sorted(seen) == sorted(made.json()["ids"])
    assert len(seen) == 7


async def test_an_admin_names_the_organisation(api: Api) -> None:
    organisation = api.organisation()

    without = await api.admin.post("/v1/contacts", json=MOUSSA)
    with_it = await api.admin.post("/v1/contacts", json={**MOUSSA, "organisation_id": organisation})
    unknown = await api.admin.post("/v1/contacts", json={**MOUSSA, "organisation_id": "nobody"})

    assert without.status_code == 422
    assert without.json()["errors"][0]["pointer"] == "/organisation_id"
    assert with_it.status_code == 201
    assert unknown.status_code == 404


@pytest.mark.alike
@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.7/",
        "https://169.254.169.254/latest",
        "https://localhost/",
        "https://localhost./",
        "https://depot.localhost/",
        "https://8.8.8.8:99999/",
        "https://[::1/",
        "https://[sira]/",
        "https://./",
        "https://a..b/",
        "http://8.8.8.8/",
        "https://me:secret@8.8.8.8/",
        "ftp://8.8.8.8/",
        "not a url",
    ],
)
async def test_a_webhook_that_leads_inside_is_refused(api: Api, url: str) -> None:
    organisation = api.organisation()
    contact = await a_contact(api, organisation)
    client = api.subscriber(organisation)

    added = await client.post("/v1/contacts", json={"name": "Programme", "webhook": url})
    changed = await client.patch(f"/v1/contacts/{contact['id']}", json={"webhook": url})

    for answer in (added, changed):
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/webhook"


async def test_webhooks_are_added_one_at_a_time(api: Api) -> None:
    client = api.subscriber(api.organisation())
    rows = [{"name": "Depot", "phone": "76123456"}, {"name": "P", "webhook": "https://8.8.8.8/"}]

    answer = await client.post("/v1/contacts/batch", json={"contacts": rows})

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/contacts/1/webhook"


async def test_a_webhook_shows_its_host_alone_and_its_secret_once(api: Api) -> None:
    contact = await a_contact(api, api.organisation(), webhook="https://8.8.8.8/sira?key=1")

    assert contact["webhook"] == "8.8.8.8/***"
    assert contact["webhook_secret"].startswith("whsec_")
    assert contact["channels"] == ["sms", "email", "webhook"]


async def test_a_channel_that_is_not_set_up_is_not_offered(api: Api) -> None:
    client = api.subscriber(api.organisation())

    answer = await client.post("/v1/contacts", json={**MOUSSA, "channels": ["sms", "whatsapp"]})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/channels", "detail": "The channel whatsapp is not set up here."}
    ]
