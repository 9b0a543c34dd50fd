"""One key that nobody vouches for tells of attacks on every road: what brakes it."""

from datetime import timedelta

import httpx
import pytest

from app.accounts.keys import Scope
from tests.harness.world import World

ROADS = {
    "Kolokani": "ML-RN4",
    "Négala": "ML-DKR-S",
    "Konobougou": "ML-RN6",
    "Naréna": "ML-RN5",
    "Koutiala": "ML-OUA-S",
    "Koloko": "ML-SIK-BF",
    "Ansongo": "ML-RN17",
}
FURTHER = ("Tombouctou", "Kidal", "Ménaka")


def liar(world: World) -> httpx.AsyncClient:
    return world.api.client(world.api.key(Scope.REPORTER))


async def lies(world: World, client: httpx.AsyncClient, *places: str) -> list[str]:
    """Tell of an attack at each place; return the incidents."""
    found = [await world.reports("fuel_interception", at, client=client) for at in places]
    return [one.incident_id for one in found]


async def test_nobody_is_told_that_a_road_is_severe_by_it(world: World) -> None:
    await lies(world, liar(world), *ROADS)

    assert {await world.level(route) for route in ROADS.values()} == {"high"}
    assert {one["certainty"] for one in await world.alerts()} == {"unconfirmed"}


async def test_a_true_severe_danger_is_told_at_once_beyond_it(world: World) -> None:
    await world.subscriber("driver", routes=[*ROADS.values(), "ML-DKR-N"])
    await lies(world, liar(world), *ROADS)
    before = len(world.phone("driver").texts)

    await world.reports("fuel_interception", "Lakamane", source="Studio Tamani")

    texts = world.phone("driver").texts
    assert before < 4 < len(ROADS)  # of his messages a day there is room for what is severe
    assert len(texts) == before + 1
    assert "GRAVE" in texts[-1]
    assert "Lakaman" in texts[-1]


@pytest.mark.alike
async def test_once_the_desk_has_found_it_out_nothing_more_of_it_is_told(world: World) -> None:
    client = liar(world)
    for incident_id in await lies(world, client, *ROADS):
        await world.decides(incident_id, status="refuted")
    world.clock.advance(timedelta(minutes=10))
    before = await world.alerts()

    await lies(world, client, *FURTHER)

    assert await world.alerts() == before
    assert await world.level("ML-TBK") == "unknown"
