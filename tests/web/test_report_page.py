"""Reporting in the browser, without scripts: what is told, what it changes, what is asked back."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.db.tables import ReportRow
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import Visitor, forms, visitor

pytestmark = pytest.mark.alike

TANKERS = {"kind": "fuel_interception", "place": "Lakamane"}


@pytest.fixture
async def reporter(closed_site: Api) -> Visitor:
    someone = visitor(closed_site)
    await someone.sign_in(closed_site.key(Scope.REPORTER))
    return someone


def reports(site: Api) -> int:
    query = select(func.count()).select_from(ReportRow)
    return int(site.state.db.read_now(lambda conn: conn.execute(query).scalar_one()))


def stored(site: Api) -> Any:
    query = select(ReportRow.__table__)
    return site.state.db.read_now(lambda conn: conn.execute(query).mappings().one())


async def report(someone: Visitor, path: str = "/fr/report", **fields: str) -> httpx.Response:
    return await someone.send(await someone.get(path), **fields)


async def test_three_taps_and_a_place_tell_what_it_changes(
    reporter: Visitor, closed_site: Api
) -> None:
    answer = await report(reporter, **TANKERS)

    words = read(answer.text).words
    assert answer.status_code == 200
    assert "Interception de carburant, Lakamané" in words
    assert "Vous êtes le premier à le signaler" in words
    assert "Bamako - Kayes - Dakar" in words
    assert "avant : inconnu" in words
    row = stored(closed_site)
    assert (row["kind"], row["basis"], row["date_precision"]) == (
        "fuel_interception",
        "firsthand",
        "instant",
    )
    assert row["occurred_at"] == closed_site.clock.now()


async def test_the_page_says_what_the_interface_for_programs_says(
    reporter: Visitor, closed_site: Api
) -> None:
    page = read((await report(reporter, "/en/report", **TANKERS)).text).words
    answer = stored(closed_site)["answer"]

    assert answer["effects"]
    for effect in answer["effects"]:
        assert f"before: {effect['before']}" in page
        assert effect["after"].capitalize() in page


async def test_all_that_is_filled_in_is_filed(reporter: Visitor, closed_site: Api) -> None:
    await report(
        reporter,
        kind="vehicle_attack",
        road="RN1",
        km="45",
        when="yesterday",
        time="14:30",
        cargo="goods",
        basis="relayed",
        summary="Deux camions\r\nbrûlés",
    )

    row = stored(closed_site)
    assert row["occurred_at"] == closed_site.clock.now() - timedelta(days=1) + timedelta(hours=8.5)
    assert row["basis"] == "relayed"
    assert row["claim"]["road"] == "RN1"
    assert row["location"]["label"] == "Noumoubougou"
    assert row["summary"] == "Deux camions\r\nbrûlés"
    assert row["answer"]["report"]["cargo"] == ["goods"]


async def test_sending_twice_counts_once_and_says_the_same(
    reporter: Visitor, closed_site: Api
) -> None:
    page = await reporter.get("/fr/report")
    first = await reporter.send(page, **TANKERS)
    closed_site.clock.advance(timedelta(seconds=50))

    again = await reporter.send(page, **TANKERS)

    assert reports(closed_site) == 1
    assert again.status_code == 200
    assert (
        read(again.text).words.split("Mes derniers")[0]
        == (read(first.text).words.split("Mes derniers")[0])
    )


async def test_what_a_phone_sends_again_with_the_hour_counts_once(
    reporter: Visitor, closed_site: Api
) -> None:
    page = await reporter.get("/fr/report")
    await reporter.send(page, **TANKERS)
    day, time = closed_site.clock.now().isoformat().split("T")

    again = await reporter.send(page, **TANKERS, day=day, time=time[:5], dated="1")

    assert again.status_code == 200
    assert reports(closed_site) == 1


async def test_two_taps_at_once_count_once(reporter: Visitor, closed_site: Api) -> None:
    page = await reporter.get("/fr/report")

    both = await asyncio.gather(*(reporter.send(page, **TANKERS) for _ in range(2)))

    assert [one.status_code for one in both] == [200, 200]
    assert reports(closed_site) == 1


async def test_a_new_form_is_a_new_report(reporter: Visitor, closed_site: Api) -> None:
    await report(reporter, **TANKERS)
    second = await report(reporter, **TANKERS)

    assert reports(closed_site) == 2
    assert "D'autres signalements parlent du même fait" in read(second.text).words


async def test_going_back_and_sending_something_else_is_asked_about(
    reporter: Visitor, closed_site: Api
) -> None:
    page = await reporter.get("/fr/report")
    await reporter.send(page, **TANKERS)

    back = await reporter.send(page, kind="roadblock", place="Kayes")

    assert back.status_code == 409
    assert "ce premier envoi compte" in read(back.text).words
    assert reports(closed_site) == 1
    assert (await reporter.send(back)).status_code == 200
    assert reports(closed_site) == 2


# ------------------------------------------------------------------------------- where


async def test_namesakes_are_asked_about_and_nothing_is_lost(
    reporter: Visitor, closed_site: Api
) -> None:
    told = {
        "kind": "ied",
        "place": "Bamba",
        "when": "yesterday",
        "time": "07:10",
        "cargo": "fuel",
        "basis": "relayed",
        "summary": "près du pont",
    }
    asked = await report(reporter, **told)

    assert asked.status_code == 422
    assert reports(closed_site) == 0
    words = read(asked.text).words
    assert "Plusieurs lieux s'appellent « Bamba »" in words
    assert "Bourem, Gao, Mali" in words
    form = forms(asked.text)[0]
    assert form.fields | told == form.fields
    places = form.choices["choice"]
    assert len(places) == 3

    answer = await reporter.send(asked, choice=places[1])

    assert answer.status_code == 200
    assert stored(closed_site)["location"]["place_id"] == places[1]
    assert stored(closed_site)["summary"] == "près du pont"


async def test_a_place_that_nobody_knows_can_be_sent_as_it_is(
    reporter: Visitor, closed_site: Api
) -> None:
    asked = await report(reporter, kind="roadblock", place="Zzzq")
    assert "« Zzzq » n'est pas connu" in read(asked.text).words

    answer = await reporter.send(asked, choice="none")

    assert "Une personne cherche le lieu" in read(answer.text).words
    assert stored(closed_site)["outcome"] == "asked"
    waiting = (await closed_site.moderator.get("/v1/reports")).json()["items"]
    assert len(waiting) == 1


async def test_nobody_need_know_where_on_a_long_road_it_was(
    reporter: Visitor, closed_site: Api
) -> None:
    asked = await report(reporter, kind="convoy_ambush", place="Kayes-Diéma")
    words = read(asked.text).words
    assert "« Kayes-Diéma » est une longue route" in words
    assert "Kayes - Diéma : on ne sait pas où toute cette route sera prévenue" in words

    answer = await reporter.send(asked, choice="somewhere")

    assert answer.status_code == 200
    location = stored(closed_site)["location"]
    assert (location["shape"], location["label"]) == ("road", "Kayes - Diéma")


async def test_a_choice_survives_another_fault(reporter: Visitor, closed_site: Api) -> None:
    asked = await report(reporter, kind="ied", place="Bamba")
    place = forms(asked.text)[0].choices["choice"][1]

    wrong = await reporter.send(asked, choice=place, time="soon")
    assert wrong.status_code == 422
    await reporter.send(wrong, time="")

    assert stored(closed_site)["location"]["place_id"] == place


async def test_another_name_after_a_question_is_looked_up_anew(
    reporter: Visitor, closed_site: Api
) -> None:
    asked = await report(reporter, kind="ied", place="Bamba")

    await reporter.send(asked, place="Kayes", choice=forms(asked.text)[0].choices["choice"][0])

    assert stored(closed_site)["location"]["label"] == "Kayes"


async def test_a_kilometre_off_the_road_is_said_at_the_road(reporter: Visitor) -> None:
    asked = await report(reporter, kind="ied", road="RN1", km="2999")

    assert asked.status_code == 422
    assert "Cette route, ou ce kilomètre, n'est pas connue" in read(asked.text).words


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choisissez ce qui se passe"),
        ({"kind": "ied"}, "Nommez une ville"),
        ({"kind": "ied", "place": "Kayes", "day": "hier"}, "Quel jour"),
        ({"kind": "ied", "place": "Kayes", "day": "2030-01-01"}, "dans l'avenir"),
        ({"kind": "ied", "place": "Kayes", "day": "1990-01-01"}, "trop ancien"),
        ({"kind": "ied", "place": "Kayes", "summary": "x" * 2001}, "ne peut pas être pris"),
        ({"kind": "ied", "place": "Kayes", "summary": "a\x07b"}, "ne peut pas être pris"),
    ],
)
async def test_what_is_missing_is_said_and_the_rest_is_kept(
    reporter: Visitor, closed_site: Api, fields: dict[str, str], said: str
) -> None:
    answer = await report(reporter, cargo="fuel", **fields)

    assert answer.status_code == 422
    assert said in read(answer.text).words
    assert forms(answer.text)[0].fields["cargo"] == "fuel"
    assert reports(closed_site) == 0


# ------------------------------------------------------------------------------- what became


async def test_what_became_of_my_reports_is_told_when_asked_for(
    reporter: Visitor, closed_site: Api
) -> None:
    page = await reporter.get("/fr/report")
    assert "Lakamané" not in (await reporter.get("/fr/report")).text
    await reporter.send(page, **TANKERS)
    closed_site.clock.advance(timedelta(hours=3))

    async def fate() -> str:
        answer = await reporter.send(await reporter.get("/fr/report"), 1, mine="1")
        assert answer.headers["cache-control"] == "private, no-store"
        return read(answer.text).words

    assert "Interception de carburant , Lakamané Pas encore confirmé envoyé il y a 3 h" in (
        await fate()
    )
    incident = stored(closed_site)["answer"]["incident"]["id"]
    for status, said in (("confirmed", "Confirmé"), ("refuted", "Démenti")):
        await closed_site.moderator.patch(f"/v1/incidents/{incident}", json={"status": status})
        assert f"Lakamané {said} envoyé" in await fate()


async def test_who_asks_from_place_to_place_is_not_told_that_others_saw_soldiers(
    reporter: Visitor, closed_site: Api
) -> None:
    soldiers = {"kind": "military_operation", "place": "Lakamane"}
    at = closed_site.clock.now().isoformat()
    made = await closed_site.moderator.post("/v1/reports", json={**soldiers, "occurred_at": at})
    path = f"/v1/incidents/{made.json()['incident']['id']}"
    assert (await closed_site.moderator.patch(path, json={"status": "confirmed"})).is_success
    closed_site.clock.advance(timedelta(hours=1))

    told = read((await report(reporter, **soldiers)).text).words
    own = await reporter.send(await reporter.get("/fr/report"), 1, mine="1")

    assert (await closed_site.moderator.get(path)).json()["reports"] == 2
    assert "Vous êtes le premier à le signaler" in told
    assert "Pas encore confirmé" in read(own.text).words
    assert "2 sources" not in told + read(own.text).words
    closed_site.clock.advance(timedelta(hours=1))
    assert (await closed_site.moderator.patch(path, json={"status": "refuted"})).is_success
    own = await reporter.send(await reporter.get("/fr/report"), 1, mine="1")
    assert "Démenti" in read(own.text).words


async def test_nobody_sees_the_reports_of_another(reporter: Visitor, closed_site: Api) -> None:
    await report(reporter, **TANKERS)
    other = visitor(closed_site)
    await other.sign_in(closed_site.new_key(Scope.REPORTER)[1])

    answer = await other.send(await other.get("/fr/report"), 1, mine="1")

    assert "Aucun signalement depuis 14 jours" in read(answer.text).words


async def test_reports_are_shown_for_fourteen_days(reporter: Visitor, closed_site: Api) -> None:
    await report(reporter, **TANKERS)
    closed_site.clock.advance(timedelta(days=14, seconds=1))
    someone = visitor(closed_site)
    await someone.sign_in(closed_site.key(Scope.REPORTER))

    answer = await someone.send(await someone.get("/fr/report"), 1, mine="1")

    assert "Lakamané" not in answer.text


async def test_nothing_of_the_reporter_stays_in_page_address_or_history(
    reporter: Visitor, closed_site: Api
) -> None:
    key = closed_site.key(Scope.REPORTER)
    for answer in (await reporter.get("/fr/report"), await report(reporter, **TANKERS)):
        assert answer.headers["cache-control"] == "private, no-store"
        assert "<title>Sira</title>" in answer.text
        assert str(answer.url) == "http://sira.test/fr/report"
        assert reporter.token not in answer.text
        assert key not in answer.text
        assert stored_key(closed_site) not in answer.text


def stored_key(site: Api) -> str:
    query = select(ReportRow.key_id)
    return site.state.db.read_now(lambda conn: conn.execute(query).scalar()) or "no report yet"
