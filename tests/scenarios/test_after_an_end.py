"""Somebody was told that a danger is over: what is new is not held up, what is over no reason."""

from datetime import timedelta

import pytest

from tests.harness.world import World

pytestmark = pytest.mark.alike
HOUR = timedelta(hours=1)


async def full_day_that_ends(world: World, status: str) -> None:
    """Let an attack be told, confirmed and ended: there is no room left for what may wait."""
    attack = (await world.reports("vehicle_attack", at="Sandaré")).incident_id
    world.clock.advance(HOUR)
    await world.decides(attack, status="confirmed")
    world.clock.advance(HOUR)
    await world.decides(attack, status=status)
    world.clock.advance(HOUR)


@pytest.mark.parametrize(
    ("status", "words"), [("resolved", "FIN D'ALERTE"), ("refuted", "ANNULATION")]
)
async def test_the_next_attack_does_not_wait_until_tomorrow(
    world: World, status: str, words: str
) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    await full_day_that_ends(world, status)
    world.phone("goods").received(words)

    await world.reports("convoy_ambush", at="Sandaré", source="RFI", minutes_ago=10)

    world.phone("goods").received("DANGER ÉLEVÉ", "convoi attaqué")


async def test_nor_does_it_wait_for_the_end_of_quiet_hours(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    hours = f"/v1/contacts/{world.people['goods'].contact_id}/hours"
    await world.api.admin.put(hours, json={"quiet_from": "08:30", "quiet_until": "20:00"})
    await full_day_that_ends(world, "resolved")

    await world.reports("convoy_ambush", at="Lakamané", source="RFI", minutes_ago=10)

    world.phone("goods").received("DANGER ÉLEVÉ", "convoi attaqué")


async def test_two_days_later_it_waits_as_any_other(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    await full_day_that_ends(world, "resolved")
    await world.passes(36 * HOUR, every=6 * HOUR)
    hours = f"/v1/contacts/{world.people['goods'].contact_id}/hours"
    await world.api.admin.put(hours, json={"quiet_from": "00:00", "quiet_until": "23:45"})
    told = world.counts()

    await world.reports("convoy_ambush", at="Lakamané", source="RFI", minutes_ago=10)

    assert world.counts() == told
