"""An all-clear comes on evidence, and when it has been quiet long enough since the danger."""

from datetime import timedelta
from typing import Any

import pytest

from app.alerts.store import chains
from app.flows.alerting.calm import over_quietly
from tests.harness.world import ROUTE, World

HOUR = timedelta(hours=1)


async def attacked(world: World) -> None:
    await world.subscriber("north", min_level="moderate")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")


async def types(world: World) -> list[str]:
    """Return what was said of the road for fuel, oldest first."""
    said = await world.alerts(route=ROUTE, cargo="fuel")
    return [alert["type"] for alert in sorted(said, key=lambda alert: alert["created_at"])]


def passed(answer: Any) -> tuple[str | None, str]:
    effect = answer.effect()
    return effect["alert_type"], effect["after"]


@pytest.mark.alike
async def test_a_truck_that_passed_soon_after_eases_the_road_and_the_end_waits(
    world: World,
) -> None:
    await attacked(world)
    world.clock.advance(3 * HOUR)

    answer = await world.reports("safe_transit", at="Lakamane", cargo="fuel")
    await world.passes(20 * HOUR)
    before = await types(world)
    await world.passes(3 * HOUR)

    assert passed(answer)[0] is None
    assert passed(answer)[1] in {"unknown", "low"}
    assert "all_clear" not in before
    assert await types(world) == [*before, "all_clear"]
    world.phone("north").received("FIN D'ALERTE")
    await world.passes(72 * HOUR)
    assert (await types(world)).count("all_clear") == 1


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_coaches_hear_of_no_end_when_soldiers_brought_tankers_through(world: World) -> None:
    await world.subscriber("coach", cargoes=["passengers"], min_level="moderate")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="RFI")
    world.clock.advance(30 * HOUR)

    await world.reports(
        "safe_transit", at="Lakamane", cargo="fuel", summary="Convoi passé sous escorte des FAMa"
    )
    await world.passes(30 * HOUR)

    assert not [text for text in world.phone("coach").texts if "FIN D'ALERTE" in text]
    assert await world.level() != "low"
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", summary="Passé sans escorte")
    await world.passes(30 * HOUR)
    world.phone("coach").received("FIN D'ALERTE")


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_what_was_held_to_be_over_goes_on_when_soldiers_turn_out_to_have_been_there(
    world: World,
) -> None:
    stopped = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="RFI")
    water = await world.reports("flood_damage", at="Lakamane", source="AMAP")
    world.clock.advance(3 * HOUR)
    said: dict[str, Any] = {"at": "Lakamane"}
    await world.reports("safe_transit", summary="Des camions sont passés", **said)
    async with world.api.moderator as desk:

        async def status_of(answer: Any) -> str:
            found = (await desk.get(f"/v1/incidents/{answer.incident_id}")).json()
            return str(found["status"])

        before = [await status_of(one) for one in (stopped, water)]

        await world.reports("safe_transit", summary="Passés sous escorte", **said)

        assert before == ["resolved", "resolved"]
        assert await status_of(stopped) != "resolved"
        assert await status_of(water) == "resolved"


