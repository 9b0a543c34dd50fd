"""What was said to be false or over, and is not: whoever heard so is told at once."""

import pytest

from tests.harness.world import ROUTE, World


@pytest.mark.parametrize("end", ["refuted", "resolved"])
async def test_an_end_told_by_mistake_is_put_right_at_once_however_much_was_said(
    world: World, end: str
) -> None:
    await world.subscriber("coach", cargoes=["passengers"])
    other = await world.reports("roadblock", at="Kayes")
    await world.decides(other.incident_id, status="resolved")
    block = await world.reports("roadblock", at="Lakamane")
    await world.decides(block.incident_id, status=end)
    before = world.counts()["coach"]  # as much as a day may bring

    again = await world.decides(block.incident_id, status="open")

    assert before == 4
    assert world.counts()["coach"] == before + 1
    world.phone("coach").received("RECTIFICATIF", "TOUJOURS DANGER", "Lakamané")
    assert again.effect(ROUTE, "passengers")["alert_type"] == "update"


async def test_who_hears_only_of_what_is_severe_hears_that_its_end_was_a_mistake(
    world: World,
) -> None:
    await world.subscriber("north", min_level="severe")
    attack = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.decides(attack.incident_id, status="resolved")
    told = world.counts()

    await world.decides(attack.incident_id, status="open", kind="armed_presence")

    assert await world.level() in {"moderate", "high"}
    assert world.counts() == {**told, "north": told["north"] + 1}
    world.phone("north").received("RECTIFICATIF")


async def test_an_incident_taken_back_beside_others_is_told_when_it_holds_again(
    world: World,
) -> None:
    await world.subscriber("north")
    await world.reports("roadblock", at="Diboli")
    block = await world.reports("roadblock", at="Lakamane")
    await world.decides(block.incident_id, status="refuted")
    world.phone("north").received("RECTIFICATIF", "était fausse")
    before = world.counts()["north"]

    await world.decides(block.incident_id, status="open")

    assert world.counts()["north"] == before + 1
    world.phone("north").received("TOUJOURS DANGER", "Lakamané")
