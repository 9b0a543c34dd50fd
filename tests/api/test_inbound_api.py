"""Messages that come in through Twilio, over HTTP: each action has its effect, once."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from app.accounts.keys import Scope
from app.core.ids import new_id
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import AuditRow, ContactChannelRow, DeliveryRow, ReportRow, SubscriptionRow
from tests.harness.api import Api
from tests.harness.texting import (
    DRIVER,
    REPORTER,
    Texting,
    a_contact,
    a_reporter,
    report,
    rows,
    values,
)


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


# ------------------------------------------------------------------------------------- reports


async def test_a_reporters_alert_is_filed_as_a_report_and_answered(
    api: Api, texting: Texting
) -> None:
    await a_reporter(api)

    reply = await texting.says(REPORTER, "ALERTE DIEMA CITERNES BRULEES")

    (heard,) = await texting.read()
    report = (await api.moderator.get(f"/v1/reports/{heard['report_id']}")).json()
    assert reply is not None
    assert "Noté" in reply
    assert (heard["sender"], heard["outcome"], heard["action"]) == ("reporter", "done", "report")
    assert (heard["kind"], heard["places"], heard["cargo"]) == (
        "fuel_interception",
        ["Diéma"],
        ["fuel"],
    )
    assert heard["phone"] == "+223 ** ** ** 02"
    assert heard["reply"] == reply
    assert report["answer"]["incident"]["is_new"]
    assert report["answer"]["report"]["location"]["label"] == "Diéma"


@pytest.mark.alike
async def test_strangers_to_the_desk_raise_no_severe_alone_and_are_one_voice(
    api: Api, texting: Texting
) -> None:
    for text in ("ALERTE DIEMA CITERNES BRULEES", "des citernes brulees a diema"):
        assert await texting.says(DRIVER, text)

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    alerts = (await api.moderator.get("/v1/alerts")).json()["items"]
    assert (incident["reports"], incident["independent_sources"]) == (2, 1)
    assert incident["credibility"] <= 0.4
    assert incident["certainty"] == "unconfirmed"
    assert [one["status"] for one in alerts if one["level"] == "severe"] in ([], ["held"])


@pytest.mark.alike
async def test_reports_by_sms_and_with_the_key_are_one_persons(api: Api, texting: Texting) -> None:
    key_id, key = api.new_key(Scope.REPORTER)
    await a_reporter(api, key_id=key_id)
    await texting.says(REPORTER, "ALERTE DIEMA CITERNES BRULEES")

    answer = await api.client(key).post(
        "/v1/reports",
        json={
            "kind": "fuel_interception",
            "occurred_at": api.clock.now().isoformat(),
            "place": "Diéma",
            "cargo": "fuel",
        },
    )

    incident = answer.json()["incident"]
    assert (incident["reports"], incident["independent_sources"]) == (2, 1)


async def test_an_ambiguous_place_is_asked_with_numbers_and_the_number_files_it(
    api: Api, db: Database, texting: Texting
) -> None:
    asked = await texting.says(DRIVER, "ALERTE MADINA BARRAGE")
    before = rows(db, ReportRow)
    noted = await texting.says(DRIVER, "2")

    answer, question = await texting.read()
    assert asked is not None
    assert "1 Madina" in asked
    assert noted is not None
    assert "Noté: barrage" in noted
    assert (before, rows(db, ReportRow)) == (0, 1)
    assert (question["outcome"], question["missing"], question["report_id"]) == (
        "asked",
        "place",
        None,
    )
    assert (answer["action"], answer["outcome"], answer["kind"]) == ("report", "done", "roadblock")
    assert answer["places"] == [question["choices"][1]["place"]]


@pytest.mark.alike
async def test_a_number_is_no_answer_once_the_question_is_old_or_answered(
    api: Api, db: Database, texting: Texting
) -> None:
    await texting.says(DRIVER, "ALERTE MADINA BARRAGE")
    await texting.says(DRIVER, "1")
    again = await texting.says(DRIVER, "1")
    await texting.says(DRIVER, "alerte barrage madina")
    api.clock.advance(timedelta(minutes=61))
    late = await texting.says(DRIVER, "2")

    assert again == late
    assert again is not None
    assert "Aucune question" in again
    assert rows(db, ReportRow) == 1


@pytest.mark.alike
async def test_a_wrong_number_is_asked_again_and_the_question_stays_open(
    db: Database, texting: Texting
) -> None:
    asked = await texting.says(DRIVER, "ALERTE MADINA BARRAGE")
    assert await texting.says(DRIVER, "9") == asked
    assert rows(db, ReportRow) == 0

    assert "Noté" in str(await texting.says(DRIVER, "ok 1"))
    assert rows(db, ReportRow) == 1


async def test_what_happened_yesterday_is_dated_so(api: Api, texting: Texting) -> None:
    await texting.says(DRIVER, "ALERTE DIEMA BARRAGE hier soir")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["date_precision"] == "day"
    assert incident["occurred_at"].startswith("2025-09-07T12:00")


# --------------------------------------------------------------------------------- safe transit


async def test_a_safe_transit_is_positive_evidence(api: Api, texting: Texting) -> None:
    reply = await texting.says(DRIVER, "OK DIEMA")

    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    assert incident["kind"] == "safe_transit"
    assert "Passage noté" in str(reply)


async def test_nobody_calms_a_whole_region_by_sms(db: Database, texting: Texting) -> None:
    reply = await texting.says(DRIVER, "OK region de Kayes")

    assert rows(db, ReportRow) == 0
    assert reply is not None


# ------------------------------------------------------------------------------------- questions


@pytest.mark.alike
async def test_the_state_of_a_town_is_its_real_rating_with_the_age_of_the_news(
    api: Api, texting: Texting
) -> None:
    nothing = await texting.says(DRIVER, "ETAT DIEMA")
    await report(api, "fuel_interception", "Diéma", cargo="fuel", basis="official")
    api.clock.advance(timedelta(hours=3))

    told = await texting.says(DRIVER, "ETAT DIEMA CARBURANT")

    assert "aucune nouvelle" in str(nothing)
    assert told is not None
    assert "Diéma, carburant: danger " in told
    assert "il y a 3 h" in told
    rating = await api.moderator.get("/v1/routes/ML-DKR-N/rating", params={"cargo": "fuel"})
    named = api.state.config.templates.language("fr").texts.levels
    assert f"danger {named[Level(rating.json()['level'])].name}" in told


@pytest.mark.alike
async def test_of_two_roads_the_worst_is_told_and_the_better_one_beside_it(
    api: Api, texting: Texting
) -> None:
    await report(api, "fuel_interception", "Diéma", cargo="fuel", basis="official")
    api.clock.advance(timedelta(minutes=20))

    told = await texting.says(DRIVER, "ROUTE DAKAR BAMAKO CARBURANT")

    assert told is not None
    assert "Dakar - Bamako par " in told
    assert "il y a 20 min" in told
    assert "Par " in told


async def test_when_a_convoy_passed_is_told_by_its_day_alone(api: Api, texting: Texting) -> None:
    await report(api, "safe_transit", "Diéma", basis="official")
    api.clock.advance(timedelta(hours=2))

    told = await texting.says(DRIVER, "ETAT DIEMA")

    assert "aujourd'hui" in str(told)
    assert " h." not in str(told)


# ------------------------------------------------------------------- what a recipient asks of us


@pytest.mark.alike
async def test_stop_is_obeyed_at_once_by_every_organisation_and_start_takes_it_back(
    api: Api, db: Database, texting: Texting
) -> None:
    await a_contact(api, DRIVER, organisation_id=api.organisation("Une autre"))

    stopped = await texting.says(DRIVER, "ARRÊT")
    states = values(db, ContactChannelRow.status)
    silent = await texting.says(DRIVER, "STOP")
    refused = await texting.says(DRIVER, "ABONNER KAYES")
    started = await texting.says(DRIVER, "REPRENDRE")

    assert "plus rien" in str(stopped)
    assert states == ["opted_out", "opted_out"]
    assert silent is None  # nothing changed: one more message would be one too many
    assert "REPRENDRE" in str(refused)
    assert "de nouveau" in str(started)
    assert values(db, ContactChannelRow.status) == ["active", "active"]
    assert values(db, AuditRow.action).count("contact.opted_out") == 2


async def test_stop_within_a_sentence_stops_nothing(db: Database, texting: Texting) -> None:
    for text in ("arrêt de bus à Kayes", "STOP DIEMA", "stop?", "on arrête"):
        await texting.says(DRIVER, text)

    assert values(db, ContactChannelRow.status) == ["active"]


async def test_what_twilio_answered_itself_is_obeyed_and_not_answered_again(
    db: Database, texting: Texting
) -> None:
    reply = await texting.says(DRIVER, "STOP", OptOutType="STOP")

    assert reply is None
    assert values(db, ContactChannelRow.status) == ["opted_out"]


async def test_a_subscription_is_added_once(api: Api, db: Database, texting: Texting) -> None:
    first = await texting.says(DRIVER, "ABONNER DAKAR BAMAKO CARBURANT")
    await texting.says(DRIVER, "abonnez moi dakar bamako carburant svp")
    await texting.says(DRIVER, "ABONNER NIORO")

    found = (await api.admin.get("/v1/subscriptions")).json()["items"]
    assert "alertes" in str(first)
    assert rows(db, SubscriptionRow) == len(found) == 2
    assert (found[0]["cargoes"], found[0]["channels"], found[0]["min_level"]) == (
        ["fuel"],
        ["sms"],
        "high",
    )
    assert found[0]["towns"] == [{"from": "Dakar", "to": "Bamako"}]
    assert found[1]["regions"] == ["cercle:ML/Kayes/Nioro"]


async def test_a_town_written_with_accents_stands_for_its_own_cercle(
    api: Api, texting: Texting
) -> None:
    await texting.says(DRIVER, "ABONNER DIÉMA")
    await texting.says(DRIVER, "ABONNER BLA")

    found = (await api.admin.get("/v1/subscriptions")).json()["items"]
    assert [one["regions"] for one in found] == [["cercle:ML/Kayes/Diema"], ["cercle:ML/Segou/Bla"]]


async def test_a_reporter_who_is_no_contact_cannot_subscribe(api: Api, texting: Texting) -> None:
    await a_reporter(api)

    reply = await texting.says(REPORTER, "ABONNER KAYES")

    assert "pas possible" in str(reply)


async def test_a_language_is_kept_for_what_comes_after(api: Api, texting: Texting) -> None:
    assert "in English" in str(await texting.says(DRIVER, "ENGLISH"))

    assert "no news" in str(await texting.says(DRIVER, "ETAT KAYES"))
    (contact,) = (await api.admin.get("/v1/contacts")).json()["items"]
    assert contact["language"] == "en"


async def an_alert_to_the_driver(api: Api, db: Database) -> str:
    """Send the driver an alert and return its id."""
    await api.moderator.post(
        "/v1/alerts",
        json={"route": "ML-DKR-N", "cargo": "fuel", "level": "high", "note": "Blocus annoncé"},
    )
    (alert,) = (await api.moderator.get("/v1/alerts")).json()["items"]
    (contact,) = (await api.admin.get("/v1/contacts")).json()["items"]
    now = api.clock.now()
    db.write_now(
        lambda conn: conn.execute(
            insert(DeliveryRow).values(
                id=new_id(now), alert_id=alert["id"], contact_id=contact["id"],
                organisation_id=contact["organisation_id"], channel="sms", language="fr",
                status="delivered", priority=2, attempts=1, due_at=now, created_at=now,
                updated_at=now, expires_at=now + timedelta(hours=6),
            )
        )
    )  # fmt: skip
    api.clock.advance(timedelta(minutes=5))
    return str(alert["id"])


@pytest.mark.alike
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ok bien reçu", "SIRA Bien recu, merci."),
        ("👍", "SIRA Bien recu, merci."),
        ("merci", None),
        ("i ni ce", None),
    ],
)
async def test_ok_and_thanks_acknowledge_the_last_alert_and_thanks_cost_no_answer(
    api: Api, db: Database, texting: Texting, text: str, answer: str | None
) -> None:
    nothing = await texting.says(DRIVER, "OK")
    alert = await an_alert_to_the_driver(api, db)

    assert await texting.says(DRIVER, text) == answer

    seen = (await api.moderator.get(f"/v1/alerts/{alert}")).json()
    newest, oldest = await texting.read()
    assert nothing is not None
    assert (oldest["outcome"], newest["outcome"]) == ("nothing", "done")
    assert newest["alert_id"] == alert
    assert [one["contact_id"] for one in seen["acknowledgements"]] != []
    assert seen["acknowledgements"][0]["way"] == "reply"


async def test_thanks_for_an_answer_of_ours_acknowledge_no_alert_before_it(
    api: Api, db: Database, texting: Texting
) -> None:
    alert = await an_alert_to_the_driver(api, db)
    await texting.says(DRIVER, "ETAT KAYES")

    assert await texting.says(DRIVER, "merci") is None

    seen = (await api.moderator.get(f"/v1/alerts/{alert}")).json()
    assert seen["acknowledgements"] == []


@pytest.mark.alike
@pytest.mark.parametrize("thanks", ["ok", "merci"])
async def test_thanks_while_a_question_is_open_are_answered_with_it(
    texting: Texting, thanks: str
) -> None:
    asked = await texting.says(DRIVER, "ALERTE DIEMA")

    assert await texting.says(DRIVER, thanks) == asked
    assert "Noté: barrage" in str(await texting.says(DRIVER, "barrage"))


@pytest.mark.alike
@pytest.mark.parametrize("text", ["ROUTE DAKAR SEGOU CARBURANT", "route segou dakar carburant"])
async def test_a_road_over_two_corridors_is_the_one_that_people_drive(
    api: Api, texting: Texting, text: str
) -> None:
    await report(api, "fuel_interception", "Diéma", cargo="fuel", basis="official")

    told = str(await texting.says(DRIVER, text))

    assert "par Kayes" in told
    assert "il y a 1 min" in told
    assert "Par K" in told


@pytest.mark.alike
async def test_three_towns_are_one_road(api: Api, texting: Texting) -> None:
    await report(api, "fuel_interception", "Diéma", cargo="fuel", basis="official")

    told = str(await texting.says(DRIVER, "ROUTE DAKAR SEGOU GAO CARBURANT"))

    assert "Dakar - Ségou - Gao" in told
    assert "aucune nouvelle" not in told


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_who_is_shot_at_and_names_no_place_is_asked_where(texting: Texting) -> None:
    assert "SIRA Où? Donnez la ville" in str(await texting.says(DRIVER, "ils nous tirent dessus"))
    assert "Noté: attaque armée à Diéma." in str(await texting.says(DRIVER, "Diema"))
    assert "Noté: véhicule attaqué à Diéma." in str(await texting.says(DRIVER, "1"))
