"""/desk: where it was, when a moderator names a place that is several, or none."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import at_the_desk, form_with, forms
from tests.web.conftest import report

pytestmark = pytest.mark.alike

IN_BOUREM = "gn:2460582"


async def waiting(site: Api, **more: Any) -> str:
    """Let somebody report what nobody can place; return the report's id."""
    body = {"kind": "ied", "occurred_at": site.clock.now().isoformat(), "place": "Zzzq"} | more
    answer = await site.reporter.post("/v1/reports/batch", json=[{"summary": "x", **body}])
    return str(answer.json()["items"][0]["report"]["id"])


async def test_a_place_that_is_several_is_asked_back_with_all_that_was_filled_in(
    site: Api,
) -> None:
    incident_id = await report(site)
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/incidents/{incident_id}")
    number = form_with(page.text, "place")

    asked = await someone.send(page, number, do="correct", kind="abduction", place="Bamba")

    assert asked.status_code == 422
    assert "choisissez plus bas lequel" in read(asked.text).words
    assert "Lequel était visé" in read(asked.text).words
    assert "Bourem, Gao" in read(asked.text).words
    again = form_with(asked.text, "place")
    assert forms(asked.text)[again].fields["place"] == "Bamba"
    assert '<option value="abduction" selected>' in asked.text

    shown = await someone.send(asked, again, do="correct", choice=IN_BOUREM, kind="abduction")
    assert "Ce sera : Enlèvement, Bamba, Gao, Mali" in read(shown.text).words
    await someone.send(shown, form_with(shown.text, "sure"))

    found = (await site.moderator.get(f"/v1/incidents/{incident_id}")).json()
    assert (found["kind"], found["location"]["cercle"]) == ("abduction", "Bourem")


async def test_a_kilometre_that_is_none_is_asked_back_and_not_all_of_the_road_taken(
    site: Api,
) -> None:
    report_id = await waiting(site, kind="route_suspended")
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")
    number = form_with(page.text, "road")

    asked = await someone.send(page, number, do="place", road="RN1", km="vers 45")
    shown = await someone.send(page, number, do="place", road="RN1", km="PK 45")

    assert asked.status_code == 422
    assert "Le kilomètre est un nombre" in read(asked.text).words
    assert "Ce sera : Noumoubougou" in read(shown.text).words


async def test_the_day_on_which_a_closure_begins_is_put_right_and_only_of_a_closure(
    site: Api,
) -> None:
    closure = await report(site, kind="roadblock")
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/incidents/{closure}")
    number = form_with(page.text, "starts_on")
    day = (site.clock.now() + timedelta(days=5)).date()

    wrong = await someone.send(page, number, do="correct", starts_on="demain")
    shown = await someone.send(page, number, do="correct", starts_on=day.isoformat())
    await someone.send(shown, form_with(shown.text, "sure"))

    assert wrong.status_code == 422
    assert f"Ce sera : à partir du {day.day} " in read(shown.text).words
    found = (await site.moderator.get(f"/v1/incidents/{closure}")).json()
    assert found["starts_at"] == f"{day.isoformat()}T00:00:00Z"
    attack = await someone.get(f"/fr/desk/incidents/{await report(site)}")
    assert "starts_on" not in attack.text


async def test_other_words_count_for_more_than_what_was_offered_for_the_first(site: Api) -> None:
    incident_id = await report(site)
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/incidents/{incident_id}")
    asked = await someone.send(page, form_with(page.text, "place"), do="correct", place="Bamba")

    shown = await someone.send(
        asked, form_with(asked.text, "place"), do="correct", choice=IN_BOUREM, place="Diema"
    )
    await someone.send(shown, form_with(shown.text, "sure"))

    found = (await site.moderator.get(f"/v1/incidents/{incident_id}")).json()
    assert found["location"]["label"] == "Diéma"


@pytest.mark.parametrize(
    ("given", "kept"),
    [({"place": "Bamba"}, {"place": "Bamba"}), ({"road": "RN1", "km": "x"}, {"road": "RN1"})],
)
async def test_what_cannot_be_placed_yet_comes_back_as_it_was_filled_in(
    site: Api, given: dict[str, str], kept: dict[str, str]
) -> None:
    report_id = await waiting(site)
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")

    asked = await someone.send(page, form_with(page.text, "place"), do="place", **given)

    assert asked.status_code == 422
    fields = forms(asked.text)[form_with(asked.text, "place")].fields
    assert {name: fields[name] for name in kept} == kept


