"""A mailbox that does not exist is noticed, though its mail server's relay took every message."""

import pytest

from app.flows.outcomes.find_unreachable import find_unreachable
from app.flows.outcomes.returned_mail import Came, take_returned
from tests.harness.returned import a_return
from tests.harness.world import World


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_mailbox_that_does_not_exist_is_shown_to_its_organisation(world: World) -> None:
    awa = await world.subscriber("Awa", sms=False, email=True)
    client = world.api.subscriber(awa.organisation_id)
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (mail,) = world.mails("Awa")
    delivery, _, domain = mail["Message-ID"].strip("<>").partition("@")
    looks = (world.db, world.service.context, world.clock)
    assert await find_unreachable(*looks) == 0

    raw = a_return(delivery, domain=domain)
    came = await world.db.write(
        lambda conn: take_returned(conn, raw, domain=domain, now=world.clock.now())
    )

    assert came is Came.BACK
    assert await find_unreachable(*looks) == 1
    shown = (await client.get("/v1/contacts", params={"state": "unreachable"})).json()["items"]
    assert shown[0]["id"] == awa.contact_id
    assert shown[0]["unreachable"]["email"]["reason"] == "refused:5.1.1"
    assert shown[0]["status"] == {"email": "active"}  # it is written to as before


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_an_invitation_that_comes_back_is_seen_by_whoever_invited(world: World) -> None:
    client = world.api.subscriber(world.api.organisation("Union de Kayes"))
    body = {"name": "Awa", "email": "awa@union.example", "confirm": True}
    contact = (await client.post("/v1/contacts", json=body)).json()["id"]
    await world.until(lambda: bool(world.smtp.mails))
    sent = world.smtp.parsed()["Message-ID"].strip("<>").partition("@")
    raw = a_return(sent[0], domain=sent[2])

    came = [
        await world.db.write(
            lambda conn: take_returned(conn, raw, domain=sent[2], now=world.clock.now())
        )
        for _ in range(2)
    ]

    assert came == [Came.INVITATION] * 2
    shown = (await client.get(f"/v1/contacts/{contact}")).json()
    (asked,) = shown["consent"]
    assert (asked["state"], asked["sent_at"]) == ("failed", None)
    assert shown["status"] == {"email": "invited"}
