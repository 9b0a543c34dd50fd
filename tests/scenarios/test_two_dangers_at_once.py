"""A second danger is told while the first still waits to leave: who hears of one hears of both."""

from datetime import timedelta

import pytest

from tests.harness.twilio import Fault
from tests.harness.world import Answer, World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
async def lakamane(world: World) -> Answer:
    """Tankers were stopped at Lakamané, and the provider takes nothing for the moment."""
    await world.subscriber("north")
    world.twilio.fault = lambda _: Fault(status=503, body="down")
    return await world.reports("fuel_interception", at="Lakamane", cargo="fuel")


async def heard(world: World) -> list[str]:
    """Let the provider be well again; return what was said."""
    world.twilio.fault = lambda _: None
    await world.passes(HOUR, every=5 * MINUTE)
    return world.phone("north").texts


async def test_whoever_heard_of_neither_hears_of_both(lakamane: Answer, world: World) -> None:
    other = await world.reports("fuel_interception", at="Diboli", cargo="fuel")
    await world.decides(other.incident_id, status="confirmed")
    assert world.phone("north").texts == []

    texts = await heard(world)

    assert sorted("Lakamané" in text for text in texts) == [False, True]
    assert sorted("Diboli" in text for text in texts) == [False, True]
    alert_id = lakamane.effect()["alert_id"]
    assert [one["status"] for one in await world.deliveries(alert_id)] == ["sent"]


async def test_what_is_over_or_false_before_it_leaves_is_not_told_for_what_came_between(
    lakamane: Answer, world: World
) -> None:
    other = await world.reports("fuel_interception", at="Diboli", cargo="fuel")
    await world.decides(lakamane.incident_id, status="refuted")

    (text,) = await heard(world)

    assert other.effect()["alert_id"]
    assert "Diboli" in text
    assert "Lakamané" not in text


async def test_what_is_said_anew_of_it_or_was_false_is_told_alone(
    lakamane: Answer, world: World
) -> None:
    await world.decides(lakamane.incident_id, status="confirmed")
    world.twilio.fault = lambda _: Fault(status=503, body="down")
    confirmed = await heard(world)
    world.twilio.fault = lambda _: Fault(status=503, body="down")
    false = await world.reports("fuel_interception", at="Diboli", cargo="fuel")
    await world.decides(false.incident_id, status="refuted")

    after = await heard(world)

    assert len(confirmed) == 1
    assert "NON CONFIRM" not in confirmed[0]
    assert not any("Diboli" in text for text in after)
