"""/: every route in words, the worst first; kept, and never older than what it shows."""

import asyncio
import gzip
import re
from datetime import timedelta

import httpx
import pytest

from app.db.engine import Database
from app.web.own_scripts import SCRIPTS
from tests.harness.api import Api, serving
from tests.harness.crowded import crowd
from tests.harness.html import read
from tests.web.conftest import PUBLIC, report

#: What a first flight of ten TCP segments carries: the whole page in one round trip.
BUDGET = 14_336
ROUND_TRIP = 0.6


async def the_page(site: Api, path: str = "/fr", **headers: str) -> httpx.Response:
    answer = await site.client().get(path, headers={"Accept": "text/html", **headers})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.alike
@pytest.mark.parametrize("path", ["/fr", "/fr/routes/ML-DKR-N"])
async def test_the_page_tells_nobody_at_which_hour_soldiers_were_there(
    site: Api, path: str
) -> None:
    at = (site.clock.now() - timedelta(hours=5, minutes=20)).isoformat()
    body = {"kind": "military_operation", "place": "Lakamane", "occurred_at": at, "summary": "x"}
    assert (await site.moderator.post("/v1/reports", json=body)).is_success
    await asyncio.sleep(ROUND_TRIP)

    page = (await the_page(site, path)).text

    assert "pération militaire" in page
    assert "T00:40" not in page
    assert "il y a 5" not in page


@pytest.mark.alike
async def test_the_worst_route_comes_first_with_its_reason_and_its_ages(site: Api) -> None:
    await report(site)
    site.clock.advance(timedelta(minutes=45))
    await asyncio.sleep(ROUND_TRIP)

    page = read((await the_page(site)).text)

    first = page.words.index("Bamako - Kayes - Dakar")
    told = page.words[first : first + 400]
    assert "Grave carburant" in told
    assert "Interception de carburant près de Lakamané, aujourd'hui, non confirmé" in told
    assert "Depuis 06:00 , dernière nouvelle il y a 2 h" in told
    assert page.words.index("Bamako - Kayes - Dakar") < page.words.index("Fana - Dioïla")
    assert "2025-09-08T04:00Z" in page.values("datetime")


async def test_what_is_unknown_says_so_and_is_not_called_safe(site: Api) -> None:
    page = read((await the_page(site, "/en")).text)

    assert "No route has been rated yet" in page.words
    assert "Unknown all cargoes Never rated, no news so far" in page.words
    assert "That does not mean that the roads are safe." in page.words


@pytest.mark.alike
async def test_unknown_says_since_when(site: Api) -> None:
    await report(site, kind="safe_transit")
    site.clock.advance(timedelta(hours=1))
    await asyncio.sleep(ROUND_TRIP)

    page = read((await the_page(site)).text)

    road = page.words[page.words.index("Bamako - Kayes - Dakar") :]
    assert road[:200].startswith("Bamako - Kayes - Dakar Inconnu")
    assert "Aucune nouvelle récente Depuis 06:00" in road[:200]
    # nobody is to think that of all the road nothing was ever heard
    assert "aucune nouvelle là où le danger est inconnu, aujourd'hui ailleurs" in road[:200]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_what_is_unknown_although_something_was_heard_lacks_no_news(site: Api) -> None:
    at = (site.clock.now() - timedelta(minutes=20)).isoformat()
    await report(site, kind="armed_presence", place="Kati", cargo=None, occurred_at=at)

    page = read((await the_page(site)).text)

    road = page.words[page.words.index("Bamako - Koulikoro - Banamba") :]
    why = "Trop peu de nouvelles récentes pour dire un niveau"
    assert f"{why} Depuis 06:00 , dernière nouvelle il y a 20 min" in road[:400]


@pytest.mark.alike
@pytest.mark.parametrize(
    ("path", "wish", "language"),
    [
        ("/", "fr", "fr"),
        ("/", "en-GB,en;q=0.8", "en"),
        ("/", "bm,de", "fr"),
        ("/en", "fr", "en"),
        ("/fr", "en", "fr"),
    ],
)
async def test_the_language_is_that_of_the_path_or_of_the_browser(
    site: Api, path: str, wish: str, language: str
) -> None:
    answer = await the_page(site, path, **{"Accept-Language": wish})

    assert f'<html lang="{language}">' in answer.text
    assert "Accept-Language" in answer.headers["vary"]


async def test_the_fullest_page_fits_the_first_flight(site: Api) -> None:
    await crowd(site)

    answer = await the_page(site)

    assert answer.headers["content-encoding"] == "gzip"
    assert 4_000 < int(answer.headers["content-length"]) <= BUDGET
    assert answer.text.count("<li><b ") >= 4 * len(site.state.roads.corridors)


@pytest.mark.alike
async def test_it_needs_nothing_but_itself(site: Api) -> None:
    await report(site)

    answer = await the_page(site)

    page = read(answer.text)
    assert {"img", "iframe", "object"} & set(page.tags) == set()
    assert page.values("style") == []
    sources = [(tag, value) for tag, name, value in page.attributes if name == "src"]
    assert sources == [("script", SCRIPTS["live"])]
    links = [value for tag, name, value in page.attributes if name == "href" and tag != "use"]
    assert all(link.startswith(("/", "#")) for link in links)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


