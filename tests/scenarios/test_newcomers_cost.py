"""What it costs to tell who begins to listen: SQLite has one writer, and a warning waits for it."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from app.core.ids import new_id
from app.db.tables import AlertRow, DeliveryRow
from app.delivery.outbox import gathering
from app.delivery.outbox.pace import pace_at
from app.flows.people import own_subscriptions
from app.flows.people.own_subscriptions import Wanted
from app.flows.sending.tell_newcomers import tell_newcomers
from app.subscribers.store import subscriptions
from app.subscribers.targets import road_names
from tests.harness.effort import counted, steps
from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
MANY = 400


def told_much(conn: Connection, contact_id: str, world: World) -> None:
    """Let a contact have been told of many dangers that are over."""
    alert = dict(conn.execute(select(AlertRow.__table__)).mappings().first() or {})
    delivery = dict(conn.execute(select(DeliveryRow.__table__)).mappings().first() or {})
    ids = [new_id(world.clock.now()) for _ in range(MANY)]
    over = [{**alert, "id": one, "chain_id": one, "status": "ended"} for one in ids]
    before = world.clock.now() - timedelta(days=30)
    whom = {**delivery, "contact_id": contact_id, "status": "delivered", "created_at": before}
    told = [{**whom, "alert_id": one, "id": new_id(world.clock.now())} for one in ids]
    conn.execute(insert(AlertRow), over)
    conn.execute(insert(DeliveryRow), told)


async def test_it_is_the_same_however_much_he_was_told_before(world: World) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    new, old = await world.subscriber("new"), await world.subscriber("old")
    world.db.write_now(lambda conn: told_much(conn, old.contact_id, world))

    def effort_for(conn: Connection, contact_id: str) -> int:
        with steps(conn) as effort:
            tell_newcomers(conn, [contact_id], context=world.service.context, now=world.clock.now())
        return effort.calls

    first = world.db.write_now(lambda conn: effort_for(conn, new.contact_id))
    again = world.db.write_now(lambda conn: effort_for(conn, old.contact_id))
    assert again < 1.2 * first


def wait_for_the_morning(conn: Connection, world: World) -> None:
    """Let what is told of a danger wait for the morning of many others."""
    delivery = dict(conn.execute(select(DeliveryRow.__table__)).mappings().first() or {})
    tell_at = world.clock.now() + timedelta(hours=9)
    waits = {**delivery, "status": "queued", "deferred": "daily", "tell_at": tell_at}
    each = [{"id": new_id(world.clock.now()), "contact_id": f"other {n}"} for n in range(MANY)]
    conn.execute(insert(DeliveryRow), [{**waits, **one} for one in each])


def ask_for_the_same(conn: Connection, contact_id: str, world: World) -> None:
    """Let many have asked for the same road."""
    context, now = world.service.context, world.clock.now()
    wanted = Wanted(contact_id=contact_id, routes=(ROUTE,), cargoes=("fuel",))
    draft = own_subscriptions.draft_of(wanted, context, road_names(context.config.network))
    subscriptions.add_subscriptions(conn, [draft] * MANY, now=now)


async def test_it_is_the_same_however_many_others_there_are(world: World) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    other, first = await world.subscriber("other"), await world.subscriber("first")

    def effort_for(conn: Connection, contact_id: str) -> int:
        with steps(conn) as effort:
            tell_newcomers(conn, [contact_id], context=world.service.context, now=world.clock.now())
        return effort.calls

    alone = world.db.write_now(lambda conn: effort_for(conn, first.contact_id))
    world.db.write_now(lambda conn: wait_for_the_morning(conn, world))
    world.db.write_now(lambda conn: ask_for_the_same(conn, other.contact_id, world))
    last = await world.subscriber("last")
    among_many = world.db.write_now(lambda conn: effort_for(conn, last.contact_id))
    assert among_many < 1.2 * alone


async def test_many_at_once_are_one_statement(world: World) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    people = [await world.person(f"person {number}", email=False) for number in range(40)]

    def wish(of: list[str]) -> list[dict[str, object]]:
        return [{"contact_id": one, "routes": [], "cargoes": ["fuel"]} for one in of]

    ids = [one.contact_id for one in people]
    made = await world.api.admin.post("/v1/subscriptions/batch", json={"subscriptions": wish(ids)})
    assert made.status_code == 201, made.text

    def effort_for(conn: Connection, *contact_ids: str) -> int:
        conn.execute(update(DeliveryRow).values(status="suppressed", error_code="no_address"))
        with counted() as effort:
            tell_newcomers(conn, contact_ids, context=world.service.context, now=world.clock.now())
        return effort.calls

    effort_of = world.db.write_now
    effort_of(lambda conn: effort_for(conn, *ids))  # the statements are put together
    few = effort_of(lambda conn: effort_for(conn, *ids[:2]))
    many = effort_of(lambda conn: effort_for(conn, *ids))
    assert many < 1.1 * few


async def test_what_waits_for_many_is_looked_at_piece_by_piece(world: World) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    for number in range(4):
        await world.subscriber(f"person {number}", routes=(), cargoes=())
    config, now = world.service.context.config, world.clock.now()

    def look(conn: Connection) -> tuple[int, int, int]:
        pace = pace_at(conn, config.moment, now=now)
        each = conn.scalars(select(DeliveryRow.contact_id)).all()
        found = gathering.list_inboxes(conn, pace=pace, limit=9, now=now, most=len(each) // 2)
        return len(each), len(found), sum(len(one.waiting) for one in found)

    rows, contacts, waiting = world.db.read_now(look)
    assert (rows % 4, contacts, waiting) == (0, 2, rows // 2)
