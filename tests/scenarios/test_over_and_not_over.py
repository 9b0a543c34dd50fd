"""Where one danger of a stretch is over and another is not, or begins there, nobody is sent in."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.world import World

HOUR = timedelta(hours=1)


async def confirmed(world: World, at: str, kind: str = "fuel_interception", **said: Any) -> str:
    report = await world.reports(kind, at=at, cargo="fuel", **said)
    await world.decides(report.incident_id, status="confirmed")
    return report.incident_id


async def told_until(world: World, hours: int) -> None:
    for _ in range(hours // 6):
        await world.passes(6 * HOUR, every=3 * HOUR)
        await world.service.tell_waiting()
        await world.quiet()


def ends(world: World) -> list[str]:
    return [text for text in world.phone("north").texts if "Terminé" in text]


@pytest.mark.parametrize("kind", ["fuel_interception", "vehicle_attack"])
async def test_the_clock_tells_no_end_where_a_danger_goes_on_that_was_left_unsaid(
    kind: str, world: World
) -> None:
    """It came within hours of the one that ended; nobody was told of it for itself."""
    await world.subscriber("north", min_level="moderate")
    first = await confirmed(world, "Lakamane")
    world.clock.advance(HOUR)
    await confirmed(world, "Diboli")
    world.clock.advance(HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")
    world.clock.advance(HOUR)
    assert await confirmed(world, "Lakamane", kind, source="RFI") != first

    await told_until(world, 48)

    assert ends(world) == []


@pytest.mark.parametrize("kind", ["fuel_interception", "abduction"])
async def test_a_person_ends_one_of_two_on_a_stretch_and_the_stretch_is_not_said_to_be_free(
    kind: str, world: World
) -> None:
    await world.subscriber("north", min_level="moderate")
    first = await confirmed(world, "Lakamane")
    await told_until(world, 42)
    second = await confirmed(world, "Lakamane", kind, source="RFI")
    assert second != first
    world.clock.advance(HOUR)
    await confirmed(world, "Diboli")
    world.clock.advance(20 * HOUR)

    await world.decides(first, status="resolved")
    await told_until(world, 12)
    meanwhile = ends(world)
    await world.decides(second, status="resolved")
    await told_until(world, 24)

    assert meanwhile == []
    (end,) = ends(world)
    assert "Terminé Diéma-Lakamané" in end


async def test_an_end_is_told_in_a_region_under_a_blockade_beside_the_blockade_alone(
    world: World,
) -> None:
    """Not beside Diboli alone: who waits at Diéma would take the road for free as far as that."""
    await world.subscriber("north", min_level="moderate")
    said: dict[str, Any] = {"region": "Kayes", "cargo": "fuel"}
    block = await world.reports("blockade_threat", **said)
    await world.decides(block.incident_id, status="confirmed")
    world.clock.advance(HOUR)
    await confirmed(world, "Lakamane")
    world.clock.advance(HOUR)
    await confirmed(world, "Diboli")
    world.clock.advance(HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")

    await told_until(world, 96)

    assert [text for text in ends(world) if "blocus" not in text] == []


@pytest.mark.alike
@pytest.mark.parametrize("kind", ["fuel_interception", "vehicle_attack"])
async def test_what_begins_where_a_danger_was_just_said_to_be_over_is_told_at_once(
    kind: str, world: World
) -> None:
    """Two hours after the first, which is too soon for more of the same, and no such thing here."""
    await world.subscriber("north", min_level="moderate")
    first = await confirmed(world, "Lakamane")
    world.clock.advance(HOUR)
    await confirmed(world, "Diboli")
    world.clock.advance(HOUR)
    await world.decides(first, status="resolved")
    world.clock.advance(HOUR)
    before = world.counts()

    again = await world.reports(kind, at="Lakamane", cargo="fuel", source="RFI")

    assert again.incident_id != first
    assert world.counts() != before
    assert "Diéma-Lakamané" in world.phone("north").texts[-1]
    await told_until(world, 24)
    assert ends(world) == []  # it had not left yet


async def test_who_read_that_a_stretch_is_free_hears_the_same_day_that_it_is_not(
    world: World,
) -> None:
    """Although four messages were said that day, of other places."""
    await world.subscriber("north", min_level="moderate")
    first = await confirmed(world, "Lakamane")
    world.clock.advance(HOUR)
    await confirmed(world, "Diboli")
    await told_until(world, 24)
    await world.decides(first, status="resolved")
    for place in ("Kayes", "Sandaré", "Kati"):
        world.clock.advance(HOUR)
        await world.reports("fuel_interception", at=place, cargo="fuel", source="RFI")
    world.clock.advance(HOUR)
    assert len(ends(world)) == 1

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="RFI")

    assert "ENCORE, DANGER GRAVE carburant: Diéma-Lakamané" in world.phone("north").texts[-1]


async def test_whose_doubt_is_over_where_another_danger_goes_on_reads_of_that(
    world: World,
) -> None:
    await world.subscriber("north", min_level="moderate")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(HOUR)
    await confirmed(world, "Diboli")
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")
    world.clock.advance(HOUR)
    await confirmed(world, "Lakamane", "vehicle_attack", source="RFI")

    await told_until(world, 48)

    (end,) = ends(world)
    assert "DANGER GRAVE carburant: Diéma-Lakamané (RN1), véhicule attaqué à Lakamané" in end
    texts = world.phone("north").texts
    assert len(set(texts)) == len(texts)
