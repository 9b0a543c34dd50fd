"""Somebody at the desk answers who wrote of a danger: once, whatever breaks on the way."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, select, update

from app.accounts.keys import Scope
from app.db.engine import Database
from app.db.tables import AnswerRow, InboundRow, SpendingRow
from app.delivery.outbox import answers
from app.settings import GatewaySettings
from tests.harness import gateway as kannel
from tests.harness.dump import dump, texts
from tests.harness.gateway import fake_gateway
from tests.harness.texting import STRANGER, a_contact, a_reporter
from tests.harness.twilio import Fault
from tests.harness.world import World, a_world
from tests.harness.writing import wrote, wrote_to

DRIVER, REPORTER = "+22376000001", "+22376000002"
WORDS = "Merci. Route fermée à Sandaré : ne partez pas. Où exactement ?"


def status_of(world: World, inbound_id: str) -> list[str]:
    query = select(AnswerRow.status).where(AnswerRow.inbound_id == inbound_id)
    return list(world.db.read_now(lambda conn: conn.scalars(query.order_by(AnswerRow.id)).all()))


async def answered(world: World, inbound_id: str, **headers: str) -> dict[str, Any]:
    path = f"/v1/inbound/{inbound_id}/answers"
    made = await world.api.moderator.post(path, json={"text": WORDS}, headers=headers)
    assert made.status_code in {200, 201}, made.text
    return dict(made.json())


async def seen(world: World, inbound_id: str) -> dict[str, Any]:
    """Return the one answer as the desk sees it."""
    (one,) = (await world.api.moderator.get(f"/v1/inbound/{inbound_id}")).json()["answers"]
    return dict(one)


async def until_status(world: World, inbound_id: str, status: str) -> None:
    await world.until(lambda: status_of(world, inbound_id) == [status])


def is_paid(world: World, inbound_id: str) -> bool:
    query = select(AnswerRow.cost).where(AnswerRow.inbound_id == inbound_id)
    return None not in world.db.read_now(lambda conn: conn.scalars(query).all())


async def test_a_stranger_is_answered_and_the_desk_sees_what_became_of_it(world: World) -> None:
    inbound = await wrote(world, STRANGER)

    foreseen = await world.api.moderator.post(
        f"/v1/inbound/{inbound}/answers/preview", json={"text": f"  {WORDS}\n"}
    )
    nothing_left = world.twilio.to(STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "sent")
    (message,) = world.twilio.messages
    assert await world.calls_back(message, "delivered") == 204
    await world.until(lambda: is_paid(world, inbound))

    assert foreseen.json() == {
        "text": WORDS,
        "parts": 1,
        "cost": foreseen.json()["cost"],
        "currency": "EUR",
    }
    assert nothing_left == []
    assert world.twilio.to(STRANGER) == [WORDS]
    shown = await seen(world, inbound)
    assert (shown["status"], shown["text"], shown["parts"]) == ("delivered", WORDS, 1)
    assert shown["cost"] == foreseen.json()["cost"] > 0
    (entry,) = (await world.api.admin.get("/v1/audit?subject_type=inbound")).json()["items"]
    assert entry["action"] == "inbound.answered"
    assert entry["detail"] == {"answer": shown["id"], "parts": 1}
    assert STRANGER[1:] not in texts(dump(world.db))
    assert "ne partez pas" not in texts(dump(world.db))


async def test_what_an_answer_costs_is_the_organisations(world: World) -> None:
    contact = await a_contact(world.api, DRIVER)
    inbound = await wrote(world, DRIVER)
    before = spent(world.db, contact["organisation_id"])

    await answered(world, inbound)
    await world.until(lambda: spent(world.db, contact["organisation_id"]) != before)

    assert spent(world.db, contact["organisation_id"]) == before + 1


def spent(db: Database, organisation_id: str) -> int:
    query = select(SpendingRow.messages).where(
        SpendingRow.organisation_id == organisation_id, SpendingRow.level == "reply"
    )
    return sum(db.read_now(lambda conn: conn.scalars(query).all()))


async def test_the_same_key_sends_once_and_a_second_answer_waits_for_the_first(
    world: World,
) -> None:
    world.twilio.fault = lambda _: Fault.error(503, 20500)  # it stays on its way
    inbound = await wrote(world, STRANGER)
    path = f"/v1/inbound/{inbound}/answers"
    key = {"Idempotency-Key": "one"}

    first, again = [await answered(world, inbound, **key) for _ in range(2)]
    other = await world.api.moderator.post(path, json={"text": "Non."}, headers=key)
    second = await world.api.moderator.post(path, json={"text": "Non."})

    assert first["id"] == again["id"]
    assert [one.json()["type"] for one in (other, second)] == [
        "/problems/answer-repeated",
        "/problems/answer-open",
    ]
    assert len(status_of(world, inbound)) == 1


@pytest.mark.alike
@pytest.mark.parametrize("fault", [Fault(accept=True, drop=True), Fault(drop=True)])
async def test_an_answer_whose_fate_nobody_told_is_looked_for_before_it_leaves_again(
    world: World, fault: Fault
) -> None:
    """The provider has it, or has not, and its answer is lost on the way."""
    world.twilio.fault = lambda _: fault
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "in_doubt")

    world.twilio.fault = lambda _: None
    world.clock.advance(timedelta(seconds=20))
    await until_status(world, inbound, "sent")

    assert world.twilio.to(STRANGER) == [WORDS]


async def test_a_worker_that_dies_with_an_answer_in_the_air_has_it_looked_for(
    world: World,
) -> None:
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "sent")
    lost = {"status": "sending", "lease_owner": "gone", "provider_id": None, "cost": None}
    until = world.clock.now() + timedelta(seconds=60)
    await world.db.write(
        lambda conn: conn.execute(update(AnswerRow).values(**lost, lease_until=until))
    )

    world.clock.advance(timedelta(seconds=61))
    await until_status(world, inbound, "in_doubt")
    world.clock.advance(timedelta(seconds=20))
    await until_status(world, inbound, "sent")

    assert world.twilio.to(STRANGER) == [WORDS]


async def test_what_nobody_can_tell_is_not_sent_again_and_is_told(world: World) -> None:
    world.twilio.fault = lambda _: Fault(accept=True, drop=True)
    world.twilio.log_down = True
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "in_doubt")

    world.clock.advance(timedelta(minutes=4))
    await until_status(world, inbound, "undelivered")

    assert (await seen(world, inbound))["error_code"] == "unsettled"
    assert len(world.twilio.to(STRANGER)) == 1


async def test_an_answer_that_cannot_leave_for_hours_ends_unsent(world: World) -> None:
    world.twilio.fault = lambda _: Fault.error(503, 20500)
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)

    world.clock.advance(timedelta(hours=5))
    await until_status(world, inbound, "expired")

    assert world.twilio.to(STRANGER) == []


async def test_who_sends_stop_before_it_leaves_hears_nothing(world: World) -> None:
    world.twilio.fault = lambda _: Fault.error(503, 20500)
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await world.until(lambda: world.twilio.requests > 0)
    await wrote(world, STRANGER, "STOP")

    world.twilio.fault = lambda _: None
    world.clock.advance(timedelta(minutes=2))
    await until_status(world, inbound, "suppressed")

    assert world.twilio.to(STRANGER) == []
    refused = await refusal(world, inbound)
    assert refused == "Whoever has this phone wants no messages."


async def test_who_told_the_provider_to_stop_is_not_answered_again(world: World) -> None:
    world.twilio.fault = lambda _: Fault.error(400, 21610)
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "failed")

    assert await refusal(world, inbound) == "Whoever has this phone wants no messages."


@pytest.mark.alike
async def test_whoever_may_be_forced_is_not_answered(world: World) -> None:
    reporter = await a_reporter(world.api, REPORTER)
    path = f"/v1/reporters/{reporter['id']}/duress-word"
    assert (await world.api.admin.put(path, json={"word": "zanzibar"})).status_code < 300
    before = await wrote(world, REPORTER, "ALERTE SANDARE BARRAGE")
    forced = await wrote(world, REPORTER, "ALERTE DIEMA BARRAGE ZANZIBAR")

    found = [await refusal(world, one) for one in (before, forced)]

    assert found == 2 * [
        "Who has this phone may be forced to write: who forces him may read the answer."
    ]


async def refusal(world: World, inbound_id: str) -> str:
    """Return why a message is not answered."""
    path = f"/v1/inbound/{inbound_id}/answers"
    answer = await world.api.moderator.post(path, json={"text": WORDS})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-answerable")
    return str(answer.json()["detail"])


async def test_only_the_own_organisations_messages_are_answered(world: World) -> None:
    stranger = await wrote(world, STRANGER)
    _, key = world.api.new_key(Scope.MODERATOR, world.api.organisation("Rivals"))
    rival = world.api.client(key)

    found = [
        (await one.post(f"/v1/inbound/{stranger}/answers{more}", json={"text": "x"})).status_code
        for one in (rival, world.api.reporter)
        for more in ("", "/preview")
    ]

    assert found == [404, 404, 403, 403]
    assert status_of(world, stranger) == []


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (" \n ", "The text must say something."),
        ("x" * 460, "The text must fit into 3 SMS, and is 4."),
    ],
)
async def test_an_answer_says_something_and_fits(world: World, text: str, detail: str) -> None:
    inbound = await wrote(world, STRANGER)

    answer = await world.api.moderator.post(f"/v1/inbound/{inbound}/answers", json={"text": text})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/text", "detail": detail}]


async def test_what_was_said_goes_with_the_message(world: World) -> None:
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "sent")

    world.clock.advance(timedelta(days=91))
    await world.service.forget()

    assert (await seen(world, inbound))["text"] is None
    sealed = (AnswerRow.text_sealed, InboundRow.phone_sealed)
    kept = [world.db.read_now(lambda conn, one=one: conn.scalar(select(one))) for one in sealed]  # type: ignore[misc]
    assert kept == [None, None]


async def test_what_waited_when_a_copy_was_made_is_looked_for_first(world: World) -> None:
    inbound = await wrote(world, STRANGER)
    await answered(world, inbound)
    await until_status(world, inbound, "sent")

    def restore(conn: Connection) -> None:
        as_copied = {"status": "queued", "provider_id": None, "cost": None}
        conn.execute(update(AnswerRow).values(**as_copied))
        answers.doubt_unsent(conn, now=world.clock.now())

    await world.db.write(restore)
    await until_status(world, inbound, "sent")

    assert world.twilio.to(STRANGER) == [WORDS]


async def test_what_came_by_the_gateway_is_answered_by_it(db: Database) -> None:
    """Its number can be written to again; a name at Twilio cannot."""
    phones = [f"+2237600005{n}" for n in range(4)]
    async with fake_gateway() as gateway:
        settings = GatewaySettings(
            url=gateway.url,
            username=kannel.USER,
            password=SecretStr(kannel.PASSWORD),
            from_=kannel.SENDER,
        )
        async with a_world(db, gateway=settings) as world:
            for phone in phones:
                await answered(world, await wrote_to(world.api, phone, provider="gateway"))
            await world.until(lambda: len(gateway.messages) == len(phones))
            assert world.twilio.messages == []

    assert [gateway.to(phone) for phone in phones] == [[WORDS]] * len(phones)
