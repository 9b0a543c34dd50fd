"""A driver is called: what he hears, which keys he presses, who picks up instead."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Connection, select
from twilio.request_validator import RequestValidator

from app.db.engine import Database
from app.db.tables import AcknowledgementRow, AuditRow
from tests.harness.calling import Line
from tests.harness.reached import a_driver
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN
from tests.harness.world import PUBLIC_URL, ROUTE, World, a_world

NUMBER = "+22376120001"
BOSS = "+22376120071"


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    async with a_world(db, senders={"voice_from": "+15005550007"}) as running:
        yield running
        assert running.twilio.bad_requests == []


async def called(world: World) -> Line:
    """Return the call that was just made."""
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (call,) = world.twilio.calls
    return Line(world.api.client(), call, PUBLIC_URL)


async def status_of(world: World) -> tuple[str, str | None]:
    (alert,) = await world.alerts(cargo="fuel", route=ROUTE)
    (delivery,) = await world.deliveries(alert["id"])
    return delivery["status"], alert["acknowledged_at"]


@pytest.mark.alike
async def test_a_driver_hears_an_alert_twice_and_takes_note(world: World) -> None:
    await a_driver(world, NUMBER, by="voice")
    line = await called(world)
    assert line.call["To"] == NUMBER
    assert "Lakaman" not in str(line.call)  # no word of it leaves before somebody listens
    assert await status_of(world) == ("sent", None)

    await line.pick_up()
    said = [words for words in line.heard if "Lakamané" in words]
    await line.press("2")
    await line.press("1")
    await line.ends()

    assert len(said) == 2
    assert "Bonjour" in line.heard[0]
    assert "Tapez 1" in line.heard[3]
    assert len([words for words in line.heard if "Lakamané" in words]) == 4
    assert line.heard[-1].startswith("Merci")
    assert line.verbs[-1] == "Hangup"
    status, noted = await status_of(world)
    assert status == "delivered"
    assert noted is not None
    await world.service.settle_spending()
    (spent,) = (await world.api.admin.get("/v1/costs")).json()["countries"]
    assert (spent["country"], spent["tariff"], spent["cost"]) == ("ML", "voice:ML", 0.6)


async def a_boss(world: World, client: httpx.AsyncClient, *, after: str) -> None:
    """Let somebody be told next while nobody answers, who takes calls among other things."""
    body = {"name": "Boss", "phone": BOSS, "email": "b@example.org"}
    made = await client.post("/v1/contacts", json=body | {"channels": ["email", "sms", "voice"]})
    steps = {"steps": [{"contact_ids": [after]}, {"contact_ids": [made.json()["id"]]}]}
    path = f"/v1/organisations/{made.json()['organisation_id']}/escalation"
    assert (await client.put(path, json=steps)).status_code == 200


async def test_the_next_contact_is_called_while_nobody_answers_and_his_key_ends_it(
    world: World,
) -> None:
    first = await world.subscriber("Moussa Traoré")
    client = world.api.subscriber(first.organisation_id)
    await a_boss(world, client, after=first.contact_id)
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    world.clock.advance(timedelta(minutes=16))
    await world.service.escalate()
    await world.quiet()
    (call,) = world.twilio.calls
    line = Line(world.api.client(), call, PUBLIC_URL)
    await line.pick_up()
    await line.press("1")
    await line.ends()
    world.clock.advance(timedelta(hours=1))
    await world.service.escalate()
    await world.quiet()

    (said, again) = [words for words in line.heard if "Lakamané" in words]
    assert said == again
    assert said.startswith("Moussa Traoré n'a pas répondu à l'alerte (")
    assert len(world.twilio.calls) == 1
    assert (world.twilio.to(BOSS), world.smtp.mails) == ([], [])
    (alert,) = await world.alerts(cargo="fuel", route=ROUTE)
    (escalation,) = (await client.get(f"/v1/alerts/{alert['id']}/escalations")).json()
    assert (escalation["step"], escalation["ended"]) == (2, "answered")
    await world.service.settle_spending()
    costs = (await client.get("/v1/costs")).json()
    assert {one["tariff"] for one in costs["countries"]} == {"ML", "voice:ML"}


@pytest.mark.alike
async def test_money_that_reaches_for_no_call_is_told_by_one_email(world: World) -> None:
    organisation = world.api.organisation()
    body = {"name": "Moussa", "phone": NUMBER, "email": "moussa@example.org"}
    everything = {"channels": ["sms", "email", "voice"]}
    client = world.api.subscriber(organisation)
    made = await client.post("/v1/contacts", json=body | everything)
    await world.api.admin.put(
        f"/v1/organisations/{organisation}/budget", json={"monthly": "0.01", "reserve": "0"}
    )
    for channels in (["sms"], ["voice"]):
        wish = {"contact_id": made.json()["id"], "min_level": "moderate", "channels": channels}
        assert (await client.post("/v1/subscriptions", json=wish)).status_code == 201

    await world.reports("banditry", at="Lakamane")

    assert (world.twilio.calls, world.twilio.messages) == ([], [])
    assert len(world.smtp.mails) == 1
    (alert, *_) = await world.alerts()
    found = {one["channel"]: one["status"] for one in await world.deliveries(alert["id"])}
    assert found == {"email": "delivered", "voice": "queued"}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_presses_nine_is_not_called_again(world: World) -> None:
    contact_id = await a_driver(world, NUMBER, by="voice", language="en")
    line = await called(world)

    await line.pick_up("unknown")
    await line.press("7")
    await line.press("9")
    contact = await world.api.admin.get(f"/v1/contacts/{contact_id}")
    await world.reports("convoy_ambush", at="Sandaré", cargo="fuel")

    assert "Press 1" in "".join(line.heard)
    assert line.heard[-1].startswith("You will not be called")
    assert contact.json()["status"] == {"voice": "opted_out"}
    assert len(world.twilio.calls) == 1


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_who_pressed_nine_and_writes_start_is_called_again(world: World) -> None:
    """He has no other word for it, and it is the later one; each call offers the key again."""
    contact_id = await a_driver(world, NUMBER, by="voice")
    line = await called(world)
    await line.pick_up()
    await line.press("9")

    form = {"MessageSid": f"SM{9:032x}", "AccountSid": ACCOUNT, "From": NUMBER, "To": SENDER}
    form["Body"] = "REPRENDRE"
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/v1/twilio/inbound", form)
    answer = await world.api.client().post(
        "/v1/twilio/inbound", data=form, headers={"X-Twilio-Signature": signed}
    )
    assert answer.status_code == 200, answer.text
    contact = await world.api.admin.get(f"/v1/contacts/{contact_id}")
    await world.reports("convoy_ambush", at="Sandaré", cargo="fuel")

    assert contact.json()["status"] == {"voice": "active"}
    assert len(world.twilio.calls) == 2


@pytest.mark.parametrize(
    ("answered_by", "ended", "status"),
    [
        ("machine_end_beep", "completed", "undelivered"),
        ("fax", "completed", "undelivered"),
        (None, "busy", "undelivered"),
        (None, "no-answer", "undelivered"),
        (None, "failed", "failed"),
    ],
)
@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_a_call_that_no_person_took_has_not_arrived(
    world: World, answered_by: str | None, ended: str, status: str
) -> None:
    await a_driver(world, NUMBER, by="voice")
    line = await called(world)

    if answered_by:
        await line.pick_up(answered_by)
    await line.ends(ended)
    late = await line.ends("ringing")

    assert late.status_code == 204
    assert await status_of(world) == (status, None)
    assert "Gather" not in line.verbs
    assert (answered_by == "machine_end_beep") == any("Lakamané" in said for said in line.heard)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_nobody_else_speaks_for_a_call(world: World) -> None:
    await a_driver(world, NUMBER, by="voice")
    line = await called(world)
    key = line.call["Url"].replace("/voice?", "/voice/key?")
    nobody = f"{PUBLIC_URL}/v1/twilio/voice?delivery=01980000-0000-7000-8000-000000000001"

    pressed = {"CallStatus": "in-progress", "Digits": "1"}
    urls = (line.call["Url"], key, line.call["StatusCallback"])
    forged = [await line.post(url, pressed, token="guessed") for url in urls]
    forged += [await line.post(url, pressed, signature="") for url in urls]
    genuine = line.signed(key, pressed)
    forged.append(await line.post(key, pressed | {"Digits": "9"}, signature=genuine))
    forged.append(await line.post(nobody, pressed, signature=genuine))
    forged.append(await line.post(line.call["Url"], pressed, signature=genuine))
    stranger = await line.post(nobody, {})

    assert {answer.status_code for answer in forged} == {403}
    assert stranger.text.endswith("<Response><Hangup /></Response>")
    assert await status_of(world) == ("sent", None)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # its SQL is no other
async def test_what_was_said_in_a_call_counts_once_however_often_it_comes(world: World) -> None:
    contact_id = await a_driver(world, NUMBER, by="voice")
    path = f"/v1/contacts/{contact_id}"
    line = await called(world)
    await line.pick_up()
    key, answered = line.call["Url"].replace("/voice?", "/voice/key?"), line.call["Url"]
    await line.press("1")
    await line.post(key, {"Digits": "9"})  # pressed before it was hung up
    first = await status_of(world)
    before = traces(world)

    world.clock.advance(timedelta(hours=3))
    for digits in ("1", "9", "1"):
        assert (await line.post(key, {"Digits": digits})).status_code == 200
    assert traces(world) == before

    again = await world.api.admin.patch(path, json={"phone": BOSS})
    assert again.json()["status"] == {"voice": "active"}
    for digits in ("9", "1"):
        await line.post(key, {"Digits": digits})
    for word in ("completed", "ringing", "no-answer", "failed"):
        await line.ends(word)
        await line.post(answered, {"CallStatus": "in-progress", "AnsweredBy": "machine_start"})

    assert await status_of(world) == first
    assert first[0] == "delivered"
    assert (await world.api.admin.get(path)).json()["status"] == {"voice": "active"}
    assert [one for one in traces(world) if one not in before] == ["contact.changed"]


def traces(world: World) -> list[str]:
    """Return what the audit and the acknowledgements hold, in order."""

    def read(conn: Connection) -> list[str]:
        acts = conn.scalars(select(AuditRow.action).where(AuditRow.action.like("contact.%")))
        notes = conn.execute(select(AcknowledgementRow.alert_id, AcknowledgementRow.at))
        return sorted([*acts, *(f"{alert} {at}" for alert, at in notes)])

    return world.db.read_now(read)
