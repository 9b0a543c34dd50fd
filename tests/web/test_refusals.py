"""Errors: a page for browsers, a problem document for programs."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from app.web.maker import SEARCHES_AT_ONCE
from tests.harness.api import Api, serving
from tests.harness.html import read
from tests.harness.visitor import visitor
from tests.web.conftest import PUBLIC

pytestmark = pytest.mark.alike

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "fr"}


@pytest.mark.parametrize("path", ["/nothing", "/fr/nothing", "/routes/ML-NOPE", "/problems/nope"])
async def test_a_browser_gets_a_page(site: Api, path: str) -> None:
    answer = await site.client().get(path, headers=BROWSER)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "Il n'y a rien à cette adresse" in read(answer.text).words
    assert path not in read(answer.text).words


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json"])
async def test_a_program_gets_a_problem(site: Api, accept: str) -> None:
    answer = await site.client().get("/nothing", headers={"Accept": accept})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"


async def test_a_page_of_others_leads_to_signing_in_with_their_key(site: Api) -> None:
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.REPORTER))

    answer = await someone.get("/fr/desk")

    assert answer.status_code == 403
    (enter,) = (one for one in read(answer.text).values("href") if "sign-in" in one)
    assert await someone.sign_in(site.key(Scope.MODERATOR), path=enter) == "/fr/desk"


async def test_what_is_too_long_is_called_so(site: Api) -> None:
    answer = await visitor(site).post("/fr/sign-in", {"key": "x" * 300_000})

    assert answer.status_code == 413
    assert "C'est trop long" in read(answer.text).words


async def test_the_api_answers_browsers_as_it_answers_programs(site: Api) -> None:
    answer = await site.client().get("/v1/routes", headers=BROWSER)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_another_method_is_refused_with_those_that_work(site: Api) -> None:
    answer = await site.client().post("/", headers=BROWSER)

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    # the page is there
    assert "Cela n'a pas marché" in read(answer.text).words
    assert "n'est pas là" not in read(answer.text).words


async def test_a_nul_in_the_path_is_a_page_too(site: Api) -> None:
    answer = await site.client().get("/x%00y", headers=BROWSER)

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_what_breaks_is_a_page_without_its_insides(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    async with serving(db, settings=PUBLIC) as site:
        with db.engine.begin() as conn:
            conn.exec_driver_sql("DROP TABLE section_state")

        answer = await site.client().get("/", headers=BROWSER)

    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "section_state" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    db.close()


async def test_a_storm_of_searches_is_held_back_and_the_page_is_not(site: Api) -> None:
    client = site.client()
    for _ in range(SEARCHES_AT_ONCE):
        assert (await client.get("/fr?q=kayes", headers=BROWSER)).status_code == 200

    held = await client.get("/fr?q=kayes", headers=BROWSER)

    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1
    assert "Trop de demandes à la fois" in read(held.text).words
    assert (await client.get("/fr", headers=BROWSER)).status_code == 200
    site.clock.advance(timedelta(seconds=2))
    assert (await client.get("/fr?q=kayes", headers=BROWSER)).status_code == 200


async def test_one_laptop_does_not_take_everybodys_searches(site: Api) -> None:
    laptop, other = visitor(site, host="102.16.0.66"), visitor(site, host="41.73.96.10")

    answers = [(await laptop.get("/fr?q=kayes")).status_code for _ in range(SEARCHES_AT_ONCE)]

    assert answers.count(200) == SEARCHES_AT_ONCE / 2
    assert answers[-1] == 429
    assert (await other.get("/fr?q=kayes")).status_code == 200
    assert (await site.client().get("/fr?q=kayes", headers=BROWSER)).status_code == 200


async def test_icons_and_docs_and_health_are_there(site: Api) -> None:
    client = site.client()

    icon = await client.get("/favicon.ico", headers=BROWSER)

    assert icon.headers["content-type"] == "image/svg+xml"
    assert "max-age" in icon.headers["cache-control"]
    assert (await client.get("/docs")).status_code == 200
    assert (await client.get("/healthz")).status_code == 200
    assert not [p for p in (await client.get("/openapi.json")).json()["paths"] if p == "/"]
