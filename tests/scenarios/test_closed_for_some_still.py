"""A closure that is over for some and goes on for others: who is free hears so, and of no less."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.world import World

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
pytestmark = pytest.mark.alike
AREA: dict[str, Any] = {"region": "Kayes"}
SPOT: dict[str, Any] = {"at": "Diéma"}


async def a_closed_road(world: World, **where: Any) -> str:
    """Let two outlets tell of a blockade, and one that tankers may pass."""
    await world.subscriber("tanker", cargoes=["fuel"], min_level="moderate")
    await world.subscriber("lorry", cargoes=["goods"], min_level="moderate")
    said = {**where, "summary": "Un groupe bloque la route"}
    await world.reports("blockade_threat", source="AFP", **said)
    closed = await world.reports("blockade_threat", source="RFI", **said)
    assert await world.level(cargo="fuel") == "severe"
    world.clock.advance(3 * HOUR)
    await world.reports("road_reopened", **where, source="AMAP", summary="Rouverte aux citernes")
    assert await world.level(cargo="fuel") in ("low", "unknown")
    return closed.incident_id


def ends(world: World, name: str) -> list[str]:
    return [text for text in world.phone(name).texts if "FIN" in text.upper()]


async def test_the_end_for_tankers_does_not_wait_for_what_is_said_of_lorries(world: World) -> None:
    closed = await a_closed_road(world, **AREA)

    for source in ("ORTM", "Studio Tamani", "Le Monde"):
        await world.passes(12 * HOUR, every=6 * HOUR)
        told = await world.reports(
            "blockade_threat",
            **AREA,
            source=source,
            cargo="goods",
            summary="Un groupe bloque la route aux camions de marchandises",
        )
        assert told.incident_id == closed

    assert len(ends(world, "tanker")) == 1
    assert ends(world, "lorry") == []


async def test_what_names_nobody_is_of_tankers_too_and_puts_their_end_off(world: World) -> None:
    closed = await a_closed_road(world, **AREA)

    for source in ("ORTM", "Studio Tamani", "Le Monde"):
        await world.passes(12 * HOUR, every=6 * HOUR)
        told = await world.reports(
            "blockade_threat", **AREA, source=source, summary="Le blocus de Kayes se poursuit"
        )
        assert told.incident_id == closed

    assert ends(world, "tanker") == []
    assert await world.level(cargo="fuel") in ("low", "unknown")
    await world.passes(25 * HOUR, every=6 * HOUR)
    assert len(ends(world, "tanker")) == 1


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (SPOT, "Un groupe bloque la route"),
        (AREA, "Un groupe bloque de nouveau la route"),
    ],
)
async def test_a_barrier_that_is_told_of_after_the_end_for_tankers_stops_them_too(
    world: World, where: dict[str, Any], said: str
) -> None:
    closed = await a_closed_road(world, **where)
    await world.passes(25 * HOUR, every=6 * HOUR)
    assert len(ends(world, "tanker")) == 1
    before = len(world.phone("tanker").texts)
    goods = await world.level(cargo="goods")

    for source in ("ORTM", "Studio Tamani"):
        told = await world.reports("blockade_threat", **where, source=source, summary=said)
        assert told.incident_id != closed

    assert await world.level(cargo="fuel") in ("high", "severe")
    assert len(world.phone("tanker").texts) > before
    assert await world.level(cargo="goods") == goods == "high"


async def test_a_barrier_for_lorries_is_told_to_no_tanker(world: World) -> None:
    closed = await a_closed_road(world, **SPOT)
    before = len(world.phone("tanker").texts)
    world.clock.advance(HOUR)

    told = await world.reports(
        "blockade_threat", **SPOT, source="ORTM", cargo="goods", summary="Camions bloqués"
    )

    assert told.incident_id == closed
    assert len(world.phone("tanker").texts) == before
