"""/desk: what unknown sources say of one event waits as one thing, and is released as one."""

import asyncio

import pytest
from sqlalchemy import update

from app.db.tables import AlertRow
from app.flows.desk import foresee
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import at_the_desk, form_with
from tests.harness.world import World
from tests.web.conftest import report


async def held_word(world: World) -> str:
    """Let several cargoes be spoken of, held; people then subscribe. Return the id for fuel."""
    told = await world.reports("vehicle_attack", "Diema")
    back = {"status": "held", "fanned_out_at": None, "fan_out_after": None}
    world.db.write_now(lambda conn: conn.execute(update(AlertRow).values(**back)))
    await world.subscriber("depot", cargoes=("fuel",), min_level="moderate")
    await world.subscriber("union", cargoes=("goods",), min_level="moderate")
    return str(told.effect()["alert_id"])


async def waiting(world: World) -> list[str]:
    answer = await world.api.moderator.get("/v1/alerts?status=held&limit=200")
    return [one["id"] for one in answer.json()["items"]]


@pytest.mark.alike
async def test_all_that_one_event_made_wait_is_one_line_and_one_release(
    plain_world: World,
) -> None:
    world = plain_world
    alert_id = await held_word(world)
    every = await waiting(world)
    assert len(every) > 1
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text.partition('id="held"')[2].partition("<section")[0]
    (line,) = [one for one in every if f"/fr/desk/alerts/{one}" in desk]
    page = await someone.get(f"/fr/desk/alerts/{line}")
    shown = await someone.send(page, form_with(page.text, "version"), do="release")
    assert await waiting(world) == every
    await someone.send(shown, form_with(shown.text, "sure"))
    await world.quiet()

    assert "Avec elle" in read(page.text).words
    assert "2 personnes reçoivent un message tout de suite" in read(shown.text).words
    assert await waiting(world) == []
    for name in ("depot", "union"):
        (text,) = world.phone(name).texts
        assert text in read(shown.text).words
    trail = (await world.api.admin.get("/v1/audit?subject_type=alert&limit=200")).json()["items"]
    freed = {one["subject_id"] for one in trail if one["action"] == "alert.released"}
    assert freed == {*every, alert_id}


@pytest.mark.alike
async def test_who_carries_a_cargo_that_the_released_text_names_hears_it_too(
    plain_world: World,
) -> None:
    world = plain_world
    alert_id = await held_word(world)

    await world.posts(f"/v1/alerts/{alert_id}/release")

    world.phone("depot").received("tous chargements")
    assert len(world.phone("union").texts) == 1


@pytest.mark.alike
async def test_whoever_releases_each_of_a_list_in_turn_is_refused_none_and_tells_nobody_twice(
    plain_world: World,
) -> None:
    world = plain_world
    await held_word(world)

    answers = [await world.posts(f"/v1/alerts/{one}/release") for one in await waiting(world)]

    assert {one.status for one in answers} == {200}
    assert world.counts() == {"depot": 1, "union": 1}


@pytest.mark.parametrize("status", ["active", "ended"])
async def test_what_waits_no_more_is_not_released_with_the_rest(
    plain_world: World, status: str
) -> None:
    world = plain_world
    alert_id = await held_word(world)
    (gone, *_) = [one for one in await waiting(world) if one != alert_id]
    change = update(AlertRow).where(AlertRow.id == gone).values(status=status)
    world.db.write_now(lambda conn: conn.execute(change))

    answer = await world.posts(f"/v1/alerts/{alert_id}/release")
    again = await world.api.moderator.post(f"/v1/alerts/{alert_id}/release")

    assert (answer.status, again.status_code) == (200, 409)
    assert (await world.api.moderator.get(f"/v1/alerts/{gone}")).json()["status"] == status


async def test_of_two_taps_at_once_both_are_told_that_it_is_done(plain_world: World) -> None:
    world = plain_world
    alert_id = await held_word(world)
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/alerts/{alert_id}")
    shown = await someone.send(page, form_with(page.text, "version"), do="release")
    sure = form_with(shown.text, "sure")

    taps = await asyncio.gather(*(someone.send(shown, sure) for _ in range(4)))
    await world.quiet()

    assert [one.status_code for one in taps] == [303] * 4
    assert len(world.phone("depot").texts) == 1


async def test_two_who_release_the_same_word_by_different_roads_wait_for_one_another(
    plain_world: World,
) -> None:
    world = plain_world
    await held_word(world)
    every = await waiting(world)

    answers = await asyncio.gather(
        *(world.api.moderator.post(f"/v1/alerts/{one}/release") for one in every)
    )

    assert {one.status_code for one in answers} == {200}
    assert await waiting(world) == []
    await world.quiet()
    assert world.counts() == {"depot": 1, "union": 1}


async def test_where_very_many_would_be_told_not_all_are_counted(
    site: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.subscriber(site.organisation())
    people = [{"name": "n", "phone": f"76{n:06d}"} for n in range(120)]
    made = await client.post("/v1/contacts/batch", json={"contacts": people})
    wishes = [{"contact_id": one} for one in made.json()["ids"]]
    await client.post("/v1/subscriptions/batch", json={"subscriptions": wishes})
    incident_id = await report(site)
    someone = await at_the_desk(site)
    page = await someone.get(f"/en/desk/incidents/{incident_id}")
    monkeypatch.setattr(foresee, "_CHUNK", 1)
    monkeypatch.setattr(foresee, "_MOST_COUNTED", 1)

    shown = await someone.send(page, form_with(page.text, "version"), do="confirm")

    assert "100 people get a message now, and more" in read(shown.text).words
