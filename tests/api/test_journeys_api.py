"""Journeys over HTTP: what is asked, what is refused, and who is told how much."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope
from app.risk.road_graph import road_graph
from tests.harness.api import Api

pytestmark = pytest.mark.alike

ASK = {"from": "Dakar", "to": "Bamako", "cargo": "fuel"}


async def asked(api: Api, **changes: str) -> httpx.Response:
    return await api.moderator.get("/v1/journeys", params={**ASK, **changes})


async def reported(api: Api, kind: str, place: str, **more: Any) -> str:
    """File a report that is believed; return the incident's id."""
    body = {
        "kind": kind,
        "place": place,
        "occurred_at": (api.clock.now() - timedelta(hours=3)).isoformat(),
        "source": {"name": "AFP", "type": "wire"},
        **more,
    }
    answer = await api.moderator.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    incident_id = str(answer.json()["incident"]["id"])
    sure = await api.moderator.patch(f"/v1/incidents/{incident_id}", json={"status": "confirmed"})
    assert sure.status_code == 200, sure.text
    return incident_id


async def test_without_any_news_every_way_is_unknown_and_never_called_safe(api: Api) -> None:
    body = (await asked(api, language="en")).json()

    assert body["answer"] == "open"
    assert [one["rank"] for one in body["journeys"]] == [1, 2, 3]
    assert {one["level"] for one in body["journeys"]} == {"unknown"}
    assert body["closed"] == []
    assert body["last_news_at"] is None
    assert "ask before you leave" in body["advice"]


async def test_a_journey_adds_up_from_its_sections(api: Api) -> None:
    body = (await asked(api)).json()

    for one in body["journeys"]:
        sections = one["sections"]
        assert one["km"] == pytest.approx(sum(part["km"] for part in sections), abs=1)
        assert one["unknown_km"] == one["km"]
        assert one["hours"] == pytest.approx(
            sum(part["hours"] for part in sections) + one["border_hours"], abs=2
        )
        assert sections[0]["start"] == "Dakar"
        assert sections[-1]["end"] == "Bamako"
        for before, after in pairwise(sections):
            assert before["end"] == after["start"] or before["part"] is not None
        assert one["countries"] == ["SN", "ML"]
        assert [border["countries"] for border in one["borders"]] == [["SN", "ML"]]


async def test_the_same_question_is_answered_alike_and_the_way_back_is_the_same_road(
    api: Api,
) -> None:
    there = (await asked(api)).json()
    again = (await asked(api)).json()
    back = (await asked(api, **{"from": "Bamako", "to": "Dakar"})).json()

    def roads(body: dict[str, Any]) -> list[set[str]]:
        return [{part["id"] for part in one["sections"]} for one in body["journeys"]]

    assert there == again
    assert roads(there) == roads(back)
    assert back["journeys"][0]["countries"] == ["ML", "SN"]


async def test_a_dangerous_section_says_why_and_how_old_the_news_is(api: Api) -> None:
    incident_id = await reported(api, "fuel_interception", "Lakamane", cargo="fuel")

    body = (await asked(api, **{"from": "Kayes", "to": "Diéma"})).json()

    first, last = body["journeys"][0], body["journeys"][-1]
    assert first["level"] == "unknown"
    assert "Nioro" in first["via"]
    assert last["level"] == "severe"
    worst = next(part for part in last["sections"] if part["id"] == last["worst"]["id"])
    assert worst["reasons"][0]["incident"] == incident_id
    assert "Lakamané" in worst["reasons"][0]["text"]
    assert worst["evidence_age_hours"] == 3.0
    assert worst["closed_by"] == []


@pytest.mark.parametrize(("lang", "said"), [("fr", "{0:%d/%m}"), ("en", "{0.day} {0:%b}")])
async def test_a_day_is_written_as_its_reader_writes_days(api: Api, lang: str, said: str) -> None:
    """06/12 is June to many who read English, and this is until when a road is closed to them."""
    await reported(api, "fuel_interception", "Lakamane", cargo="fuel")
    happened = api.clock.now() - timedelta(hours=3)

    path = f"/v1/routes/ML-DKR-N/rating?cargo=fuel&lang={lang}"
    reasons = " ".join((await api.moderator.get(path)).json()["reasons"])
    ways = (await asked(api, **{"from": "Kayes", "to": "Diéma", "lang": lang})).json()["journeys"]
    texts = [one["text"] for part in ways[-1]["sections"] for one in part["reasons"]]

    assert said.format(happened + timedelta(days=3)) in reasons
    assert any(said.format(happened) in text for text in texts)


