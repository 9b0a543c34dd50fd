"""Pages that stay open show what is new, and leave alone what somebody types."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, Route, expect
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Scope_

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.browser import SHARED, chromium_at, listening
from tests.web.conftest import PUBLIC, report

pytestmark = SHARED

#: It is that of UTC.
HOUR_IN_BAMAKO = "new Date().toISOString().slice(11, 13)"
#: Counts what the page hears, beside it.
COUNTED = """() => {
  window.heard = 0;
  new EventSource("/live").onmessage = () => { window.heard += 1; };
}"""
HEARD = """(times) => new Promise((done) => {
  const look = () => (window.heard < times ? setTimeout(look, 50) : done());
  look();
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def site(sqlite_url: str) -> AsyncIterator[Api]:
    db = Database(sqlite_url)
    async with serving(db, settings=PUBLIC) as served:
        yield served
    db.close()


async def test_news_comes_by_itself_and_what_is_typed_stays(site: Api, browser: Browser) -> None:
    with listening(site.app) as origin:
        async with chromium_at(browser, origin, timezone_id="Asia/Tokyo") as tab:
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
    site: Api, browser: Browser
) -> None:
    key = site.key(Scope.MODERATOR)
    with listening(site.app) as origin:
        async with chromium_at(browser, origin) as tab:
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


async def test_news_whose_page_could_not_be_had_is_asked_for_again(
    site: Api, browser: Browser
) -> None:
    with listening(site.app) as origin:
        async with chromium_at(browser, origin) as tab:
            await tab.page.clock.install()
            await tab.open("/fr")

            async def drop(route: Route) -> None:
                if route.request.resource_type == "fetch":
                    await route.abort()
                else:
                    await route.continue_()

            await tab.page.route(f"{origin}/fr", drop)
            async with tab.page.expect_event("requestfailed"):
                await report(site)
            await tab.page.unroute(f"{origin}/fr")
            await tab.page.clock.fast_forward(15_000)

            first = tab.page.locator("main h2").first
            await expect(first).to_have_text("Bamako - Kayes - Dakar")
            await expect(tab.page.get_by_text("Mis à jour à")).to_be_visible()


async def test_what_changes_while_a_page_is_on_its_way_is_shown_too(
    site: Api, browser: Browser
) -> None:
    with listening(site.app) as origin:
        async with chromium_at(browser, origin) as tab:
            await tab.open("/fr")
            await tab.page.evaluate(COUNTED)
            await tab.page.evaluate(HEARD, 1)

            async def slow(route: Route) -> None:
                answer = await route.fetch()
                await report(site, place="Kayes")
                await tab.page.evaluate(HEARD, 3)
                await route.fulfill(response=answer)

            await tab.page.route(f"{origin}/fr", slow, times=1)
            await report(site, place="Segou")

            await expect(tab.page.get_by_text("près de Kayes").first).to_be_visible()


async def test_a_line_that_died_without_a_word_is_noticed_and_taken_up_anew(
    site: Api, browser: Browser
) -> None:
    line = DeadLine(site.app)
    with listening(line) as origin:
        async with chromium_at(browser, origin) as tab:
            await tab.page.clock.install()
            async with tab.page.expect_response(f"{origin}/live"):
                await tab.open("/fr")
            line.dead = True

            async with tab.page.expect_response(f"{origin}/live"):
                await tab.page.clock.fast_forward(90_000)

            assert line.opened == 2


async def test_a_line_on_which_much_is_told_is_not_taken_for_dead(
    site: Api, browser: Browser
) -> None:
    line = DeadLine(site.app)
    with listening(line) as origin:
        async with chromium_at(browser, origin) as tab:
            await tab.page.clock.install()
            async with tab.page.expect_response(f"{origin}/live"):
                await tab.open("/fr")
            await tab.page.clock.fast_forward(60_000)
            await report(site)
            await expect(tab.page.get_by_text("Mis à jour à")).to_be_visible()

            await tab.page.clock.fast_forward(20_000)
            await report(site, place="Kayes")

            await expect(tab.page.get_by_text("près de Kayes").first).to_be_visible()
            assert line.opened == 1


class DeadLine:
    """Lets nothing through of the streams that were opened before it died, and ends none.

    Attributes:
        dead: Whether it did.
        opened: How many streams were.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.dead, self.opened = False, 0
        self._app = app

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        number = self.opened

        async def through(message: Message) -> None:
            if not self.dead or number > 0:
                await send(message)

        if scope["type"] == "http" and scope["path"] == "/live":
            self.opened += 1
            await self._app(scope, receive, through)
        else:
            await self._app(scope, receive, send)
