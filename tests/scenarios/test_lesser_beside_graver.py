"""A word about a lesser danger beside a graver one never lends it the level of the other."""

import pytest

from tests.harness.world import World

#: Rules of the domain, on statements that other tests ask PostgreSQL for, too.
pytestmark = pytest.mark.alike


async def test_a_lesser_danger_confirmed_beside_a_rumoured_roadblock_is_not_said_to_close_the_road(
    world: World,
) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    damage = await world.reports("road_damage", at="Kayes", minutes_ago=90)
    await world.reports("roadblock", at="Kayes", minutes_ago=60)

    await world.decides(damage.incident_id, status="confirmed")

    world.phone("goods").received(
        "CONFIRMÉ, DANGER ÉLEVÉ",
        "route ou pont abimé",
        "enu par: barrage sur la route (non confirmé).",
    )


async def test_a_lesser_danger_opened_again_beside_a_roadblock_says_what_holds_the_level(
    world: World,
) -> None:
    await world.subscriber("goods", cargoes=["goods"], min_level="moderate")
    damage = await world.reports("road_damage", at="Kayes", minutes_ago=90)
    block = await world.reports("roadblock", at="Kayes", minutes_ago=60)
    await world.decides(block.incident_id, status="confirmed")
    await world.decides(damage.incident_id, status="refuted")

    await world.decides(damage.incident_id, status="open")

    world.phone("goods").received(
        "TOUJOURS DANGER", "abimé", "enu par: barrage sur la route (confirmé)."
    )


async def test_what_holds_the_level_itself_is_said_once(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"], min_level="moderate")
    await world.reports("road_damage", at="Kayes", minutes_ago=90)
    block = await world.reports("roadblock", at="Kayes", minutes_ago=60)

    await world.decides(block.incident_id, status="confirmed")

    last = world.phone("goods").messages[-1]["body"]
    assert "CONFIRMÉ" in last
    assert "enu par" not in last
