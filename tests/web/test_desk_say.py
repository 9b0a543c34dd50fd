"""/desk/say: a moderator speaks of a road by hand, sees what would leave, and it leaves once."""

import asyncio
from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope
from tests.harness.html import read
from tests.harness.visitor import Visitor, at_the_desk, form_with
from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.alike

PATH = f"/fr/desk/say/{ROUTE}"
NOTE = "Pont coupé à Diéma, passez par Kita"
SAID = {"do": "say", "type": "alert", "level": "severe", "certainty": "confirmed", "note": NOTE}
BOTH = {"c-fuel": "1", "c-goods": "1"}


async def asked(someone: Visitor, **fields: str) -> httpx.Response:
    """Fill in the form of the road; return what is shown before anything leaves."""
    page = await someone.get(PATH)
    return await someone.send(page, form_with(page.text, "note"), **{**SAID, **fields})


async def said(someone: Visitor, **fields: str) -> httpx.Response:
    shown = await asked(someone, **fields)
    return await someone.send(shown, form_with(shown.text, "sure"))


async def spoken(world: World, **filters: str) -> list[dict[str, Any]]:
    return [one for one in await world.alerts(**filters) if one["reason"] == "by_hand"]


async def test_what_is_seen_first_is_what_leaves_to_whom_and_for_how_much(
    plain_world: World,
) -> None:
    world = plain_world
    await world.subscriber("depot", cargoes=("fuel", "goods"))
    await world.subscriber("union", cargoes=("goods",))
    await world.subscriber("bus", cargoes=("passengers",))
    someone = await at_the_desk(world.api)
    assert f'href="{PATH}"' in (await someone.get("/fr/desk/say")).text
    assert 'href="/fr/desk/say"' in (await someone.get("/fr/desk")).text

    shown = await asked(someone, **BOTH)
    nothing_yet = await spoken(world)
    done = await someone.send(shown, form_with(shown.text, "sure"))
    await world.quiet()

    assert nothing_yet == []
    words = read(shown.text).words
    assert "2 personnes reçoivent un message tout de suite" in words
    assert done.headers["location"] == f"{PATH}?done=done_say"
    (text,) = world.phone("depot").texts
    assert text in words
    assert NOTE.split(",", maxsplit=1)[0] in text
    assert world.phone("union").texts == [text]
    assert world.phone("bus").texts == []
    alerts = await spoken(world)
    assert {one["cargo"] for one in alerts} == {"fuel", "goods"}
    details = [(await world.api.admin.get(f"/v1/alerts/{one['id']}")).json() for one in alerts]
    cost = sum(one["cost"] for one in details)
    assert cost > 0
    assert f"Coût : environ {cost:.2f}".replace(".", ",") in words
    segments = {m["segments"] for m in details[0]["messages"] if m["channel"] == "sms"}
    assert f"{max(segments)} SMS par personne" in words


async def test_who_said_what_of_a_road_is_kept(plain_world: World) -> None:
    world = plain_world

    await said(await at_the_desk(world.api), **BOTH)

    trail = (await world.api.admin.get("/v1/audit?subject_type=alert")).json()["items"]
    assert [one["action"] for one in trail] == ["alert.written", "alert.written"]
    assert {one["detail"]["note"] for one in trail} == {NOTE}


async def test_pressed_twice_it_is_said_once(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    someone = await at_the_desk(world.api)
    shown = await asked(someone, **BOTH)
    sure = form_with(shown.text, "sure")

    first, second = await asyncio.gather(someone.send(shown, sure), someone.send(shown, sure))
    third = await someone.send(shown, sure)
    await world.quiet()

    assert {one.headers["location"] for one in (first, second, third)} == {f"{PATH}?done=done_say"}
    assert len(world.phone("depot").texts) == 1


async def test_what_was_said_meanwhile_is_looked_at_first(plain_world: World) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)
    shown = await asked(someone, **BOTH)
    body = {"route": ROUTE, "cargo": "fuel", "level": "high", "note": "barrage à Diéma"}
    await world.posts("/v1/alerts", body)

    answer = await someone.send(shown, form_with(shown.text, "sure"))

    assert answer.status_code == 409
    assert "Cela a changé entre-temps" in read(answer.text).words
    assert len(await spoken(world)) == 1


async def test_an_end_reaches_who_was_told_and_nothing_untold_is_ended(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    someone = await at_the_desk(world.api)
    over = {"type": "all_clear", "level": "moderate", "note": "le pont est ouvert"}

    early = await asked(someone, **over, **BOTH)
    await said(someone, **BOTH)
    await world.quiet()
    page = await someone.get(PATH)
    await said(someone, **over, **BOTH)
    await world.quiet()

    assert early.status_code == 422
    assert "il n'y a rien à terminer" in read(early.text).words
    told = read(page.text).words
    assert "alerte, grave" in told
    assert len(world.phone("depot").texts) == 2
    world.phone("depot").received("ouvert")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Choisissez pour qui"),
        ({"c-fuel": "1", "level": ""}, "Choisissez pour qui"),
        ({"c-fuel": "1", "note": "Appelez le 76 12 34 56"}, "sans numéro"),
        ({"c-fuel": "1", "note": "x"}, "sans numéro"),
        ({"c-fuel": "1", "type": "all_clear"}, "Pas de fin d'alerte pour une route en danger"),
        ({"c-fuel": "1", "type": "withdrawal"}, "Choisissez pour qui"),
    ],
)
async def test_what_cannot_be_said_comes_back_as_it_was_filled_in(
    plain_world: World, fields: dict[str, str], why: str
) -> None:
    world = plain_world
    someone = await at_the_desk(world.api)

    answer = await asked(someone, **fields)

    assert answer.status_code == 422
    assert why in read(answer.text).words
    assert f'value="{fields.get("note", NOTE)}"' in answer.text
    assert await spoken(world) == []


async def test_an_exercise_says_that_it_is_one(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    someone = await at_the_desk(world.api)

    await said(someone, exercise="1", **BOTH)
    await world.quiet()

    world.phone("depot").received("EXERCICE")


async def test_who_works_on_a_road_is_seen_and_no_other_road_is_there(plain_world: World) -> None:
    world = plain_world
    _, key = world.api.new_key(Scope.MODERATOR)
    first, second = await at_the_desk(world.api), await at_the_desk(world.api, key)
    await asked(first, **BOTH)

    seen = await second.get(PATH)
    refused = await asked(second, **BOTH)

    assert "s'en occupe" in read(seen.text).words
    assert refused.status_code == 409
    assert (await second.get("/fr/desk/say/nowhere")).status_code == 404
