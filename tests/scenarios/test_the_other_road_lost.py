"""The other road that a message named becomes dangerous: who went round by it is told at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from app.db.tables import AlertRow
from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.alike

HOUR = timedelta(hours=1)
KITA = "NE PASSEZ PLUS PAR Kita"
FALSE = {"status": "refuted"}


async def sent_by_kita(world: World, **subscribed: Any) -> str:
    """Let tankers be stopped, and a driver be told of the road by Kita; return the incident."""
    await world.subscriber("driver", **subscribed)
    taken = await world.reports("fuel_interception", at="Lakamané", cargo="fuel")
    world.phone("driver").received("Sinon par Kita, sans nouvelles.")
    await world.passes(6 * HOUR)
    return taken.incident_id


async def attacked(world: World, at: str = "Toukoto") -> str:
    """Report an attack on the road by Kita; return the incident."""
    told = await world.reports("vehicle_attack", at=at, minutes_ago=20)
    return told.incident_id


async def test_who_was_told_of_another_road_is_told_that_it_is_dangerous_now(world: World) -> None:
    await sent_by_kita(world)

    await attacked(world)

    text = world.phone("driver").received(KITA, "DANGER ÉLEVÉ carburant")
    assert "véhicule attaqué à Toukoto" in text
    assert "NON CONFIRMÉ" in text
    assert "Diéma-Lakamané reste grave. Ne partez pas." in text  # which is why he went that way
    assert len(text) <= 160


async def test_it_is_said_once(world: World) -> None:
    await sent_by_kita(world)
    await attacked(world)
    told = world.counts()

    await world.passes(6 * HOUR)
    await attacked(world, at="Kita")
    await attacked(world, at="Bafoulabé")

    assert world.counts() == told
    world.nobody_was_told_twice()


async def test_a_lesser_danger_takes_nothing_back(world: World) -> None:
    await sent_by_kita(world)

    await world.reports("accident", at="Toukoto")

    assert world.counts() == {"driver": 1}


async def test_who_follows_both_roads_reads_one_message(world: World) -> None:
    await sent_by_kita(world, routes=[ROUTE, "ML-KYS-KTA"])

    await attacked(world)

    assert world.counts() == {"driver": 2}
    world.phone("driver").received("véhicule attaqué", "Toukoto")


async def test_who_was_never_told_of_it_is_told_nothing(world: World) -> None:
    await sent_by_kita(world)
    await world.subscriber("later")

    await attacked(world)

    assert world.counts() == {"driver": 2}


async def test_nobody_has_to_wait_for_it_until_the_morning(world: World) -> None:
    await sent_by_kita(world)
    hours = f"/v1/contacts/{world.people['driver'].contact_id}/hours"
    set_to = await world.api.admin.put(hours, json={"quiet_from": "00:00", "quiet_until": "23:45"})
    assert set_to.status_code == 200, set_to.text

    await attacked(world)

    world.phone("driver").received(KITA)


async def test_a_false_alarm_there_is_taken_back_from_whoever_heard_it(world: World) -> None:
    await sent_by_kita(world)
    attack = await attacked(world)

    await world.decides(attack, **FALSE)

    text = world.phone("driver").received("RECTIFICATIF", "fausse alerte", "véhicule attaqué")
    assert "Reste DANGER GRAVE Diéma-Lakamané" in text
    await world.passes(HOUR)
    await attacked(world, at="Bafoulabé")
    world.phone("driver").received(KITA)  # named again, it can be lost again


async def test_a_closure_of_it_is_told(world: World) -> None:
    await sent_by_kita(world)

    await world.reports("route_suspended", at="Kita", source="AFP")

    world.phone("driver").received(KITA, "liaison suspendue", "Diéma-Lakamané reste grave")


async def test_what_closes_both_roads_says_so_of_both(world: World) -> None:
    await sent_by_kita(world)

    await world.reports("blockade_threat", at="région de Kayes", source="AFP")

    text = world.phone("driver").received("blocus annoncé", "Ne passez plus par Kita.")
    assert "Sinon" not in text


async def test_the_doubt_of_the_first_danger_is_answered_in_its_time(world: World) -> None:
    await sent_by_kita(world)
    await attacked(world)
    told = world.counts()["driver"]

    await world.passes(30 * HOUR)

    later = world.phone("driver").texts[told:]
    assert any("TOUJOURS PAS CONFIRMÉ" in text and "citernes" in text for text in later)
    assert not any("Toukoto" in text for text in later)


async def test_what_waits_for_a_moderator_is_said_when_somebody_known_reports_it(
    world: World,
) -> None:
    await sent_by_kita(world)
    await attacked(world)
    world.db.write_now(_hold_the_last)
    told = world.counts()["driver"]

    await world.reports("vehicle_attack", at="Toukoto", source="AFP", minutes_ago=25)

    assert world.counts() == {"driver": told + 1}
    world.phone("driver").received(KITA, "véhicule attaqué")


def _hold_the_last(conn: Connection) -> None:
    """Let the last alert be one that nobody has let go, and the one before it hold."""
    last = conn.execute(select(AlertRow).where(AlertRow.reason == "way_lost")).one()
    conn.execute(update(AlertRow).where(AlertRow.id == last.id).values(status="held"))
    before = last.references[-1]
    conn.execute(update(AlertRow).where(AlertRow.id == before).values(status="active"))


async def test_an_analysts_own_words_do_not_forget_the_road_that_was_named(world: World) -> None:
    await sent_by_kita(world)
    update = {"type": "update", "route": ROUTE, "cargo": "fuel", "level": "severe"}
    await world.posts("/v1/alerts", update | {"note": "Convois suspendus"})

    await attacked(world)

    world.phone("driver").received(KITA)


async def test_where_the_first_danger_is_over_nothing_is_said_of_the_other_road(
    world: World,
) -> None:
    taken = await sent_by_kita(world)
    await world.decides(taken, status="resolved")
    world.phone("driver").received("FIN D'ALERTE")

    await attacked(world)

    assert KITA not in world.phone("driver").texts[-1]


async def test_a_reminder_says_of_this_road_how_sure_it_is(world: World) -> None:
    taken = await sent_by_kita(world)
    await world.decides(taken, status="confirmed")
    await attacked(world)
    assert (await world.alerts(cargo="fuel", route=ROUTE))[-1]["certainty"] == "unconfirmed"

    await world.passes(30 * HOUR, every=6 * HOUR)
    await world.service.remind()
    await world.quiet()

    reminded = (await world.alerts(cargo="fuel", route=ROUTE))[-1]
    assert (reminded["reason"], reminded["certainty"]) == ("still_severe", "confirmed")


async def test_who_takes_an_alert_back_by_hand_names_what_happened_on_this_road(
    world: World,
) -> None:
    await sent_by_kita(world)
    await attacked(world)
    alert = (await world.alerts(cargo="fuel", route=ROUTE))[-1]

    await world.posts(f"/v1/alerts/{alert['id']}/withdraw", {"note": "Fausse alerte"})

    assert "véhicule" not in world.phone("driver").received("ANNULATION", "citernes")


async def test_with_the_end_no_road_stands_as_named_any_more(world: World) -> None:
    taken = await sent_by_kita(world)
    await world.decides(taken, status="resolved")
    world.phone("driver").received("FIN D'ALERTE")

    of = (AlertRow.route == ROUTE, AlertRow.cargo == "fuel")
    query = select(AlertRow.type, AlertRow.facts["way_title"].as_string()).where(*of)
    said = world.db.read_now(lambda conn: conn.execute(query.order_by(AlertRow.id)).all())

    assert said[0][1] is not None
    assert tuple(said[-1]) == ("all_clear", None)


async def test_who_was_sent_by_one_road_hears_that_it_is_lost_after_another_was_named(
    world: World,
) -> None:
    await sent_by_kita(world, email=True)  # by Bafoulabé
    for place in ("Kéniéba", "Kita"):
        await world.reports("safe_transit", at=place, source="AMAP", minutes_ago=5)
    await world.reports("fuel_interception", at="Sandaré", cargo="fuel", source="RFI")
    assert "Kédougou" in last_mail(world)  # the other road that others are sent by now

    await attacked(world, at="Bafoulabé")

    world.phone("driver").received(KITA, "véhicule attaqué à Bafoulabé")
    assert "Kita - Bafoulabé" in last_mail(world)
    await world.passes(HOUR)
    await attacked(world, at="Kéniéba")
    world.phone("driver").received(KITA, "véhicule attaqué à Kéniéba")


def last_mail(world: World) -> str:
    """Return the plain text of the last mail."""
    body = world.mails("driver")[-1].get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


async def test_what_was_told_of_the_other_road_beside_a_correction_is_taken_back_if_it_is_false(
    world: World,
) -> None:
    await sent_by_kita(world)
    attack = await attacked(world, at="Sandaré")
    await world.decides(attack, place="Toukoto")
    world.phone("driver").received("RECTIFICATIF", "fausse alerte", "Ne passez plus par Kita")

    await world.decides(attack, **FALSE)

    text = world.phone("driver").received("RECTIFICATIF", "fausse alerte", "véhicule attaqué")
    assert "Ne passez plus" not in text
    assert "Reste DANGER GRAVE Diéma-Lakamané" in text


async def test_of_two_roads_lost_at_once_that_share_no_town_each_is_taken_back(
    world: World,
) -> None:
    await sent_by_kita(world)
    world.db.write_now(_others_went_by_nara)
    await attacked(world)
    world.phone("driver").received(KITA)

    await world.passes(2 * HOUR)

    world.phone("driver").received("NE PASSEZ PLUS PAR Nara", "véhicule attaqué")
    told = world.counts()
    await world.passes(6 * HOUR)
    assert world.counts() == told


def _others_went_by_nara(conn: Connection) -> None:
    """Let another road stand as named before, which ends as the one by Kita does."""
    named = AlertRow.facts["way"].as_string().is_not(None)
    last = conn.execute(select(AlertRow).where(named, AlertRow.status == "active")).one()
    way = {"title": "Bamako - Nara - Kayes", "section_ids": last.facts["way"], "level": "unknown"}
    facts = {**last.facts, "ways": [way]}
    conn.execute(update(AlertRow).where(AlertRow.id == last.id).values(facts=facts))