async def test_who_has_the_page_gets_it_no_second_time(site: Api) -> None:
    first = await the_page(site)

    again = await site.client().get("/fr", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "no-cache, no-transform"


async def test_who_takes_no_gzip_gets_the_same_plain(site: Api) -> None:
    plain = await the_page(site, **{"Accept-Encoding": "identity"})
    squeezed = await the_page(site)

    assert "content-encoding" not in plain.headers
    assert plain.text == squeezed.text
    assert plain.headers["etag"] != squeezed.headers["etag"]
    assert gzip.compress(plain.content, 9, mtime=0)


@pytest.mark.alike
async def test_a_change_by_another_process_is_seen_within_a_second(site: Api, db: Database) -> None:
    before = await the_page(site)
    async with serving(db, settings=PUBLIC, context=site.state.context) as other:
        await report(other)

    await asyncio.sleep(ROUND_TRIP)
    after = await the_page(site)

    assert "Grave" not in before.text.split("<footer>")[0]
    assert "Grave" in after.text.split("<footer>")[0]


async def test_a_page_is_kept_as_long_as_nothing_changes(site: Api) -> None:
    first = await the_page(site)
    site.clock.advance(timedelta(seconds=50))

    same = await the_page(site)
    site.clock.advance(timedelta(seconds=20))
    later = await the_page(site)

    assert same.headers["etag"] == first.headers["etag"]
    assert later.headers["etag"] != first.headers["etag"], "ages are told in minutes"


async def test_a_town_is_found_by_its_name(site: Api) -> None:
    page = read((await the_page(site, "/fr?q=kayes")).text)

    shown = re.findall(r"/fr/routes/([\w-]+)", " ".join(page.values("href")))
    assert set(shown) == set(site.state.roads.routes_at("gn:2455518")) != set()
    assert "Routes qui passent par Kayes" in page.words


@pytest.mark.alike
@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("Bamko", "Routes through Bamako"),
        ("Lakamane", "Routes through Lakamané"),
        ("ML-RN6", "Bamako - Ségou - San - Sévaré"),
        ("xyzzy", "No place of that name: “xyzzy”"),
        ("Kamané", "is on no route we know. The nearest passes"),
    ],
)
async def test_what_is_looked_for_is_answered(site: Api, q: str, said: str) -> None:
    page = read((await the_page(site, f"/en?q={q}")).text)

    assert said in page.words


async def test_what_is_looked_for_cannot_write_the_page(site: Api) -> None:
    evil = '"><script>alert(1)</script><b onmouseover=x '

    answer = await the_page(site, "/en")
    attacked = await site.client().get("/en", params={"q": evil})

    assert attacked.status_code == 200
    assert read(attacked.text).tags.count("script") == 1  # ours
    assert [n for _, n, _ in read(attacked.text).attributes if n.startswith("on")] == []
    assert evil[:30] in read(attacked.text).words
    assert answer.status_code == 200


@pytest.mark.alike
async def test_words_of_a_report_never_reach_the_page(site: Api) -> None:
    lakamane = {"lat": 14.509, "lon": -9.909}
    evil = "<script>Zorglub</script>"
    await report(site, place=evil, position=lakamane, summary=evil, actor=evil, target=evil)
    await asyncio.sleep(ROUND_TRIP)

    page = await the_page(site)

    assert "près de Lakamané" in page.text
    assert "Zorglub" not in page.text


@pytest.mark.alike
async def test_where_a_convoy_passed_is_not_told(site: Api) -> None:
    passed = site.clock.now() - timedelta(minutes=37)
    for place in ("Fana", "Dioila", "Massigui", "Djenne"):
        await report(site, kind="safe_transit", place=place, occurred_at=passed.isoformat())
    await asyncio.sleep(ROUND_TRIP)

    page = read((await the_page(site, "/fr")).text)

    told = f"{passed:%H:%M}"
    assert told not in page.words
    assert not [value for value in page.values("datetime") if f"T{told}" in value]
    assert "2025-09-08" in page.values("datetime"), "its day may be told"


@pytest.mark.alike
async def test_another_road_is_named_only_as_long_as_it_is_better(site: Api) -> None:
    def other(page: str) -> str:
        words = read(page).words
        road = words[words.index("Bamako - Kayes - Dakar") : words.index("Fana - Dioïla")]
        return road.partition("Autre route")[2][:60]

    await report(site)
    await asyncio.sleep(ROUND_TRIP)
    by_kita = other((await the_page(site)).text)
    for place in ("Kita", "Bafoulabe"):
        await report(site, place=place, kind="roadblock")
    await asyncio.sleep(ROUND_TRIP)

    after = other((await the_page(site)).text)

    assert "Bafoulabé" in by_kita
    assert "Bafoulabé" not in after
