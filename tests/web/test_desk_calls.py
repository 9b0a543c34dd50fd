"""/desk/alerts: whom to call and who was called, one person at a time, each thing done once."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from app.accounts.keys import Scope
from app.db.tables import AlertRow
from tests.harness.html import read
from tests.harness.visitor import at_the_desk, form_with
from tests.harness.world import World


async def unreached(world: World) -> str:
    """Let an alert reach nobody for sure; return its id."""
    await world.subscriber("depot")
    await world.subscriber("yard")
    found = await world.reports("fuel_interception", "Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=2))  # and no receipt came
    return str(found.effect()["alert_id"])


def pressing(page: httpx.Response, do: str) -> int:
    """Return the number of the form with this button."""
    _, *found = page.text.split("<form ")
    return next(n for n, form in enumerate(found) if f'name="do" value="{do}"' in form)


@pytest.mark.alike
async def test_who_was_called_needs_no_second_call(plain_world: World) -> None:
    world = plain_world
    alert_id = await unreached(world)
    someone = await at_the_desk(world.api)
    assert "2 pas joints" in read((await someone.get("/fr/desk")).text).words
    path = f"/fr/desk/alerts/{alert_id}"
    page = await someone.get(path)

    first = await someone.send(page, form_with(page.text, "delivery"), do="call")
    again = await someone.send(page, form_with(page.text, "delivery"), do="call")

    assert first.headers["location"] == again.headers["location"] == f"{path}?done=done_call"
    said = read((await someone.get(path)).text).words
    assert "À appeler 1" in said
    assert "Au courant depuis" in said
    assert "1 pas joint" in read((await someone.get("/fr/desk")).text).words
    listed = (await world.api.moderator.get(f"/v1/alerts/{alert_id}/unreached")).json()["items"]
    assert sum(one["acknowledged_at"] is not None for one in listed) == 1


@pytest.mark.alike
async def test_who_is_in_the_gravest_danger_is_called_first(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot", routes=("ML-DKR-N", "ML-RN6"), min_level="moderate")
    gravest = await world.reports("fuel_interception", "Lakamane", cargo="fuel")
    await world.decides(gravest.incident_id, status="confirmed")
    await world.reports("vehicle_attack", "Fana")
    world.clock.advance(timedelta(hours=2))
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text

    said = read(desk.partition('id="calls"')[2].partition("</section")[0]).words
    assert said.index("Grave") < said.index("Élevé")
    assert "Alerte, 1 pas joint" in said


@pytest.mark.alike
async def test_of_many_to_call_who_was_called_makes_room_for_the_next(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    client = world.api.subscriber(world.organisation_id)
    named = [{"name": f"{n}", "phone": f"76{n:06}"} for n in range(103)]
    ids = (await client.post("/v1/contacts/batch", json={"contacts": named})).json()["ids"]
    wanted = [{"contact_id": one, "routes": ["ML-DKR-N"]} for one in ids]
    await client.post("/v1/subscriptions/batch", json={"subscriptions": wanted})
    found = await world.reports("fuel_interception", "Lakamane", cargo="fuel")
    world.clock.advance(timedelta(hours=2))
    someone = await at_the_desk(world.api)
    path = f"/fr/desk/alerts/{found.effect()['alert_id']}"

    page = await someone.get(path)
    await someone.send(page, form_with(page.text, "delivery"), do="call")
    after = (await someone.get(path)).text

    assert "À appeler 100 sur 104" in read(page.text).words
    assert "À appeler 100 sur 103" in read(after).words
    assert after.count('name="delivery"') == 100


@pytest.mark.alike
async def test_nobody_is_called_about_what_something_newer_was_said_of(
    plain_world: World,
) -> None:
    world = plain_world
    old = await unreached(world)
    newer = await world.reports("convoy_ambush", "Diboli", cargo="fuel", fatalities=9)
    world.clock.advance(timedelta(hours=2))
    someone = await at_the_desk(world.api)

    desk = (await someone.get("/fr/desk")).text

    assert f"/fr/desk/alerts/{newer.effect()['alert_id']}" in desk
    assert f"/fr/desk/alerts/{old}" not in desk
    outdated = read((await someone.get(f"/fr/desk/alerts/{old}")).text)
    assert "Depuis, autre chose a été dit" in outdated.words
    assert f"/fr/desk/alerts/{newer.effect()['alert_id']}" in outdated.values("href")


async def test_two_at_the_desk_see_who_calls_and_may_take_it_over(plain_world: World) -> None:
    world = plain_world
    path = f"/fr/desk/alerts/{await unreached(world)}"
    first = await at_the_desk(world.api)
    second = await at_the_desk(world.api, world.api.new_key(Scope.MODERATOR)[1])
    page = await first.get(path)
    await first.send(page, pressing(page, "hold"), do="hold")

    seen = await second.get(path)

    assert "test moderator s'en occupe" in read(seen.text).words
    assert "test moderator s'en occupe" in read((await second.get("/fr/desk")).text).words
    await second.send(seen, pressing(seen, "over"), do="over")
    assert "Vous l'avez depuis" in read((await second.get(path)).text).words


async def test_of_another_organisation_nobody_is_marked(plain_world: World) -> None:
    world = plain_world
    alert_id = await unreached(world)
    _, key = world.api.new_key(Scope.MODERATOR, world.api.organisation())
    theirs, ours = await at_the_desk(world.api, key), await at_the_desk(world.api)
    path = f"/fr/desk/alerts/{alert_id}"
    delivery = (await world.deliveries(alert_id))[0]["id"]
    page = await theirs.get(path)

    answer = await theirs.send(page, 0, do="call", delivery=delivery)

    assert answer.status_code == 404
    assert "À appeler 2" in read((await ours.get(path)).text).words


@pytest.mark.alike
@pytest.mark.parametrize(("do", "said"), [("release", "Libérée."), ("withdraw", "Retirée.")])
async def test_what_is_pressed_twice_is_done_once_and_said_to_be_done(
    plain_world: World, do: str, said: str
) -> None:
    world = plain_world
    await world.subscriber("depot")
    found = await world.reports("fuel_interception", "Lakamane", cargo="fuel")
    alert_id = found.effect()["alert_id"]
    if do == "release":
        held = update(AlertRow).where(AlertRow.id == alert_id).values(status="held")
        world.db.write_now(lambda conn: conn.execute(held))
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/alerts/{alert_id}")
    shown = await someone.send(page, pressing(page, do), do=do, note="le maire dément")
    sure = form_with(shown.text, "sure")

    first, second = await asyncio.gather(someone.send(shown, sure), someone.send(shown, sure))
    await world.quiet()

    assert first.headers["location"] == second.headers["location"]
    assert said in read((await someone.get(second.headers["location"])).text).words
    ends = [one for one in world.phone("depot").texts if "ANNULATION" in one]
    assert len(ends) == (do == "withdraw")


@pytest.mark.alike
async def test_a_reason_that_may_not_be_sent_stays_in_its_field(plain_world: World) -> None:
    world = plain_world
    alert_id = await unreached(world)
    someone = await at_the_desk(world.api)
    page = await someone.get(f"/fr/desk/alerts/{alert_id}")

    answer = await someone.send(
        page, pressing(page, "withdraw"), do="withdraw", note="Appelez le 76 12 34 56"
    )

    assert answer.status_code == 422
    assert 'value="Appelez le 76 12 34 56"' in answer.text


@pytest.mark.alike
async def test_who_takes_an_alert_back_is_told_where_its_danger_goes_on(
    plain_world: World,
) -> None:
    world = plain_world
    found = await world.reports("fuel_interception", "Lakamane", cargo="fuel")
    by_hand = {
        "type": "alert",
        "route": "ML-RN6",
        "cargo": "fuel",
        "level": "high",
        "certainty": "confirmed",
        "note": "Pont fermé",
    }
    alone = await world.api.moderator.post("/v1/alerts", json=by_hand)
    someone = await at_the_desk(world.api)

    still = await someone.get(f"/fr/desk/alerts/{found.effect()['alert_id']}")
    over = await someone.get(f"/fr/desk/alerts/{alone.json()['id']}")

    warning = "le message parlera encore de danger"
    assert warning in read(still.text).words
    assert "La retirer" in read(over.text).words
    assert warning not in read(over.text).words
