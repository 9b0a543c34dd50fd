"""One report of a fuel interception, from the first key to the all-clear."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from app.running import first_key
from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.alike


async def given_four_subscribers(world: World) -> None:
    """Two of this route and cargo; one of another cargo, one of another route."""
    await world.subscriber("dispatcher", email=True)
    await world.subscriber("ngo", email=True, language="en")
    await world.subscriber("coaches", email=True, cargoes=["passengers"], min_level="severe")
    await world.subscriber("south", email=True, routes=["ML-RN7"])


async def test_the_first_report_of_a_newcomer_changes_the_road(world: World) -> None:
    key = first_key(world.service)
    assert key is not None
    await given_four_subscribers(world)

    told = await world.reports(
        "fuel_interception", at="Lakamane", client=world.api.client(key), cargo="fuel"
    )

    assert told.status == 201
    assert told.body["incident"]["location"]["label"] == "Lakamané"
    effect = told.effect(ROUTE, "fuel")
    assert (effect["before"], effect["after"]) == ("unknown", "severe")
    assert any("Lakamané" in reason for reason in effect["reasons"])
    assert await world.level(ROUTE, "fuel") == "severe"


async def test_who_subscribed_is_told_once_on_each_channel_and_nobody_else(world: World) -> None:
    await given_four_subscribers(world)

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    assert world.counts() == {"dispatcher": 2, "ngo": 2}
    french = world.phone("dispatcher").received("GRAVE", "carburant", "Lakaman", "NON CONFIRM")
    english = world.phone("ngo").received("SEVERE", "fuel", "NOT CONFIRMED")
    assert french != english
    (mail,) = world.mails("ngo")
    assert "Lakaman" in str(mail["Subject"])
    assert "fuel" in str(mail["Subject"])
    assert mail["List-Unsubscribe"].startswith("<https://")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


async def test_what_happened_out_of_town_is_not_said_to_be_in_it(world: World) -> None:
    await world.subscriber("dispatcher", routes=["ML-RN7"], email=True)

    told = await world.reports("fuel_interception", at="30 km au nord-est de Bougouni")

    assert told.body["incident"]["location"]["label"] == "Bougouni"
    world.phone("dispatcher").received("à 30 km de Bougouni")
    (mail,) = world.mails("dispatcher")
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert "Lieu\u00a0: à 30 km de Bougouni" in plain.get_content()


async def test_refuting_is_told_to_those_who_were_told_and_to_nobody_else(world: World) -> None:
    await given_four_subscribers(world)
    await world.subscriber("left")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.subscriber("late")
    opted_out = world.phone("left").messages[0]
    assert await world.calls_back(opted_out, "failed", ErrorCode="21610") == 204
    before = world.counts()

    refuted = await world.decides(report.incident_id, status="refuted")

    assert refuted.effect()["alert_type"] == "withdrawal"
    told = {name: count - before.get(name, 0) for name, count in world.counts().items()}
    assert {name: count for name, count in told.items() if count} == {"dispatcher": 2, "ngo": 2}
    world.phone("dispatcher").received("ANNULATION")
    assert await world.level() == "unknown"


async def test_a_safe_transit_ends_the_danger_and_is_told_once(world: World) -> None:
    await given_four_subscribers(world)
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=30))

    passed = await world.reports("safe_transit", at="Lakamane", cargo="fuel")

    assert passed.body["incident"]["resolves"]
    assert passed.effect()["alert_type"] == "all_clear"
    assert world.counts() == {"dispatcher": 4, "ngo": 4}
    again = await world.reports("safe_transit", at="Lakamane", cargo="fuel", minutes_ago=5)
    assert not [effect for effect in again.body["effects"] if effect["alert_type"]]
    assert world.counts() == {"dispatcher": 4, "ngo": 4}


async def test_a_person_resolves_and_the_all_clear_goes_out(world: World) -> None:
    await given_four_subscribers(world)
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=3))

    resolved = await world.decides(report.incident_id, status="resolved")
    again = await world.decides(report.incident_id, status="resolved")

    assert resolved.effect()["alert_type"] == "all_clear"
    assert again.body["effects"] == []
    assert world.counts() == {"dispatcher": 4, "ngo": 4}


async def test_a_transit_told_by_somebody_unknown_ends_nothing(world: World) -> None:
    await given_four_subscribers(world)
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=5))

    claimed = await world.reports("safe_transit", at="Lakamane", cargo="fuel", by=Scope.REPORTER)

    assert claimed.body["incident"]["resolves"] == []
    assert await world.level() == "severe"
    assert world.counts() == {"dispatcher": 2, "ngo": 2}


async def test_the_same_report_again_is_answered_as_before_and_told_to_nobody(
    world: World,
) -> None:
    await given_four_subscribers(world)
    key = {"Idempotency-Key": "truck-17"}

    first = await world.reports("fuel_interception", at="Lakamane", headers=key)
    again = await world.reports("fuel_interception", at="Lakamane", headers=key)
    other = await world.reports("fuel_interception", at="Sandaré", headers=key)

    assert (first.status, again.status, other.status) == (201, 200, 409)
    assert again.body == first.body
    assert other.body["type"] == "/problems/idempotency-conflict"
    assert world.counts() == {"dispatcher": 2, "ngo": 2}


async def test_ten_reports_of_one_event_are_one_message(world: World) -> None:
    await given_four_subscribers(world)

    answers = [
        await world.reports(
            "fuel_interception",
            at=place,
            minutes_ago=30 + number,
            summary=f"{number} citernes brûlées près de Lakamané",
        )
        for number, place in enumerate(["Lakamane", "Lakamané"] * 5)
    ]

    assert {answer.incident_id for answer in answers} == {answers[0].incident_id}
    assert world.counts() == {"dispatcher": 2, "ngo": 2}


async def test_independent_voices_confirm_and_that_is_told(world: World) -> None:
    await given_four_subscribers(world)
    await world.reports("fuel_interception", at="Lakamane", source="Studio Tamani")

    await world.reports("fuel_interception", at="Lakamane", source="Malijet", minutes_ago=20)
    confirmed = await world.reports(
        "fuel_interception", at="Lakamane", source="AFP", minutes_ago=15
    )

    assert confirmed.body["incident"]["certainty"] == "confirmed"
    assert confirmed.body["incident"]["independent_sources"] == 3
    assert world.counts() == {"dispatcher": 4, "ngo": 4}  # each time on the phone and by mail
    world.phone("dispatcher").received("CONFIRM")


async def test_history_filled_in_alerts_nobody(world: World) -> None:
    await given_four_subscribers(world)
    entry = {
        "kind": "fuel_interception",
        "place": "Lakamane",
        "occurred_at": world.clock.now().isoformat(),
    }

    filled = await world.posts("/v1/reports/batch?mode=backfill", {"reports": [entry]})

    assert filled.body["accepted"] == 1
    assert await world.level() == "severe"
    assert world.counts() == {}
    assert await world.alerts() == []


@pytest.mark.parametrize(
    ("kind", "days_ago"), [("fuel_interception", 20), ("blockade_threat", 365)]
)
async def test_history_that_is_confirmed_alerts_nobody(
    world: World, kind: str, days_ago: int
) -> None:
    await given_four_subscribers(world)
    happened = world.clock.now() - timedelta(days=days_ago)
    entry = {"kind": kind, "place": "Lakamane", "occurred_at": happened.isoformat()}
    filled = await world.posts("/v1/reports/batch?mode=backfill", {"reports": [entry]})
    (item,) = filled.body["items"]

    confirmed = await world.decides(item["incident"]["id"], status="confirmed")

    assert confirmed.body["incident"]["status"] == "confirmed"
    assert await world.level() in {"unknown", "moderate"}
    assert world.counts() == {}


async def test_what_still_goes_on_is_told_once_a_person_confirms_it_though_it_was_filled_in(
    world: World,
) -> None:
    await given_four_subscribers(world)
    happened = world.clock.now() - timedelta(days=1)
    entry = {"kind": "fuel_interception", "place": "Lakamane", "occurred_at": happened.isoformat()}
    filled = await world.posts("/v1/reports/batch?mode=backfill", {"reports": [entry]})
    (item,) = filled.body["items"]

    await world.decides(item["incident"]["id"], status="confirmed")

    assert world.counts() == {"dispatcher": 2, "ngo": 2}
    world.phone("dispatcher").received("DANGER GRAVE")


async def test_a_report_placed_by_a_moderator_goes_the_way_of_every_other(world: World) -> None:
    await given_four_subscribers(world)
    entry = {
        "kind": "fuel_interception",
        "place": "Xyzzyville",
        "occurred_at": world.clock.now().isoformat(),
    }
    asked = await world.posts("/v1/reports/batch", [entry])
    (item,) = asked.body["items"]
    assert (item["status"], item["report"]["outcome"]) == (201, "asked")
    assert world.counts() == {}

    placed = await world.posts(f"/v1/reports/{item['report']['id']}/place", {"place": "Lakamane"})
    twice = await world.posts(f"/v1/reports/{item['report']['id']}/place", {"place": "Kayes"})

    assert placed.effect()["after"] == "severe"
    assert twice.status == 409
    assert world.counts() == {"dispatcher": 2, "ngo": 2}
