"""A blockade announced for a day to come is told at once, with its day, and holds from then on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from app.flows.desk.desk_closures import half_open
from tests.harness.world import ROUTE, World
from tests.harness.writing import wrote

#: Told on the 8th of September.
SAYS = "Le groupe annonce un blocus de Kayes à partir du 12 septembre"
FROM = "blocus annoncé à partir du 12/09"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def announced(world: World, **more: Any) -> str:
    """Let two outlets tell of it; return the incident."""
    said: dict[str, Any] = {"region": "Kayes", "summary": SAYS} | more
    await world.reports("blockade_threat", source="AFP", **said)
    return (await world.reports("blockade_threat", source="RFI", **said)).incident_id


async def answered(world: World, name: str, text: str) -> str:
    """Return what somebody is answered to an SMS."""
    phone = world.people[name].phone
    assert phone is not None
    seen = (await world.api.moderator.get(f"/v1/inbound/{await wrote(world, phone, text)}")).json()
    return str(seen["reply"])


async def test_it_is_told_at_once_with_its_day_and_closes_no_road_before(world: World) -> None:
    await world.subscriber("dispatcher", min_level="moderate")
    await world.subscriber("driver", min_level="severe")

    incident = await announced(world)

    assert await world.level() == "moderate"
    for name in ("dispatcher", "driver"):
        first = world.phone(name).texts[0]
        assert FROM in first
        assert "réouverture" not in first
    answer = await answered(world, "driver", "ETAT KAYES CARBURANT")
    assert f"danger modéré ({FROM}" in answer
    shown = (await world.api.moderator.get(f"/v1/incidents/{incident}")).json()
    assert shown["starts_at"] == "2025-09-12T00:00:00Z"


@pytest.mark.alike
async def test_on_its_day_it_holds_the_road_until_somebody_lifts_it(world: World) -> None:
    await world.subscriber("driver", min_level="severe")
    incident = await announced(world)
    told = len(world.phone("driver").texts)

    await world.passes(3 * DAY, every=6 * HOUR)
    before = await world.level()
    await world.passes(DAY, every=HOUR)

    assert before == "moderate"
    assert await world.level() == "severe"
    on_the_day = world.phone("driver").texts[told:]
    assert any("DANGER GRAVE" in text and FROM in text for text in on_the_day)
    assert any("Info 08/09" in text for text in on_the_day)
    asked = {"cargo": "fuel", "at": "2025-09-11T12:00:00Z"}
    then = (await world.api.moderator.get(f"/v1/routes/{ROUTE}/rating", params=asked)).json()
    assert then["level"] == "moderate"
    await world.decides(incident, status="resolved")
    assert await world.level() != "severe"


@pytest.mark.alike
async def test_it_holds_the_road_from_its_first_minute_on(world: World) -> None:
    await world.subscriber("driver", min_level="severe")
    await announced(world, starts_at="2025-09-12T04:00:00Z")
    begins, minute = datetime(2025, 9, 12, 4, tzinfo=UTC), timedelta(minutes=1)
    await world.passes(begins - 30 * minute - world.clock.now(), every=6 * HOUR)
    await world.passes(29 * minute, every=29 * minute)  # rated again within this hour
    told = len(world.phone("driver").texts)
    assert await world.level() == "moderate"

    await world.passes(2 * minute, every=minute)

    assert await world.level() == "severe"
    assert len(world.phone("driver").texts) == told + 1
    await world.passes(30 * minute, every=10 * minute)
    assert len(world.phone("driver").texts) == told + 1


async def test_where_the_road_is_dangerous_already_the_day_is_told_at_once(world: World) -> None:
    await world.subscriber("driver", min_level="high")
    attack = await world.reports("vehicle_attack", at="Lakamane", source="AFP")
    await world.decides(attack.incident_id, status="confirmed")
    assert await world.level() == "high"
    world.clock.advance(HOUR)

    await announced(world)

    assert any(FROM in text for text in world.phone("driver").texts)


async def test_nobody_ends_it_before_it_begins(world: World) -> None:
    incident = await announced(world)
    world.clock.advance(DAY)

    await world.reports("road_reopened", region="Kayes", source="AMAP")

    shown = (await world.api.moderator.get(f"/v1/incidents/{incident}")).json()
    assert shown["status"] == "open"
    await world.passes(4 * DAY, every=6 * HOUR)
    assert await world.level() == "severe"


@pytest.mark.alike
async def test_a_message_from_the_road_is_read_and_answered_with_the_day(world: World) -> None:
    await world.subscriber("driver")

    noted = await answered(world, "driver", "ALERTE barrage Kayes à partir du 12/09")

    assert "barrage sur la route à partir du 12/09 à Kayes" in noted
    (found,) = (await world.api.moderator.get("/v1/incidents")).json()["items"]
    assert (found["kind"], found["starts_at"]) == ("roadblock", "2025-09-12T00:00:00Z")


@pytest.mark.alike
async def test_the_day_may_be_given_and_only_to_what_is_announced(world: World) -> None:
    given: dict[str, Any] = {"region": "Kayes", "starts_at": "2025-09-12T06:00:00Z"}
    report = await world.reports("border_closure", **given)
    assert report.body["incident"]["starts_at"] == "2025-09-12T06:00:00Z"

    for wrong in ({"kind": "town_attack"}, {"starts_at": "2026-09-12T06:00:00Z"}):
        body = {"kind": "roadblock", "occurred_at": "2025-09-08T05:00:00Z", **given, **wrong}
        refused = await world.api.moderator.post("/v1/reports", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/starts_at"


@pytest.mark.parametrize(
    "says",
    ["Le mot d'ordre est levé", "Le blocus est annulé", "La grève est suspendue", "Called off"],
)
@pytest.mark.alike
async def test_what_is_called_off_is_over_before_its_day(world: World, says: str) -> None:
    await world.subscriber("dispatcher", min_level="moderate")
    incident = await announced(world)
    told = len(world.phone("dispatcher").texts)
    world.clock.advance(DAY)

    await world.reports("road_reopened", region="Kayes", source="AMAP", summary=says)
    await world.passes(5 * DAY, every=6 * HOUR)

    shown = (await world.api.moderator.get(f"/v1/incidents/{incident}")).json()
    assert shown["status"] == "resolved"
    assert await world.level() in ("low", "unknown")
    (end,) = world.phone("dispatcher").texts[told:]
    assert "FIN" in end.upper()
    asked = {"cargo": "fuel", "at": "2025-09-08T23:00:00Z"}
    then = (await world.api.moderator.get(f"/v1/routes/{ROUTE}/rating", params=asked)).json()
    assert then["level"] == "moderate"


@pytest.mark.alike
async def test_what_is_put_off_or_called_off_by_a_stranger_is_for_the_desk(world: World) -> None:
    incident = await announced(world)
    world.clock.advance(DAY)
    at: dict[str, Any] = {"region": "Kayes", "minutes_ago": 1}

    await world.reports("road_reopened", summary="Blocus reporté au 20 septembre", **at)
    stranger = world.api.client(world.api.key(Scope.REPORTER))
    await world.reports("road_reopened", client=stranger, summary="Blocus annulé", **at)

    shown = (await world.api.moderator.get(f"/v1/incidents/{incident}")).json()
    assert shown["status"] == "open"
    waiting = world.db.read_now(
        lambda conn: half_open(conn, context=world.service.context, now=world.clock.now())
    )
    assert [one.id for one in waiting] == [incident]


@pytest.mark.alike
async def test_a_moderator_puts_it_off_and_who_was_told_hears_the_new_day(world: World) -> None:
    await world.subscriber("driver", min_level="moderate")
    incident = await announced(world)
    told = len(world.phone("driver").texts)
    world.clock.advance(DAY)

    await world.decides(incident, starts_at="2025-09-20T00:00:00Z", note="put off by the union")

    (text,) = world.phone("driver").texts[told:]
    assert "blocus annoncé à partir du 20/09" in text
    assert "fausse" not in text
    await world.reports("blockade_threat", source="APA", region="Kayes", summary=SAYS)
    shown = (await world.api.moderator.get(f"/v1/incidents/{incident}")).json()
    assert shown["starts_at"] == "2025-09-20T00:00:00Z"
    (line,) = [
        one
        for one in (await world.api.admin.get("/v1/audit")).json()["items"]
        if one["action"] == "incident.decided"
    ]
    assert line["detail"]["starts_at"] == "2025-09-20T00:00:00Z"
    await world.passes(4 * DAY, every=6 * HOUR)
    assert await world.level() == "moderate"


@pytest.mark.alike
async def test_what_began_on_its_day_may_be_put_off_and_what_is_to_come_begin_early(
    world: World,
) -> None:
    await world.subscriber("driver", min_level="severe")
    incident = await announced(world)
    now = world.clock.now()

    await world.decides(incident, starts_at=now.isoformat())
    assert await world.level() == "severe"
    assert "DANGER GRAVE" in world.phone("driver").texts[-1]
    world.clock.advance(HOUR)
    await world.decides(incident, starts_at="2025-09-20T00:00:00Z")

    assert await world.level() == "moderate"
    await world.passes(DAY, every=6 * HOUR)  # what eases wakes nobody
    await world.service.tell_waiting()
    await world.quiet()
    assert any("à partir du 20/09" in text for text in world.phone("driver").texts)
    asked = {"cargo": "fuel", "at": (now + HOUR / 2).isoformat()}
    then = (await world.api.moderator.get(f"/v1/routes/{ROUTE}/rating", params=asked)).json()
    assert then["level"] == "severe"


@pytest.mark.alike
async def test_only_a_closure_begins_on_a_day_and_on_none_far_off(world: World) -> None:
    attack = (await world.reports("vehicle_attack", at="Lakamane")).incident_id
    closure = await announced(world)

    for incident, day in ((attack, "2025-09-12"), (closure, "2026-09-12")):
        refused = await world.api.moderator.patch(
            f"/v1/incidents/{incident}", json={"starts_at": f"{day}T00:00:00Z"}
        )
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/starts_at"
