"""Armed men beside the road: told before anybody is hurt, and never in place of what follows."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.alike


@pytest.mark.alike
async def test_armed_men_who_were_seen_are_warned_of_before_anybody_comes_to_harm(
    world: World,
) -> None:
    await world.subscriber("dispatcher", cargoes=["fuel", "passengers"], min_level="moderate")

    seen = await world.reports("armed_presence", at="Lakamane", by=Scope.REPORTER)

    assert seen.effect(ROUTE, "passengers")["after"] == "moderate", seen.body["incident"]
    world.phone("dispatcher").received("hommes armés vus à Lakaman", "NON CONFIRM")


async def test_two_who_saw_them_stop_the_road_for_two_days(world: World) -> None:
    for source in ("AFP", "Studio Tamani"):
        await world.reports("armed_presence", at="Lakamane", source=source)
    assert await world.level(cargo="goods") == "high"

    await world.passes(timedelta(days=4), every=timedelta(hours=12))

    assert await world.level(cargo="goods") in {"moderate", "unknown"}


@pytest.mark.alike
async def test_the_attack_that_follows_is_an_incident_of_its_own_and_told(world: World) -> None:
    await world.subscriber("dispatcher", min_level="moderate")
    seen = await world.reports("armed_presence", at="Lakamane", source="AFP", minutes_ago=90)

    hit = await world.reports("fuel_interception", at="Lakamane", source="AFP", cargo="fuel")

    assert hit.incident_id != seen.incident_id
    assert hit.effect(ROUTE, "fuel")["after"] in {"high", "severe"}
    world.phone("dispatcher").received("citernes interceptées à Lakaman")


@pytest.mark.alike
async def test_who_passed_after_them_eases_the_road(world: World) -> None:
    await world.reports("armed_presence", at="Lakamane", source="AFP", minutes_ago=300)

    passed = await world.reports("safe_transit", at="Lakamane", source="Studio Tamani")

    assert passed.effect(ROUTE, "fuel")["before"] == "high"
    assert passed.effect(ROUTE, "fuel")["after"] in {"low", "unknown"}
