"""A question asked back by SMS, and its answer by number or in words: one report, at its place."""

from typing import Any

import pytest

from app.db.engine import Database
from app.db.tables import ReportRow
from tests.harness.api import Api
from tests.harness.texting import DRIVER, Texting, rows

pytestmark = pytest.mark.alike


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


async def the_incident(api: Api) -> dict[str, Any]:
    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    return dict(incident)


@pytest.mark.alike
async def test_the_place_asked_for_may_be_given_by_name_alone(api: Api, texting: Texting) -> None:
    asked = await texting.says(DRIVER, "alerte des citernes en feu")
    noted = await texting.says(DRIVER, "à Diéma")

    assert "Où?" in str(asked)
    assert "Noté: citernes interceptées à Diéma" in str(noted)
    assert (await the_incident(api))["kind"] == "fuel_interception"


@pytest.mark.alike
async def test_of_namesakes_one_may_be_chosen_by_where_it_lies(
    db: Database, texting: Texting
) -> None:
    asked = await texting.says(DRIVER, "trois chauffeurs enlevés à Kassela")
    assert "2 Kasséla (Kati)" in str(asked)

    assert "Noté: enlèvement à Kasséla" in str(await texting.says(DRIVER, "Kati"))
    assert rows(db, ReportRow) == 1


@pytest.mark.alike
async def test_what_happened_may_be_said_instead_of_its_number(api: Api, texting: Texting) -> None:
    asked = await texting.says(DRIVER, "ALERTE DIEMA")
    noted = await texting.says(DRIVER, "un barrage")

    assert "que s'est-il passé?" in str(asked)
    assert "Noté: barrage sur la route à Diéma" in str(noted)
    assert (await the_incident(api))["kind"] == "roadblock"


async def test_of_two_incidents_the_one_chosen_is_filed_where_it_was(
    api: Api, texting: Texting
) -> None:
    asked = await texting.says(DRIVER, "camion brulé a diema, pont coupé a kita")
    noted = await texting.says(DRIVER, "2")

    assert "1 véhicule attaqué à Diéma, 2 route inondée ou coupée à Kita" in str(asked)
    assert "route inondée ou coupée à Kita" in str(noted)
    assert (await the_incident(api))["kind"] == "flood_damage"


@pytest.mark.alike
@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("ALERTE DIEMA hier soir", ["2"]),
        ("ALERTE MADINA BARRAGE hier", ["1"]),
        ("il parait que des camions ont brulé hier à Diéma", ["2"]),
        ("ALERTE hier", ["Diéma", "barrage"]),
    ],
)
async def test_what_was_yesterday_stays_so_when_something_was_asked_back(
    api: Api, texting: Texting, text: str, answers: list[str]
) -> None:
    for said in (text, *answers):
        await texting.says(DRIVER, said)

    incident = await the_incident(api)
    assert incident["date_precision"] == "day"
    assert incident["occurred_at"].startswith("2025-09-07T12:00")


@pytest.mark.alike
@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("camion brulé à Diéma avant-hier", "2025-09-06", "day"),
        ("camion brulé à Diéma il y a 3 jours", "2025-09-05", "day"),
        ("attaque a diema la semaine dernière, camion brulé", "2025-09-01", "week"),
    ],
)
async def test_what_was_days_ago_is_not_dated_today(
    api: Api, texting: Texting, text: str, day: str, precision: str
) -> None:
    assert "Noté" in str(await texting.says(DRIVER, text))

    incident = await the_incident(api)
    assert (incident["occurred_at"][:10], incident["date_precision"]) == (day, precision)


@pytest.mark.alike
async def test_a_distance_from_a_town_is_kept_with_what_was_filed(
    api: Api, texting: Texting
) -> None:
    await texting.says(DRIVER, "citernes brulées à 20 km de Kayes vers Diéma")

    (heard,) = await texting.read()
    report = (await api.moderator.get(f"/v1/reports/{heard['report_id']}")).json()
    location = report["answer"]["report"]["location"]
    assert (location["label"], location["place_km"]) == ("Kayes", 20)
    assert location["position"] == (await the_incident(api))["location"]["position"]


