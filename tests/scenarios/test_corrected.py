"""A source says that it was wrong: who was told hears at once what it was, and where."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.world import World

pytestmark = pytest.mark.alike
TANKERS: dict[str, Any] = {"cargo": "fuel", "target": "fuel convoy", "source": "Studio Tamani"}


async def of_tankers(world: World) -> str:
    """Let one source tell of tankers burnt at Diéma; return the incident's id."""
    told = await world.reports(
        "fuel_interception", "Diéma", summary="3 citernes brûlées à Diéma", **TANKERS
    )
    world.clock.advance(timedelta(hours=2))
    return told.incident_id


async def test_the_place_that_was_wrong_is_dangerous_no_more(world: World) -> None:
    await world.subscriber("east", routes=["ML-RN4"])
    await world.subscriber("west")
    known = await of_tankers(world)

    told = await world.reports(
        "fuel_interception",
        "Lakamané",
        summary="Rectificatif : les 3 citernes ont brûlé à Lakamané et non à Diéma",
        minutes_ago=150,
        **TANKERS,
    )

    assert told.incident_id == known
    world.phone("west").received("RECTIFICATIF", "Reste DANGER GRAVE Diéma-Lakamané")
    world.phone("east").received("ANNULATION")


async def test_who_carries_what_was_burnt_is_told_at_once(world: World) -> None:
    await world.subscriber("goods", cargoes=["goods"])
    known = await of_tankers(world)

    told = await world.reports(
        "vehicle_attack",
        "Diéma",
        summary="ERRATUM : le camion brûlé à Diéma transportait du riz, pas du carburant",
        minutes_ago=150,
        source="Studio Tamani",
        cargo="goods",
        target="civilian truck",
    )

    assert told.incident_id == known
    assert told.body["incident"]["cargo"] == ["goods"]
    world.phone("goods").received("DANGER ÉLEVÉ Didiéni-Diéma: véhicule attaqué")
