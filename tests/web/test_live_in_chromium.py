"""Pages that stay open show what is new, and leave alone what somebody types."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.browser import chromium_at, listening
from tests.web.conftest import PUBLIC, report

#: It is that of UTC.
HOUR_IN_BAMAKO = "new Date().toISOString().slice(11, 13)"


@pytest.fixture
async def site(sqlite_url: str) -> AsyncIterator[Api]:
    db = Database(sqlite_url)
    async with serving(db, settings=PUBLIC) as served:
        yield served
    db.close()


async def test_news_comes_by_itself_and_what_is_typed_stays(site: Api, chromium: str) -> None:
    with listening(site.app) as origin:
        async with chromium_at(chromium, origin, timezone_id="Asia/Tokyo") as tab:
            await tab.open("/fr")
            first = tab.page.locator("main h2").first
            road = tab.page.get_by_role("link", name="Bamako - Kayes - Dakar")
            await road.focus()

            before = await tab.page.evaluate(HOUR_IN_BAMAKO)
            await report(site)

            await expect(first).to_have_text("Bamako - Kayes - Dakar")
            fresh = tab.page.get_by_text("Mis à jour à")
            await expect(fresh).to_be_visible()
            said = (await fresh.inner_text()).removeprefix("Mis à jour à ")
            after = await tab.page.evaluate(HOUR_IN_BAMAKO)
            assert said.partition(":")[0] in {before, after}, "nine hours later where he reads it"
            await expect(
                tab.page.get_by_role("link", name="Bamako - Kayes - Dakar")
            ).to_be_focused()

            await tab.page.get_by_role("searchbox").fill("gao")
            await report(site, place="Kayes")

            await expect(tab.page.get_by_text("Il y a du nouveau.")).to_be_visible()
            assert await tab.page.get_by_role("searchbox").input_value() == "gao"
            assert await tab.page.get_by_text("près de Kayes").count() == 0

            await tab.page.get_by_role("button", name="Afficher").press("Enter")

            await expect(tab.page.get_by_text("près de Kayes").first).to_be_visible()
            tab.was_quiet()


async def test_a_desk_that_is_not_kept_up_to_date_any_more_says_so(
    site: Api, chromium: str
) -> None:
    key = site.key(Scope.MODERATOR)
    with listening(site.app) as origin:
        async with chromium_at(chromium, origin) as tab:
            await tab.open("/fr/sign-in")
            await tab.page.get_by_label("Votre clé").fill(key)
            await tab.page.get_by_label("Votre clé").press("Enter")
            await tab.page.wait_for_url("**/fr/desk")
            await tab.page.context.clear_cookies()  # as when the session is over

            await report(site)

            line = tab.page.get_by_text("Cette page n'est plus tenue à jour depuis")
            await expect(line).to_be_visible()
            await tab.page.get_by_role("button", name="Recharger").press("Enter")
            await tab.page.wait_for_url("**/fr/sign-in?next=/fr/desk")
