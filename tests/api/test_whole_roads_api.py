"""A union that no longer drives a road of 230 km is not asked where on it; an ambush on it is."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.api import Api

pytestmark = pytest.mark.alike

ROAD = "axe Bamako-Ségou"


async def told(api: Api, kind: str, place: str) -> Any:
    api.clock.advance(timedelta(hours=1))
    body = {
        "kind": kind, "place": place, "occurred_at": api.clock.now().isoformat(),
        "basis": "official", "source": {"name": "Syndicat des routiers", "type": "official"},
    }  # fmt: skip
    return await api.moderator.post("/v1/reports", json=body)


async def levels(api: Api, route: str) -> list[str]:
    answer = await api.moderator.get(f"/v1/routes/{route}/rating?cargo=goods")
    return [one["level"] for one in answer.json()["sections"]]


async def last_text(api: Api) -> str:
    return str((await api.moderator.get("/v1/alerts?limit=1")).json()["items"][0]["text"])


@pytest.mark.parametrize("kind", ["convoy_ambush", "roadblock", "safe_transit"])
async def test_what_happened_at_a_spot_of_a_long_road_is_asked_where(api: Api, kind: str) -> None:
    asked = await told(api, kind, ROAD)

    assert asked.status_code == 422
    assert "where on it?" in asked.json()["detail"]


async def test_a_suspended_road_is_closed_on_all_of_it_and_open_again_as_it_is_told(
    api: Api,
) -> None:
    closed = (await told(api, "route_suspended", ROAD)).json()
    length = len(closed["incident"]["location"]["sections"])
    assert {one["route"] for one in closed["effects"]} == {"ML-RN6"}
    assert await levels(api, "ML-RN6") == ["high"] * length + ["unknown"] * 13
    assert "Bamako-Ségou, liaison suspendue" in await last_text(api)

    await told(api, "road_reopened", "route Bamako-Fana")
    in_part = await levels(api, "ML-RN6")
    assert in_part[:3] == ["low"] * 3
    assert in_part[3:length] == ["high"] * (length - 3)
    opened = await last_text(api)
    assert "DANGER ÉLEVÉ tous chargements: Fana-Ségou" in opened
    assert "Terminé Bamako-Fana: liaison suspendue." in opened

    api.clock.advance(timedelta(hours=12))
    await told(api, "road_reopened", "route Ségou-Bamako")
    assert "high" not in await levels(api, "ML-RN6")
    held = (await api.moderator.get(f"/v1/incidents/{closed['incident']['id']}")).json()
    assert held["status"] == "resolved"
    assert "FIN D'ALERTE tous chargements: Bamako-Ségou" in await last_text(api)


async def test_a_road_that_is_closed_again_where_it_was_opened_is_told_so(api: Api) -> None:
    await told(api, "route_suspended", ROAD)
    await told(api, "road_reopened", "route Bamako-Fana")
    api.clock.advance(timedelta(days=1))

    again = (await told(api, "route_suspended", ROAD)).json()

    length = len(again["incident"]["location"]["sections"])
    assert await levels(api, "ML-RN6") == ["high"] * length + ["unknown"] * 13
    assert "Bamako-Ségou" in await last_text(api)
    await told(api, "road_reopened", ROAD)
    assert "high" not in await levels(api, "ML-RN6")


async def test_the_desk_may_say_that_it_is_all_of_a_road(api: Api) -> None:
    blocked = (await told(api, "roadblock", "Fana")).json()
    path = f"/v1/incidents/{blocked['incident']['id']}"

    asked = await api.moderator.patch(path, json={"place": ROAD})
    moved = await api.moderator.patch(path, json={"kind": "route_suspended", "place": ROAD})
    again = await api.moderator.patch(path, json={"place": "route Bamako-Sikasso"})

    assert [one.status_code for one in (asked, moved, again)] == [422, 200, 200]
    assert again.json()["incident"]["location"]["label"] == "Bamako - Sikasso"


async def test_a_closure_that_waits_for_its_place_may_be_of_all_of_a_road(api: Api) -> None:
    body = {"kind": "route_suspended", "place": "Zzyzxville"}
    body |= {"occurred_at": api.clock.now().isoformat()}
    kept = (await api.reporter.post("/v1/reports/batch", json=[body])).json()["items"][0]

    path = f"/v1/reports/{kept['report']['id']}/place"
    placed = await api.moderator.post(path, json={"place": ROAD})

    assert placed.json()["incident"]["location"]["label"] == "Bamako - Ségou"
