"""A closed road is called closed wherever somebody asks: nobody is told to drive it by day."""

from datetime import timedelta

import pytest

from tests.harness.world import World
from tests.harness.writing import wrote


async def answered(world: World, text: str) -> str:
    """Return what the dispatcher is answered to an SMS."""
    phone = world.people["dispatcher"].phone
    assert phone is not None
    seen = (await world.api.moderator.get(f"/v1/inbound/{await wrote(world, phone, text)}")).json()
    return str(seen["reply"])


async def advice(world: World, start: str, end: str, cargo: str) -> str:
    asked = {"from": start, "to": end, "cargo": cargo, "language": "fr"}
    return str((await world.api.moderator.get("/v1/journeys", params=asked)).json()["advice"])


@pytest.mark.alike
@pytest.mark.parametrize(
    ("kind", "place", "end", "said"),
    [
        ("flood_damage", "Diéma", "Nioro", "route inondée ou coupée"),
        ("border_closure", "Gogui", "Ayoun", "frontière fermée"),
    ],
)
async def test_the_alert_the_answer_and_the_journey_say_the_same(
    world: World, kind: str, place: str, end: str, said: str
) -> None:
    await world.subscriber("dispatcher", routes=["ML-RN4"], cargoes=["goods"])

    report = await world.reports(kind, at=place, source="AFP")
    await world.decides(report.incident_id, status="confirmed")

    for text in world.phone("dispatcher").texts:
        assert said in text
        assert "réouverture" in text or "Ne partez pas" in text or "Attendez" in text
        assert "de jour" not in text
    on_the_way = await answered(world, f"ROUTE BAMAKO {end} MARCHANDISES")
    assert said in on_the_way
    assert "Attendez la réouverture." in on_the_way
    assert "Ne partez pas avant la réouverture." in await answered(world, f"ETAT {place}")
    assert "attendez" in await advice(world, "Diéma", end, "goods")


@pytest.mark.alike
async def test_a_road_that_is_dangerous_and_open_may_be_driven_by_day(world: World) -> None:
    await world.subscriber("dispatcher", routes=["ML-RN4"], cargoes=["goods"])

    report = await world.reports("vehicle_attack", at="Diéma", source="AFP")
    await world.decides(report.incident_id, status="confirmed")

    assert all("réouverture" not in text for text in world.phone("dispatcher").texts)
    assert "sinon de jour" in await answered(world, "ETAT DIEMA MARCHANDISES")


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_an_attack_on_another_stretch_sends_nobody_onto_the_closed_one(world: World) -> None:
    await world.subscriber("dispatcher", cargoes=["passengers"], email=True)
    flood = await world.reports("flood_damage", at="Diéma", source="AFP")
    await world.decides(flood.incident_id, status="confirmed")
    told = len(world.phone("dispatcher").texts)

    attack = await world.reports("vehicle_attack", at="Kolokani", source="AFP")
    await world.decides(attack.incident_id, status="confirmed")

    of_the_attack = world.phone("dispatcher").texts[told:]
    assert of_the_attack
    for text in of_the_attack:
        assert "véhicule attaqué" in text
        assert "de jour" not in text
        assert any(said in text for said in ("Fermé Didiéni-Lakamané", "Ne partez pas", "Attendez"))
    body = world.mails("dispatcher")[-1].get_body(("plain",))
    assert body is not None
    assert "Fermé Didiéni-Lakamané: attendez la réouverture." in " ".join(
        body.get_content().replace("\u00a0", " ").split()
    )


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_where_it_is_grave_all_are_told_not_to_leave_whatever_else_is_closed(
    world: World,
) -> None:
    await world.subscriber("dispatcher", cargoes=["fuel"])
    flood = await world.reports("flood_damage", at="Diéma", source="AFP")
    await world.decides(flood.incident_id, status="confirmed")

    await world.reports("fuel_interception", at="Kolokani", cargo="fuel", source="AFP")

    assert "Ne partez pas" in world.phone("dispatcher").received("DANGER GRAVE carburant")


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_who_waits_where_the_road_opened_hears_so_though_it_is_dangerous_elsewhere(
    world: World,
) -> None:
    await world.subscriber("dispatcher", cargoes=["goods"], min_level="moderate", email=True)
    await world.reports("road_damage", at="Kolokani", source="AFP")
    flood = await world.reports("flood_damage", at="Diéma", source="AFP")
    await world.decides(flood.incident_id, status="confirmed")
    assert await world.level(cargo="goods") == "high"
    world.clock.advance(timedelta(hours=30))

    await world.decides(flood.incident_id, status="resolved")

    text = world.phone("dispatcher").received("EN BAISSE")
    assert "Terminé Didiéni-Diéma: route inondée ou coupée." in text


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_danger_that_the_desk_ends_is_not_named_for_the_one_that_stays(
    world: World,
) -> None:
    await world.subscriber("dispatcher")
    await world.reports("ied", at="Sandaré", source="AFP")
    tankers = await world.reports("fuel_interception", at="Lakamané", source="RFI")
    assert await world.level() == "severe"
    world.clock.advance(timedelta(hours=30))

    await world.decides(tankers.incident_id, status="resolved")

    text = world.phone("dispatcher").received("EN BAISSE")
    assert "engin explosif" in text
    assert "Sandaré" in text
    assert "Terminé Diéma-Lakamané: citernes" in text
    assert text.count("citernes") == 1


@pytest.mark.alike
async def test_who_names_no_cargo_is_told_for_which_one_it_is_that_bad(world: World) -> None:
    await world.subscriber("dispatcher", cargoes=["humanitarian"])

    await world.reports("fuel_interception", at="Lakamane", source="AFP")

    assert "Lakamané, carburant: danger grave" in await answered(world, "ETAT LAKAMANE")
    assert "humanitaire: danger modéré" in await answered(world, "ETAT LAKAMANE HUMANITAIRE")


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_who_asks_of_a_road_hears_where_it_is_dangerous_and_how_sure_that_is(
    world: World,
) -> None:
    await world.subscriber("dispatcher")
    attack = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    said = "danger grave entre Diéma et Sandaré (citernes interceptées, non confirmé)"
    assert said in await answered(world, "ROUTE BAMAKO KAYES CARBURANT")
    assert "danger grave (citernes interceptées" in await answered(world, "ETAT LAKAMANE")

    await world.decides(attack.incident_id, status="confirmed")

    assert "interceptées, confirmé)" in await answered(world, "ROUTE KAYES BAMAKO CARBURANT")