async def test_when_every_road_is_closed_the_answer_is_none_and_no_error(api: Api) -> None:
    await reported(api, "roadblock", "Bamako")
    api.clock.advance(timedelta(hours=3))

    answer = await asked(api, language="en")

    body = answer.json()
    assert answer.status_code == 200
    assert body["answer"] == "none"
    assert body["journeys"] == []
    assert body["advice"] == "none: wait; last news 3 h ago"
    assert body["closed"]
    for one in body["closed"]:
        assert one["open"] is False
        assert any(part["closed_by"] for part in one["sections"])


async def test_a_closed_border_closes_the_crossing_and_not_the_road_to_it(api: Api) -> None:
    await reported(api, "border_closure", "Diboli")

    over = (await asked(api, **{"from": "Kidira", "to": "Kayes"})).json()
    inland = (await asked(api, **{"from": "Diboli", "to": "Kayes"})).json()

    assert all(
        {"Kidira", "Diboli"} != set(border["towns"])
        for one in over["journeys"]
        for border in one["borders"]
    )
    assert inland["answer"] == "open"
    assert inland["journeys"][0]["borders"] == []


async def test_a_closure_counts_for_whom_the_rules_close_it(api: Api) -> None:
    await reported(api, "blockade_threat", "Sébékoro", region="Kita")

    fuel = (await asked(api, **{"from": "Kita", "to": "Kambila"})).json()
    aid = (await asked(api, **{"from": "Kita", "to": "Kambila", "cargo": "humanitarian"})).json()

    def shuts(body: dict[str, Any]) -> bool:
        ways = body["journeys"] + body["closed"]
        return any(part["closed_by"] for one in ways for part in one["sections"])

    def at_the_blockade(body: dict[str, Any]) -> set[str]:
        return {
            part["level"]
            for one in body["journeys"]
            for part in one["sections"]
            if "Sébékoro" in {part["start"], part["end"]}
        }

    assert at_the_blockade(fuel) == set()
    assert not shuts(aid)
    assert at_the_blockade(aid) == {"moderate"}


async def test_an_earlier_instant_is_answered_as_it_was_known_then(api: Api) -> None:
    before = api.clock.now()
    unheard = (await asked(api)).json()
    api.clock.advance(timedelta(hours=1))
    incident_id = await reported(api, "roadblock", "Kambila")
    during = api.clock.now()
    closed = (await asked(api)).json()
    api.clock.advance(timedelta(hours=1))
    await api.moderator.patch(f"/v1/incidents/{incident_id}", json={"status": "refuted"})

    then = (await asked(api, at=before.isoformat())).json()
    later = (await asked(api, at=during.isoformat())).json()

    assert then["journeys"] == unheard["journeys"]
    keys = ("level", "km", "open", "closed_by")
    assert [[{k: part.get(k) for k in keys} for part in one["sections"]]
            for one in later["journeys"]] == [
        [{k: part.get(k) for k in keys} for part in one["sections"]]
        for one in closed["journeys"]
    ]  # fmt: skip
    assert later["answer"] == closed["answer"]


async def test_a_place_off_the_roads_is_joined_to_the_nearest_stop_and_that_is_said(
    api: Api,
) -> None:
    body = (await asked(api, **{"from": "Mopti", "to": "Tombouctou"})).json()
    far = (await asked(api, **{"from": "Taoudenni"})).json()
    off = next(
        place
        for place in api.state.context.gazetteer.places.values()
        if place.id not in api.state.roads.places and place.region == "Ségou"
    )
    joined = (await asked(api, **{"from": off.id})).json()

    assert body["from"]["km_off"] == 0
    assert far["status"] == 422
    assert far["errors"][0]["parameter"] == "from"
    assert joined["from"]["name"] == off.name
    assert joined["from"]["km_off"] > 0
    assert joined["journeys"][0]["sections"]