async def test_what_happens_in_the_quiet_is_told_and_puts_the_end_off(world: World) -> None:
    await attacked(world)
    world.clock.advance(3 * HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel")
    await world.passes(10 * HOUR)

    again = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.passes(30 * HOUR)

    assert again.effect()["alert_type"] in {"alert", "update"}
    assert await world.level() == "severe"
    assert "all_clear" not in await types(world)


@pytest.mark.alike
async def test_while_anything_closes_the_road_there_is_no_all_clear(world: World) -> None:
    await world.reports("flood_damage", at="Kayes")
    await world.passes(timedelta(days=12), every=24 * HOUR)  # no rule holds it any more
    assert await world.level() != "severe"
    await attacked(world)
    world.clock.advance(30 * HOUR)

    answer = await world.reports("safe_transit", at="Lakamane", cargo="fuel")
    await world.passes(48 * HOUR, every=6 * HOUR)

    assert passed(answer)[1] in {"unknown", "low"}
    assert "all_clear" not in await types(world)
    text = world.phone("north").received("SANS NOUVELLES")
    assert "Rien depuis: citernes interceptées." in text
    assert "passage sans incident" not in text


@pytest.mark.alike
@pytest.mark.parametrize(
    ("kind", "what", "told"),
    [
        ("roadblock", "Des hommes armés arrêtent les cars", set()),
        ("blockade_threat", "Le groupe interdit la route aux cars", {"all_clear"}),
    ],
)
async def test_a_barrier_where_coaches_were_stopped_keeps_back_the_end_for_tankers_too(
    world: World, kind: str, what: str, told: set[str]
) -> None:
    await attacked(world)
    world.clock.advance(30 * HOUR)
    barrier = {
        "kind": kind,
        "place": "Kayes",
        "cargo": "passengers",
        "summary": what,
        "occurred_at": world.clock.now().isoformat(),
        "basis": "relayed",
        "source": {"name": "Groupe des routiers", "type": "social"},
    }
    assert (await world.posts("/v1/reports", barrier)).status == 201
    assert await world.level() == "severe"  # by what happened at Lakamané

    answer = await world.reports("safe_transit", at="Lakamane", cargo="fuel")
    await world.passes(48 * HOUR, every=6 * HOUR)

    assert passed(answer)[1] in {"unknown", "low"}  # believed too little to hold a level
    assert {"all_clear"}.intersection(await types(world)) == told


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_convoy_by_one_road_into_town_calls_off_nothing_on_the_next(world: World) -> None:
    await world.reports("convoy_ambush", at="20 km de Gao vers Doro", cargo="fuel")
    world.clock.advance(30 * HOUR)

    await world.reports("safe_transit", at="Gao - Ansongo", cargo="fuel")

    assert await world.level("ML-RN16") == "severe"
    ended = await world.alerts(cargo="fuel", type="all_clear")
    assert {alert["route"] for alert in ended} == {"ML-RN17"}


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_what_is_over_is_not_said_to_be_unconfirmed_still(world: World) -> None:
    await world.subscriber("north", cargoes=["goods"], min_level="moderate")
    await world.reports("flood_damage", at="Kayes", source="AFP")
    await world.reports("road_damage", at="Diéma", source="RFI")
    world.clock.advance(5 * HOUR)
    await world.reports("road_reopened", at="Kayes", source="AMAP")

    await world.passes(96 * HOUR, every=24 * HOUR)

    first, *later = world.phone("north").texts
    assert "route inondée" in first
    assert [text for text in later if "Terminé Sandaré-Kayes: route inondée" in text]
    going_on = [text.partition("Terminé")[0] for text in later]
    assert not [text for text in going_on if "inondée" in text or "Kayes," in text]


async def told_until(world: World, hours: int) -> None:
    """Let time pass, and tell what waited for the next day."""
    for _ in range(hours // 6):
        await world.passes(6 * HOUR, every=3 * HOUR)
        await world.service.tell_waiting()
        await world.quiet()


@pytest.mark.alike
async def test_what_a_truck_ended_is_told_by_name_beside_a_lesser_danger_once_it_is_quiet(
    world: World,
) -> None:
    await world.subscriber("north", min_level="moderate")
    attack = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="AFP")
    await world.decides(attack.incident_id, status="confirmed")
    world.clock.advance(2 * HOUR)
    await world.reports("armed_presence", at="Sandaré", source="un inconnu")
    world.clock.advance(3 * HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")

    await told_until(world, 18)
    too_early = [text for text in world.phone("north").texts if "Terminé" in text]
    await told_until(world, 120)

    assert too_early == []
    (end,) = (text for text in world.phone("north").texts if "Terminé" in text)
    assert "Terminé Diéma-Lakamané: citernes interceptées." in end
    assert "Sandaré-Kayes, hommes armés vus" in end
    assert "NON CONFIRMÉ" in end
    assert not [text for text in world.phone("north").texts if "FIN D'ALERTE" in text]


async def test_of_two_alike_on_one_stretch_no_end_is_told_while_one_goes_on(world: World) -> None:
    await world.subscriber("north", min_level="moderate")
    attack = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="AFP")
    await world.decides(attack.incident_id, status="confirmed")
    world.clock.advance(3 * HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")
    world.clock.advance(3 * HOUR)
    other = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="AFP")
    assert other.incident_id != attack.incident_id

    await told_until(world, 120)

    assert not [text for text in world.phone("north").texts if "Terminé" in text]


@pytest.mark.parametrize("kind", ["fuel_interception", "vehicle_attack"])
async def test_no_end_is_told_of_a_stretch_where_another_danger_goes_on_that_is_not_spoken_of(
    kind: str, world: World
) -> None:
    """What is spoken of is at Diboli; who waits before Lakamané must not drive on."""
    await world.subscriber("north", min_level="moderate")
    attack = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="AFP")
    await world.decides(attack.incident_id, status="confirmed")
    world.clock.advance(3 * HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")
    world.clock.advance(3 * HOUR)
    other = await world.reports(kind, at="Lakamane", cargo="fuel", source="AFP")
    assert other.incident_id != attack.incident_id
    await world.decides(other.incident_id, status="confirmed")
    world.clock.advance(3 * HOUR)
    elsewhere = await world.reports("fuel_interception", at="Diboli", cargo="fuel", source="AFP")
    await world.decides(elsewhere.incident_id, status="confirmed")

    await told_until(world, 72)

    assert [text for text in world.phone("north").texts if "Terminé" in text] == []


@pytest.mark.alike
async def test_no_end_is_told_by_name_before_its_quiet_is_over(world: World) -> None:
    await world.subscriber("north", min_level="moderate")
    attack = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="AFP")
    await world.decides(attack.incident_id, status="confirmed")
    world.clock.advance(3 * HOUR)
    await world.reports("safe_transit", at="Lakamane", cargo="fuel", source="ORTM")
    config, happened = world.service.context.config, world.clock.now() - 3 * HOUR
    subject = (ROUTE, "fuel")
    told = world.db.read_now(lambda conn: chains.told_state(conn, [subject]))[subject]

    def over(hours: int) -> list[str]:
        found = world.db.read_now(
            lambda conn: over_quietly(
                conn,
                "fuel",
                told,
                where=lambda _: None,
                config=config,
                now=happened + hours * HOUR,
            )
        )
        return [one.id for one in found]

    assert (over(23), over(25)) == ([], [attack.incident_id])
