"""Whoever takes a phone or a key writes on without the word: until a person says: free again."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from app.accounts.keys import Scope
from app.db.engine import Database
from app.db.tables import AlertRow, IncidentRow, NoticeRow, ReportRow
from app.flows.reports.own_reports import own_reports
from tests.harness.api import Api
from tests.harness.texting import (
    DRIVER,
    REPORTER,
    Texting,
    a_contact,
    a_reporter,
    report,
    rows,
    values,
)

OTHER, FREE = "+22376000003", "+22376000004"


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


async def waiting(api: Api) -> list[dict[str, Any]]:
    """Return the reports that wait for the desk."""
    return list((await api.moderator.get("/v1/reports")).json()["items"])


async def listed(api: Api) -> list[dict[str, Any]]:
    return list((await api.moderator.get("/v1/forced")).json()["items"])


async def free(api: Api, **body: Any) -> None:
    (forced,) = await listed(api)
    answer = await api.moderator.post(f"/v1/forced/{forced['id']}/free", json=body)
    assert answer.status_code == 200, answer.text


@pytest.mark.alike
async def test_who_took_the_phone_calms_no_road_and_raises_no_alarm(
    api: Api, db: Database, texting: Texting
) -> None:
    await report(api, "fuel_interception", "Kayes", cargo="fuel", basis="official")
    await a_reporter(api, duress_word="Zanzibar")
    await a_reporter(api, phone=FREE)
    await texting.says(REPORTER, "OK NIORO zanzibar")
    before = values(db, IncidentRow.version), rows(db, AlertRow)
    api.clock.advance(timedelta(days=40))

    said = ("OK KAYES", "ALERTE DIEMA BARRAGE")
    answers = [await texting.says(REPORTER, one) for one in said]

    assert (values(db, IncidentRow.version), rows(db, AlertRow)) == before
    assert [one["duress"] for one in await waiting(api)] == [True] * 3
    assert [one["duress"] for one in await texting.read()] == [True] * 3
    assert values(db, NoticeRow.kind) == ["duress"]
    assert answers == [
        await texting.says(FREE, one) for one in ("OK KAYES", "ALERTE DIEMA BARRAGE")
    ]


@pytest.mark.alike
async def test_until_a_moderator_says_that_he_is_free(
    api: Api, db: Database, texting: Texting
) -> None:
    await a_reporter(api, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    (forced,) = await listed(api)
    (heard,) = await texting.read()

    await free(api, note="parlé avec lui")
    again = await api.moderator.post(f"/v1/forced/{forced['id']}/free", json={})
    await texting.says(REPORTER, "ALERTE DIEMA BARRAGE")

    assert (forced["inbound_id"], forced["freed_at"]) == (heard["id"], None)
    assert await listed(api) == []
    assert rows(db, IncidentRow) == 1
    assert [one["duress"] for one in await waiting(api)] == [True]
    trail = (await api.admin.get("/v1/audit?subject_type=forced")).json()["items"]
    assert [(one["action"], one["subject_id"]) for one in trail] == [("forced.freed", forced["id"])]
    assert trail[0]["detail"] == {"note": "parlé avec lui"}
    assert again.status_code == 200


@pytest.mark.alike
async def test_a_word_written_again_later_holds_again(api: Api, texting: Texting) -> None:
    await a_reporter(api, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    await free(api)

    await texting.says(REPORTER, "OK DIEMA zanzibar")
    await texting.says(REPORTER, "OK KAYES")

    assert len(await listed(api)) == 1
    assert [one["duress"] for one in await texting.read()] == [True] * 3


def shape(answer: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return an answer to a report without what differs between any two."""
    text = answer["incident"]
    place = answer["report"]["location"]["label"]
    told = {key: text[key] for key in ("kind", "status", "certainty", "reports", "is_new")}
    levels = sorted({(one["cargo"], one["after"]) for one in answer["effects"]})
    known = names.setdefault(text["id"], f"#{len(names)}")
    return {**told, "known": known, "placed": bool(place), "levels": levels}


