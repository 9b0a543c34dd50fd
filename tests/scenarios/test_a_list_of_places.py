"""One report that names several places: nobody who drives to any of them goes unwarned."""

from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.world import World

#: Rules of the domain, on statements that other tests ask PostgreSQL for, too.
pytestmark = pytest.mark.alike
LIST = "Lakamané, Kita et Gogui"


async def incidents(world: World) -> list[dict[str, Any]]:
    listed = (await world.api.moderator.get("/v1/incidents")).json()["items"]
    return sorted(listed, key=lambda one: str(one["location"]["label"]))


async def test_whoever_drives_to_any_of_the_places_is_warned(world: World) -> None:
    await world.subscriber("kayes", routes=["ML-DKR-N"])
    await world.subscriber("kita", routes=["ML-DKR-S"])
    await world.subscriber("nouakchott", routes=["ML-RN4"])

    told = await world.reports("convoy_ambush", at=LIST, cargo="fuel")

    world.phone("kayes").received("convoi attaqué à Lakamané")
    world.phone("kita").received("convoi attaqué à Kita")
    world.phone("nouakchott").received("convoi attaqué à Gogui")
    assert [one["report"]["location"]["label"] for one in told.body["also"]] == ["Kita", "Gogui"]
    assert {"ML-DKR-N", "ML-DKR-S", "ML-RN4"} <= {route for route, _ in told.effects()}


async def test_each_place_is_an_incident_and_ends_by_itself(world: World) -> None:
    told = await world.reports("convoy_ambush", at=LIST, cargo="fuel")
    before = await world.level("ML-RN4")

    await world.decides(told.incident_id, status="resolved")

    assert before in {"high", "severe"}
    assert await world.level("ML-RN4") == before
    assert [one["location"]["label"] for one in await incidents(world)] == [
        "Gogui",
        "Kita",
        "Lakamané",
    ]


async def test_one_road_through_two_of_the_places_is_told_once(world: World) -> None:
    await world.subscriber("kayes", routes=["ML-DKR-N"])

    await world.reports("convoy_ambush", at="Sandaré et Lakamané", cargo="fuel")

    assert len(world.phone("kayes").texts) == 1
    assert len(await incidents(world)) == 2


async def test_a_list_sent_again_counts_once(world: World) -> None:
    once = {"Idempotency-Key": "the-same"}
    first = await world.reports("convoy_ambush", at=LIST, headers=once)
    again = await world.reports("convoy_ambush", at=LIST, headers=once)

    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert [one["reports"] for one in await incidents(world)] == [1, 1, 1]


async def test_towns_that_are_one_another_s_suburbs_are_one_incident(world: World) -> None:
    told = await world.reports("convoy_ambush", at="Sévaré et Mopti")

    (one,) = await incidents(world)
    assert one["independent_sources"] == 1
    assert told.body["also"][0]["incident"]["id"] == told.incident_id


async def test_who_tells_of_one_of_the_places_bears_the_list_out_there(world: World) -> None:
    await world.reports("convoy_ambush", at=LIST, source="Studio Tamani")

    other = await world.reports("convoy_ambush", at="Gogui", source="Bamada")

    assert other.body["incident"]["independent_sources"] == 2
    gogui, kita, lakamane = await incidents(world)
    assert [one["reports"] for one in (gogui, kita, lakamane)] == [2, 1, 1]


async def test_a_reporter_s_list_is_taken_as_well(world: World) -> None:
    told = await world.reports("convoy_ambush", at=LIST, by=Scope.REPORTER)

    assert len(told.body["also"]) == 2
    kept = await world.api.moderator.get(f"/v1/reports/{told.body['also'][1]['report']['id']}")
    assert kept.json()["incident_id"] == told.body["also"][1]["incident"]["id"]


async def test_of_a_closed_road_two_towns_may_be_its_ends_and_are_asked_about(world: World) -> None:
    asked = await world.reports("route_suspended", at="Diéma et Lakamané")

    assert asked.status == 422
    assert "Diéma-Lakamané for the road" in asked.body["detail"]
    assert [one["name"] for one in asked.body["candidates"]] == ["Diéma", "Lakamané"]
    assert await incidents(world) == []


PARTLY = "Lakamané, Zoumbalaka et Gogui"


async def test_whoever_drives_to_the_known_ones_does_not_wait_for_a_name_nobody_knows(
    world: World,
) -> None:
    await world.subscriber("kayes", routes=["ML-DKR-N"])
    await world.subscriber("nouakchott", routes=["ML-RN4"])

    told = await world.reports("convoy_ambush", at=PARTLY, cargo="fuel")

    world.phone("kayes").received("convoi attaqué à Lakamané")
    world.phone("nouakchott").received("convoi attaqué à Gogui")
    gogui, left = told.body["also"]
    assert gogui["report"]["location"]["label"] == "Gogui"
    assert (left["report"]["outcome"], left["report"]["place"]) == ("asked", "Zoumbalaka")
    assert left["incident"] is None


async def test_a_name_of_a_list_that_nobody_knows_waits_for_the_desk(world: World) -> None:
    once = {"Idempotency-Key": "the-same"}
    told = await world.reports("convoy_ambush", at=PARTLY, cargo="fuel", headers=once)
    again = await world.reports("convoy_ambush", at=PARTLY, cargo="fuel", headers=once)

    waiting = (await world.api.moderator.get("/v1/reports")).json()["items"]

    left = told.body["also"][1]["report"]["id"]
    assert again.body == told.body
    assert [one["id"] for one in waiting] == [left]
    placed = await world.posts(f"/v1/reports/{left}/place", {"place": "Kita"})
    assert placed.body["report"]["location"]["label"] == "Kita"
    assert [one["location"]["label"] for one in await incidents(world)] == [
        "Gogui",
        "Kita",
        "Lakamané",
    ]
