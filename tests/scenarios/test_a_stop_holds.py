"""A person said STOP: it holds whoever adds the number, until he himself says otherwise."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from httpx import AsyncClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from app.db.tables import InvitationRow, InvitedAddressRow
from app.subscribers.invitation import code_of
from app.subscribers.store import unwanted
from tests.harness.texting import answer_in
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN
from tests.harness.world import PUBLIC_URL, World

PHONE, OTHER, MAIL = "+22376990001", "+22376990002", "awa@example.org"


async def says(world: World, text: str) -> str | None:
    """Let the phone write; return what it is answered."""
    form = {
        "MessageSid": f"SM{world.clock.now().timestamp():032.0f}",
        "AccountSid": ACCOUNT,
        "From": PHONE,
        "To": SENDER,
        "Body": text,
    }
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/v1/twilio/inbound", form)
    answer = await world.api.client().post(
        "/v1/twilio/inbound", data=form, headers={"X-Twilio-Signature": signed}
    )
    assert answer.status_code == 200, answer.text
    world.clock.advance(timedelta(seconds=5))
    return answer_in(answer.text)


async def adds(client: AsyncClient, **address: Any) -> dict[str, Any]:
    """Let an organisation add somebody, subscribed to every road; return the contact."""
    made = await client.post("/v1/contacts", json={"name": "Awa", **address})
    assert made.status_code == 201, made.text
    wish = {"contact_id": made.json()["id"], "cargoes": ["fuel"]}
    assert (await client.post("/v1/subscriptions", json=wish)).status_code == 201
    return dict(made.json())


async def status(client: AsyncClient, contact: dict[str, Any]) -> Any:
    return (await client.get(f"/v1/contacts/{contact['id']}")).json()["status"]


@pytest.mark.alike
async def test_whoever_adds_the_number_again_reaches_nobody_until_he_says_so(world: World) -> None:
    union, company = (world.api.subscriber(world.api.organisation(name)) for name in "UC")
    first = await adds(union, phone=PHONE)
    stopped = await says(world, "ARRET")
    await union.delete(f"/v1/contacts/{first['id']}")
    again = await adds(union, phone=PHONE)
    theirs, other = [await adds(company, phone=one, language="en") for one in (PHONE, OTHER)]
    shown = {key: theirs[key] for key in theirs if key not in {"id", "phone"}}
    world.clock.advance(timedelta(hours=1))

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    kept = (world.twilio.to(PHONE), await status(union, again), await status(company, theirs))
    (alert, *_) = await world.alerts(cargo="fuel", route="ML-DKR-N")
    ended = {one["contact_id"]: one["status"] for one in await world.deliveries(alert["id"])}
    unreached = await world.api.admin.get(f"/v1/alerts/{alert['id']}/unreached")
    asked = await says(world, "ABONNER KAYES")
    started = await says(world, "REPRENDRE")
    await world.reports("abduction", at="Diema", cargo="fuel")

    assert "plus rien" in str(stopped)
    assert shown == {key: other[key] for key in shown}  # adding it tells nobody anything
    assert kept == ([], {"sms": "opted_out"}, {"sms": "opted_out"})
    trail = (await world.api.admin.get("/v1/audit", params={"subject_id": theirs["id"]})).json()
    assert [one["action"] for one in trail["items"]].count("contact.opted_out") == 1
    assert ended[theirs["id"]] == ended[again["id"]] == "failed"
    listed = {one["contact_id"]: one["error_code"] for one in unreached.json()["items"]}
    assert listed == {theirs["id"]: "opted_out", again["id"]: "opted_out"}
    assert "REPRENDRE" in str(asked)
    assert started is not None
    assert len(world.twilio.to(PHONE)) == 2
    assert len(world.twilio.to(OTHER)) == 2
    kept_of_him = world.db.read_now(lambda conn: conn.scalars(select(InvitedAddressRow.refused_at)))
    assert set(kept_of_him) == {None}


@pytest.mark.alike
async def test_who_says_start_is_told_what_his_stop_kept_from_him(world: World) -> None:
    union = world.api.subscriber(world.api.organisation("U"))
    first = await adds(union, phone=PHONE)
    await says(world, "ARRET")
    await union.delete(f"/v1/contacts/{first['id']}")
    again = await adds(union, phone=PHONE)
    world.clock.advance(timedelta(hours=1))
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    kept = world.twilio.to(PHONE)

    world.clock.advance(timedelta(hours=1))
    await says(world, "REPRENDRE")
    await told_what_waits(world)

    assert kept == []
    (danger,) = world.twilio.to(PHONE)
    assert "DANGER GRAVE carburant" in danger
    (alert,) = [one for one in await world.alerts(cargo="fuel") if await status_of(world, one)]
    assert await status_of(world, alert) == {again["id"]: "sent"}
    await says(world, "REPRENDRE")
    await told_what_waits(world)
    assert len(world.twilio.to(PHONE)) == 1
    await world.decides(report.incident_id, status="refuted")
    assert "ANNULATION" in world.twilio.to(PHONE)[-1]


@pytest.mark.alike
async def test_a_number_put_right_that_had_said_stop_is_warned_at_the_right_one(
    world: World,
) -> None:
    union = world.api.subscriber(world.api.organisation("U"))
    first = await adds(union, phone=PHONE)
    await says(world, "ARRET")
    await union.delete(f"/v1/contacts/{first['id']}")
    again = await adds(union, phone=PHONE)
    world.clock.advance(timedelta(hours=1))
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=1))

    changed = await union.patch(f"/v1/contacts/{again['id']}", json={"phone": OTHER})
    assert changed.status_code == 200, changed.text
    await told_what_waits(world)

    assert world.twilio.to(PHONE) == []
    (danger,) = world.twilio.to(OTHER)
    assert "DANGER GRAVE carburant" in danger


async def told_what_waits(world: World) -> None:
    await world.service.tell_waiting()
    await world.quiet()


async def status_of(world: World, alert: dict[str, Any]) -> dict[str, str]:
    return {one["contact_id"]: one["status"] for one in await world.deliveries(alert["id"])}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_unsubscribes_by_e_mail_is_written_to_by_nobody(world: World) -> None:
    union, company, third = (world.api.subscriber(world.api.organisation(name)) for name in "UCT")
    first, theirs = [await adds(client, email=MAIL) for client in (union, company)]
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    mails = [mail.decode().replace("=\r\n", "") for to, mail in world.smtp.mails if to == MAIL]
    (link,) = {*re.findall(r"https://[^\s>]+/v1/unsubscribe/[\w.=-]+", mails[0])}

    page = await world.api.client().post(urlsplit(link).path)
    await union.delete(f"/v1/contacts/{first['id']}")
    again, late = [await adds(client, email=MAIL) for client in (union, third)]
    world.clock.advance(timedelta(hours=1))
    await world.reports("abduction", at="Diema", cargo="fuel")

    assert "cette adresse" in page.text
    assert len(mails) == 2
    assert len([to for to, _ in world.smtp.mails if to == MAIL]) == len(mails)
    shown = [await status(union, again), await status(company, theirs), await status(third, late)]
    assert shown == [{"email": "opted_out"}] * 3

    await union.delete(f"/v1/contacts/{again['id']}")
    asked = await adds(union, email=MAIL, confirm=True)  # there is no START by e-mail
    await world.until(lambda: len([to for to, _ in world.smtp.mails if to == MAIL]) > len(mails))
    invitation = world.smtp.mails[-1][1].decode().replace("=\r\n", "")
    (yes,) = re.findall(r"https://\S+/join/\S+", invitation)
    await world.api.client().post(urlsplit(yes).path)
    await world.reports("abduction", at="Segou", cargo="fuel")

    assert await status(union, asked) == {"email": "active"}
    assert len([to for to, _ in world.smtp.mails if to == MAIL]) == len(mails) + 2


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_no_to_one_is_no_stop_for_another_and_no_way_round_it(world: World) -> None:
    company, union = (world.api.subscriber(world.api.organisation(name)) for name in "CU")
    theirs = await adds(company, phone=PHONE)
    world.clock.advance(timedelta(hours=1))
    invited = await adds(union, phone=PHONE, confirm=True)
    await world.until(lambda: bool(world.twilio.to(PHONE)))
    await says(world, "NON")
    await union.delete(f"/v1/contacts/{invited['id']}")
    again = await adds(union, phone=PHONE)

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    assert await status(company, theirs) == {"sms": "active"}
    assert await status(union, again) == {"sms": "opted_out"}
    assert len(world.twilio.to(PHONE)) == 2  # the invitation, and what the company tells him


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_no_by_sms_is_meant_for_calls_too_until_a_yes(world: World) -> None:
    union, company = (world.api.subscriber(world.api.organisation(name)) for name in "UC")
    vault = world.api.state.vault

    def refused() -> set[str]:
        indexes = {vault.blind_index(one, PHONE): one for one in ("sms", "voice", "whatsapp")}
        no = InvitedAddressRow.refused_at.is_not(None)
        query = select(InvitedAddressRow.blind_index).where(no)
        return {indexes[one] for one in world.db.read_now(lambda conn: conn.scalars(query).all())}

    await adds(union, phone=PHONE, confirm=True)
    await world.until(lambda: bool(world.twilio.to(PHONE)))
    await says(world, "NON")
    after_no = refused()
    await says(world, "REPRENDRE")
    world.clock.advance(timedelta(days=60))
    asked = await adds(company, phone=PHONE, confirm=True)
    await world.until(lambda: len(world.twilio.to(PHONE)) > 1)
    for one in ("sms", "voice"):
        index = vault.blind_index(one, PHONE)
        world.db.write_now(
            lambda conn, index=index: unwanted.remember(conn, index, now=world.clock.now())  # type: ignore[misc]
        )
    found = select(InvitationRow.id).where(InvitationRow.contact_id == asked["id"])
    code = code_of(world.db.read_now(lambda conn: conn.scalars(found).one()), vault.token)
    await says(world, code)

    assert after_no == {"sms", "voice", "whatsapp"}
    assert refused() == set()


async def test_a_yes_counts_after_a_no_to_another_but_not_a_code_that_is_passed_on(
    world: World,
) -> None:
    company, union = (world.api.subscriber(world.api.organisation(name)) for name in "CU")
    mails = (MAIL, "issa@example.org")
    theirs = [await adds(company, email=one) for one in mails]
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    stops = [_link(world, one, r"https://[^\s>]+/v1/unsubscribe/[\w.=-]+") for one in mails]
    asked = [await adds(union, email=one, confirm=True) for one in mails]
    await world.until(lambda: len(world.smtp.mails) == 2 * len(mails))
    yes = _link(world, MAIL, r"https://\S+/join/\S+")
    invited = select(InvitationRow.id).where(InvitationRow.contact_id == asked[1]["id"])
    invitation_id = world.db.read_now(lambda conn: conn.scalars(invited).one())
    code = code_of(invitation_id, world.api.state.vault.token)

    world.clock.advance(timedelta(minutes=1))
    for link in stops:
        assert (await world.api.client().post(link)).status_code == 200
    world.clock.advance(timedelta(minutes=1))
    assert (await world.api.client().post(yes)).status_code == 200
    await union.post(f"/v1/contacts/{asked[1]['id']}/confirm", json={"code": code})
    passed_on = await status(union, asked[1])
    await union.delete(f"/v1/contacts/{asked[1]['id']}")
    again = await adds(union, email=mails[1])
    sent = len(world.smtp.mails)
    world.clock.advance(timedelta(hours=1))
    await world.reports("abduction", at="Diema", cargo="fuel")

    assert await status(union, asked[0]) == {"email": "active"}
    assert passed_on == {"email": "opted_out"}
    assert await status(union, again) == {"email": "opted_out"}
    assert [await status(company, one) for one in theirs] == [{"email": "opted_out"}] * 2
    assert [to for to, _ in world.smtp.mails[sent:]] == [MAIL]


def _link(world: World, address: str, pattern: str) -> str:
    """Return where a link of the last e-mail to an address leads."""
    mail = [text for to, text in world.smtp.mails if to == address][-1]
    (link,) = {*re.findall(pattern, mail.decode().replace("=\r\n", ""))}
    return str(urlsplit(link).path)
