"""Nobody answers, and the next is told; nothing new is heard, and people are reminded."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.tables import DigestRow
from tests.harness.world import PUBLIC_URL, World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def calls_in_order(world: World, *names: str) -> None:
    steps = [{"contact_ids": [world.people[name].contact_id]} for name in names]
    organisation = world.people[names[0]].organisation_id
    answer = await world.api.admin.put(
        f"/v1/organisations/{organisation}/escalation", json={"steps": steps}
    )
    assert answer.status_code == 200, answer.text


async def ticks(world: World, by: timedelta) -> None:
    world.clock.advance(by)
    await world.service.escalate()
    await world.service.escalate()  # as after a crash
    await world.quiet()


async def test_a_link_in_the_mail_of_the_next_contact_ends_the_calling(world: World) -> None:
    await world.subscriber("Moussa Traoré")
    await world.person("deputy", sms=False)
    await world.person("boss", email=False)
    await calls_in_order(world, "Moussa Traoré", "deputy", "boss")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (alert,) = {one["id"] for one in await world.alerts(cargo="fuel", status="active")} & {
        one["alert_id"] for one in [report.effect()]
    }

    await ticks(world, 14 * MINUTE)
    assert world.counts() == {"Moussa Traoré": 1}
    await ticks(world, 2 * MINUTE)
    await ticks(world, MINUTE)
    (mail,) = world.mails("deputy")
    text = mail.get_content()
    link = re.search(rf"{PUBLIC_URL}(/ok/\S{{30}})\n", text.replace("\r", ""))
    assert link is not None
    pressed = await world.api.client().post(link[1])
    await ticks(world, HOUR)

    assert text.startswith("Moussa Traoré n'a pas répondu à l'alerte (")
    assert "SANS RÉPONSE: grave" in mail["Subject"]
    assert pressed.status_code == 200
    assert world.counts() == {"Moussa Traoré": 1, "deputy": 1}
    kept = world.db.read_now(lambda conn: list(conn.scalars(select(DigestRow.text))))
    assert kept
    assert not any("Moussa" in one for one in kept)
    escalations = (await world.api.admin.get(f"/v1/alerts/{alert}/escalations")).json()
    assert [(one["step"], one["ended"]) for one in escalations] == [(2, "answered")]
    by = {one["contact_id"]: one for one in await world.deliveries(alert)}
    assert by[world.people["deputy"].contact_id]["acknowledged_by"] == "link"
    await world.decides(report.incident_id, status="refuted")
    assert world.counts() == {"Moussa Traoré": 2, "deputy": 2}
    world.nobody_was_told_twice()


async def test_an_sms_to_the_next_contact_says_who_did_not_answer(world: World) -> None:
    await world.subscriber("Moussa")
    await world.person("boss", email=False)
    await calls_in_order(world, "boss")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    await ticks(world, 16 * MINUTE)
    await ticks(world, 16 * MINUTE)

    text = world.phone("boss").received("Moussa n'a pas répondu", "carburant", "Ne partez pas")
    assert len(text) <= 160
    unreached = (
        await world.api.moderator.get(
            f"/v1/alerts/{(await world.alerts(cargo='fuel'))[0]['id']}/unreached"
        )
    ).json()["items"]
    unanswered = [one["contact_id"] for one in unreached if one["unanswered_at"]]
    assert unanswered == [world.people["boss"].contact_id]


async def test_while_a_road_stays_severe_people_are_reminded_and_hear_how_old_it_is(
    world: World,
) -> None:
    await world.subscriber("driver")
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.decides(report.incident_id, status="confirmed")
    told = len(world.phone("driver").texts)
    began = world.clock.now()

    async def later(by: timedelta) -> int:
        await world.passes(by, every=6 * HOUR)
        for _ in range(2):
            await world.service.remind()
            await world.quiet()
        return len(world.phone("driver").texts) - told

    assert await later(23 * HOUR) == 0
    assert await later(2 * HOUR) == 1
    text = world.phone("driver").received("TOUJOURS EN COURS", "carburant")
    assert f"{began:%d/%m}" in text
    assert "(il y a 25 h)" in text
    assert await later(20 * HOUR) == 1
    assert await later(5 * HOUR) == 2
    assert f"{began:%d/%m}" in world.phone("driver").texts[-1]
    await world.decides(report.incident_id, status="refuted")
    world.phone("driver").received("ANNULATION")


@pytest.mark.alike
async def test_nobody_is_reminded_in_the_night(world: World) -> None:
    await world.subscriber("driver")
    world.clock.advance(16 * HOUR)
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.decides(report.incident_id, status="confirmed")
    told = len(world.phone("driver").texts)

    async def later(by: timedelta) -> list[str]:
        await world.passes(by, every=by)
        await world.service.remind()
        await world.quiet()
        return world.phone("driver").texts[told:]

    assert await later(25 * HOUR) == []
    (text,) = await later(8 * HOUR)
    assert "TOUJOURS EN COURS" in text
