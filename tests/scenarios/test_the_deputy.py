"""People were not warned, who is on duty sleeps: his deputy hears that they are to be called."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.db.engine import Database
from app.db.tables import NoticeRow
from app.incidents.store import take_hold
from app.settings import DutySettings
from tests.harness.twilio import Fault
from tests.harness.world import ROUTE, World, a_world

MINUTE = timedelta(minutes=1)
ON_DUTY, DEPUTY = "+22365000001", "+22365000002"


@pytest.fixture
async def guarded(db: Database) -> AsyncIterator[World]:
    """A world with a person on duty and a deputy."""
    async with a_world(db, duty=DutySettings(phone=ON_DUTY, deputy_phone=DEPUTY)) as world:
        yield world


async def out_of_reach(
    world: World, *, kind: str = "fuel_interception", place: str, route: str = ROUTE
) -> str:
    """Have a danger told to a number that takes nothing; return the alert."""
    if f"gone {route}" not in world.people:
        await world.subscriber(f"gone {route}", routes=[route])
        gone = {one.phone for one in world.people.values()}
        world.twilio.fault = lambda form: Fault.error(400, 21211) if form["To"] in gone else None
    report = await world.reports(kind, at=place, cargo="fuel")
    return str(report.effect(route)["alert_id"])


async def minutes(world: World, number: int) -> None:
    """Let so many pass, with the look that the clock takes each of them."""
    for _ in range(number):
        world.clock.advance(MINUTE)
        await world.service.fail_over()
        await world.service.escalate()
        await world.quiet()
        await world.until(lambda: not due(world))


def heard(world: World, number: str) -> list[str]:
    return world.twilio.to(number)


def hold(world: World, subject: str, *, until: datetime) -> None:
    """Have a moderator work on it."""
    (key_id, _), now = world.api.new_key(Scope.MODERATOR), world.clock.now()
    world.db.write_now(
        lambda conn: take_hold(
            conn, subject, holder="m", key_id=key_id, over=False, until=until, now=now
        )
    )


def due(world: World) -> int:
    """Return how many notices are to be sent now."""
    query = select(func.count()).where(NoticeRow.due_at <= world.clock.now())
    return world.db.read_now(lambda conn: conn.scalar(query)) or 0


async def test_the_deputy_hears_once_of_those_whom_nobody_called(guarded: World) -> None:
    await out_of_reach(guarded, place="Lakamane")
    await minutes(guarded, 3)
    first = heard(guarded, ON_DUTY)
    await minutes(guarded, 11)
    early = heard(guarded, DEPUTY)
    await minutes(guarded, 60)

    assert len(first) == 1
    assert "non joint(s)" in first[0]
    assert early == []
    (text,) = heard(guarded, DEPUTY)
    assert text == (
        "Sira: danger grave, 1 alerte(s) avec des gens à appeler: la personne de garde est "
        "avertie, personne n'a agi. A vous. https://sira.example.org/desk?list=calls"
    )
    assert len(heard(guarded, ON_DUTY)) == 1


async def test_he_is_not_woken_for_those_who_were_called_or_are_being_called(
    guarded: World,
) -> None:
    called = await out_of_reach(guarded, place="Lakamane")
    await minutes(guarded, 5)
    gone = {"contact_id": guarded.people[f"gone {ROUTE}"].contact_id}
    noted = await guarded.api.moderator.post(f"/v1/alerts/{called}/acknowledge", json=gone)
    assert noted.status_code == 200, noted.text
    open_now = await out_of_reach(guarded, kind="ied", place="Diema")
    assert open_now != called
    await minutes(guarded, 5)
    hold(guarded, f"alert:{open_now}", until=guarded.clock.now() + 20 * MINUTE)
    await minutes(guarded, 15)
    meanwhile = heard(guarded, DEPUTY)
    await minutes(guarded, 8)

    assert len(heard(guarded, ON_DUTY)) == 2
    assert meanwhile == []
    assert [text.split(", ")[1] for text in heard(guarded, DEPUTY)] == [
        "1 alerte(s) avec des gens à appeler: la personne de garde est avertie"
    ]


async def test_each_alert_is_told_of_once_and_no_lesser_danger_wakes_him(guarded: World) -> None:
    await out_of_reach(guarded, place="Lakamane")
    await minutes(guarded, 20)
    first = len(heard(guarded, DEPUTY))
    await out_of_reach(guarded, place="Bourem", route="ML-GAO-TBK")
    await minutes(guarded, 40)

    assert (first, len(heard(guarded, DEPUTY))) == (1, 2)
    assert "1 alerte(s)" in heard(guarded, DEPUTY)[1]


async def test_a_lesser_danger_wakes_no_deputy(guarded: World) -> None:
    await out_of_reach(guarded, kind="armed_presence", place="Lakamane")
    await minutes(guarded, 40)

    assert await guarded.level() == "high"
    assert (len(heard(guarded, ON_DUTY)), heard(guarded, DEPUTY)) == (1, [])
