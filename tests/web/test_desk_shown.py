"""/desk: what it says of an incident and of the messages is what a tired reader takes it for."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import DeliveryRow
from app.delivery.outbox.workers import give_sign
from tests.harness.api import serving
from tests.harness.html import read
from tests.harness.outbox import Outbox
from tests.harness.visitor import at_the_desk
from tests.harness.world import World

pytestmark = pytest.mark.alike


async def test_whoever_denies_a_danger_is_none_of_those_who_tell_of_it(plain_world: World) -> None:
    world = plain_world
    await world.subscriber("depot")
    told = await world.reports("fuel_interception", "Lakamane", source="AFP", summary="brûlées")
    said = "Le préfet dément toute attaque de citernes"
    no = await world.reports("fuel_interception", "Lakamane", source="Préfecture", summary=said)
    assert no.incident_id == told.incident_id
    someone = await at_the_desk(world.api)

    page = read((await someone.get(f"/fr/desk/incidents/{told.incident_id}")).text).words
    desk = read((await someone.get("/fr/desk")).text).words

    assert "Sources 1 source, 1 le dément" in page
    assert page.count("Le dément :") == 1
    assert page.index("Le dément :") > page.index("brûlées")
    assert "1 source, 1 le dément, dernière nouvelle" in desk
    assert "2 sources indépendantes" not in page + desk


async def test_messages_that_were_tried_in_vain_do_not_leave_as_always(
    db: Database, outbox: Outbox
) -> None:
    async with serving(db, look_every=timedelta(0)) as api:
        someone = await at_the_desk(api)
        outbox.contact()
        now = api.clock.now()
        outbox.fan_out(outbox.alert(level=Level.HIGH, expires_at=now + timedelta(days=2)))
        db.write_now(lambda conn: give_sign(conn, "w", good_for=timedelta(seconds=20), now=now))
        outbox.run(update(DeliveryRow).values(due_at=now + timedelta(minutes=4)))
        waits = read((await someone.get("/fr/desk")).text).words

        outbox.run(update(DeliveryRow).values(attempts=2))
        tried = read((await someone.get("/fr/desk")).text).words

    assert "Les messages partent normalement. 1 attend de partir." in waits
    assert "normalement" not in tried
    assert "1 attend de partir. 1 message essayé en vain, à reprendre." in tried
