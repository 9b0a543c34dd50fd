"""An alert by hand that is sent again, since no answer was heard, is told to nobody twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.world import World

ALERT: dict[str, Any] = {
    "route": "ML-DKR-N",
    "cargo": "fuel",
    "level": "severe",
    "note": "Route coupée à Diéma",
}


async def test_the_same_sent_again_is_answered_as_before_and_told_once(world: World) -> None:
    await world.subscriber("depot")
    client = world.api.moderator

    first = await client.post("/v1/alerts", json=ALERT)
    again = await asyncio.gather(*(client.post("/v1/alerts", json=ALERT) for _ in range(3)))
    await world.quiet()

    assert (first.status_code, [one.status_code for one in again]) == (201, [200] * 3)
    assert {one.json()["id"] for one in (first, *again)} == {first.json()["id"]}
    assert world.counts() == {"depot": 1}


@pytest.mark.alike
@pytest.mark.parametrize(
    "changed",
    [{"note": "Route coupée à Nioro"}, {"level": "high"}, {"cargo": "goods"}, {"exercise": True}],
)
async def test_what_is_something_else_is_said(world: World, changed: dict[str, Any]) -> None:
    client = world.api.moderator

    answers = [await client.post("/v1/alerts", json=one) for one in (ALERT, ALERT | changed, ALERT)]

    again = 200 if changed.keys() & {"cargo", "exercise"} else 201
    assert [one.status_code for one in answers] == [201, 201, again]


@pytest.mark.alike
async def test_later_by_another_or_after_an_end_it_is_said_again(world: World) -> None:
    api = world.api
    client, other = api.moderator, api.client(api.new_key(Scope.MODERATOR)[1])

    said = [await one.post("/v1/alerts", json=ALERT) for one in (client, other)]
    api.clock.advance(timedelta(minutes=11))
    said.append(await other.post("/v1/alerts", json=ALERT))
    end = await other.post(f"/v1/alerts/{said[2].json()['id']}/withdraw", json={"note": "Erreur"})
    said.append(await other.post("/v1/alerts", json=ALERT))

    assert end.status_code == 201
    assert [one.status_code for one in said] == [201] * 4


@pytest.mark.alike
async def test_what_was_said_while_the_clock_was_ahead_keeps_nobody_from_saying_it(
    world: World,
) -> None:
    client, clock = world.api.moderator, world.api.clock
    clock.advance(timedelta(days=1))
    ahead = await client.post("/v1/alerts", json=ALERT)
    clock._now -= timedelta(days=1)

    again = [await client.post("/v1/alerts", json=ALERT) for _ in range(2)]

    assert [one.status_code for one in (ahead, *again)] == [201, 201, 200]
