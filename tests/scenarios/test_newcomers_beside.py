"""Who begins to listen in the moment in which an alert is told is missed by nobody."""

import asyncio
import threading

import pytest
from sqlalchemy import Connection, func, select, text

from app.db.tables import AlertRow
from app.flows.people import own_subscriptions
from app.flows.people.own_subscriptions import Wanted
from app.flows.sending.tell_newcomers import tell_newcomers
from app.subscribers.store import subscriptions
from app.subscribers.targets import road_names
from tests.harness.world import ROUTE, World

_BLOCKED = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def waits_or_is_done(world: World) -> bool:
    """Return whether the alert was told, or whoever tells it waits; SQLite has one writer."""
    if world.db.is_sqlite:
        return True

    def look(conn: Connection) -> bool:
        told = select(func.count()).where(AlertRow.fanned_out_at.is_not(None))
        return bool(conn.scalar(_BLOCKED) or conn.scalar(told))

    return world.db.read_now(look)


@pytest.mark.parametrize("db_kind", ["sqlite", "postgres"], indirect=True)
async def test_he_hears_of_it_although_neither_sees_the_other(world: World) -> None:
    person = await world.person("late", email=False)
    context, now = world.service.context, world.clock.now()
    wanted = Wanted(contact_id=person.contact_id, routes=(ROUTE,), cargoes=("fuel",))
    draft = own_subscriptions.draft_of(wanted, context, road_names(context.config.network))
    looked, may_commit = threading.Event(), threading.Event()

    def begins(conn: Connection) -> None:
        try:
            subscriptions.add_subscriptions(conn, [draft], now=now)
            tell_newcomers(conn, [person.contact_id], context=context, now=now)
        finally:
            looked.set()
        assert may_commit.wait(60)

    async with asyncio.TaskGroup() as both:
        both.create_task(world.db.write(begins))
        await asyncio.to_thread(looked.wait)
        both.create_task(world.reports("fuel_interception", at="Lakamane", cargo="fuel"))
        await world.until(lambda: waits_or_is_done(world))
        may_commit.set()
    await world.service.tell_waiting()
    await world.quiet()

    (got,) = world.phone("late").texts
    assert "DANGER GRAVE carburant" in got
