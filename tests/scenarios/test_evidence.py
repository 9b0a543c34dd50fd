"""Evidence both ways, over the whole service: parts lifted, contradictions, reporters' records."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from tests.harness.dump import dump, texts
from tests.harness.world import ROUTE, World


async def levels_of(world: World, route: str, cargo: str = "fuel") -> dict[tuple[str, str], str]:
    answer = (await world.api.admin.get(f"/v1/routes/{route}")).json()
    return {
        (one["start"], one["end"]): one["levels"].get(cargo, "unknown")
        for one in answer["sections"]
    }


async def test_a_blockade_of_a_region_lifted_for_one_town_goes_on_in_the_rest(
    world: World,
) -> None:
    await world.subscriber("north")
    blockade = await world.reports("blockade_threat", region="Kayes", minutes_ago=600)
    await world.decides(blockade.incident_id, status="confirmed")
    before = await levels_of(world, ROUTE)
    told = world.counts()

    lifted = await world.reports("road_reopened", at="Diéma", source="AFP")
    after = await levels_of(world, ROUTE)

    closed = {ends for ends, level in before.items() if level == "severe"}
    freed = {ends for ends in closed if after[ends] != "severe"}
    assert freed
    assert all("Diéma" in ends for ends in freed)
    assert {after[ends] for ends in freed} <= {"low", "unknown", "moderate"}
    assert closed - freed
    assert lifted.body["incident"]["resolves"] == []
    assert await world.level() == "severe"
    assert world.counts() == told  # the road as a whole is as closed as before
    incident = await world.api.moderator.get(f"/v1/incidents/{blockade.incident_id}")
    assert incident.json()["status"] == "confirmed"

    await world.reports("road_reopened", region="Kayes", source="AFP", minutes_ago=5)

    assert "severe" not in (await levels_of(world, ROUTE)).values()
    assert "FIN D'ALERTE" not in world.phone("north").texts[-1]
    await world.passes(timedelta(hours=25))
    world.phone("north").received("FIN D'ALERTE")


@pytest.mark.alike
async def test_what_contradicts_is_shown_with_both_sides(world: World) -> None:
    await world.subscriber("north")
    attack = await world.reports(
        "fuel_interception", at="Lakamane", cargo="fuel", minutes_ago=600, source="AFP"
    )
    passed = await world.reports(
        "safe_transit", at="Lakamane", cargo="fuel", client=stranger(world)
    )
    path = f"/v1/routes/{ROUTE}/rating?cargo=fuel"

    desk = (await world.api.moderator.get(path, headers={"Accept-Language": "en"})).json()
    organisation = world.people["north"].organisation_id
    outside = (await world.api.subscriber(organisation).get(f"{path}&lang=fr")).json()

    pair = desk["contradictions"][0]
    assert (pair["open"]["incident"], pair["closed"]["incident"]) == (
        passed.incident_id,
        attack.incident_id,
    )
    assert pair["closed"]["age_hours"] == pytest.approx(10, abs=0.1)
    assert pair["open"]["credibility"] < pair["closed"]["credibility"]
    assert pair["words"].startswith("Reports contradict one another")
    assert desk["level"] == "severe"
    assert outside["contradictions"][0]["words"].startswith("Les informations se contredisent")
    assert outside["contradictions"][0]["open"]["age_hours"] == 0  # whole days: it is a convoy


def stranger(world: World):  # type: ignore[no-untyped-def]
    """Return the client of a reporter nobody knows."""
    return world.api.client(world.api.new_key(Scope.REPORTER)[1])


@pytest.mark.alike
@pytest.mark.parametrize(("query", "header", "words"), [
    ("", None, "Niveau"), ("", "en-GB", "Severe"), ("&lang=en", "fr", "Severe"),
    ("&language=en", None, "Severe"),
])  # fmt: skip
async def test_factors_add_up_to_the_score_in_either_language(
    world: World, query: str, header: str | None, words: str
) -> None:
    await world.reports("fuel_interception", at="Lakamane", cargo="fuel")
    await world.reports("ied", at="Diéma", minutes_ago=3000)
    headers = {"Accept-Language": header} if header else None

    answer = await world.api.admin.get(
        f"/v1/routes/{ROUTE}/rating?cargo=fuel{query}", headers=headers
    )
    rating = answer.json()

    assert rating["reasons"][0].startswith(words)
    assert sum(one["points"] for one in rating["factors"]) == pytest.approx(rating["score"])
    assert [one["words"] for one in rating["factors"]] == rating["reasons"][1:]


async def test_a_reporter_is_known_after_three_confirmed_and_no_more_after_wrong_ones(
    world: World,
) -> None:
    client = stranger(world)

    async def told(at: str, kind: str = "fuel_interception"):  # type: ignore[no-untyped-def]
        world.clock.advance(timedelta(hours=30))
        return await world.reports(kind, at=at, client=client, cargo="fuel")

    new = await told("Lakamane")
    await world.decides(new.incident_id, status="confirmed")
    for place in ("Sikasso", "Gao"):
        report = await told(place)
        await world.decides(report.incident_id, status="confirmed")
    known = await told("Kati")
    for place in ("Bougouni", "Koutiala", "Mopti", "Douentza"):
        report = await told(place)
        await world.decides(report.incident_id, status="refuted")
    doubted = await told("Niono")

    assert new.body["incident"]["credibility"] == pytest.approx(0.4)
    assert known.body["incident"]["credibility"] > 0.6
    assert doubted.body["incident"]["credibility"] <= 0.4
    kept = texts(list(dump(world.db).values()))
    assert "reliability" not in known.body["incident"]
    assert "source_verdict" not in (await world.api.moderator.get("/openapi.json")).text
    assert kept


async def test_thirty_new_reporters_do_not_reach_severe_and_one_person_does(world: World) -> None:
    reports = [
        await world.reports(
            "fuel_interception", at="Lakamane", client=stranger(world), cargo="fuel", vehicles=40
        )
        for _ in range(30)
    ]

    assert reports[-1].body["incident"]["independent_sources"] >= 20
    assert await world.level() == "high"

    await world.decides(reports[-1].incident_id, status="confirmed")

    assert await world.level() == "severe"


@pytest.mark.alike
async def test_fifty_copies_of_a_rumour_count_as_one(world: World) -> None:
    said = "Une quarantaine de camions citernes seraient bloqués près de Lakamané ce matin"
    passed_on = [said, f"RT {said.upper()}", f"Transféré: {said} https://t.me/a/1", f"{said} ?!"]
    reports = [
        await world.reports(
            "fuel_interception",
            at="Lakamane",
            source=f"Page {number}",
            summary=passed_on[number % 4].replace("camions", f"camion{'s' * (number % 5)}"),
            cargo="fuel",
            wait=False,
        )
        for number in range(50)
    ]

    first, last = reports[0].body["incident"], reports[-1].body["incident"]
    assert last["independent_sources"] == 1
    assert last["credibility"] == first["credibility"]
    assert last["certainty"] == "unconfirmed"


async def test_a_road_closed_anew_for_those_it_was_opened_to_is_told_them(world: World) -> None:
    """Joined to the closure that is over for them, it would be told only to the others."""
    await world.subscriber("fuel")
    closed = await world.reports("roadblock", at="Lakamané")
    await world.passes(timedelta(hours=1))
    opened = await world.reports(
        "road_reopened", at="Lakamané", cargo="fuel", source="AFP", minutes_ago=5
    )
    assert opened.effect()["after"] == "unknown"
    await world.passes(timedelta(hours=8))

    still = await world.reports("roadblock", at="Lakamané", cargo="goods", minutes_ago=5)
    assert still.incident_id == closed.incident_id
    assert await world.level() == "unknown"
    again = await world.reports("roadblock", at="Lakamané", cargo="fuel", minutes_ago=5)

    assert again.incident_id != closed.incident_id
    assert again.effect()["after"] == "severe"
    assert await world.level() == "severe"
    assert len(world.phone("fuel").texts) == 2, world.phone("fuel").texts
    world.phone("fuel").received("Diéma-Lakamané")
