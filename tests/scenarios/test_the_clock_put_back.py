"""A machine without a battery for its clock runs ahead for a while, until the network sets it."""

from datetime import timedelta

import pytest

from tests.harness.world import World

AHEAD = timedelta(days=9)

pytestmark = pytest.mark.alike


async def test_what_was_told_to_ease_meanwhile_is_grave_again(world: World) -> None:
    await world.subscriber("dispatcher")
    await world.reports("fuel_interception", at="Lakamane")
    await world.passes(AHEAD, every=AHEAD / 3)
    assert await world.level() != "severe"
    eased = world.phone("dispatcher").texts[-1]

    world.clock.advance(-AHEAD)
    await world.passes(timedelta(minutes=5))

    states = (await world.api.admin.get("/v1/routes/ML-DKR-N")).json()["levels"]
    assert [one["level"] for one in states if one["cargo"] == "fuel"] == ["severe"]
    again = world.phone("dispatcher").texts[-1]
    assert again != eased
    assert "DANGER GRAVE" in again
