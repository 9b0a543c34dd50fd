"""Who begins to listen while a danger holds hears of it, once, and hears its end."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from tests.harness.people import Person, Phone
from tests.harness.world import ROUTE, World
from tests.harness.writing import wrote

HOUR = timedelta(hours=1)
FUEL = {"routes": [ROUTE], "cargoes": ["fuel"]}


async def attacked(world: World) -> str:
    """Let tankers be taken, and time pass; return the incident."""
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.passes(2 * HOUR)
    return report.incident_id


async def told(world: World) -> None:
    """Let the clock's job tell what waits, twice as after a crash."""
    for _ in range(2):
        await world.service.tell_waiting()
        await world.quiet()


def phone_of(person: Person, world: World) -> Phone:
    assert person.phone is not None
    return Phone(person.phone, world.twilio)


async def added(world: World) -> Phone:
    return phone_of(await world.subscriber("added"), world)


async def from_goods_to_fuel(world: World) -> Phone:
    person = await world.person("changed", email=False)
    wish = await world.subscribes("changed", routes=[ROUTE], cargoes=["goods"])
    await told(world)
    assert phone_of(person, world).texts == []
    changed = await world.api.admin.put(
        f"/v1/subscriptions/{wish}", json={"contact_id": person.contact_id, **FUEL}
    )
    assert changed.status_code == 200, changed.text
    return phone_of(person, world)


async def by_sms(world: World) -> Phone:
    person = await world.person("writes", email=False)
    assert person.phone is not None
    await wrote(world, person.phone, "ABONNER DIEMA CARBURANT")
    return phone_of(person, world)


async def after_a_stop(world: World) -> Phone:
    person = await world.person("stopped", email=False)
    assert person.phone is not None
    await world.subscribes("stopped", **FUEL)
    await wrote(world, person.phone, "STOP")  # before what waits for him left
    await told(world)
    assert phone_of(person, world).texts == []
    await wrote(world, person.phone, "START")
    return phone_of(person, world)


async def who_was_asked(world: World) -> Phone:
    client = world.api.subscriber(world.api.organisation("Union de Kayes"))
    body = {"name": "Awa", "phone": "+22376120077", "confirm": True}
    contact_id = (await client.post("/v1/contacts", json=body)).json()["id"]
    await client.post("/v1/subscriptions", json={"contact_id": contact_id, **FUEL})
    phone = Phone("+22376120077", world.twilio)
    await world.until(lambda: bool(phone.texts))
    await told(world)
    (invitation,) = phone.texts
    (code,) = re.findall(r"\b\d{6}\b", invitation)
    agreed = await client.post(f"/v1/contacts/{contact_id}/confirm", json={"code": code})
    assert agreed.status_code == 200, agreed.text
    return phone


@pytest.mark.parametrize("begins", [added, from_goods_to_fuel, by_sms, after_a_stop, who_was_asked])
async def test_who_begins_to_listen_hears_what_holds_and_its_end(
    world: World, begins: Callable[[World], Awaitable[Phone]]
) -> None:
    await world.subscriber("first")
    incident = await attacked(world)

    phone = await begins(world)
    await told(world)

    phone.received("DANGER GRAVE carburant", "Lakaman", "Ne partez pas")
    had = len(phone.texts)
    await world.decides(incident, status="refuted")
    await told(world)
    assert len(phone.texts) == had + 1
    phone.received("ANNULATION")
    assert world.counts()["first"] == 2


async def test_who_was_told_of_it_on_any_way_is_not_told_again(world: World) -> None:
    person = await world.subscriber("driver", email=True, channels=["sms"])
    await attacked(world)
    (wish,) = (await world.api.admin.get("/v1/subscriptions")).json()["items"]

    await world.subscribes("driver", routes=[], cargoes=["fuel"])  # by e-mail as well
    gone = await world.api.admin.delete(f"/v1/subscriptions/{wish['id']}")
    again = await world.api.admin.post(
        "/v1/subscriptions", json={"contact_id": person.contact_id, **FUEL}
    )
    await told(world)

    assert (gone.status_code, again.status_code) == (204, 201)
    assert world.counts() == {"driver": 1}


