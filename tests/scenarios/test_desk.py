"""The desk moves, merges, splits, speaks for itself and changes rules; everybody hears the rest."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.world import ROUTE, World

SOUTH = "ML-RN7"


def new(world: World, before: dict[str, int]) -> dict[str, int]:
    """Return how many messages each person received since `before`."""
    counts = world.counts()
    return {
        name: counts[name] - before.get(name, 0)
        for name in counts
        if counts[name] != before.get(name, 0)
    }


async def test_an_incident_moved_to_another_road_is_withdrawn_here_and_told_there(
    world: World,
) -> None:
    await world.subscriber("north")
    await world.subscriber("south", routes=[SOUTH])
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    moved = await world.decides(report.incident_id, place="Bougouni")

    assert moved.effect(ROUTE)["alert_type"] == "withdrawal"
    assert moved.effect(SOUTH)["alert_type"] == "alert"
    assert world.counts() == {"north": 2, "south": 1}
    world.phone("north").received("ANNULATION")
    world.phone("south").received("GRAVE", "Bougouni")
    assert await world.level(ROUTE) == "unknown"
    assert await world.level(SOUTH) == "severe"


@pytest.mark.alike
async def test_two_incidents_merged_are_one_and_its_end_reaches_both_circles(
    world: World,
) -> None:
    await world.subscriber("north")
    await world.subscriber("south", routes=[SOUTH])
    one = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    other = await world.reports("fuel_interception", at="Bougouni", cargo="fuel")
    assert one.incident_id != other.incident_id
    before = world.counts()

    merged = await world.posts(
        f"/v1/incidents/{other.incident_id}/merge", {"into": one.incident_id}
    )

    assert merged.status == 200
    assert merged.incident_id == one.incident_id
    assert merged.body["incident"]["reports"] == 2
    assert new(world, before) == {"south": 1}
    world.phone("south").received("ANNULATION")
    before = world.counts()

    again = await world.posts(f"/v1/incidents/{other.incident_id}/merge", {"into": one.incident_id})
    refuted = await world.decides(one.incident_id, status="refuted")

    assert (again.status, refuted.status) == (409, 200)
    assert new(world, before) == {"north": 1}


@pytest.mark.alike
async def test_a_report_split_off_keeps_those_who_were_told_in_the_picture(world: World) -> None:
    await world.subscriber("north")
    first = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", source="AFP")
    second = await world.reports(
        "fuel_interception", at="Lakamane", cargo="fuel", source="Malijet", minutes_ago=20
    )
    assert first.incident_id == second.incident_id
    before = world.counts()

    split = await world.posts(
        f"/v1/incidents/{first.incident_id}/split", {"report_ids": [second.report_id]}
    )
    part = split.incident_id
    half = await world.decides(first.incident_id, status="refuted")
    whole = await world.decides(part, status="refuted")

    assert (split.status, half.status, whole.status) == (200, 200, 200)
    assert part != first.incident_id
    assert (await world.alerts())[-1]["type"] in {"withdrawal", "all_clear"}
    assert await world.level() == "unknown"
    assert new(world, before)["north"] >= 1
    world.phone("north").received("ANNULATION")


async def by_hand(world: World, **said: Any) -> dict[str, Any]:
    body = {
        "route": ROUTE,
        "cargo": "fuel",
        "level": "severe",
        "note": "Convoi attendu, restez a Kayes",
        **said,
    }
    answer = await world.posts("/v1/alerts", body)
    assert answer.status == 201, answer.body
    return answer.body


@pytest.mark.alike
async def test_the_desk_speaks_and_takes_back(world: World) -> None:
    await world.subscriber("north")
    await world.subscriber("south", routes=[SOUTH])

    said = await by_hand(world)
    assert world.counts() == {"north": 1}
    world.phone("north").received("restez a Kayes")
    await world.subscriber("late")
    withdrawn = await world.posts(f"/v1/alerts/{said['id']}/withdraw", {"note": "Fausse alerte"})
    again = await world.posts(f"/v1/alerts/{said['id']}/withdraw", {"note": "Fausse alerte"})

    assert (withdrawn.status, again.status) == (201, 409)
    assert withdrawn.body["references"] == [said["id"]]
    assert world.counts() == {"north": 2}


@pytest.mark.alike
async def test_what_is_taken_back_leaves_the_danger_that_reports_speak_of(world: World) -> None:
    await world.subscriber("north")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    said = await by_hand(world)

    withdrawn = await world.posts(f"/v1/alerts/{said['id']}/withdraw", {"note": "Pas de convoi"})

    assert withdrawn.body["level"] == "severe"
    last = world.phone("north").texts[-1]
    assert "Danger: grave" in last
    assert "partez pas" in last


@pytest.mark.alike
async def test_an_exercise_says_so_and_hides_nothing_real(world: World) -> None:
    await world.subscriber("north")

    await by_hand(world, exercise=True)
    world.phone("north").received("EXERCICE")
    real = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    assert real.effect()["alert_type"] == "alert"
    assert world.counts() == {"north": 2}
    assert "EXERCICE" not in world.phone("north").texts[-1]


@pytest.mark.alike
async def test_what_only_unknown_reporters_say_waits_or_stays_below_severe(world: World) -> None:
    await world.subscriber("north", min_level="moderate")
    strangers = [world.api.new_key(Scope.REPORTER)[1] for _ in range(12)]

    for number, key in enumerate(strangers):
        await world.reports(
            "fuel_interception",
            at="Lakamane",
            cargo="fuel",
            client=world.api.client(key),
            minutes_ago=30 + number,
        )

    assert await world.level() in {"moderate", "high"}
    assert all(alert["level"] != "severe" for alert in await world.alerts())
    assert "GRAVE" not in " ".join(world.phone("north").texts)

    (incident,) = (await world.api.moderator.get("/v1/incidents")).json()["items"]
    await world.decides(incident["id"], status="confirmed")

    assert await world.level() == "severe"
    world.phone("north").received("GRAVE")


@pytest.mark.alike
async def test_a_rule_taken_out_and_the_set_activated_again(world: World) -> None:
    await world.subscriber("north")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    before = world.counts()

    removed = await world.api.admin.delete("/v1/rules/fuel-interception")
    await world.quiet()
    eased = await world.level()
    text = world.phone("north").texts[-1]
    back = await world.api.admin.post("/v1/rulesets/1/activate")
    await world.quiet()

    assert (removed.status_code, back.status_code) == (204, 200)
    assert eased != "severe"
    assert new(world, before)["north"] <= 2
    assert "FIN D'ALERTE" not in text
    assert await world.level() == "severe"


@pytest.mark.alike
async def test_the_clock_alone_ends_in_unknown_and_never_in_an_all_clear(world: World) -> None:
    await world.subscriber("north", min_level="moderate")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    levels = []
    for _ in range(25):
        await world.passes(timedelta(days=3), every=timedelta(hours=12))
        levels.append(await world.level())

    assert levels[-1] == "unknown"
    assert "low" not in levels
    types = {alert["type"] for alert in await world.alerts()}
    assert types <= {"alert", "update"}
    assert len(world.phone("north").texts) <= 7


@pytest.mark.alike
async def test_a_danger_confirmed_twice_is_said_once(world: World) -> None:
    await world.subscriber("north")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    await world.decides(report.incident_id, status="confirmed")
    await world.decides(report.incident_id, status="confirmed")

    assert world.counts() == {"north": 2}
    world.phone("north").received("CONFIRM")


@pytest.mark.alike
async def test_a_refuted_incident_opened_again_is_told_again(world: World) -> None:
    await world.subscriber("north")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.decides(report.incident_id, status="refuted")

    reopened = await world.decides(report.incident_id, status="confirmed")

    assert reopened.effect()["alert_type"] == "update"
    assert world.counts() == {"north": 3}
    world.phone("north").received("TOUJOURS DANGER")


async def test_what_stays_is_not_laid_to_what_a_correction_left_of_the_news(world: World) -> None:
    await world.subscriber("north", cargoes=["goods"])
    block = await world.reports("roadblock", at="Kayes", minutes_ago=90)
    await world.decides(block.incident_id, status="confirmed")
    report = await world.reports("vehicle_attack", at="Diéma")
    assert "Diéma" in world.phone("north").texts[-1]

    await world.decides(report.incident_id, kind="accident", place="Kayes")

    world.phone("north").received("RECTIFICATIF", "barrage")
    assert "accident" not in world.phone("north").texts[-1]