@pytest.mark.alike
async def test_an_hour_that_is_said_is_that_of_the_report(api: Api, texting: Texting) -> None:
    await texting.says(DRIVER, "camion brulé à Diéma hier soir 22h")

    incident = await the_incident(api)
    assert incident["date_precision"] == "instant"
    assert incident["occurred_at"].startswith("2025-09-07T22:00")


async def test_of_two_incidents_the_one_chosen_is_filed_on_its_own_day(
    api: Api, texting: Texting
) -> None:
    await texting.says(DRIVER, "hier camion brulé à Diéma, pont coupé à Kita le 1/08/2025")
    await texting.says(DRIVER, "2")

    incident = await the_incident(api)
    assert (incident["kind"], incident["occurred_at"][:10]) == ("flood_damage", "2025-08-01")


@pytest.mark.alike
async def test_what_was_last_year_warns_nobody(api: Api, texting: Texting) -> None:
    assert "Noté" in str(await texting.says(DRIVER, "citernes brulées à Diéma l'an dernier"))

    assert (await the_incident(api))["occurred_at"].startswith("2024-07-02")
    assert (await api.moderator.get("/v1/alerts")).json()["items"] == []


async def kinds_of(api: Api) -> set[tuple[str, str]]:
    items = (await api.moderator.get("/v1/incidents")).json()["items"]
    return {(one["kind"], one["location"]["label"]) for one in items}


@pytest.mark.parametrize("both", ["1 et 2", "les deux", "both", "les 2 svp", "Diéma et Nioro"])
async def test_of_two_incidents_both_may_be_chosen(
    api: Api, db: Database, texting: Texting, both: str
) -> None:
    asked = await texting.says(DRIVER, "barrage à Diéma et à Nioro")
    noted = await texting.says(DRIVER, both)

    assert "par plusieurs: 1 et 2" in str(asked)
    assert "à Diéma" in str(noted)
    assert "à Nioro" in str(noted)
    assert await kinds_of(api) == {("roadblock", "Diéma"), ("roadblock", "Nioro")}
    assert rows(db, ReportRow) == 2


@pytest.mark.alike
async def test_both_incidents_keep_their_kind_and_their_day(api: Api, texting: Texting) -> None:
    await texting.says(DRIVER, "hier camion brulé à Diéma, aujourd'hui pont coupé à Kita")
    await texting.says(DRIVER, "1 et 2")

    items = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert {(one["kind"], one["occurred_at"][:10]) for one in items} == {
        ("vehicle_attack", "2025-09-07"),
        ("flood_damage", "2025-09-08"),
    }


@pytest.mark.alike
async def test_of_both_incidents_what_is_clear_is_filed_while_the_other_is_asked(
    api: Api, texting: Texting
) -> None:
    await texting.says(DRIVER, "attaque à Diéma et barrage à Sandaré")
    asked = await texting.says(DRIVER, "les deux")
    filed = await kinds_of(api)
    await texting.says(DRIVER, "1")

    assert "Diéma: que s'est-il passé?" in str(asked)
    assert filed == {("roadblock", "Sandaré")}
    assert {place for _, place in await kinds_of(api)} == {"Diéma", "Sandaré"}


@pytest.mark.alike
async def test_on_a_long_road_the_towns_that_were_passed_may_be_chosen(
    db: Database, texting: Texting
) -> None:
    asked = await texting.says(DRIVER, "OK HOMBORI SEVARE")
    noted = await texting.says(DRIVER, "1 et 2")

    assert "1 Hombori (Douentza), 2 Douentza (Douentza), 3 Boré" in str(asked)
    assert "4 Sévaré (Mopti)" in str(asked), "they lie all along it"
    assert "Passage noté" in str(noted)
    assert rows(db, ReportRow) == 2
