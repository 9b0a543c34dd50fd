"""Providers fail, receipts are late, forged or repeated, messages wait: what then is told."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.twilio import Fault
from tests.harness.world import World, a_world

pytestmark = pytest.mark.alike


async def statuses(world: World, alert_id: str) -> dict[str, str]:
    """Return the status of each channel's deliveries of an alert to one contact."""
    return {one["channel"]: one["status"] for one in await world.deliveries(alert_id)}


@pytest.mark.alike
async def test_a_provider_that_is_down_gets_everything_once_it_is_up(world: World) -> None:
    for name in ("one", "two", "three"):
        await world.subscriber(name, email=True)
    world.twilio.fault = lambda _: Fault(status=503, body="upstream connect error")

    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]
    while_down = world.counts()
    waiting = {one["status"] for one in await world.deliveries(alert_id) if one["channel"] == "sms"}
    world.twilio.fault = lambda _: None
    for _ in range(4):
        await world.passes(timedelta(minutes=10))

    assert while_down == {"one": 1, "two": 1, "three": 1}
    assert waiting == {"queued"}
    assert world.counts() == {"one": 2, "two": 2, "three": 2}
    assert await statuses(world, alert_id) == {"sms": "sent", "email": "delivered"}


@pytest.mark.alike
async def test_a_number_that_does_not_exist_is_on_the_list_of_the_unreached(world: World) -> None:
    wrong = await world.subscriber("wrong")
    await world.subscriber("right")
    world.twilio.fault = lambda form: Fault.error(400, 21211) if form["To"] == wrong.phone else None

    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]
    unreached = (await world.api.moderator.get(f"/v1/alerts/{alert_id}/unreached")).json()["items"]

    assert world.counts() == {"right": 1}
    (one,) = unreached
    assert (one["contact_id"], one["status"], one["attempts"]) == (wrong.contact_id, "failed", 1)
    assert str(wrong.phone) not in str(unreached)


@pytest.mark.alike
async def test_receipts_move_a_delivery_on_and_never_back(world: World) -> None:
    await world.subscriber("north")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]
    (message,) = world.phone("north").messages

    seen = []
    for status in ("sent", "delivered", "delivered", "sent", "queued", "failed"):
        assert await world.calls_back(message, status) == 204
        seen.append((await statuses(world, alert_id))["sms"])

    assert seen == ["sent", "delivered", "delivered", "delivered", "delivered", "delivered"]
    assert world.counts() == {"north": 1}


@pytest.mark.alike
async def test_forged_receipts_change_nothing(world: World) -> None:
    await world.subscriber("north")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]
    (message,) = world.phone("north").messages
    url, form, signature = world.twilio.callback(message, "delivered")

    answers = [
        await world.callback_of(url, form, ""),
        await world.callback_of(url, form, signature[:-2] + "x="),
        await world.callback_of(url, form | {"MessageStatus": "failed"}, signature),
        await world.callback_of(url.partition("?")[0], form, signature),
        await world.callback_of(url[:-1] + ("0" if url[-1] != "0" else "1"), form, signature),
    ]
    before = await statuses(world, alert_id)
    with_more = world.twilio.callback(message, "delivered", RawDlrDoneDate="2509081200")
    genuine = await world.callback_of(*with_more)

    assert answers == [403] * 5
    assert before == {"sms": "sent"}
    assert genuine == 204
    assert (await statuses(world, alert_id)) == {"sms": "delivered"}


@pytest.mark.alike
async def test_what_was_refuted_while_it_waited_is_told_to_nobody(world: World) -> None:
    await world.subscriber("waits")
    await world.subscriber("has read", sms=False, email=True)
    world.twilio.fault = lambda _: Fault(status=503, body="down")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]

    await world.decides(report.incident_id, status="refuted")
    world.twilio.fault = lambda _: None
    await world.passes(timedelta(hours=2))

    assert world.counts() == {"has read": 2}
    assert sorted((await statuses(world, alert_id)).items()) == [
        ("email", "delivered"),
        ("sms", "suppressed"),
    ]


@pytest.mark.alike
async def test_whom_no_word_reached_for_a_day_hears_of_a_danger_that_is_there_still(
    world: World,
) -> None:
    await world.subscriber("cut off")
    world.twilio.fault = lambda _: Fault(status=503, body="down")
    reported = await world.reports(
        "fuel_interception", at="Lakamane", cargo="fuel", by=Scope.REPORTER, wait=False
    )
    first = reported.effect()["alert_id"]
    await world.quiet()
    await world.passes(timedelta(hours=30), every=timedelta(hours=30))
    world.twilio.fault = lambda _: None
    await world.passes(timedelta(hours=1), every=timedelta(minutes=10))

    listed = (await world.api.moderator.get(f"/v1/alerts/{first}/unreached")).json()["items"]
    (text,) = world.phone("cut off").texts
    assert await statuses(world, first) == {"sms": "expired"}
    assert [one["status"] for one in listed] == ["expired"]
    assert text.startswith("SIRA TOUJOURS PAS CONFIRMÉ, DANGER ÉLEVÉ carburant")


async def test_an_answer_that_never_came_is_settled_from_the_log_and_not_sent_again(
    world: World,
) -> None:
    await world.subscriber("north")
    world.twilio.fault = lambda _: Fault(accept=True, drop=True)

    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    alert_id = report.effect()["alert_id"]
    in_doubt = await statuses(world, alert_id)
    world.twilio.fault = lambda _: None
    world.clock.advance(timedelta(minutes=1))
    await world.until(lambda: world.statuses_of(alert_id) == {"sent"})

    assert in_doubt == {"sms": "in_doubt"}
    assert world.counts() == {"north": 1}


@pytest.mark.alike
async def test_an_opt_out_by_mail_is_for_good(world: World) -> None:
    await world.subscriber("reader", sms=False, email=True)
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (mail,) = world.mails("reader")
    link = mail["List-Unsubscribe"].partition(">")[0].partition("/v1/")[2]

    answer = await world.api.client().post(f"/v1/{link}", data={"List-Unsubscribe": "One-Click"})
    await world.decides(report.incident_id, status="refuted")

    assert answer.status_code == 200
    assert world.counts() == {"reader": 1}


@pytest.mark.alike
@pytest.mark.parametrize("crash", ["before fan-out", "after fan-out"])
async def test_a_process_that_died_in_between_loses_nothing_and_repeats_nothing(
    db: Database, crash: str
) -> None:
    async with a_world(db) as world:
        await world.subscriber("north", email=True)
        if crash == "before fan-out":
            await world.stop_worker()
        else:
            world.twilio.fault = lambda _: Fault(status=503, body="down")
        report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", wait=False)
        assert report.status == 201
    async with a_world(db, like=world) as again:
        await again.passes(timedelta(minutes=30))

        assert len(again.phone("north").texts) == 1
        assert len(again.mails("north")) + len(world.mails("north")) == 1
        again.nobody_was_told_twice()
