"""Invitations are no way to guess, to pester, or to begin again what somebody ended."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.db.engine import Database
from app.db.tables import InvitationRow
from app.settings import GatewaySettings, Settings
from app.subscribers.invitation import code_of, link_of
from app.subscribers.stop_link import stop_link
from tests.harness.api import Api, fresh_context, serving
from tests.harness.texting import DRIVER, Texting, signed_settings

AGAIN = timedelta(days=31)


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    async with serving(db, settings=signed_settings()) as served:
        yield served


async def invited(api: Api, client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    body = {"name": "Moussa", "phone": DRIVER, "confirm": True, **fields}
    answer = await client.post("/v1/contacts", json=body)
    api.clock.advance(timedelta(milliseconds=1))
    return answer


def newest(api: Api) -> Any:
    query = select(InvitationRow.id, InvitationRow.contact_id, InvitationRow.state)
    query = query.order_by(InvitationRow.id.desc()).limit(1)
    return api.state.db.read_now(lambda conn: conn.execute(query).one())


def code(api: Api) -> str:
    return code_of(newest(api).id, api.state.vault.token)


def wrong_code(api: Api) -> str:
    return f"{(int(code(api)) + 1) % 10**6:06}"


async def test_a_code_cannot_be_guessed_over_the_api_and_by_sms_together(api: Api) -> None:
    client, texting = api.subscriber(api.organisation()), Texting(api)
    contact = (await invited(api, client)).json()["id"]
    path = f"/v1/contacts/{contact}/confirm"

    by_api = [(await client.post(path, json={"code": wrong_code(api)})).status_code for _ in "123"]
    by_sms = [await texting.says(DRIVER, f"OK {wrong_code(api)}") for _ in "45"]
    late = await client.post(path, json={"code": code(api)})

    assert by_api == [422, 422, 422]
    assert "pas le bon" in str(by_sms[0])
    assert "trop de codes faux" in str(by_sms[1])
    assert late.status_code == 409
    assert late.json()["type"].endswith("no-open-invitation")
    again = await client.post(f"/v1/contacts/{contact}/invite")
    assert again.json()["type"].endswith("not-invitable")


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_phone_agrees_by_sms_and_its_code_is_not_shown_to_the_desk(api: Api) -> None:
    client, texting = api.subscriber(api.organisation()), Texting(api)
    contact = (await invited(api, client)).json()["id"]

    reply = await texting.says(DRIVER, f"ok {code(api)}")

    assert "vous recevrez les alertes" in str(reply)
    shown = (await client.get(f"/v1/contacts/{contact}")).json()
    assert shown["status"] == {"sms": "active"}
    assert shown["consent"][0]["way"] == "sms"
    assert code(api) not in str(await texting.read())


@pytest.mark.parametrize("word", ["NON", "STOP"])
async def test_a_no_is_remembered_for_every_organisation_until_start(api: Api, word: str) -> None:
    first, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))
    texting = Texting(api)
    contact = (await invited(api, first)).json()["id"]

    await texting.says(DRIVER, word)
    assert (await first.get(f"/v1/contacts/{contact}")).json()["status"] == {"sms": "opted_out"}
    await first.delete(f"/v1/contacts/{contact}")
    api.clock.advance(AGAIN)

    assert newest(api).state == "refused"
    assert newest(api).contact_id is None  # the bare fact stays, and names nobody
    for client in (first, other):
        refused = await invited(api, client)
        assert refused.json()["type"].endswith("not-invitable")
    assert (await first.get("/v1/contacts")).json()["items"] == []


async def test_an_address_is_asked_once_in_a_month_by_whomever(api: Api) -> None:
    first, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))
    contact = (await invited(api, first)).json()["id"]

    twice = await first.post(f"/v1/contacts/{contact}/invite")
    soon = await invited(api, other)
    api.clock.advance(AGAIN)
    late = await invited(api, other)

    assert twice.json()["type"].endswith("invitation-open")
    assert soon.json()["type"].endswith("not-invitable")
    assert late.status_code == 201
    expired = (await first.get(f"/v1/contacts/{contact}")).json()
    assert expired["consent"][0]["state"] == "expired"
    assert expired["status"] == {"sms": "invited"}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_an_organisation_asks_so_many_people_a_day(db: Database) -> None:
    context = fresh_context()
    consent = replace(context.config.consent, per_day=1)
    context = replace(context, config=replace(context.config, consent=consent))
    async with serving(db, context=context) as api:
        client, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))

        made = [await invited(api, client, phone=f"7612000{number}") for number in range(2)]
        others = await invited(api, other, phone="76120002")
        api.clock.advance(timedelta(days=1))
        tomorrow = await invited(api, client, phone="76120001")

        rows = [{"name": "A", "phone": f"7613000{n}", "confirm": True} for n in range(2)]
        many = await other.post("/v1/contacts/batch", json={"contacts": rows})
        kept = (await other.get("/v1/contacts")).json()["items"]

    assert [answer.status_code for answer in made] == [201, 429]
    assert (others.status_code, tomorrow.status_code) == (201, 201)
    assert (many.status_code, len(kept)) == (429, 1)  # of a batch nobody is added then


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_the_page_refuses_for_good_and_so_does_one_click(api: Api) -> None:
    client, anybody = api.subscriber(api.organisation()), api.client()
    keyed = api.state.vault.token
    for number, by_page in enumerate((True, False)):
        email = f"awa{number}@union.ml"
        contact = (await invited(api, client, phone=None, email=email)).json()["id"]
        invitation = newest(api).id
        path = (
            f"/join/{link_of(invitation, keyed)}/no"
            if by_page
            else f"/v1/unsubscribe/{stop_link(invitation, keyed)}"
        )

        done = await anybody.post(path)
        changed_mind = await anybody.post(f"/join/{link_of(invitation, keyed)}")
        status = (await client.get(f"/v1/contacts/{contact}")).json()["status"]

        assert (done.status_code, changed_mind.status_code) == (200, 404)
        assert status == {"email": "opted_out"}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_yes_by_phone_is_none_for_the_mailbox_and_a_webhook_is_not_asked(api: Api) -> None:
    client = api.subscriber(api.organisation())
    both = {"email": "awa@union.ml", "webhook": "https://8.8.8.8/"}
    contact = (await invited(api, client, **both)).json()["id"]

    await client.post(f"/v1/contacts/{contact}/confirm", json={"code": code(api)})

    shown = (await client.get(f"/v1/contacts/{contact}")).json()
    assert shown["status"] == {"sms": "active", "email": "invited", "webhook": "active"}
    asked = await client.post(f"/v1/contacts/{contact}/invite")
    assert asked.json()["channel"] == "email"
    alone = await invited(api, client, phone=None, webhook="https://8.8.4.4/")
    assert alone.json()["type"].endswith("nobody-to-ask")


async def test_another_number_has_not_been_asked(api: Api) -> None:
    client = api.subscriber(api.organisation())
    path = f"/v1/contacts/{(await invited(api, client)).json()['id']}"
    old = code(api)

    changed = await client.patch(path, json={"phone": "76000077"})

    assert changed.json()["status"] == {"sms": "invited"}
    assert (await client.post(f"{path}/confirm", json={"code": old})).status_code == 409
    assert (await client.post(f"{path}/invite")).status_code == 202


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_agreed_may_change_his_mind_and_the_proof_stays(api: Api) -> None:
    client, anybody = api.subscriber(api.organisation()), api.client()
    contact = (await invited(api, client, phone=None, email="awa@union.ml")).json()["id"]
    link = link_of(newest(api).id, api.state.vault.token)

    await anybody.post(f"/join/{link}")
    await anybody.post(f"/v1/unsubscribe/{stop_link(newest(api).id, api.state.vault.token)}")

    shown = (await client.get(f"/v1/contacts/{contact}")).json()
    assert shown["status"] == {"email": "opted_out"}
    assert shown["consent"][0]["state"] == "confirmed"


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_can_answer_by_sms_is_asked_to(db: Database) -> None:
    gateway = GatewaySettings(
        url="http://127.0.0.1:1", username="x", password=SecretStr("x"), from_="Sira"
    )
    async with serving(db, settings=Settings(_env_file=None, gateway=gateway)) as api:
        client = api.subscriber(api.organisation())
        contact = (await invited(api, client)).json()["id"]

        shown = (await client.get(f"/v1/contacts/{contact}")).json()

    assert shown["consent"][0]["wording"] == "fr/reply"


async def test_a_batch_asks_those_who_are_to_be_asked_and_nobody_if_one_cannot_be(api: Api) -> None:
    client, other = api.subscriber(api.organisation()), api.subscriber(api.organisation())
    await invited(api, other)
    ready = [
        {"name": "One", "phone": "76110001", "confirm": True},
        {"name": "Two", "phone": "76110002"},
        {"name": "Three", "phone": "76110003", "email": "t@example.org", "confirm": True},
    ]
    asked_lately = {"name": "Moussa", "phone": DRIVER, "confirm": True}

    refused = await client.post("/v1/contacts/batch", json={"contacts": [*ready, asked_lately]})
    after_refusal = (await client.get("/v1/contacts")).json()["items"]
    made = await client.post("/v1/contacts/batch", json={"contacts": ready})
    assert made.status_code == 201, made.text
    kept = (await client.get("/v1/contacts")).json()["items"]
    proofs = [
        (await client.get(f"/v1/contacts/{one}")).json().get("consent", [])
        for one in made.json()["ids"]
    ]

    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/contacts/3/confirm"]
    assert after_refusal == []
    assert [one["status"] for one in kept] == [
        {"sms": "invited"},
        {"sms": "active"},
        {"sms": "invited", "email": "invited"},
    ]
    assert [[(one["channel"], one["state"]) for one in proof] for proof in proofs] == [
        [("sms", "open")],
        [],
        [("sms", "open")],
    ]


async def mailed(api: Api, client: httpx.AsyncClient) -> tuple[str, str, str]:
    """Invite a mailbox; return (contact, invitation, its page)."""
    contact = (await invited(api, client, phone=None, email="awa@union.ml")).json()["id"]
    invitation = newest(api).id
    return contact, invitation, f"/join/{link_of(invitation, api.state.vault.token)}"


async def status_of(client: httpx.AsyncClient, contact: str) -> Any:
    return (await client.get(f"/v1/contacts/{contact}")).json()["status"]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_opens_his_link_again_reads_what_he_said_and_may_still_say_no(api: Api) -> None:
    client, anybody = api.subscriber(api.organisation()), api.client()
    contact, _, page = await mailed(api, client)

    await anybody.post(page)
    again = await anybody.get(page)
    refused = await anybody.post(f"{page}/no")
    status = await status_of(client, contact)
    reopened = await anybody.get(page)
    by_history = await anybody.get(f"{page}/no", follow_redirects=True)

    assert (again.status_code, again.text.count("vous recevrez les alertes")) == (200, 1)
    assert again.text.count("<button") == 1
    assert (refused.status_code, status) == (200, {"email": "opted_out"})
    assert (by_history.status_code, by_history.url.path) == (200, page)
    assert reopened.status_code == 200


async def test_a_no_is_heard_when_the_invitation_has_run_out_and_a_yes_is_not(api: Api) -> None:
    client, anybody = api.subscriber(api.organisation()), api.client()
    contact, _, page = await mailed(api, client)
    api.clock.advance(AGAIN)

    seen, late = await anybody.get(page), await anybody.post(page)
    waits = await status_of(client, contact)
    refused = await anybody.post(f"{page}/no")

    assert (seen.status_code, late.status_code) == (200, 404)
    assert "demandez-en une autre à Union des routiers" in seen.text
    assert "demandez-en une autre à Union des routiers" in late.text
    assert waits == {"email": "invited"}
    assert (refused.status_code, "ne recevrez rien" in refused.text) == (200, True)
    assert await status_of(client, contact) == {"email": "opted_out"}
    again = await client.post(f"/v1/contacts/{contact}/invite")
    assert again.json()["type"].endswith(("not-invitable", "nobody-to-ask"))


@pytest.mark.parametrize("where", ["/join/{page}/no", "/v1/unsubscribe/{stop}"])
async def test_an_old_link_does_not_silence_the_address_that_is_there_now(
    api: Api, where: str
) -> None:
    client, anybody = api.subscriber(api.organisation()), api.client()
    contact, invitation, page = await mailed(api, client)
    await anybody.post(page)
    api.clock.advance(timedelta(days=1))
    await client.patch(f"/v1/contacts/{contact}", json={"email": "fatou@union.ml"})

    stop = stop_link(invitation, api.state.vault.token)
    old = where.format(page=page.removeprefix("/join/"), stop=stop)
    done = await anybody.post(old)

    assert done.status_code == 200
    assert await status_of(client, contact) == {"email": "active"}
    back = {"name": "Awa", "email": "awa@union.ml", "confirm": True}
    assert (await client.post("/v1/contacts", json=back)).json()["type"].endswith("not-invitable")


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_nobody_finds_out_without_end_whom_others_have_invited(db: Database) -> None:
    context = fresh_context()
    consent = replace(context.config.consent, per_day=10)
    context = replace(context, config=replace(context.config, consent=consent))
    async with serving(db, context=context) as api:
        client, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))
        await invited(api, client, phone="76120000")

        tried = []
        for known in range(40):  # of a batch with one who cannot be asked nobody is
            numbers = ("76120000", f"7613{known:04d}")
            rows = [{"name": "A", "phone": phone, "confirm": True} for phone in numbers]
            tried.append(await other.post("/v1/contacts/batch", json={"contacts": rows}))
        api.clock.advance(timedelta(days=1))
        tomorrow = await invited(api, other, phone="76140000")

    told = [answer.status_code for answer in tried]
    assert (told[0], told[-1]) == (422, 429)
    assert told.count(422) == 15  # two numbers each, three times what may be invited in a day
    assert tomorrow.status_code == 201


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_may_invite_nobody_more_learns_nothing_of_a_number(db: Database) -> None:
    context = fresh_context()
    consent = replace(context.config.consent, per_day=1)
    context = replace(context, config=replace(context.config, consent=consent))
    async with serving(db, context=context) as api:
        client, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))
        await invited(api, client, phone="76120000")
        await invited(api, other, phone="76120001")

        known = await invited(api, other, phone="76120000")
        unknown = await invited(api, other, phone="76120002")

    assert (known.status_code, unknown.status_code) == (429, 429)
    assert known.json()["type"] == unknown.json()["type"]
