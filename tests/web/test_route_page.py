"""/routes/{code}: one route for one cargo, stop by stop, with every reason and other ways."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.world import PUBLIC_URL, World
from tests.web.conftest import report

pytestmark = pytest.mark.alike

ROUTE = "/fr/routes/ML-DKR-N"
LOOKED_AGAIN = 0.6


async def the_page(site: Api, path: str = ROUTE, **headers: str) -> httpx.Response:
    answer = await site.client().get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_every_stop_stands_in_order_with_its_kilometre(site: Api) -> None:
    page = read((await the_page(site)).text)

    strip = page.words[page.words.index("La route, arrêt par arrêt") :]
    places = [strip.index(stop.name) for stop in site.state.roads.corridors["ML-DKR-N"].stops[:40]]
    assert places == sorted(places)
    assert "Kayes 613 km" in strip
    assert page.tags.count("li") > len(site.state.roads.corridors["ML-DKR-N"].stops)


async def test_an_incident_stands_at_its_place_and_is_worded(site: Api) -> None:
    await report(site)

    text = (await the_page(site)).text
    page = read(text)

    strip = page.words[page.words.index("La route, arrêt par arrêt") :]
    assert (
        strip.index("Grave")
        < strip.index("Interception de carburant près de Lakamané")
        < strip.index("Kaniéra")
    )
    assert "impose grave jusqu'au 11 sept. 04:00" in page.words
    # of every section, and left out in print: they are many times as long as all else
    assert "règle «" not in re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    assert "Ne partez pas." in page.words


async def test_other_ways_are_those_of_the_journeys(site: Api) -> None:
    await report(site)
    asked = {"from": "Bamako", "to": "Dakar", "cargo": "fuel", "language": "fr"}

    page = read((await the_page(site)).text)
    answer = (await site.admin.get("/v1/journeys", params=asked)).json()

    advice = answer["advice"]
    assert f"{advice[0].upper()}{advice[1:]}" in page.words
    for journey in answer["journeys"][:3]:
        assert ", ".join(journey["via"]) in page.words


async def test_the_cargo_is_chosen_once(site: Api) -> None:
    await report(site)

    chosen = await the_page(site, f"{ROUTE}?cargo=passengers")
    cookie = chosen.headers["set-cookie"]
    later = await the_page(site, Cookie=cookie.partition(";")[0])

    assert "HttpOnly; SameSite=Lax" in cookie
    assert "Maintenant, pour passagers" in chosen.text
    assert "Maintenant, pour passagers" in later.text
    assert "set-cookie" not in later.headers
    assert "Cookie" in later.headers["vary"]
    assert "Maintenant, pour carburant" in (await the_page(site)).text


@pytest.mark.parametrize("said", ["nothing", "fuel%0d%0aX-Evil:1", "%3Cscript%3E", ""])
async def test_a_cargo_that_is_none_is_not_kept(site: Api, said: str) -> None:
    answer = await the_page(site, f"{ROUTE}?cargo={said}", Cookie=f"cargo={said}")

    assert "set-cookie" not in answer.headers
    assert "x-evil" not in answer.headers
    assert read(answer.text).tags.count("script") == 1  # ours


async def test_the_level_over_time_is_drawn_and_told(site: Api) -> None:
    site.clock.advance(timedelta(days=3))
    await report(site)
    site.clock.advance(timedelta(days=2))
    await asyncio.sleep(LOOKED_AGAIN)

    page = read((await the_page(site)).text)

    assert page.tags.count("rect") == 2
    assert "11 sept. 06:00 : inconnu → grave" in page.words


async def test_nothing_of_a_report_but_what_was_made_of_it_is_shown(site: Api) -> None:
    evil = "<script>Zorglub</script>"
    lakamane = {"lat": 14.509, "lon": -9.909}
    await report(
        site,
        place=evil,
        position=lakamane,
        summary=evil,
        actor=evil,
        target=evil,
        source={"name": "Zorglub", "type": "driver"},
    )

    for path in (ROUTE, "/en/routes/ML-DKR-N?cargo=goods"):
        page = await the_page(site, path)
        assert "Zorglub" not in page.text
        assert "Lakamané" in page.text


async def test_where_soldiers_are_is_not_told(site: Api) -> None:
    incident = await report(site, kind="military_operation")

    page = await the_page(site)

    told = read(page.text).words
    assert "Opération militaire sur le tronçon" in told
    assert "près de Lakamané" not in told
    assert "(le lieu n'est pas publié)" in told
    reasons = told[told.index("Toutes les raisons") :]
    assert "Inconnu" not in reasons[: reasons.index("Ce que veulent dire")], "would point at it"
    assert 'href="#i1"' not in page.text
    assert incident not in page.text
    assert f"{site.clock.now() - timedelta(hours=2):%H:%M}" not in told


async def test_whoever_reports_soldiers_is_not_shown_whether_others_saw_them(site: Api) -> None:
    spy = site.client(site.new_key(Scope.REPORTER)[1])

    async def told_after(place: str, client: httpx.AsyncClient) -> tuple[list[str], str]:
        at = site.clock.now().isoformat()
        body = {"kind": "military_operation", "place": place, "occurred_at": at, "summary": "x"}
        assert (await client.post("/v1/reports", json=body)).is_success
        site.clock.advance(timedelta(minutes=1))
        html = (await the_page(site)).text
        return re.findall(r'<li id="i\d+">(.*?)</li>', html), read(html).words

    hidden, _ = await told_after("Lakamane", site.moderator)
    joined, words = await told_after("Lakamane", spy)
    elsewhere, _ = await told_after("Kayes", spy)

    assert len(hidden) == 1
    assert hidden == joined == elsewhere
    assert "source" not in words
    assert re.findall(r"\d,\d %", words) == []
    assert "% de risque" in words


async def test_rule_titles_cannot_write_the_page(site: Api) -> None:
    evil = "</style><script>alert(1)</script>"
    rule = {
        "id": "mine",
        "title": evil,
        "when": 'incident.kind == "fuel_interception"',
        "weight": 3,
    }
    made = await site.admin.post("/v1/rules", json=rule)
    assert made.status_code == 201, made.text
    await report(site)

    page = read((await the_page(site, "/en/routes/ML-DKR-N")).text)

    assert evil in page.words
    assert page.tags.count("script") == 1  # ours
    assert page.tags.count("style") == 1


async def test_every_route_has_its_page(site: Api) -> None:
    for code in site.state.roads.corridors:
        answer = await the_page(site, f"/en/routes/{code}")
        assert read(answer.text).tags.count("main") == 1
        assert f'href="/fr/routes/{code}"' in answer.text


async def test_the_link_of_an_email_leads_to_its_route(world: World) -> None:
    await world.subscriber("Awa", email=True, sms=False)
    await world.reports("fuel_interception", "Lakamane", cargo="fuel")

    (mail,) = world.mails("Awa")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    link = next(word for word in text.split() if word.startswith(f"{PUBLIC_URL}/routes/"))
    answer = await world.api.client().get(link.removeprefix(PUBLIC_URL).rstrip("."))

    assert answer.status_code == 401, "closed: it says whom to ask"
    assert "SMS" in answer.text
    keyed = await world.api.admin.get(link.removeprefix(PUBLIC_URL).rstrip("."))
    assert "Bamako - Kayes - Dakar" in keyed.text


async def test_a_closed_road_is_not_advised_by_day(site: Api) -> None:
    await report(site, kind="flood_damage", place="Diéma", cargo=None)

    page = read((await the_page(site, f"{ROUTE}?cargo=goods")).text)

    assert "Ne partez pas avant la réouverture." in page.words


async def test_a_blockade_announced_for_a_day_holds_the_road_until_then_and_says_so(
    site: Api,
) -> None:
    starts = "2025-10-01T08:00:00Z"
    await report(site, kind="blockade_threat", place="Kayes", cargo=None, starts_at=starts)

    page = read((await the_page(site)).text)

    what = "Blocus annoncé à partir du 1er octobre 2025 près de Kayes, dit aujourd'hui"
    assert what in page.words
    assert "impose modéré jusqu'à son début" in page.words
    assert "jusqu'à la levée" not in page.words.replace("fermé jusqu'à sa levée", "")
    asked = {"cargo": "fuel", "language": "fr"}
    rating = (await site.admin.get("/v1/routes/ML-DKR-N/rating", params=asked)).json()
    assert any("jusqu'à son début, le 01/10 8h" in reason for reason in rating["reasons"])


async def test_stretches_are_named_in_the_direction_of_the_route(site: Api) -> None:
    await report(site)

    page = read((await the_page(site)).text)

    reasons = page.words[page.words.index("Toutes les raisons") :]
    assert "Lakamané - Sandaré" in reasons
    assert "Sandaré - Lakamané" not in reasons


async def test_news_of_this_minute_is_no_zero_minutes_old(site: Api) -> None:
    now = site.clock.now().isoformat()
    await report(site, kind="flood_damage", place="Bamako", cargo=None, occurred_at=now)

    page = read((await the_page(site, f"{ROUTE}?cargo=goods")).text)

    assert "dernière nouvelle il y a 1 min" in page.words


@pytest.mark.alike
async def test_news_from_elsewhere_on_the_road_is_told_beside_that_of_the_worst(site: Api) -> None:
    await report(site, occurred_at=(site.clock.now() - timedelta(hours=20)).isoformat())
    later = (site.clock.now() - timedelta(hours=3)).isoformat()
    await report(site, place="Kidira", occurred_at=later)
    newest = site.clock.now() - timedelta(minutes=20)
    await report(site, kind="armed_presence", place="Kati", occurred_at=newest.isoformat())

    page = read((await the_page(site, f"{ROUTE}?cargo=fuel")).text)

    # an attack 17 hours later on another stretch that is as bad is news of what is so bad
    there = "dernière nouvelle il y a 3 h là où le danger est grave"
    assert f"{there}, il y a 20 min ailleurs sur la route" in page.words.replace(" ,", ",")


async def test_a_closure_of_all_of_a_road_stands_at_no_kilometre_of_it(site: Api) -> None:
    await report(site, kind="route_suspended", place="axe Bamako-Ségou", cargo=None)

    page = read((await the_page(site, "/fr/routes/ML-RN6?cargo=goods")).text)

    assert "Le pire tronçon : Bamako - Ségou" in page.words
    strip = page.words[page.words.index("La route, arrêt par arrêt") :]
    what = "Liaison suspendue par les transporteurs entre Bamako et Ségou"
    assert strip.index(what) > strip.index("Sévaré")
