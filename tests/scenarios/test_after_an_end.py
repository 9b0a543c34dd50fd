"""Somebody was told that a danger is over: what is new is not held up, what is over no reason."""

from datetime import timedelta

import pytest

from tests.harness.world import ROUTE, World

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


async def test_nor_where_something_lesser_came_before_it(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    await world.subscriber("daily", cargoes=["goods"], tell="daily", min_level="moderate")
    await full_day_that_ends(world, "refuted")
    await world.reports("accident", at="Sandaré", minutes_ago=10)
    world.clock.advance(HOUR)

    await world.reports("convoy_ambush", at="Sandaré", source="RFI", minutes_ago=10)

    world.phone("goods").received("DANGER ÉLEVÉ", "convoi attaqué")
    assert world.counts() == {"goods": 4}  # no end reached the other one


async def test_nor_does_what_an_analyst_says_by_hand(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    await full_day_that_ends(world, "resolved")
    said = {"type": "alert", "route": ROUTE, "cargo": "goods", "level": "high"}

    await world.posts("/v1/alerts", said | {"note": "Tirs entendus a Sandare"})

    world.phone("goods").received("DANGER ÉLEVÉ", "Tirs entendus a Sandare")


async def test_nor_does_it_wait_for_the_end_of_quiet_hours(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    hours = f"/v1/contacts/{world.people['goods'].contact_id}/hours"
    await world.api.admin.put(hours, json={"quiet_from": "08:30", "quiet_until": "20:00"})
    await full_day_that_ends(world, "resolved")

    await world.reports("convoy_ambush", at="Lakamané", source="RFI", minutes_ago=10)

    world.phone("goods").received("DANGER ÉLEVÉ", "convoi attaqué")


async def test_who_heard_of_no_end_is_told_as_he_asked_to_be(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    await world.subscriber("daily", cargoes=["goods"], tell="daily")
    await full_day_that_ends(world, "refuted")

    await world.reports("convoy_ambush", at="Sandaré", source="RFI", minutes_ago=10)

    assert world.counts() == {"goods": 4}
    await world.passes(24 * HOUR, every=6 * HOUR)
    await world.service.tell_waiting()
    await world.quiet()
    world.phone("daily").received("DANGER ÉLEVÉ", "convoi attaqué")


async def test_what_waits_for_who_heard_of_no_end_is_muted_as_any_other(world: World) -> None:
    await full_day_that_ends(world, "refuted")
    await world.subscriber("later", cargoes=["goods"])
    person = world.people["later"]
    hours = f"/v1/contacts/{person.contact_id}/hours"
    await world.api.admin.put(hours, json={"quiet_from": "08:30", "quiet_until": "20:00"})
    await world.reports("convoy_ambush", at="Sandaré", source="RFI", minutes_ago=10)
    assert world.counts() == {}
    until = (world.clock.now() + 48 * HOUR).isoformat()
    mute = {"organisation_id": person.organisation_id, "until": until, "reason": "No trips"}
    created = await world.api.admin.post("/v1/mutes", json=mute)
    assert created.status_code == 201, created.text

    await world.passes(12 * HOUR, every=6 * HOUR)
    await world.service.tell_waiting()
    await world.quiet()

    assert world.counts() == {}


async def test_two_days_later_it_waits_as_any_other(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    await full_day_that_ends(world, "resolved")
    await world.passes(36 * HOUR, every=6 * HOUR)
    hours = f"/v1/contacts/{world.people['goods'].contact_id}/hours"
    await world.api.admin.put(hours, json={"quiet_from": "00:00", "quiet_until": "23:45"})
    told = world.counts()

    await world.reports("convoy_ambush", at="Lakamané", source="RFI", minutes_ago=10)

    assert world.counts() == told


async def test_what_a_person_ended_is_no_reason_for_what_is_left(world: World) -> None:
    await world.subscriber("fuel")
    first = (await world.reports("fuel_interception", at="Lakamané", cargo="fuel")).incident_id
    await world.passes(27 * HOUR, every=9 * HOUR)
    second = (await world.reports("fuel_interception", at="Sandaré", cargo="fuel")).incident_id
    await world.passes(5 * HOUR, every=5 * HOUR)
    await world.decides(first, status="resolved")
    await world.passes(24 * HOUR, every=6 * HOUR)

    await world.decides(second, status="resolved")

    text = world.phone("fuel").received("EN BAISSE, DANGER MODÉRÉ", "rien de nouveau signalé")
    assert text.count("citernes interceptées") == 1
    assert "Terminé Sandaré-Kayes: citernes interceptées." in text
    assert "NON CONFIRMÉ" not in text
    told = world.counts()
    await world.passes(30 * HOUR, every=6 * HOUR)
    assert world.counts() == told  # its end was told: nobody waits for a word of it


async def test_a_closure_that_is_over_is_not_said_to_go_on(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    attack = (await world.reports("vehicle_attack", at="Sandaré")).incident_id
    world.clock.advance(2 * HOUR)
    await world.reports("convoy_ambush", at="Sandaré", source="RFI", minutes_ago=5)
    world.clock.advance(2 * HOUR)
    block = (
        await world.reports("roadblock", at="Sandaré", source="AFP", minutes_ago=5)
    ).incident_id
    world.clock.advance(22 * HOUR)

    await world.decides(attack, status="resolved")
    world.clock.advance(2 * HOUR)
    await world.decides(block, status="resolved")
    await world.passes(24 * HOUR, every=6 * HOUR)
    await world.service.tell_waiting()
    await world.quiet()

    text = next(text for text in world.phone("goods").texts if "EN BAISSE" in text)
    assert "Terminé Sandaré-Kayes: barrage sur la route." in text
    assert "levée non signalée" not in text
    assert text.count("véhicule attaqué") <= 1


async def test_who_is_reminded_reads_what_is_severe_and_not_what_was_said_last(
    world: World,
) -> None:
    await world.subscriber("fuel")
    await world.reports("vehicle_attack", at="Kolokani")
    await world.passes(29 * HOUR + timedelta(minutes=54), every=6 * HOUR)
    await world.reports("fuel_interception", at="Lakamané", cargo="fuel")
    await world.passes(2 * HOUR)
    world.phone("fuel").received("TOUJOURS PAS CONFIRMÉ", "véhicule attaqué")  # said last

    await world.passes(24 * HOUR, every=12 * HOUR)
    await world.service.remind()
    await world.quiet()

    text = world.phone("fuel").received("TOUJOURS EN COURS, DANGER GRAVE", "Diéma-Lakamané")
    assert "citernes interceptées" in text
    assert "véhicule" not in text
