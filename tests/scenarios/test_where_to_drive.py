"""The road is closed: where to drive instead, and what the alerts say of it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.world import World


async def journeys(world: World, start: str, end: str, cargo: str = "fuel") -> dict[str, Any]:
    answer = await world.api.moderator.get(
        "/v1/journeys", params={"from": start, "to": end, "cargo": cargo, "language": "en"}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def towns(journey: dict[str, Any]) -> set[str]:
    return {part[end] for part in journey["sections"] for end in ("start", "end")}


async def block(world: World, place: str, **more: Any) -> str:
    """Let a roadblock be reported and confirmed; return the incident's id."""
    said = await world.reports("roadblock", at=place, source="AFP", **more)
    assert said.status == 201, said.body
    await world.decides(said.incident_id, status="confirmed")
    return said.incident_id


async def test_fuel_for_bamako_avoids_the_blocked_north_until_the_south_is_blocked_too(
    world: World,
) -> None:
    north = await block(world, "Kayes")
    by_the_south = await journeys(world, "Dakar", "Bamako")
    south = await block(world, "Kéniéba")
    world.clock.advance(timedelta(hours=3))
    nowhere = await journeys(world, "Dakar", "Bamako")
    await world.decides(south, status="resolved")
    again = await journeys(world, "Dakar", "Bamako")
    await world.decides(north, status="refuted")
    both = await journeys(world, "Dakar", "Bamako")

    assert by_the_south["answer"] == "open"
    assert "Kéniéba" in towns(by_the_south["journeys"][0])
    assert all("Kayes" not in towns(one) for one in by_the_south["journeys"])
    assert nowhere["answer"] == "none"
    assert nowhere["advice"] == "none: wait; last news 3 h ago"
    assert nowhere["journeys"] == []
    assert {one["closed_by"][0]["incident"] for way in nowhere["closed"]
            for one in way["sections"] if one["closed_by"]} == {north, south}  # fmt: skip
    assert again["answer"] == "open"
    assert "Kéniéba" in towns(again["journeys"][0])
    assert {"Kayes", "Kéniéba"} <= set().union(*(towns(one) for one in both["journeys"]))


async def test_a_suspended_line_and_a_closed_border_count(world: World) -> None:
    free = await journeys(world, "Abidjan", "Bamako", "goods")
    closed = await world.reports("border_closure", at="Zégoua", source="AFP")
    await world.decides(closed.incident_id, status="confirmed")
    round_about = await journeys(world, "Abidjan", "Bamako", "goods")

    crossed = [{tuple(one["towns"]) for one in way["borders"]} for way in round_about["journeys"]]
    assert free["answer"] == "open"
    assert {tuple(one["towns"]) for one in free["journeys"][0]["borders"]} == {("Pogo", "Zégoua")}
    assert all(("Pogo", "Zégoua") not in borders for borders in crossed)
    if not crossed:
        assert round_about["answer"] == "none"
        assert all(border["closed"] for way in round_about["closed"] for border in way["borders"])


@pytest.mark.alike
async def test_an_alert_names_the_way_round_and_says_that_nobody_has_news_of_it(
    world: World,
) -> None:
    await world.subscriber("dispatcher")

    await world.reports("fuel_interception", at="Lakamane", source="AFP")

    text = world.phone("dispatcher").texts[0]
    assert "Sinon par Kita, sans nouvelles." in text
    assert len(text) <= 160


@pytest.mark.alike
@pytest.mark.parametrize(
    ("route", "place", "said"),
    [
        ("ML-RN6", "Sofara", ""),  # by Niono, Léré and Tombouctou: 1,209 km instead of 632
        ("ML-YEL", "Yélimané", "Sinon par Sandaré, sans nouvelles."),
    ],
)
async def test_nobody_is_sent_round_by_half_the_country(
    world: World, route: str, place: str, said: str
) -> None:
    await world.subscriber("dispatcher", routes=[route])

    await world.reports("fuel_interception", at=place, source="AFP")

    (text,) = world.phone("dispatcher").texts
    assert said in text
    assert said or "Sinon" not in text


async def test_a_way_that_is_no_better_is_not_named(world: World) -> None:
    await world.subscriber("dispatcher")
    await world.reports("fuel_interception", at="Bamako", source="AFP")

    assert "Autre route" not in world.phone("dispatcher").texts[0]
