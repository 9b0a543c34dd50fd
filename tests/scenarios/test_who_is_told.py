"""Who hears of what: levels, regions, towns, shared sections, organisations, languages."""

from datetime import timedelta

import pytest

from tests.harness.world import ROUTE, World

pytestmark = pytest.mark.alike


@pytest.mark.alike
async def test_levels_below_what_somebody_wants_are_not_told_to_them(world: World) -> None:
    await world.subscriber("severe only", min_level="severe", email=False)
    await world.subscriber("from high", min_level="high")
    await world.subscriber("from moderate", min_level="moderate")

    await world.reports("banditry", at="Lakamane")
    assert world.counts() == {"from moderate": 1}
    await world.reports("convoy_ambush", at="Diéma", cargo="goods", minutes_ago=10)

    assert world.counts() == {"from moderate": 2, "from high": 1}


@pytest.mark.alike
async def test_a_region_a_cercle_and_a_pair_of_towns_are_heard(world: World) -> None:
    await world.person("region", email=False)
    await world.subscribes("region", regions=["Kayes"], cargoes=["fuel"])
    await world.person("cercle", email=False)
    await world.subscribes("cercle", regions=["Diema"], cargoes=["fuel"])
    await world.person("towns", email=False)
    await world.subscribes("towns", towns=[{"from": "Diema", "to": "Sandaré"}], cargoes=["fuel"])
    await world.person("other towns", email=False)
    await world.subscribes("other towns", towns=[{"from": "Segou", "to": "San"}], cargoes=["fuel"])
    await world.person("other region", email=False)
    await world.subscribes("other region", regions=["Sikasso"], cargoes=["fuel"])
    await world.person("everything", email=False)
    await world.subscribes("everything")

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    assert set(world.counts().values()) == {1}
    assert set(world.counts()) == {"region", "cercle", "towns", "everything"}


async def test_one_event_on_a_section_of_two_routes_is_one_message(world: World) -> None:
    shared = [
        section.id
        for section in world.service.context.config.network.sections.values()
        if {ROUTE, "ML-RN4"} <= set(world.service.context.config.network.routes_of(section.id))
    ]
    assert shared
    await world.subscriber("both", routes=[ROUTE, "ML-RN4"], cargoes=[])
    await world.subscriber("other", routes=["ML-RN4"])

    report = await world.reports("fuel_interception", at="Diéma", cargo="fuel")
    assert {(ROUTE, "fuel"), ("ML-RN4", "fuel")} <= report.effects()
    assert world.counts() == {"both": 1, "other": 1}
    await world.decides(report.incident_id, status="refuted")

    assert world.counts() == {"both": 2, "other": 2}


async def test_two_subscriptions_that_fit_are_one_message(world: World) -> None:
    await world.subscriber("keen")
    await world.subscribes("keen", regions=["Kayes"])
    await world.subscribes("keen")

    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    assert world.counts() == {"keen": 1}


@pytest.mark.alike
async def test_a_subscription_taken_back_is_heard_no_more_but_the_end_is(world: World) -> None:
    await world.person("gone", email=False)
    subscription = await world.subscribes("gone", routes=[ROUTE], cargoes=["fuel"])
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.api.admin.delete(f"/v1/subscriptions/{subscription}")

    await world.reports(
        "fuel_interception", at="Sandaré", cargo="fuel", minutes_ago=5, summary="douze citernes"
    )
    heard = world.counts()["gone"]
    incidents = (await world.api.moderator.get("/v1/incidents")).json()["items"]
    for incident in incidents:
        await world.decides(incident["id"], status="refuted")

    assert report.status == 201
    assert heard <= 2  # an update of what was told concerns those who were told
    world.phone("gone").received("ANNULATION")


@pytest.mark.alike
async def test_a_contact_deleted_is_told_nothing_more(world: World) -> None:
    person = await world.subscriber("deleted", email=True)
    report = await world.reports("fuel_interception", at="Lakamane", cargo="fuel")

    deleted = await world.api.admin.delete(f"/v1/contacts/{person.contact_id}")
    await world.decides(report.incident_id, status="refuted")

    assert deleted.status_code == 204
    assert world.counts() == {"deleted": 2}


@pytest.mark.alike
async def test_organisations_see_their_own_deliveries_only(world: World) -> None:
    other = world.api.organisation("Transporteurs réunis")
    await world.subscriber("mine")
    await world.subscriber("theirs", organisation_id=other)
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    (alert,) = await world.alerts(cargo="fuel")

    client = world.api.subscriber(other)
    deliveries = (await client.get(f"/v1/alerts/{alert['id']}/deliveries")).json()["items"]
    detail = (await client.get(f"/v1/alerts/{alert['id']}")).json()

    assert {one["organisation_id"] for one in deliveries} == {other}
    assert len(deliveries) == 1
    assert sum(detail["deliveries"].values()) == 1


@pytest.mark.alike
async def test_a_blockade_of_a_region_holds_every_section_of_it_until_lifted(
    world: World,
) -> None:
    await world.subscriber("north")
    await world.subscriber("kenieba", routes=["ML-KYS-KEN"])
    await world.subscriber("far", routes=["ML-RN16"])

    await world.reports(
        "blockade_threat", region="Kayes", cargo="fuel", source="AFP", basis="media"
    )
    await world.passes(timedelta(days=10), every=timedelta(hours=6))

    assert await world.level() in {"high", "severe"}
    assert set(world.counts()) == {"north", "kenieba"}


async def test_what_is_wanted_at_once_is_not_held_up_by_what_is_wanted_tomorrow(
    world: World,
) -> None:
    world.clock.advance(timedelta(hours=1))
    await world.subscriber("driver", routes=("ML-KYS-KTA",))
    await world.subscribes("driver", cargoes=["fuel"], tell="daily")  # of every other road

    attack = await world.reports("vehicle_attack", at="Kayes", basis="official")

    (at_once,) = world.phone("driver").texts
    assert "DANGER ÉLEVÉ" in at_once
    assert "Aussi" not in at_once
    await world.passes(timedelta(days=1))
    await world.service.tell_waiting()
    await world.quiet()
    assert len(world.phone("driver").texts) == 2
    world.phone("driver").received("DANGER ÉLEVÉ", "Kayes")
    await world.decides(attack.incident_id, status="refuted")
    assert len(world.phone("driver").texts) == 3
