"""Who begins to listen reads what holds now, not what was said to those who knew."""

from datetime import timedelta

from sqlalchemy import Connection, select, update

from app.alerts.sms_text import segments
from app.db.tables import IncidentRow
from tests.harness.world import ROUTE, World

HOUR = timedelta(hours=1)
#: What speaks to those who read an earlier message.
TO_THOSE_WHO_KNEW = (
    "AUTRE LIEU",
    "ENCORE",
    "PLUS GRAVE",
    "RECTIFICATIF",
    "TOUJOURS",
    "AGGRAVATION",
    "EN BAISSE",
    "RESTE",
    "CONFIRMÉ,",
    "Rien de nouveau",
)


async def told(world: World) -> None:
    """Let the clock's job tell what waits."""
    await world.service.tell_waiting()
    await world.quiet()


async def first_word(world: World, name: str = "late", **wish: object) -> str:
    """Let somebody begin to listen; return the one message that he got."""
    await world.subscriber(name, **wish)  # type: ignore[arg-type]
    await told(world)
    (text,) = world.phone(name).texts
    assert not [words for words in TO_THOSE_WHO_KNEW if words in text], text
    return text


async def test_of_two_stretches_he_reads_both_whichever_was_told_last(world: World) -> None:
    await world.subscriber("knows")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.passes(3 * HOUR)
    await world.reports("fuel_interception", at="Sandaré", cargo="fuel", basis="official")
    world.phone("knows").received("AUTRE LIEU")

    text = await first_word(world)

    assert "DANGER GRAVE carburant" in text
    assert "Diéma" in text
    assert "Sandaré" in text
    assert segments(text) <= 2


async def test_what_is_over_by_now_is_not_in_it(world: World) -> None:
    await world.subscriber("knows")
    wrong = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.passes(3 * HOUR)
    await world.reports("fuel_interception", at="Sandaré", cargo="fuel", basis="official")
    await world.decides(wrong.incident_id, status="refuted")

    text = await first_word(world)

    assert "Sandaré" in text
    assert "Lakaman" not in text


async def test_who_comes_later_still_reads_what_stands_then(world: World) -> None:
    await world.subscriber("knows")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.passes(3 * HOUR)
    last = await world.reports("fuel_interception", at="Sandaré", cargo="fuel", basis="official")
    both = await first_word(world, "in the morning")
    assert "Sandaré" in both
    assert await first_word(world, "at noon") == both

    def quiet_again(conn: Connection) -> None:
        """Let one be over; that the road is as bad as before tells nobody anything."""
        which = IncidentRow.id != last.incident_id
        facts = conn.scalars(select(IncidentRow.facts).where(which)).one()
        conn.execute(update(IncidentRow).where(which).values(facts=facts | {"status": "resolved"}))

    world.db.write_now(quiet_again)
    text = await first_word(world, "in the evening")
    assert "Lakamané" in both
    assert "Lakamané" not in text


async def test_a_reminder_is_the_danger_itself(world: World) -> None:
    await world.subscriber("knows")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.passes(40 * HOUR)

    text = await first_word(world)

    assert "citernes interceptées" in text


async def test_that_another_road_is_lost_is_not_all_that_he_reads(world: World) -> None:
    await world.subscriber("knows")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    world.phone("knows").received("Sinon par Kita")
    await world.passes(3 * HOUR)
    await world.reports("fuel_interception", at="Toukoto", cargo="fuel", basis="official")
    world.phone("knows").received("NE PASSEZ PLUS PAR Kita")

    text = await first_word(world)

    assert text.startswith("SIRA DANGER GRAVE carburant: Diéma-Lakamané")
    assert "Sinon par Kita" not in text
    assert "Ne passez plus par Kita" in text


async def test_what_he_was_sent_is_on_record_as_the_alert_that_stands(world: World) -> None:
    await world.subscriber("knows")
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.passes(3 * HOUR)
    await world.reports("fuel_interception", at="Sandaré", cargo="fuel", basis="official")
    late = await world.subscriber("late")
    await told(world)

    (standing,) = [
        one for one in await world.alerts(cargo="fuel", route=ROUTE) if one["status"] == "active"
    ]
    (row,) = [
        one
        for one in await world.deliveries(standing["id"])
        if one["contact_id"] == late.contact_id
    ]
    assert (row["status"], row["deferred"]) == ("sent", "newcomer")


async def test_all_of_a_country_is_no_page(world: World) -> None:
    places = ("Lakamane", "Sikasso", "Koutiala", "San", "Gao", "Ansongo", "Bougouni", "Kita")
    more = ("Niono", "Bandiagara", "Bankass", "Koro", "Hombori", "Nara", "Ségou", "Douentza")
    for place in (*places, *more):
        await world.reports("convoy_ambush", at=place, basis="official")

    text = await first_word(world, routes=(), cargoes=())

    assert segments(text) <= 3
    assert "autres en danger: " in text
