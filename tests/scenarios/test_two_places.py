"""Two papers put one attack at two places: nobody drives into the one that was told second."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.world import ROUTE, World

SAID: dict[str, Any] = {
    "cargo": "fuel",
    "actor": "JNIM",
    "target": "fuel tankers",
    "road": "RN1 Bamako-Kayes",
    "basis": "media",
}


async def disputed(
    world: World, first: str, second: str, *, kind: str = "fuel_interception"
) -> dict[str, Any]:
    """Report one event twice, at two places; return the incident."""
    one = await world.reports(kind, first, source="Studio Tamani", summary="Brûlées", **SAID)
    world.clock.advance(timedelta(hours=1))
    other = await world.reports(kind, second, source="Bamada", summary="Incendiées", **SAID)
    world.clock.advance(timedelta(hours=1))
    assert other.incident_id == one.incident_id
    incident: dict[str, Any] = other.body["incident"]
    return incident


@pytest.mark.alike
async def test_who_was_told_of_the_first_place_is_told_of_the_second(world: World) -> None:
    await world.subscriber("union", routes=[ROUTE], cargoes=["fuel"])

    await disputed(world, "Gouakoulou", "Tao-Tomo")

    world.phone("union").received("Kolokani-Didiéni", "citernes interceptées à Tao-Tomo")


@pytest.mark.alike
async def test_a_road_that_only_the_second_place_touches_is_closed(world: World) -> None:
    await world.subscriber("Kita", routes=["ML-KTA-NIO"], cargoes=["fuel"])

    await disputed(world, "Lakamané", "Wataga")

    assert await world.level("ML-KTA-NIO") == "severe"
    world.phone("Kita").received("DANGER GRAVE carburant")


@pytest.mark.alike
async def test_the_second_place_is_remembered_by_a_process_that_begins_anew(world: World) -> None:
    await disputed(world, "Lakamané", "Wataga")
    asked = "/v1/routes/ML-KTA-NIO/rating?cargo=fuel"
    before = (await world.api.moderator.get(asked)).json()

    world.service.context.evidence.clear()

    assert before["level"] == "severe"
    assert any("près de Wataga" in reason for reason in before["reasons"])
    assert (await world.api.moderator.get(asked)).json() == before


async def test_of_two_places_between_the_same_towns_the_one_told_first_is_confirmed(
    world: World,
) -> None:
    await world.subscriber("union", routes=[ROUTE], cargoes=["fuel"])
    one = await world.reports("fuel_interception", "Lakamané", source="AFP")
    world.clock.advance(timedelta(hours=1))
    other = await world.reports("fuel_interception", "Wataga", source="Bamada")

    await world.posts(f"/v1/incidents/{other.incident_id}/merge", {"into": one.incident_id})

    world.phone("union").received("CONFIRMÉ", "citernes interceptées à Lakamané")


@pytest.mark.alike
async def test_a_moderator_says_which_is_true_and_who_was_told_the_other_hears(
    world: World,
) -> None:
    await world.subscriber("Kita", routes=["ML-KTA-NIO"], cargoes=["fuel"])
    incident = await disputed(world, "Lakamané", "Wataga")
    assert [one["label"] for one in incident["elsewhere"]] == ["Wataga"]

    decided = await world.decides(incident["id"], place="Lakamané")

    assert decided.body["incident"]["elsewhere"] == []
    world.phone("Kita").received("ANNULATION")


async def test_an_earlier_instant_is_rated_by_the_places_known_then(world: World) -> None:
    incident = await disputed(world, "Lakamané", "Wataga")
    now = "/v1/routes/ML-KTA-NIO/rating?cargo=fuel"
    then = f"{now}&at={world.clock.now().isoformat().replace('+', '%2B')}"
    before = (await world.api.moderator.get(now)).json()

    world.clock.advance(timedelta(hours=1))
    await world.decides(incident["id"], place="Lakamané")

    after = (await world.api.moderator.get(then)).json()
    assert before["level"] == after["level"] == "severe"
    assert [one["reasons"] for one in after["sections"]] == [
        one["reasons"] for one in before["sections"]
    ]


@pytest.mark.alike
async def test_the_alert_explains_itself_by_the_place_it_was_made_of(world: World) -> None:
    await disputed(world, "Lakamané", "Wataga")
    (alert,) = await world.alerts(route="ML-KTA-NIO", cargo="fuel")

    why = (await world.api.moderator.get(f"/v1/alerts/{alert['id']}/why")).json()

    assert why["same"], why


@pytest.mark.alike
async def test_where_an_operation_was_seen_twice_is_told_to_the_desk_alone(world: World) -> None:
    incident = await disputed(world, "Lakamané", "Wataga", kind="military_operation")
    path = f"/v1/incidents/{incident['id']}"
    desk = (await world.api.moderator.get(path)).json()
    other = await world.api.client(world.api.key(Scope.SUBSCRIBER)).get(path)

    assert len(desk["elsewhere"]) == 1
    assert other.status_code == 404