async def test_a_village_between_two_towns_is_a_place_to_start_from(api: Api) -> None:
    village = next(
        spot
        for spot in road_graph(api.state.roads).spots.values()
        if spot.section_id is not None and "ML-DKR-N" in api.state.roads.routes_at(spot.place_id)
    )
    body = (await asked(api, **{"from": village.place_id})).json()

    first = body["journeys"][0]
    assert body["from"]["km_off"] == 0
    assert 0 < first["sections"][0]["share"] < 1
    assert body["from"]["stop"]["name"] == village.name


@pytest.mark.parametrize(
    ("change", "parameter", "code"),
    [
        ({"from": "Kobe"}, "from", "place-unresolved"),
        ({"to": "Lakamanneville-sur-Mer"}, "to", "place-unresolved"),
        ({"to": "Mali"}, "to", "place-unresolved"),
        ({"from": "région de Kayes"}, "from", "place-unresolved"),
        ({"from": "entre Diboli et Kayes"}, "from", "place-unresolved"),
        ({"from": "RN1"}, "from", "place-unresolved"),
        ({"to": "Dakar"}, "to", "invalid"),
        ({"cargo": "camels"}, "cargo", "invalid"),
        ({"at": "2030-01-01T00:00:00Z"}, "at", "invalid"),
        ({"at": "yesterday"}, "at", "invalid"),
        ({"depart": "2030-01-01T00:00:00Z"}, "depart", "invalid"),
        ({"depart": "2020-01-01T00:00:00Z"}, "depart", "invalid"),
        ({"limit": "0"}, "limit", "invalid"),
        ({"limit": "6"}, "limit", "invalid"),
        ({"language": "de"}, "language", "invalid"),
        ({"from": ""}, "from", "invalid"),
        ({"from": "x" * 301}, "from", "invalid"),
    ],
)
async def test_what_cannot_be_answered_is_refused_by_name(
    api: Api, change: dict[str, str], parameter: str, code: str
) -> None:
    answer = await asked(api, **change)

    body = answer.json()
    assert answer.status_code == 422
    assert body["type"] == f"/problems/{code}"
    assert [error["parameter"] for error in body["errors"]] == [parameter]
    if code == "place-unresolved":
        assert "candidates" in body


async def test_a_region_is_answered_with_its_towns(api: Api) -> None:
    body = (await asked(api, **{"from": "région de Kayes"})).json()

    names = {one["name"] for one in body["candidates"]}
    assert {"Kayes", "Kita"} <= names
    chosen = (await asked(api, **{"from": body["candidates"][0]["place_id"]})).json()
    assert chosen["journeys"]


@pytest.mark.parametrize("text", ["a\x00b", "\x1f", "%", "' OR 1=1 --", "🚚", "\u202e"])
async def test_strange_texts_are_refused_and_break_nothing(api: Api, text: str) -> None:
    assert (await asked(api, **{"from": text})).status_code == 422


async def test_only_the_desk_is_told_when_a_convoy_passed(api: Api) -> None:
    subscriber = api.client(api.key(Scope.SUBSCRIBER, api.organisation()))
    await reported(api, "safe_transit", "Diéma", cargo="fuel")
    ask = {**ASK, "from": "Didiéni", "to": "Diéma"}

    desk = (await api.moderator.get("/v1/journeys", params=ask)).json()
    theirs = (await subscriber.get("/v1/journeys", params=ask)).json()

    assert desk["last_news_at"] is not None
    assert theirs["last_news_at"] is None
    assert {part["evidence_at"] for one in theirs["journeys"] for part in one["sections"]} == {None}
    assert [one["level"] for one in desk["journeys"]] == [
        one["level"] for one in theirs["journeys"]
    ]


async def test_arrival_follows_from_departure(api: Api) -> None:
    depart = api.clock.now() + timedelta(days=2)

    body = (await asked(api, depart=depart.isoformat(), limit="1")).json()

    (one,) = body["journeys"]
    assert one["arrive_at"][:10] > depart.isoformat()[:10]
    assert one["border_hours"] == 12
