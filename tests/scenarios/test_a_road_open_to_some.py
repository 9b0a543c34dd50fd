"""A road reopened to some: they hear the end, who is left out hears of none and stays warned."""

from datetime import timedelta
from typing import Any

import pytest

from app.flows.desk.desk_closures import half_open
from tests.harness.world import ROUTE, World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
pytestmark = pytest.mark.alike


async def a_closed_road(world: World) -> str:
    """Let two outlets tell of a blockade to who drives tankers and who drives coaches."""
    await world.subscriber("tanker", cargoes=["fuel"], min_level="moderate")
    await world.subscriber("coach", cargoes=["passengers"], min_level="moderate")
    said: dict[str, Any] = {"region": "Kayes", "summary": "Un groupe bloque la route"}
    await world.reports("blockade_threat", source="AFP", **said)
    return (await world.reports("blockade_threat", source="RFI", **said)).incident_id


async def opened(world: World, summary: str, source: str = "AMAP") -> str:
    told = await world.reports("road_reopened", region="Kayes", source=source, summary=summary)
    return told.incident_id


@pytest.mark.parametrize("says", ["Rouverte aux cars", "Rouverte sauf aux citernes"])
async def test_who_is_let_through_hears_the_end_and_nobody_else(world: World, says: str) -> None:
    blockade = await a_closed_road(world)
    before = {name: len(world.phone(name).texts) for name in ("tanker", "coach")}
    graver = {cargo: await world.level(cargo=cargo) for cargo in ("fuel", "passengers")}
    then = world.clock.now()
    world.clock.advance(DAY)

    await opened(world, says)
    await world.passes(2 * DAY, every=6 * HOUR)

    assert await world.level(cargo="fuel") == graver["fuel"] == "severe"
    assert graver["passengers"] in ("high", "severe")
    assert await world.level(cargo="passengers") in ("low", "unknown")
    ends = [text for text in world.phone("coach").texts[before["coach"] :] if "FIN" in text.upper()]
    assert len(ends) == 1
    assert not any("FIN" in text.upper() for text in world.phone("tanker").texts)
    shown = (await world.api.moderator.get(f"/v1/incidents/{blockade}")).json()
    assert "passengers" in shown["lifted_for"]
    assert "fuel" not in shown["lifted_for"]
    asked = {"cargo": "passengers", "at": then.isoformat()}
    known = (await world.api.moderator.get(f"/v1/routes/{ROUTE}/rating", params=asked)).json()
    assert known["level"] == graver["passengers"]


async def test_what_was_open_to_all_and_is_not_to_tankers_goes_on_for_them(world: World) -> None:
    await a_closed_road(world)
    world.clock.advance(DAY)
    await opened(world, "La route est rouverte")
    assert await world.level(cargo="fuel") in ("low", "unknown")
    await world.passes(DAY, every=6 * HOUR)
    told = len(world.phone("tanker").texts)

    await opened(world, "La route est rouverte, toujours interdite aux citernes", "ORTM")

    assert await world.level(cargo="fuel") == "severe"
    assert await world.level(cargo="passengers") in ("low", "unknown")
    assert len(world.phone("tanker").texts) == told + 1


@pytest.mark.parametrize("says", ["Rouverte aux cars", "Rouverte, sous escorte", "Rouverte"])
async def test_the_desk_is_asked_about_the_rest_of_it(world: World, says: str) -> None:
    blockade = await a_closed_road(world)
    world.clock.advance(DAY)
    source = {"name": "un passant", "type": "social"} if says == "Rouverte" else None

    more = {"source": source} if source else {}
    await world.api.moderator.post(
        "/v1/reports",
        json={
            "kind": "road_reopened", "region": "Kayes", "summary": says,
            "occurred_at": world.clock.now().isoformat(), **more,
        },
    )  # fmt: skip

    waiting = world.db.read_now(
        lambda conn: half_open(conn, context=world.service.context, now=world.clock.now())
    )
    assert [one.id for one in waiting] == [blockade]
