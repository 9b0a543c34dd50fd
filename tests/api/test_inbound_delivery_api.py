"""Deliveries of inbound messages: forged, repeated, re-ordered, at once; loops, floods, secrecy."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from app.accounts.keys import Scope
from app.channels.gateway_links import inbound_token
from app.db.engine import Database
from app.db.tables import ContactChannelRow, InboundRow, ReportRow, SubscriptionRow
from app.flows.sending.bell import Bell
from app.service import Service
from app.settings import GatewaySettings
from tests.harness.api import Api, serving
from tests.harness.dump import dump, texts
from tests.harness.texting import PATH, PUBLIC, Texting, answer_in, signed_settings
from tests.harness.twilio import TOKEN

DRIVER, OTHER = "+22376000001", "+22376000003"
GATEWAY = GatewaySettings(
    url="http://127.0.0.1:1/cgi-bin/sendsms",
    username="u",
    password=SecretStr("of the gateway"),
    from_="Sira",
)


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    async with serving(db, settings=signed_settings(gateway=GATEWAY)) as served:
        yield served


@pytest.fixture
async def texting(api: Api) -> Texting:
    await a_contact(api, DRIVER)
    return Texting(api)


async def a_contact(api: Api, phone: str) -> str:
    organisation = api.organisation()
    body = {"organisation_id": organisation, "name": "Moussa Traore", "phone": phone}
    assert (await api.admin.post("/v1/contacts", json=body)).status_code == 201
    return organisation


def count(db: Database, table: Any) -> int:
    return db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(table))) or 0


def status(db: Database) -> str:
    return str(db.read_now(lambda conn: conn.scalar(select(ContactChannelRow.status))))


# ---------------------------------------------------------------------------- forged or garbled


@pytest.mark.alike
@pytest.mark.parametrize("signature", ["", "AAAA"])
async def test_a_forged_message_is_refused_and_leaves_nothing(
    db: Database, texting: Texting, signature: str
) -> None:
    response = await texting.post(DRIVER, "STOP", signature=signature)

    assert response.status_code == 403
    assert response.json()["type"] == "/problems/not-signed"
    assert (count(db, InboundRow), status(db)) == (0, "active")


async def test_a_genuine_signature_on_other_words_is_refused(
    api: Api, db: Database, texting: Texting
) -> None:
    form = {"MessageSid": texting.sid(), "From": DRIVER, "Body": "AIDE"}
    signed = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{PATH}", form)

    response = await api.client().post(
        PATH, data={**form, "Body": "STOP"}, headers={"X-Twilio-Signature": signed}
    )

    assert response.status_code == 403
    assert (count(db, InboundRow), status(db)) == (0, "active")


async def test_without_an_account_nothing_comes_in(db: Database) -> None:
    async with serving(db) as api:
        assert (await Texting(api).post(DRIVER, "STOP")).status_code == 403


@pytest.mark.alike
@pytest.mark.parametrize("sid", ["SM1", "x" * 34, "CA" + "0" * 32])
async def test_a_message_without_a_sid_cannot_be_told_from_its_repetition(
    texting: Texting, sid: str
) -> None:
    response = await texting.post(DRIVER, "AIDE", sid=sid)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/MessageSid"


@pytest.mark.alike
@pytest.mark.parametrize(
    "text",
    ["", " ", "😀" * 400, "a" * 1_600, "x " * 5_000, "\u202eʇxǝʇ", "<Response/>&amp;", "\ud7ff"],
)
async def test_whatever_is_written_is_answered_in_one_sms(texting: Texting, text: str) -> None:
    assert await texting.says(DRIVER, text) is not None


# ------------------------------------------------------------- repeated, re-ordered, concurrent


@pytest.mark.alike
async def test_a_message_counts_once_and_each_delivery_gets_the_same_answer(
    db: Database, texting: Texting
) -> None:
    sid = texting.sid()
    first = await texting.post(DRIVER, "ALERTE DIEMA CITERNES BRULEES", sid=sid)
    texting.api.clock.advance(timedelta(days=2))
    later = [await texting.post(DRIVER, "ALERTE DIEMA CITERNES BRULEES", sid=sid) for _ in range(3)]

    assert {one.text for one in later} == {first.text}
    assert answer_in(first.text) is not None
    assert (count(db, InboundRow), count(db, ReportRow)) == (1, 1)


async def test_deliveries_at_once_are_one_message(db: Database, texting: Texting) -> None:
    sid = texting.sid()

    answers = await asyncio.gather(
        *(texting.post(DRIVER, "ALERTE DIEMA BARRAGE", sid=sid) for _ in range(8))
    )

    assert {one.status_code for one in answers} == {200}
    assert len({one.text for one in answers}) == 1
    assert (count(db, InboundRow), count(db, ReportRow)) == (1, 1)


async def test_two_numbers_at_once_answer_a_question_once(db: Database, texting: Texting) -> None:
    await texting.says(DRIVER, "ALERTE MADINA BARRAGE")

    answers = await asyncio.gather(*(texting.says(DRIVER, "1") for _ in range(2)))

    assert count(db, ReportRow) == 1
    assert sum("Note" in str(one) or "Noté" in str(one) for one in answers) == 1


async def test_an_old_stop_delivered_again_does_not_undo_a_start(
    db: Database, texting: Texting
) -> None:
    stop, start = texting.sid(), texting.sid()
    await texting.post(DRIVER, "STOP", sid=stop)
    await texting.post(DRIVER, "REPRENDRE", sid=start)

    await texting.post(DRIVER, "STOP", sid=stop)
    assert status(db) == "active"

    await texting.post(DRIVER, "STOP")
    await texting.post(DRIVER, "REPRENDRE", sid=start)
    assert status(db) == "opted_out"


async def test_a_number_that_overtakes_its_question_chooses_nothing(
    db: Database, texting: Texting
) -> None:
    number = texting.sid()
    stray = await texting.says(DRIVER, "1", sid=number)
    await texting.says(DRIVER, "ALERTE MADINA BARRAGE")

    assert await texting.says(DRIVER, "1", sid=number) == stray
    assert count(db, ReportRow) == 0


async def test_phones_do_not_answer_one_anothers_questions(
    api: Api, db: Database, texting: Texting
) -> None:
    await a_contact(api, OTHER)
    await texting.says(DRIVER, "ALERTE MADINA BARRAGE")

    await texting.says(OTHER, "1")

    assert count(db, ReportRow) == 0


# ------------------------------------------------------------------------------- loops and floods


async def test_a_text_that_bounces_is_answered_twice_at_most(
    db: Database, texting: Texting
) -> None:
    answers = [await texting.says(DRIVER, "ABONNER KAYES !") for _ in range(5)]

    assert [one is not None for one in answers] == [True, True, False, False, False]
    assert count(db, SubscriptionRow) == 1
    outcomes = [one["outcome"] for one in await texting.read()]
    assert outcomes == ["loop", "loop", "loop", "done", "done"]


async def test_our_own_words_sent_back_are_not_answered(texting: Texting) -> None:
    reply = await texting.says(DRIVER, "AIDE")

    assert await texting.says(DRIVER, str(reply).upper()) is None


@pytest.mark.alike
@pytest.mark.parametrize(
    "text",
    [
        "Je suis en réunion, je vous rappelle plus tard.",
        "I'm driving right now - sent from my car",
        "Réponse automatique: absent du bureau, barrage à Diéma",
        "Out of Office: OK DIEMA",
    ],
)
async def test_a_machine_is_neither_believed_nor_answered(
    db: Database, texting: Texting, text: str
) -> None:
    assert await texting.says(DRIVER, text) is None
    assert count(db, ReportRow) == 0
    assert (await texting.read())[0]["outcome"] == "automatic"


@pytest.mark.alike
async def test_a_phone_that_writes_without_end_falls_silent_but_may_stop(
    api: Api, db: Database, texting: Texting
) -> None:
    policy = api.state.config.inbound
    towns = ("KAYES", "NIORO", "SEGOU", "MOPTI", "GAO", "KITA")
    sent = [f"ETAT {towns[n % 6]} {n // 6 * 'svp '}" for n in range(policy.kept + 5)]
    answers = [await texting.says(DRIVER, f"{text} {n}") for n, text in enumerate(sent)]

    assert sum(one is not None for one in answers) == policy.replies
    assert all(one is None for one in answers[policy.replies :])
    assert count(db, InboundRow) == policy.kept
    assert await texting.says(DRIVER, "STOP") is None
    assert status(db) == "opted_out"

    api.clock.advance(timedelta(hours=2))
    assert await texting.says(DRIVER, "AIDE") is not None


# ---------------------------------------------------------------------- who sees it, how it is kept


async def test_a_moderator_sees_how_each_message_was_read(api: Api, texting: Texting) -> None:
    await texting.says(DRIVER, "ROUTE DAKAR BAMAKO CARBURANT")
    await texting.says(DRIVER, "ALERTE MADINA BARRAGE")

    page = (await api.moderator.get("/v1/inbound", params={"limit": 1})).json()
    following = await api.moderator.get("/v1/inbound", params={"limit": 1, "cursor": page["next"]})

    (question,), (road,) = page["items"], following.json()["items"]
    assert following.json()["next"] is None
    assert (road["action"], road["places"], road["cargo"]) == (
        "ask_route",
        ["Dakar", "Bamako"],
        ["fuel"],
    )
    assert set(road["route"]) == {"ML-DKR-N", "ML-DKR-S"}
    assert [choice["number"] for choice in question["choices"]] == list(
        range(1, len(question["choices"]) + 1)
    )
    assert (await api.moderator.get(f"/v1/inbound/{road['id']}")).json() == road
    assert (await texting.read(action="ask_route"))[0]["id"] == road["id"]
    assert "76000001" not in str(page)


@pytest.mark.alike
async def test_only_the_desk_sees_messages(api: Api, texting: Texting) -> None:
    await texting.says(DRIVER, "AIDE")
    (heard,) = await texting.read()

    for client in (api.reporter, api.subscriber(heard["organisation_id"])):
        assert (await client.get("/v1/inbound")).status_code == 403
        assert (await client.get(f"/v1/inbound/{heard['id']}")).status_code == 403
        assert (await client.get("/v1/reporters")).status_code == 403
    assert (await api.client().get("/v1/inbound")).status_code == 401
    assert (await api.moderator.get("/v1/inbound/nothing")).status_code == 404
    assert (await api.moderator.get("/v1/inbound?action=dance")).status_code == 422


async def test_a_desk_of_one_organisation_sees_its_own_phones_alone(
    api: Api, texting: Texting
) -> None:
    own = await a_contact(api, OTHER)
    for phone in (DRIVER, OTHER, "+22376000088"):
        await texting.says(phone, "AIDE")
    heard = {one["organisation_id"]: one["id"] for one in await texting.read()}
    (foreign,) = set(heard) - {own, None}
    desk = api.client(api.key(Scope.MODERATOR, own))

    seen = (await desk.get("/v1/inbound")).json()["items"]
    others = [await desk.get(f"/v1/inbound/{heard[one]}") for one in (foreign, None)]
    asked = await desk.get("/v1/inbound", params={"organisation_id": foreign})

    assert [one["id"] for one in seen] == [heard[own]]
    assert [one.status_code for one in others] == [404, 404]
    assert asked.status_code == 404


async def test_a_dump_holds_neither_number_nor_words_nor_cargo_of_anybody(
    db: Database, texting: Texting
) -> None:
    await texting.says(DRIVER, "ROUTE DAKAR BAMAKO CARBURANT")
    await texting.says(DRIVER, "c'est Moussa Traore 76000001")
    await texting.says("+22376000077", "je suis Awa Diallo du camion XYZ123")

    held = texts({"inbound": dump(db)["inbound"], "audit": dump(db)["audit"]}).lower()

    assert "ask_route" in held
    needles = ("76000001", "76000077", "moussa tr", "awa diallo", "carburant", "xyz123", "bamako")
    assert [one for one in needles if one in held] == []


@pytest.mark.alike
async def test_after_its_time_only_what_it_did_is_left_and_it_cannot_come_again(
    api: Api, db: Database, texting: Texting
) -> None:
    sid = texting.sid()
    await texting.post(DRIVER, "ALERTE DIEMA BARRAGE", sid=sid)
    api.clock.advance(timedelta(days=89))
    service = Service(
        settings=api.state.settings, db=db, clock=api.clock, context=api.state.context,
        bell=Bell(),
    )  # fmt: skip
    await service.forget()
    (young,) = await texting.read()
    api.clock.advance(timedelta(days=2))
    await service.forget()

    (old,) = await texting.read()
    again = await texting.post(DRIVER, "ALERTE DIEMA BARRAGE", sid=sid)
    assert young["text"] == "ALERTE DIEMA BARRAGE"
    assert (old["emptied"], old["text"], old["phone"], old["reply"]) == (True, None, None, None)
    assert (old["action"], old["report_id"]) == ("report", young["report_id"])
    assert answer_in(again.text) is None
    assert (count(db, InboundRow), count(db, ReportRow)) == (1, 1)


# -------------------------------------------------------------------------------------- the gateway


async def through_gateway(api: Api, text: str, *, id: str = "1", **given: str) -> Any:  # noqa: A002
    token = inbound_token("of the gateway")
    query = {"token": token, "id": id, "from": DRIVER, "text": text, **given}
    return await api.client().get("/v1/gateway/inbound", params=query)


@pytest.mark.alike
async def test_the_gateways_messages_go_the_same_way(
    api: Api, db: Database, texting: Texting
) -> None:
    first = await through_gateway(api, "ALERTE DIEMA BARRAGE", id="9c1-7")
    again = await through_gateway(api, "ALERTE DIEMA BARRAGE", id="9c1-7")
    national = await through_gateway(api, "ETAT KAYES", id="2", **{"from": "0022376000001"})
    stranger = await through_gateway(api, "AIDE", id="3", **{"from": "+22376999999"})

    assert first.headers["content-type"].startswith("text/plain")
    assert "Note" in first.text or "Noté" in first.text
    assert again.text == first.text
    assert "Kayes" in national.text
    assert (stranger.status_code, stranger.text) == (200, "")
    assert count(db, ReportRow) == 1


@pytest.mark.alike
@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
async def test_a_gateways_message_without_our_token_is_refused(
    api: Api, db: Database, texting: Texting, token: str
) -> None:
    response = await through_gateway(api, "STOP", token=token)

    assert response.status_code == 403
    assert (count(db, InboundRow), status(db)) == (0, "active")


async def test_a_gateways_message_without_an_id_is_refused(api: Api, texting: Texting) -> None:
    assert (await through_gateway(api, "STOP", id="")).status_code == 422
