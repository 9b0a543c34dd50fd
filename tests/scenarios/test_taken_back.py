"""What was said to be false or over, and is not: whoever heard so is told at once."""

from datetime import timedelta

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


@pytest.mark.alike
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


@pytest.mark.alike
async def test_an_incident_taken_back_beside_others_is_told_when_it_holds_again(
    world: World,
) -> None:
    await world.subscriber("north")
    await world.reports("roadblock", at="Diboli")
    block = await world.reports("roadblock", at="Lakamane")
    await world.decides(block.incident_id, status="refuted")
    world.phone("north").received("RECTIFICATIF", "fausse alerte")
    before = world.counts()["north"]

    await world.decides(block.incident_id, status="open")

    assert world.counts()["north"] == before + 1
    world.phone("north").received("TOUJOURS DANGER", "Lakamané")


@pytest.mark.alike
async def test_it_is_told_whatever_else_was_said_of_the_road_since(world: World) -> None:
    await world.subscriber("coach", cargoes=["passengers"])
    mine = await world.reports("ied", at="Lakamane", minutes_ago=90)
    await world.decides(mine.incident_id, status="refuted")
    await world.passes(timedelta(hours=2))
    block = await world.reports("roadblock", at="Diboli")
    await world.decides(block.incident_id, status="confirmed")
    before = world.counts()["coach"]  # as much as a day may bring

    again = await world.decides(mine.incident_id, status="open")

    assert again.effect(ROUTE, "passengers")["decision"] == "not_over"
    assert world.counts()["coach"] == before + 1
    world.phone("coach").received("RECTIFICATIF, TOUJOURS DANGER", "engin explosif", "Lakamané")


async def test_what_was_corrected_and_holds_again_is_told_after_further_news(world: World) -> None:
    await world.subscriber("coach", cargoes=["passengers"])
    await world.reports("roadblock", at="Diboli")
    block = await world.reports("roadblock", at="Lakamane")
    await world.decides(block.incident_id, status="refuted")
    await world.reports("vehicle_attack", at="Kayes")

    again = await world.decides(block.incident_id, status="open")

    assert again.effect(ROUTE, "passengers")["decision"] == "not_over"
    world.phone("coach").received("TOUJOURS DANGER", "Lakamané")


@pytest.mark.alike
async def test_what_was_over_for_the_desk_alone_is_not_said_to_have_been_told_so(
    world: World,
) -> None:
    await world.subscriber("coach", cargoes=["passengers"])
    await world.reports("roadblock", at="Diboli")
    lesser = await world.reports("road_damage", at="Lakamane")
    await world.decides(lesser.incident_id, status="resolved")
    before = world.counts()["coach"]

    await world.decides(lesser.incident_id, status="open")

    assert world.counts()["coach"] == before


@pytest.mark.alike
async def test_what_false_good_news_had_ended_goes_on_and_who_heard_the_all_clear_hears_so(
    world: World,
) -> None:
    await world.subscriber("north")
    block = await world.reports("roadblock", at="Lakamane", minutes_ago=300)
    await world.decides(block.incident_id, status="confirmed")
    news = await world.reports("road_reopened", at="Lakamane", source="AFP")
    await world.passes(timedelta(hours=25))
    world.phone("north").received("FIN D'ALERTE")

    await world.decides(news.incident_id, status="refuted")

    held = (await world.api.moderator.get(f"/v1/incidents/{block.incident_id}")).json()
    assert (held["status"], held["resolved_by"], held["credibility"]) == ("confirmed", None, 1.0)
    assert await world.level() == "severe"
    world.phone("north").received("TOUJOURS DANGER", "Lakamané", "Confirmé")


@pytest.mark.alike
async def test_what_other_good_news_answers_too_stays_over(world: World) -> None:
    await world.subscriber("north")
    block = await world.reports("roadblock", at="Lakamane", minutes_ago=300)
    await world.decides(block.incident_id, status="confirmed")
    false = await world.reports("road_reopened", at="Lakamane", source="AFP")
    await world.passes(timedelta(hours=60))
    world.phone("north").received("FIN D'ALERTE")
    true = await world.reports("safe_transit", at="Lakamane", source="RFI")
    assert true.incident_id != false.incident_id
    before = world.counts()

    await world.decides(false.incident_id, status="refuted")

    held = (await world.api.moderator.get(f"/v1/incidents/{block.incident_id}")).json()
    assert (held["status"], held["resolved_by"]) == ("resolved", f"incident:{true.incident_id}")
    assert world.counts() == before


async def test_good_news_that_was_of_another_place_ended_nothing_here(world: World) -> None:
    await world.subscriber("north")
    block = await world.reports("roadblock", at="Lakamane", minutes_ago=300)
    elsewhere = await world.reports("roadblock", at="Bougouni", minutes_ago=300)
    news = await world.reports("road_reopened", at="Lakamane", source="AFP")
    assert await world.level() == "unknown"

    await world.decides(news.incident_id, place="Bougouni")

    here, there = [
        (await world.api.moderator.get(f"/v1/incidents/{one.incident_id}")).json()["status"]
        for one in (block, elsewhere)
    ]
    assert (here, there) == ("open", "resolved")
    assert await world.level() == "severe"


@pytest.mark.alike
async def test_a_part_of_a_blockade_lifted_by_false_news_is_closed_again(world: World) -> None:
    blockade = await world.reports("blockade_threat", region="Kayes", minutes_ago=600)
    await world.decides(blockade.incident_id, status="confirmed")
    before = await levels_of(world)
    news = await world.reports("road_reopened", at="Diéma", source="AFP")
    assert await levels_of(world) != before

    await world.decides(news.incident_id, status="refuted")

    assert await levels_of(world) == before


async def levels_of(world: World) -> dict[str, str]:
    """Return the level of each section of the north road for fuel."""
    answer = (await world.api.admin.get(f"/v1/routes/{ROUTE}")).json()
    return {one["id"]: one["levels"].get("fuel", "unknown") for one in answer["sections"]}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_correction_names_the_message_that_was_false_and_none_that_still_holds(
    world: World,
) -> None:
    await world.subscriber("depot", sms=False, email=True)
    false = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.passes(timedelta(hours=7))
    await world.reports("convoy_ambush", at="Sandaré", cargo="fuel")

    await world.decides(false.incident_id, status="refuted")

    newest = world.mails("depot")[-1].as_string()
    assert "RECTIFICATIF" in newest
    assert "L'alerte du 08/09 6h (citernes" in newest
    assert len(world.mails("depot")) == 3
