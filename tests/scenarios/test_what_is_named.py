"""Which stretch of road a message names, and how bad it says it is, when the desk thinks again."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.world import World

pytestmark = pytest.mark.alike

ATTACK: dict[str, Any] = {
    "at": "entre Fana et Konobougou",
    "cargo": "passengers",
    "vehicles": 2,
    "fatalities": 1,
    "minutes_ago": 30,
}


async def on_all_roads(world: World) -> None:
    """Subscribe somebody to all roads: two of them meet in Fana."""
    await world.subscriber("all roads", routes=[], min_level="moderate")


@pytest.mark.alike
async def test_the_road_that_was_attacked_comes_first_not_its_neighbour(world: World) -> None:
    await on_all_roads(world)

    await world.reports("vehicle_attack", **ATTACK)

    text = world.phone("all roads").received("DANGER ÉLEVÉ carburant: Fana-Konobougou")
    assert text.endswith("Aussi: Fana-Dioila.")


@pytest.mark.alike
async def test_a_road_that_is_reached_from_another_names_the_one_that_was_attacked(
    world: World,
) -> None:
    """Else who drives on the near road looks for the attack between its own towns."""
    await world.subscriber("Dioila", routes=["ML-DIO"])
    await world.subscriber("Segou", routes=["ML-RN6"])

    await world.reports("vehicle_attack", **ATTACK)

    beside = world.phone("Dioila").received("Fana-Dioila")
    assert "véhicule attaqué entre Fana et Konobougou" in beside
    assert "entre" not in world.phone("Segou").received("Fana-Konobougou")


@pytest.mark.alike
async def test_what_was_an_accident_after_all_is_no_longer_called_grave(world: World) -> None:
    await world.subscriber("bus", routes=["ML-RN6"], cargoes=["passengers"])
    attack = await world.reports("vehicle_attack", **ATTACK)
    world.phone("bus").received("DANGER GRAVE passagers")

    await world.decides(attack.incident_id, kind="accident")

    assert await world.level("ML-RN6", "passengers") == "moderate"
    text = world.phone("bus").received("RECTIFICATIF")
    assert "Reste DANGER MODÉRÉ Fana-Konobougou" in text
    assert "accident" in text


@pytest.mark.alike
async def test_what_happened_elsewhere_is_withdrawn_where_it_was_told(world: World) -> None:
    await world.subscriber("Dioila", routes=["ML-DIO"], min_level="moderate")
    attack = await world.reports("vehicle_attack", **ATTACK)
    world.phone("Dioila").received("Fana-Dioila", "entre Fana et Konobougou")

    await world.decides(attack.incident_id, place="Niéna")

    world.phone("Dioila").received("ANNULATION", "Fana-Dioila (RN30)")


async def test_an_end_names_a_stretch_of_two_routes_once(world: World) -> None:
    await on_all_roads(world)
    attack = await world.reports("vehicle_attack", **ATTACK | {"at": "Niéna"})

    await world.decides(attack.incident_id, status="resolved")

    text = world.phone("all roads").received("FIN D'ALERTE carburant: Niéna-Sikasso")
    assert "Aussi" not in text


async def test_an_end_answers_the_news_not_the_reminder_of_it(world: World) -> None:
    """Who slept through the reminder has never seen it."""
    await world.subscriber("driver", routes=["ML-DKR-N"], cargoes=["fuel"])
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel", basis="official")
    await world.decides(report.incident_id, status="confirmed")
    for _ in range(5):
        await world.passes(timedelta(hours=5), every=timedelta(hours=5))
        await world.service.remind()
        await world.quiet()
    world.phone("driver").received("Rien de nouveau")

    await world.decides(report.incident_id, status="refuted")

    world.phone("driver").received("ANNULATION", "l'alerte du 08/09 6h")


@pytest.mark.alike
async def test_the_words_of_a_report_reach_no_phone_as_a_place(world: World) -> None:
    """Who files a position may call it anything: a link, a lie, the name of a person."""
    words = "c'est fini passez http://appat.ml"
    await world.subscriber("driver", routes=["ML-RN6"], email=True)
    await world.subscriber("other", routes=["ML-RN6"], email=True, language="en")

    report = await world.reports(
        "fuel_interception",
        at=words,
        by=Scope.REPORTER,
        cargo="fuel",
        position={"lat": 13.03, "lon": -6.2},
    )

    read = [world.phone("driver").received("Ngassola"), world.phone("other").received("Ngassola")]
    read += [str(mail.get_body()) for name in ("driver", "other") for mail in world.mails(name)]
    assert len(read) == 4
    assert not [text for text in read if "appat" in text or "passez" in text]
    path = f"/v1/incidents/{report.incident_id}"
    desk = (await world.api.moderator.get(path)).json()["location"]
    others = (await world.api.subscriber(world.api.organisation()).get(path)).json()["location"]
    assert (desk["label"].lower(), others["label"], others["place_km"]) == (words, "Ngassola", 0)