async def test_several_dangers_are_one_message_and_what_is_over_is_none(world: World) -> None:
    await attacked(world)
    over = await world.reports("abduction", at="Segou", basis="official")
    await world.decides(over.incident_id, status="refuted")
    await world.reports("convoy_ambush", at="Sikasso", cargo="fuel", basis="official")

    await world.subscriber("everything", routes=(), cargoes=())
    await told(world)

    (text,) = world.phone("everything").texts
    assert "Sikasso" in text
    assert "Lakaman" in text
    assert "ougou" not in text


@pytest.mark.alike
async def test_what_is_less_than_asked_for_or_has_time_is_not_told_at_once(world: World) -> None:
    world.clock.advance(HOUR)  # it was a Monday, half an hour before the week is told
    attack = await world.reports("vehicle_attack", at="Lakamane")
    assert await world.level() == "high"
    hours = {"quiet_from": "05:00", "quiet_until": "12:00"}
    await world.subscriber("only severe", min_level="severe")
    await world.subscriber("weekly", tell="weekly")
    asleep = await world.person("asleep", email=False)
    await world.api.admin.put(f"/v1/contacts/{asleep.contact_id}/hours", json=hours)
    await world.subscribes("asleep", **FUEL)
    await told(world)
    assert world.counts() == {}

    await world.passes(7 * HOUR, every=7 * HOUR)
    await told(world)
    assert world.counts() == {"asleep": 1}
    deliveries = await world.deliveries(
        next(one["id"] for one in await world.alerts(cargo="fuel", route=ROUTE))
    )
    assert {one["deferred"] for one in deliveries} == {"weekly", "newcomer"}
    await world.decides(attack.incident_id, status="refuted")
    assert world.counts() == {"asleep": 2}  # of what he never heard nobody hears the end


@pytest.mark.alike
async def test_an_exercise_is_told_to_nobody_who_comes_later(world: World) -> None:
    said = {"route": ROUTE, "cargo": "fuel", "level": "severe", "exercise": True}
    made = await world.posts("/v1/alerts", {**said, "note": "Rien de vrai."})
    assert made.status == 201, made.body

    await world.subscriber("driver")
    await told(world)

    assert world.counts() == {}


async def test_what_is_overtaken_before_he_was_told_is_told_as_it_is_now(world: World) -> None:
    incident = await attacked(world)
    await world.subscriber("driver")

    await world.decides(incident, status="confirmed")
    assert world.counts() == {"driver": 1}
    world.phone("driver").received("CONFIRMÉ", "DANGER GRAVE")
    await world.subscriber("next")
    await world.reports("vehicle_attack", at="Toukoto")  # the road by Kita: to the told alone
    assert world.counts()["driver"] == 2
    await told(world)

    assert world.counts() == {"driver": 2, "next": 1}
    world.phone("next").received("Lakaman", "Ne partez pas")


@pytest.mark.alike
@pytest.mark.parametrize(
    ("before", "after", "hours"), [("weekly", "immediately", 0), ("weekly", "daily", 24)]
)
async def test_what_waits_for_its_day_goes_when_he_wants_it_sooner(
    world: World, before: str, after: str, hours: int
) -> None:
    world.clock.advance(HOUR)
    person = await world.person("reader", email=False)
    wish = await world.subscribes("reader", **FUEL, tell=before)
    await world.reports("vehicle_attack", at="Lakamane")
    assert await world.level() == "high"
    await told(world)
    assert phone_of(person, world).texts == []

    body = {"contact_id": person.contact_id, **FUEL, "tell": after}
    assert (await world.api.admin.put(f"/v1/subscriptions/{wish}", json=body)).status_code == 200
    await told(world)
    assert len(phone_of(person, world).texts) == (0 if hours else 1)
    await world.passes(timedelta(hours=hours), every=6 * HOUR)
    await told(world)

    phone_of(person, world).received("DANGER ÉLEVÉ", "Lakaman")


@pytest.mark.alike
async def test_what_waits_for_one_channel_stays_though_another_is_told_at_once(
    world: World,
) -> None:
    world.clock.advance(HOUR)
    await world.person("reader")
    await world.subscribes("reader", **FUEL, tell="weekly", channels=["email"])
    await world.reports("vehicle_attack", at="Lakamane")
    assert await world.level() == "high"

    await world.subscribes("reader", **FUEL, channels=["sms"])
    await told(world)

    async def mails() -> list[str]:
        (alert,) = await world.alerts(cargo="fuel", route=ROUTE)
        rows = await world.deliveries(alert["id"])
        return [one["status"] for one in rows if one["channel"] == "email"]

    assert await mails() == ["queued"]
