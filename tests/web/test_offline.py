"""What a browser keeps of the form for a report, and who gets the token that sends it."""

import json
import re
from collections.abc import AsyncIterator

import pytest

from app.accounts.keys import Scope
from app.accounts.sessions import is_form_token
from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.visitor import visitor


@pytest.fixture
async def site(sqlite_url: str) -> AsyncIterator[Api]:
    db = Database(sqlite_url)
    async with serving(db) as served:
        yield served
    db.close()


async def test_what_is_kept_is_the_same_for_everybody_and_holds_no_token(site: Api) -> None:
    someone, nobody = visitor(site), visitor(site)
    await someone.sign_in(site.key(Scope.REPORTER))

    worker = await someone.get("/fr/report/worker.js")

    assert worker.text == (await nobody.get("/fr/report/worker.js")).text
    assert worker.headers["service-worker-allowed"] == "/fr/report"
    assert worker.headers["content-security-policy"] == ("default-src 'none'; connect-src 'self'")
    kept = json.loads(re.search(r'(\{"page": .*\}) ?;\n', worker.text)[1])  # type: ignore[index]
    assert re.findall(r'name="(?:token|once)" value="([^"]*)"', kept["page"]) == [""] * 4
    assert "worker-src 'self'" in kept["policy"]
    assert "unsafe" not in kept["policy"]


@pytest.mark.parametrize(
    ("path", "title"), [("/fr/report", "Signaler"), ("/en/report", "Report"), ("/report", "Report")]
)
async def test_each_language_keeps_its_own(site: Api, path: str, title: str) -> None:
    browser = visitor(site)
    browser.client.headers["Accept-Language"] = "en"

    worker = await browser.get(f"{path}/worker.js")

    assert f"<h1>{title}</h1>" in worker.text
    assert worker.headers["service-worker-allowed"] == path
    same = {"If-None-Match": worker.headers["etag"]}
    assert (await browser.client.get(f"{path}/worker.js", headers=same)).status_code == 304


async def test_only_who_may_report_gets_a_token_and_only_on_our_own_pages(site: Api) -> None:
    reporter, reader, nobody = visitor(site), visitor(site), visitor(site)
    await reporter.sign_in(site.key(Scope.REPORTER))
    await reader.sign_in(site.key(Scope.SUBSCRIBER, site.organisation()))

    given = await reporter.get("/fr/report/token")

    assert is_form_token(given.json()["token"], reporter.token)
    assert given.headers["cache-control"] == "private, no-store"
    assert (await reader.get("/fr/report/token")).status_code == 403
    assert (await nobody.get("/fr/report/token")).status_code == 401
    strange = {"Sec-Fetch-Site": "cross-site"}
    assert (await reporter.client.get("/fr/report/token", headers=strange)).status_code == 403