async def test_a_report_is_placed_by_a_choice_among_what_the_desk_may_have_meant(
    site: Api,
) -> None:
    report_id = await waiting(site)
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")
    asked = await someone.send(page, form_with(page.text, "place"), do="place", place="Bamba")

    number = form_with(asked.text, "place")
    shown = await someone.send(asked, number, do="place", choice=IN_BOUREM)
    done = await someone.send(shown, form_with(shown.text, "sure"))

    assert done.headers["location"] == "/fr/desk?done=done_place"
    (found,) = (await site.moderator.get("/v1/incidents")).json()["items"]
    assert found["location"]["cercle"] == "Bourem"


async def test_before_a_report_is_placed_the_desk_reads_where_the_words_lead(site: Api) -> None:
    report_id = await waiting(site)
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")

    shown = await someone.send(page, form_with(page.text, "place"), do="place", place="lakamane")

    assert "Ce sera : Lakamané, Kayes, Mali" in read(shown.text).words


async def test_what_was_out_of_town_is_not_listed_as_in_it(site: Api) -> None:
    incident = await report(site, place="20 km de Kayes vers Diéma")
    someone = await at_the_desk(site)

    for path in ("/fr/desk", f"/fr/desk/incidents/{incident}"):
        assert "20 km de Kayes" in read((await someone.get(path)).text).words
    assert "20 km from Kayes" in read((await someone.get("/en/desk")).text).words
    route = read((await site.client().get("/fr/routes/ML-DKR-N?cargo=fuel")).text).words
    assert "Interception de carburant à 20 km de Kayes" in route


async def test_a_place_abroad_of_which_less_is_known_is_offered_like_any_other(site: Api) -> None:
    report_id = await waiting(site, place="Sikala")
    someone = await at_the_desk(site)

    page = await someone.get(f"/fr/desk/reports/{report_id}")

    assert page.status_code == 200
    assert "Sarhala Worodougou, Côte d" in read(page.text).words
    shown = await someone.send(page, form_with(page.text, "road"), do="place", place="Diéma")
    assert "Ce sera : Diéma, Kayes, Mali" in read(shown.text).words


async def test_who_sends_nothing_keeps_the_places_that_were_offered(site: Api) -> None:
    report_id = await waiting(site, place="Sikala")
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")

    again = await someone.send(page, form_with(page.text, "road"), do="place")

    assert again.status_code == 422
    assert "Lequel était visé" in read(again.text).words


async def test_a_suspended_road_is_placed_on_all_of_it(site: Api) -> None:
    report_id = await waiting(site, kind="route_suspended")
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")
    form = form_with(page.text, "road")

    shown = await someone.send(page, form, do="place", place="axe Bamako-Ségou")

    assert "Ce sera : Bamako - Ségou" in read(shown.text).words


async def test_an_incident_is_moved_to_all_of_a_road_where_its_kind_is_of_that(site: Api) -> None:
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/incidents/{await report(site, kind='roadblock')}")
    form = form_with(page.text, "place")
    road = {"do": "correct", "place": "axe Bamako-Ségou"}

    asked = await someone.send(page, form, **road)
    shown = await someone.send(page, form, kind="route_suspended", **road)

    assert asked.status_code == 422
    assert "Bamako - Ségou" in read(shown.text).words


@pytest.mark.parametrize("retyped", [False, True])
async def test_a_moderator_may_say_that_nobody_knows_where_on_a_long_road(
    *, retyped: bool, site: Api
) -> None:
    report_id = await waiting(site, kind="convoy_ambush", place="Bamako-Sikasso")
    someone = await at_the_desk(site)
    page = await someone.get(f"/fr/desk/reports/{report_id}")
    if retyped:
        page = await someone.send(
            page, form_with(page.text, "place"), do="place", place="Bamako-Sikasso"
        )
        assert "C'est une longue route" in read(page.text).words
    assert "Bamako - Sikasso : on ne sait pas où" in read(page.text).words

    shown = await someone.send(page, form_with(page.text, "place"), do="place", choice="somewhere")
    assert "Ce sera : Bamako - Sikasso" in read(shown.text).words
    await someone.send(shown, form_with(shown.text, "sure"))

    (incident,) = (await site.moderator.get("/v1/incidents")).json()["items"]
    assert incident["location"]["label"] == "Bamako - Sikasso"
