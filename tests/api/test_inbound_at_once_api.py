"""An attack of which only the sort is not said: told at once, and put right by a number."""

from datetime import timedelta
from typing import Any

import pytest

from app.db.engine import Database
from app.db.tables import ReportRow
from tests.harness.api import Api
from tests.harness.texting import DRIVER, REPORTER, STRANGER, Texting, a_reporter, report, rows

pytestmark = pytest.mark.alike

_UNDER_FIRE = "SOS goundam on nous attaque"


@pytest.fixture
async def api(texting: Texting) -> Api:
    await a_reporter(texting.api)
    return texting.api


async def the_incident(api: Api) -> dict[str, Any]:
    (incident,) = (await api.moderator.get("/v1/incidents")).json()["items"]
    return dict(incident)


async def test_who_is_under_fire_is_heard_before_he_says_of_what_sort_it_is(
    api: Api, texting: Texting
) -> None:
    told = await texting.says(REPORTER, _UNDER_FIRE)

    assert "Noté: attaque armée à Goundam." in str(told)
    assert "1 véhicule attaqué, 2 convoi attaqué, 3 attaque armée" in str(told)
    incident = await the_incident(api)
    assert (incident["kind"], incident["status"]) == ("town_attack", "open")
    (message,) = await texting.read(outcome="done")
    assert message["report_id"]


async def test_the_road_is_warned_at_once_and_not_again_of_what_sort_it_was(
    api: Api, texting: Texting
) -> None:
    await texting.says(REPORTER, "on nous attaque à Kayes")
    warned = (await api.moderator.get("/v1/alerts")).json()["items"]

    await texting.says(REPORTER, "1")

    assert warned
    assert {(one["level"], one["certainty"]) for one in warned} == {("high", "unconfirmed")}
    assert all("attaque armée à Kayes" in one["text"] for one in warned)
    assert (await api.moderator.get("/v1/alerts")).json()["items"] == warned


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("1", "vehicle_attack"), ("le 2 svp", "convoy_ambush"), ("3", "town_attack")],
)
async def test_the_number_he_answers_types_the_incident_anew(
    api: Api, texting: Texting, answer: str, kind: str
) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)
    api.clock.advance(timedelta(minutes=20))

    noted = await texting.says(REPORTER, answer)

    assert "Noté:" in str(noted)
    assert "répondez" not in str(noted)
    incident = await the_incident(api)
    assert (incident["kind"], incident["independent_sources"]) == (kind, 1)


async def test_what_it_was_may_be_said_in_words_and_once(api: Api, texting: Texting) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)

    noted = await texting.says(REPORTER, "un convoi attaqué")
    stray = await texting.says(REPORTER, "1")

    assert "Noté: convoi attaqué à Goundam" in str(noted)
    assert "Aucune question" in str(stray)
    assert (await the_incident(api))["kind"] == "convoy_ambush"


async def test_no_answer_thanks_or_a_number_that_is_none_files_nothing_more(
    api: Api, db: Database, texting: Texting
) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)

    thanks = await texting.says(REPORTER, "merci")
    no_such = await texting.says(REPORTER, "7")
    filed = rows(db, ReportRow)
    noted = await texting.says(REPORTER, "1")

    assert "répondez" not in str(thanks)
    assert "Goundam: que s'est-il passé? 1 véhicule attaqué" in str(no_such)
    assert filed == 1
    assert "Noté: véhicule attaqué à Goundam" in str(noted)
    assert (await the_incident(api))["kind"] == "vehicle_attack"


async def test_an_hour_later_the_number_answers_nothing(api: Api, texting: Texting) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)
    api.clock.advance(timedelta(hours=3))

    stray = await texting.says(REPORTER, "1")

    assert "Aucune question" in str(stray)
    assert (await the_incident(api))["kind"] == "town_attack"


async def test_he_takes_it_back_as_any_report_of_his(api: Api, texting: Texting) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)

    back = await texting.says(REPORTER, "annulez mon message c'est faux")

    assert str(back).startswith("SIRA Noté à Goundam: selon vous, c'est faux")


async def test_another_who_says_of_what_sort_it_is_is_believed_in_that(
    api: Api, texting: Texting
) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)

    await texting.says(DRIVER, "camion mitraillé à Goundam")

    incident = await the_incident(api)
    assert (incident["kind"], incident["independent_sources"]) == ("vehicle_attack", 2)


async def test_what_a_known_source_says_it_was_no_answer_changes(
    api: Api, texting: Texting
) -> None:
    await texting.says(REPORTER, _UNDER_FIRE)
    await report(api, "convoy_ambush", "Goundam")

    await texting.says(REPORTER, "1")

    assert (await the_incident(api))["kind"] == "convoy_ambush"


async def test_a_stranger_under_fire_stays_unheard_by_the_road(api: Api, texting: Texting) -> None:
    await texting.says(STRANGER, _UNDER_FIRE)

    assert (await api.moderator.get("/v1/incidents")).json()["items"] == []
