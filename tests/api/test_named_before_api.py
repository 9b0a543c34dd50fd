"""A hamlet nobody recorded: one report gives its position, those after it only its name."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.dump import dump
from tests.harness.exposition import samples

pytestmark = pytest.mark.alike

HAMLET = {"lat": 14.62, "lon": -9.7}


def body(api: Api, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "convoy_ambush",
        "place": "Zoumbalaka",
        "occurred_at": api.clock.now().isoformat(),
        "summary": "Convoi pris sous le feu",
        **changes,
    }


async def told(client: httpx.AsyncClient, said: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/reports", json=said)


async def refused(api: Api) -> float:
    told = samples((await api.admin.get("/metrics")).text)
    return told.get('sira_reports_total{outcome="refused"}', 0.0)


@pytest.mark.alike
async def test_the_name_alone_joins_what_another_gave_the_position_of(api: Api) -> None:
    first = await told(api.admin, body(api, position=HAMLET))
    api.clock.advance(timedelta(hours=2))
    second = await told(api.reporter, body(api, place="ZOUMBALAKA"))

    assert (first.status_code, second.status_code) == (201, 201)
    spot = second.json()["report"]["location"]["position"]
    assert (spot["lat"], spot["lon"]) == pytest.approx((HAMLET["lat"], HAMLET["lon"]), abs=0.01)
    listed = (await api.admin.get("/v1/incidents")).json()["items"]
    assert [one["reports"] for one in listed] == [2]


@pytest.mark.alike
async def test_of_namesakes_the_one_that_others_speak_of_is_meant(api: Api) -> None:
    before = await told(api.admin, body(api, place="Segala"))
    first = await told(api.admin, body(api, place="Segala", region="Kayes"))
    second = await told(api.admin, body(api, place="Segala"))

    assert (before.status_code, first.status_code, second.status_code) == (422, 201, 201)
    places = [one.json()["report"]["location"]["place_id"] for one in (first, second)]
    assert places[0] == places[1] is not None


@pytest.mark.alike
async def test_a_stranger_does_not_say_where_a_name_is(api: Api) -> None:
    assert (await told(api.reporter, body(api, position=HAMLET))).status_code == 201

    answer = await told(api.admin, body(api))

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/place-unresolved"


@pytest.mark.alike
async def test_what_was_refuted_says_nothing(api: Api) -> None:
    first = await told(api.admin, body(api, position=HAMLET))
    incident = first.json()["incident"]["id"]
    await api.admin.patch(f"/v1/incidents/{incident}", json={"status": "refuted"})

    assert (await told(api.admin, body(api))).status_code == 422


async def test_two_hamlets_of_one_name_are_asked_apart(api: Api) -> None:
    far = {"lat": 15.9, "lon": -0.1}
    for position in (HAMLET, far):
        assert (await told(api.admin, body(api, position=position))).status_code == 201

    assert (await told(api.admin, body(api))).status_code == 422


async def test_a_name_is_forgotten_after_a_month(api: Api) -> None:
    await told(api.admin, body(api, position=HAMLET))
    api.clock.advance(timedelta(days=31))

    assert (await told(api.admin, body(api))).status_code == 422


@pytest.mark.alike
@pytest.mark.parametrize("place", ["Route de Zoumbalaka", "12 km de Zoumbalaka", "Zoumbalaka-Nara"])
async def test_a_road_or_a_distance_is_not_the_hamlet(api: Api, place: str) -> None:
    await told(api.admin, body(api, position=HAMLET))

    assert (await told(api.admin, body(api, place=place))).status_code == 422


@pytest.mark.alike
async def test_who_is_forced_is_not_believed_where_others_gave_the_position(api: Api) -> None:
    await told(api.admin, body(api, position=HAMLET))
    key_id, key = api.new_key(Scope.REPORTER)
    held = await api.moderator.post("/v1/forced", json={"key_id": key_id})

    answer = await told(api.client(key), body(api))

    listed = (await api.admin.get("/v1/incidents")).json()["items"]
    assert (held.status_code, answer.status_code) == (201, 201)
    assert answer.json()["incident"]["is_new"] is False
    assert [one["reports"] for one in listed] == [1]


@pytest.mark.alike
async def test_a_report_refused_for_its_place_changes_nothing_and_is_counted(api: Api) -> None:
    counted, kept = await refused(api), dump(api.state.db)

    answer = await told(api.admin, body(api))

    assert answer.status_code == 422
    assert dump(api.state.db) == kept
    assert await refused(api) == counted + 1


async def test_a_name_of_a_list_is_where_others_gave_its_position(api: Api) -> None:
    first = await told(api.admin, body(api, position=HAMLET))

    second = await told(api.admin, body(api, place="Gogui, Zoumbalaka et Sandaré"))

    gogui = second.json()
    sandare, hamlet = gogui["also"]
    assert hamlet["incident"]["id"] == first.json()["incident"]["id"]
    assert gogui["report"]["location"]["label"] == "Gogui"
    assert sandare["report"]["location"]["label"] == "Sandaré"


async def test_who_sends_a_position_far_from_the_place_he_names_is_asked_all_the_same(
    api: Api,
) -> None:
    assert (await told(api.admin, body(api, place="Kita"))).status_code == 201

    bamako = await told(api.reporter, body(api, place="Kita", position={"lat": 12.6, "lon": -8.0}))
    assert (await told(api.reporter, body(api, place="Kita"))).status_code == 201

    assert bamako.status_code == 422
    assert "from the position given: which is right?" in bamako.json()["detail"]
    listed = (await api.admin.get("/v1/incidents")).json()["items"]
    assert [one["reports"] for one in listed] == [2]
