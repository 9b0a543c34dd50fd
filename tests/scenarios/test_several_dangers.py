"""Several dangers on one road: whoever was told of one hears of each other, and of its end."""

from datetime import timedelta

import pytest

from tests.harness.world import World

#: Rules of the domain, on statements that other tests ask PostgreSQL for, too.
pytestmark = pytest.mark.alike
HOUR = timedelta(hours=1)


async def intercepted(world: World) -> str:
    """Report tankers stopped at Lakamané; return the incident."""
    return (await world.reports("fuel_interception", at="Lakamané", cargo="fuel")).incident_id


async def ambushed(world: World) -> str:
    """Report, later, an ambush on the next stretch; return the incident."""
    world.clock.advance(3 * HOUR)
    return (await world.reports("convoy_ambush", at="Sandaré")).incident_id


async def test_a_severe_danger_hides_no_attack_on_another_stretch(world: World) -> None:
    await world.subscriber("fuel")
    await intercepted(world)
    await ambushed(world)

    await world.reports("ied", at="Diéma")

    text = world.phone("fuel").received("AUTRE LIEU, DANGER ÉLEVÉ", "Didiéni-Diéma, engin explosif")
    assert "Reste grave:" in text  # elsewhere, and where
    assert "Diéma-Lakamané." in text
    assert "Ne partez pas" in text


async def test_what_was_said_for_another_cargo_hides_no_attack_on_another_stretch(
    world: World,
) -> None:
    await world.subscriber("bus", cargoes=["passengers"])
    await world.decides(await intercepted(world), status="confirmed")
    await ambushed(world)

    await world.reports("ied", at="Diéma")

    assert len(world.phone("bus").texts) == 2
    world.phone("bus").received("AUTRE LIEU, DANGER ÉLEVÉ", "Didiéni-Diéma, engin explosif")


async def test_whoever_was_told_of_two_is_told_that_one_is_over_and_the_other_is_not(
    world: World,
) -> None:
    await world.subscriber("fuel", email=True)
    await intercepted(world)
    ambush = await ambushed(world)

    await world.decides(ambush, status="resolved")

    text = world.phone("fuel").received(
        "RESTE DANGER GRAVE", "Diéma-Lakamané", "Terminé Sandaré-Kayes: convoi attaqué"
    )
    assert "Ne partez pas" in text
    mail = world.mails("fuel")[-1].get_body(("plain",))
    assert mail is not None
    said = " ".join(mail.get_content().split())
    assert "Terminé Sandaré-Kayes: convoi attaqué. Pas les autres: ce n'est pas une fin" in said


async def test_whoever_was_told_of_the_graver_hears_its_end_on_a_day_full_of_news(
    world: World,
) -> None:
    await world.subscriber("fuel", min_level="moderate")
    graver = await intercepted(world)
    await world.reports("fuel_interception", at="Lakamané", cargo="fuel", source="RFI")
    await ambushed(world)

    await world.decides(graver, status="resolved")
    await world.passes(24 * HOUR)
    await world.service.tell_waiting()
    await world.quiet()

    assert [text for text in world.phone("fuel").texts if "EN BAISSE, DANGER ÉLEVÉ" in text]
    assert [text for text in world.phone("fuel").texts if "Terminé Diéma-Lakamané: citer" in text]


async def test_a_doubt_that_was_answered_on_the_road_gets_its_end_and_no_other_is_named_again(
    world: World,
) -> None:
    await world.subscriber("fuel")
    await world.decides(await intercepted(world), status="confirmed")
    await ambushed(world)
    before = len(world.phone("fuel").texts)

    world.clock.advance(3 * HOUR)
    await world.reports("safe_transit", at="Sandaré", source="AMAP")
    await world.passes(30 * HOUR)

    later = world.phone("fuel").texts[before:]
    assert any("Terminé Sandaré-Kayes: convoi attaqué" in text for text in later), later
    assert not any(text.startswith("SIRA CONFIRMÉ") for text in later)


async def test_the_end_of_what_was_told_as_less_is_no_message_of_its_own(world: World) -> None:
    await world.subscriber("bus", cargoes=["passengers"])
    lesser = await intercepted(world)
    await ambushed(world)

    await world.decides(lesser, status="resolved")

    assert len(world.phone("bus").texts) == 1


async def test_an_end_that_waited_for_the_morning_is_told_with_the_one_that_overtook_it(
    world: World,
) -> None:
    await world.subscriber("all", cargoes=["fuel", "goods", "passengers"])
    graver = await intercepted(world)
    ambush = await ambushed(world)
    await world.reports("ied", at="Diéma")
    full = len(world.phone("all").texts)

    await world.decides(graver, status="resolved")
    world.clock.advance(HOUR)
    await world.decides(ambush, status="resolved")
    assert len(world.phone("all").texts) == full  # the day is full
    await world.passes(22 * HOUR)
    await world.service.tell_waiting()
    await world.quiet()

    text = world.phone("all").texts[full]
    assert "RESTE DANGER ÉLEVÉ" in text
    assert "engin explosif" in text.partition("Terminé")[0]
    assert "Terminé Diéma-Lakamané: citernes" in text
    assert "Terminé Sandaré-Kayes: convoi attaqué" in text


async def test_what_was_said_to_be_over_and_is_not_is_not_said_so_again(world: World) -> None:
    await world.subscriber("fuel")
    graver = await intercepted(world)
    ambush = await ambushed(world)
    await world.decides(ambush, status="resolved")

    await world.decides(ambush, status="open")
    world.phone("fuel").received("RECTIFICATIF, TOUJOURS DANGER", "convoi attaqué")
    await world.decides(graver, status="resolved")
    await world.passes(24 * HOUR)
    await world.service.tell_waiting()
    await world.quiet()

    last = next(text for text in reversed(world.phone("fuel").texts) if "EN BAISSE" in text)
    assert "Terminé Diéma-Lakamané: citernes" in last
    assert "Terminé Sandaré" not in last