@pytest.mark.alike
async def test_his_key_is_answered_as_always_and_believed_by_nobody(
    api: Api, db: Database, texting: Texting
) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    _, other_key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    before = rows(db, IncidentRow), rows(db, AlertRow)

    async def files(key: str, place: str) -> list[dict[str, Any]]:
        """Report twice the same, and a passage; return what is told of it, now and later."""
        told: list[dict[str, Any]] = []
        names: dict[str, str] = {}
        client = api.client(key)
        for kind in ("roadblock", "roadblock", "safe_transit"):
            api.clock.advance(timedelta(minutes=1))
            body = {"kind": kind, "occurred_at": api.clock.now().isoformat(), "place": place}
            made = await client.post("/v1/reports", json=body)
            assert made.status_code == 201, made.text
            later = (await client.get(f"/v1/reports/{made.json()['report']['id']}")).json()
            assert later["answer"] == made.json()
            seen = {name: later[name] for name in ("outcome", "candidates", "duress")}
            linked = later["incident_id"] == made.json()["incident"]["id"]
            told.append({**shape(made.json(), names), **seen, "linked": linked})
        return told

    forced = await files(key, "Koutiala")
    after = rows(db, IncidentRow), rows(db, AlertRow)
    asked = await waiting(api)
    assert await files(other_key, "Sikasso") == forced

    assert after == before
    assert [one["duress"] for one in asked] == [True] * 4
    shown = (await api.admin.get(f"/v1/keys/{key_id}/reports")).json()["items"]
    assert [one["duress"] for one in shown] == [True] * 4


@pytest.mark.alike
async def test_his_key_repeats_itself_and_is_answered_with_the_same(
    api: Api, texting: Texting
) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": "Koutiala"}
    once = {"Idempotency-Key": "one"}

    first = await api.client(key).post("/v1/reports", json=body, headers=once)
    again = await api.client(key).post("/v1/reports", json=body, headers=once)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(await waiting(api)) == 2


@pytest.mark.alike
async def test_what_a_moderator_believes_is_the_incident_that_was_told(
    api: Api, texting: Texting
) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": "Koutiala"}
    told = (await api.client(key).post("/v1/reports", json=body)).json()

    path = f"/v1/reports/{told['report']['id']}/place"
    placed = (await api.moderator.post(path, json={"place": "Koutiala"})).json()

    assert placed["incident"]["id"] == told["incident"]["id"]


@pytest.mark.alike
async def test_his_page_shows_what_he_was_told(api: Api, db: Database, texting: Texting) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    _, _ = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    body = {"kind": "roadblock", "occurred_at": api.clock.now().isoformat(), "place": "Koutiala"}
    await api.client(key).post("/v1/reports", json=body)
    await texting.says(REPORTER, "OK NIORO zanzibar")
    await api.client(key).post("/v1/reports", json={**body, "place": "Sikasso"})

    found = db.read_now(lambda conn: own_reports(conn, key_id, now=api.clock.now()))

    forced, _, plain = [(one.kind, one.place_km, one.fate, one.sources) for one in found]
    assert forced == plain


@pytest.mark.alike
async def test_what_has_no_place_is_asked_of_him_as_of_anybody(api: Api, db: Database) -> None:
    keys = [api.new_key(Scope.REPORTER) for _ in range(2)]
    await api.moderator.post("/v1/forced", json={"key_id": keys[0][0]})
    body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": "Zzzq"}

    shown = []
    for key_id, key in keys:
        made = (await api.client(key).post("/v1/reports/batch", json=[body])).json()["items"][0]
        kept = (await api.client(key).get(f"/v1/reports/{made['report']['id']}")).json()
        (own,) = db.read_now(partial(own_reports, key_id=key_id, now=api.clock.now()))
        shown.append((made["status"], kept["outcome"], kept["incident_id"], own.fate, own.place))

    assert shown[0] == shown[1] == (201, "asked", None, "asked", "Zzzq")
    assert [one["duress"] for one in await waiting(api)] == [False, True]


@pytest.mark.alike
async def test_another_phone_of_the_same_key_is_held_too(
    api: Api, db: Database, texting: Texting
) -> None:
    key_id, _ = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await a_reporter(api, phone=OTHER, key_id=key_id)
    await texting.says(REPORTER, "OK NIORO zanzibar")

    await texting.says(OTHER, "ALERTE DIEMA BARRAGE")

    assert rows(db, IncidentRow) == 0
    assert len(await listed(api)) == 1


