"""Asked first: nothing but the invitation until the code comes back; and whom nothing reaches."""

import asyncio
import logging
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from app.flows.outcomes.find_unreachable import find_unreachable
from tests.harness.dump import dump, texts
from tests.harness.people import Phone
from tests.harness.twilio import Fault
from tests.harness.world import World

NUMBER, MAIL = "+22376120077", "awa@example.org"


@pytest.mark.alike
async def test_who_is_asked_hears_nothing_else_until_the_code_comes_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = world.api.subscriber(world.api.organisation("Union de Kayes"))
    body = {"name": "Awa", "phone": NUMBER, "confirm": True}
    made = await client.post("/v1/contacts", json=body)
    path = f"/v1/contacts/{made.json()['id']}"
    await client.post("/v1/subscriptions", json={"contact_id": made.json()["id"]})
    phone = Phone(NUMBER, world.twilio)
    await world.until(lambda: bool(phone.texts))
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    (invitation,) = phone.texts
    (code,) = re.findall(r"\b\d{6}\b", invitation)
    assert made.json()["status"] == {"sms": "invited"}
    assert "Union de Kayes" in invitation
    assert "dites-lui ce code" in invitation  # from Mali no answer reaches us through Twilio

    wrong = await client.post(f"{path}/confirm", json={"code": str((int(code) + 1) % 10**6)})
    right = await client.post(f"{path}/confirm", json={"code": f" {code[:3]} {code[3:]}"})
    again = await client.post(f"{path}/confirm", json={"code": code})
    await world.reports("abduction", at="Segou")

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 200, 409)
    assert len(phone.texts) > 1
    shown = (await client.get(path)).json()
    (proof,) = shown["consent"]
    assert (proof["state"], proof["way"], proof["wording"]) == ("confirmed", "code", "fr/read_out")
    assert proof["answered_at"] is not None
    assert re.fullmatch(r"[0-9a-f]{64}", proof["wording_hash"])
    said = f"{texts(dump(world.db))} {caplog.text} {shown} {right.text}"
    assert re.search(rf"\b{code}\b", said) is None


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_link_in_an_e_mail_is_answered_on_its_page(world: World) -> None:
    client = world.api.subscriber(world.api.organisation("Union <de> Kayes"))
    body = {"name": "Awa", "email": MAIL, "confirm": True}
    path = f"/v1/contacts/{(await client.post('/v1/contacts', json=body)).json()['id']}"
    await world.until(lambda: bool(world.smtp.mails))
    mail = world.smtp.mails[0][1].decode().replace("=\r\n", "")
    (link,) = re.findall(r"https://\S+/join/\S+", mail)
    stranger, url = world.api.client(), urlsplit(link).path

    page = await stranger.get(url)
    seen = (await client.get(path)).json()["status"]
    forged = await stranger.post(f"{url[:-1]}{'0' if url[-1] != '0' else '1'}")
    yes = await stranger.post(url)

    assert "Union &lt;de&gt; Kayes vous invite" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
    assert seen == {"email": "invited"}  # looking at it, as scanners of mail do, is no answer
    assert (forged.status_code, yes.status_code) == (404, 200)
    assert (await client.get(path)).json()["status"] == {"email": "active"}
    assert urlsplit(link).path.rpartition(".")[2] not in texts(dump(world.db))


async def test_whom_nothing_reaches_is_shown_until_something_does(world: World) -> None:
    wrong = await world.subscriber("wrong number", cargoes=[], routes=[])
    await world.subscriber("fine", cargoes=[], routes=[])
    client = world.api.subscriber(wrong.organisation_id)
    world.twilio.fault = lambda form: Fault.error(400, 21211) if form["To"] == wrong.phone else None
    looks = (world.db, world.service.context, world.clock)

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    assert await find_unreachable(*looks) == 1
    assert await find_unreachable(*looks) == 0
    (out,) = (await client.get("/v1/contacts", params={"state": "unreachable"})).json()["items"]
    counted = (await client.get(f"/v1/organisations/{wrong.organisation_id}")).json()
    world.twilio.fault = lambda _: None
    world.clock.advance(timedelta(minutes=5))
    await world.reports("abduction", at="Segou")  # it is written to as before
    for message in world.phone("wrong number").messages:
        await world.calls_back(message, "delivered")
    await find_unreachable(*looks)

    assert (out["id"], out["status"]) == (wrong.contact_id, {"sms": "active"})
    assert out["unreachable"]["sms"]["reason"] == "refused:21211"
    assert counted["unreachable"] == 1
    assert (await client.get("/v1/contacts", params={"state": "unreachable"})).json()["items"] == []


@pytest.mark.alike
async def test_an_address_that_was_mended_is_not_held_to_what_the_one_before_missed(
    world: World,
) -> None:
    person = await world.subscriber("Moussa", cargoes=[], routes=[])
    client = world.api.subscriber(person.organisation_id)
    path, looks = (
        f"/v1/contacts/{person.contact_id}",
        (world.db, world.service.context, world.clock),
    )
    marked = []
    for place in ("Lakamane", "Segou", "Nioro du Sahel"):
        await world.reports("abduction", at=place)
        for message in world.phone("Moussa").messages:
            await world.calls_back(message, "undelivered", ErrorCode="30003")  # not there, as yet
        world.clock.advance(timedelta(minutes=5))
        marked.append(await find_unreachable(*looks))
    out = (await client.get(path)).json()["unreachable"]

    mended = await client.patch(path, json={"phone": NUMBER})
    world.clock.advance(timedelta(minutes=5))
    assert await find_unreachable(*looks) == 0
    await world.reports("fuel_interception", at="Sikasso", cargo="fuel")
    await find_unreachable(*looks)

    assert marked == [0, 0, 1]
    assert out["sms"]["reason"] == "not_arrived"
    assert mended.json()["unreachable"] == {}
    assert len(world.twilio.to(NUMBER)) == 1
    assert (await client.get("/v1/contacts", params={"state": "unreachable"})).json()["items"] == []


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_number_that_told_the_provider_to_stop_is_not_asked_again(world: World) -> None:
    world.twilio.fault = lambda _: Fault.error(400, 21610)
    client = world.api.subscriber(world.api.organisation())
    body = {"name": "Awa", "phone": NUMBER, "confirm": True}
    path = f"/v1/contacts/{(await client.post('/v1/contacts', json=body)).json()['id']}"

    async def state() -> str:
        return str((await client.get(path)).json()["consent"][0]["state"])

    async with asyncio.timeout(50):
        while await state() == "open":  # noqa: ASYNC110 - it is in a database
            await asyncio.sleep(0.01)
    world.clock.advance(timedelta(days=31))

    assert await state() == "failed"
    again = await client.post(f"{path}/invite")
    assert again.json()["type"].endswith("not-invitable")
