"""Who was told of several dangers of a road hears the end of each, and of none too early."""

from datetime import timedelta

import pytest

from tests.harness.world import World

#: Rules of the domain, on statements that other tests ask PostgreSQL for, too.
pytestmark = pytest.mark.alike
HOUR = timedelta(hours=1)
END = "FIN D'ALERTE"


async def passed_at_lakamane(world: World) -> str:
    """Have tankers stopped at Lakamané, and one pass an hour later; return the incident."""
    await world.subscriber("fuel", email=True)
    stopped = await world.reports("fuel_interception", at="Lakamané", cargo="fuel")
    world.clock.advance(HOUR)
    await world.reports("safe_transit", at="Lakamané", cargo="fuel")
    return stopped.incident_id


async def stopped_at_diboli(world: World) -> str:
    """Report tankers stopped at the border, which is told as well; return the incident."""
    told = await world.reports("fuel_interception", at="Diboli", cargo="fuel")
    assert told.effect()["alert_type"] is not None
    return told.incident_id


def ends(world: World) -> list[str]:
    return [text for text in world.phone("fuel").texts if END in text]


async def test_a_word_about_one_danger_ends_not_the_quiet_after_another(world: World) -> None:
    await passed_at_lakamane(world)
    second = await stopped_at_diboli(world)

    answer = await world.decides(second, status="resolved")

    assert answer.effect()["decision"] == "quiet_period"
    assert not ends(world)


async def test_the_end_names_every_danger_that_was_told_and_is_over(world: World) -> None:
    await passed_at_lakamane(world)
    await world.decides(await stopped_at_diboli(world), status="resolved")

    await world.passes(24 * HOUR)

    (text,) = ends(world)
    assert "Diboli-Kidira" in text, world.phone("fuel").texts
    assert "Diéma-Lakamané" in text, text
    mail = world.mails("fuel")[-1].get_body(("plain",))
    assert mail is not None
    said = " ".join(mail.get_content().split())
    assert "Terminé Diboli-Kidira: citernes interceptées." in said


async def test_who_knows_that_it_is_over_need_not_wait_for_the_quiet(world: World) -> None:
    stopped = await passed_at_lakamane(world)
    assert not ends(world)

    answer = await world.decides(stopped, status="resolved")

    assert answer.effect()["alert_type"] == "all_clear"
    (text,) = ends(world)
    assert "Diéma-Lakamané" in text
    await world.passes(48 * HOUR)
    assert len(ends(world)) == 1


async def test_a_word_about_each_ends_all_at_once(world: World) -> None:
    stopped = await passed_at_lakamane(world)
    second = await stopped_at_diboli(world)

    await world.decides(stopped, status="resolved")
    await world.decides(second, status="resolved")

    (text,) = ends(world)
    assert "Diboli-Kidira" in text
    assert "Diéma-Lakamané" in text


async def test_news_that_was_none_takes_no_word_of_a_person_back(world: World) -> None:
    stopped = await passed_at_lakamane(world)
    await world.decides(stopped, status="resolved")
    async with world.api.moderator as desk:
        found = (await desk.get("/v1/incidents?kind=safe_transit")).json()["items"]

        await world.decides(found[0]["id"], status="refuted")

        incident = (await desk.get(f"/v1/incidents/{stopped}")).json()
    assert incident["status"] == "resolved", incident


async def test_of_dangers_hours_apart_that_have_ended_nobody_hears_that_there_is_no_news(
    world: World,
) -> None:
    """The first was told as unconfirmed, and its end waits for the quiet after the second."""
    await world.subscriber("fuel")
    first = await world.reports("fuel_interception", at="Lakamané", cargo="fuel")
    await world.passes(10 * HOUR)
    await stopped_at_diboli(world)
    world.clock.advance(HOUR)
    await world.reports("safe_transit", at="Diboli", cargo="fuel", minutes_ago=5)
    await world.decides(first.incident_id, status="resolved")

    await world.passes(22 * HOUR)
    assert len(world.phone("fuel").texts) == 2, world.phone("fuel").texts

    await world.passes(HOUR)
    (text,) = ends(world)
    assert "Diboli-Kidira" in text
    assert "Diéma-Lakamané" in text
    assert len(world.phone("fuel").texts) == 3
    await world.passes(48 * HOUR)
    assert len(world.phone("fuel").texts) == 3


async def test_the_end_for_a_cargo_names_every_danger_that_is_over_for_it(world: World) -> None:
    await world.subscriber("fuel")
    for place in ("Lakamané", "Diboli"):
        await world.reports("convoy_ambush", at=place)
        world.clock.advance(HOUR)
    for place in ("Lakamané", "Diboli"):
        await world.reports("safe_transit", at=place, cargo="fuel", minutes_ago=5)

    await world.passes(24 * HOUR)

    (text,) = ends(world)
    assert "Diéma-Lakamané" in text
    assert "Terminé Diboli-Kidira: convoi attaqué" in text, text
