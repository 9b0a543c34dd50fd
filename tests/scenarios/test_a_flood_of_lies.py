"""One key that nobody vouches for tells of attacks on every road: what brakes it."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from app.accounts.keys import Scope
from app.db.tables import NoticeRow
from app.flows.duty.tell_of_strangers import tell_of_strangers
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


async def noticed(world: World) -> list[int]:
    """Let the clock look; return of how many dangers the person on duty is told."""
    await tell_of_strangers(world.db, world.service.context, world.clock, duty=["sms"])
    query = select(NoticeRow.number).where(NoticeRow.kind == "stranger")
    return await world.db.read(lambda conn: list(conn.scalars(query)))


async def test_whoever_is_on_duty_hears_that_one_stranger_tells_of_many_dangers(
    world: World,
) -> None:
    client = liar(world)
    places = list(ROADS)

    await lies(world, client, *places[:5])
    few = await noticed(world)
    for outlet, place in zip(("AFP", "Studio Tamani"), places[5:], strict=True):
        await world.reports("fuel_interception", place, client=client, source=outlet)
    many = await noticed(world)

    assert (few, many) == ([], [7])


@pytest.mark.alike
async def test_what_others_bear_out_or_long_ago_alarms_nobody(world: World) -> None:
    client, places = liar(world), list(ROADS)

    await lies(world, client, *places[:3])
    for place in places[:3]:
        await world.reports("fuel_interception", place, source="Studio Tamani")
    await lies(world, client, *places[3:])
    borne_out = await noticed(world)
    world.clock.advance(timedelta(hours=2))
    await lies(world, client, *FURTHER)

    assert borne_out == []
    assert await noticed(world) == []