@pytest.mark.alike
async def test_a_phone_that_several_share_is_one(api: Api, db: Database, texting: Texting) -> None:
    await a_contact(api, REPORTER, organisation_id=api.organisation("Autre"))
    await a_reporter(api, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")

    await texting.says(f"whatsapp:{REPORTER}", "ALERTE DIEMA BARRAGE")
    await texting.says(DRIVER, "ALERTE KITA BARRAGE")

    assert rows(db, IncidentRow) == 1
    assert [one["duress"] for one in await texting.read()] == [False, True, True]


@pytest.mark.alike
async def test_a_moderator_who_hears_of_it_holds_a_phone_or_a_key(
    api: Api, db: Database, texting: Texting
) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await texting.says(DRIVER, "OK DIEMA")
    (heard,) = await texting.read()
    before = rows(db, IncidentRow)

    made = [
        await api.moderator.post("/v1/forced", json=body)
        for body in ({"inbound_id": heard["id"]}, {"key_id": key_id, "note": "pris à Nara"})
    ]
    await texting.says(DRIVER, "ALERTE DIEMA BARRAGE")
    body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": "Koutiala"}
    filed = await api.client(key).post("/v1/reports", json=body)

    assert [one.status_code for one in (*made, filed)] == [201, 201, 201]
    assert rows(db, IncidentRow) == before
    assert len(await waiting(api)) == 2
    trail = (await api.admin.get("/v1/audit?subject_type=forced")).json()["items"]
    assert [one["action"] for one in trail] == ["forced.held"] * 2


async def test_only_who_reports_is_held_and_only_by_his_own_organisation(
    api: Api, texting: Texting
) -> None:
    rivals = api.organisation("Rivals")
    _, key = api.new_key(Scope.MODERATOR, rivals)
    subscriber_id, _ = api.new_key(Scope.SUBSCRIBER, rivals)
    await a_reporter(api, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    await texting.says("+22376000077", "ALERTE KITA BARRAGE")
    (stranger, heard) = await texting.read()
    (forced,) = await listed(api)
    rival = api.client(key)

    assert (await rival.get("/v1/forced")).json()["items"] == []
    refused = [
        await rival.post(f"/v1/forced/{forced['id']}/free", json={}),
        await rival.post("/v1/forced", json={"inbound_id": heard["id"]}),
        await api.moderator.post("/v1/forced", json={"inbound_id": stranger["id"]}),
        await api.moderator.post("/v1/forced", json={"key_id": subscriber_id}),
        await api.moderator.post("/v1/forced", json={}),
    ]
    assert [one.status_code for one in refused] == [404, 404, 422, 422, 422]
    assert rows_held(await listed(api)) == [forced["id"]]


def rows_held(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


async def test_nothing_but_the_desk_tells_who_is_held(api: Api, db: Database) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await api.moderator.post("/v1/forced", json={"key_id": key_id})

    seen = await api.client(key).get("/v1/forced")

    assert seen.status_code == 403
    assert rows(db, ReportRow) == 0


@pytest.mark.alike
async def test_what_waits_far_away_does_not_make_his_answers_late(api: Api, db: Database) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await api.moderator.post("/v1/forced", json={"key_id": key_id})
    client = api.client(key)

    async def statements(place: str) -> int:
        api.clock.advance(timedelta(minutes=1))
        body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": place}
        said.clear()
        assert (await client.post("/v1/reports", json=body)).status_code == 201
        return len(said)

    def hear(*executed: Any) -> None:
        said.append(executed[2])

    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", hear)
    await statements("Gao")
    alone = await statements("Koutiala")
    for place in ("Kayes", "Nioro", "Diéma", "Kita"):
        await statements(place)

    assert await statements("Konna") <= alone + 10


@pytest.mark.alike
async def test_of_a_list_of_places_each_waits_and_is_known_to_him(
    api: Api, db: Database, texting: Texting
) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    before, client = rows(db, IncidentRow), api.client(key)
    body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": "Koutiala et Kita"}

    told = (await client.post("/v1/reports", json=body)).json()

    (kita,) = told["also"]
    later = (await client.get(f"/v1/reports/{kita['report']['id']}")).json()
    assert (later["outcome"], later["answer"]["incident"]) == ("placed", kita["incident"])
    assert later["incident_id"] == kita["incident"]["id"]
    offered = [[where["name"] for where in one["candidates"]] for one in await waiting(api)]
    assert sorted(offered) == [["Kita"], ["Koutiala"], ["Nioro"]]
    assert rows(db, IncidentRow) == before
    again = (await client.post("/v1/reports", json=body)).json()
    assert [one["incident"]["is_new"] for one in (again, *again["also"])] == [False, False]


@pytest.mark.alike
async def test_a_name_that_nobody_knows_waits_with_the_list_that_it_is_of(
    api: Api, db: Database, texting: Texting
) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id, duress_word="Zanzibar")
    await texting.says(REPORTER, "OK NIORO zanzibar")
    before, place = rows(db, IncidentRow), "Koutiala, Zoumbalaka et Kita"
    body = {"kind": "ied", "occurred_at": api.clock.now().isoformat(), "place": place}

    told = (await api.client(key).post("/v1/reports", json=body)).json()

    kita, left = told["also"]
    assert (left["report"]["place"], left["incident"]) == ("Zoumbalaka", None)
    kept = {one["id"] for one in await waiting(api)}
    assert {one["report"]["id"] for one in (told, kita, left)} < kept
    assert rows(db, IncidentRow) == before
