"""A rule written in a real browser: what is wrong and what examples say, while it is typed."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, expect

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.browser import SHARED, chromium_at, listening

pytestmark = SHARED


@pytest_asyncio.fixture(loop_scope="session")
async def site(sqlite_url: str) -> AsyncIterator[Api]:
    db = Database(sqlite_url)
    async with serving(db) as served:
        yield served
    db.close()


async def test_examples_run_while_a_rule_is_typed_and_nothing_typed_is_lost(
    site: Api, browser: Browser
) -> None:
    with listening(site.app) as origin:
        async with chromium_at(browser, origin) as tab:
            await tab.open("/fr/rules/rule/fuel-interception")
            await tab.page.get_by_label("Votre clé").fill(site.key(Scope.ADMIN))
            await tab.page.get_by_role("button", name="Se connecter").click()
            await tab.page.wait_for_url("**/fr/rules/rule/fuel-interception")
            when = tab.page.locator("#when")
            right = tab.page.locator("[data-part=examples] li b")
            before = await when.input_value()

            await when.press("Control+End")
            await when.press_sequentially(" && incident.knd == 1")

            await expect(tab.page.locator("[data-part=fault-when] pre").first).to_be_visible()
            await expect(when).to_have_attribute("aria-invalid", "true")
            await expect(when).to_be_focused()
            assert (await when.input_value()).endswith("incident.knd == 1")

            await when.fill(before)

            await expect(tab.page.locator("[data-part=fault-when] pre")).to_have_count(0)
            await expect(right.first).to_be_visible()
            await expect(tab.page.locator("[data-part=fine] p")).to_be_visible()
            assert await when.get_attribute("aria-invalid") is None
            # looked at only: nothing is kept
            listed = (await site.admin.get("/v1/rulesets")).json()["items"]
            assert len(listed) == 1
            tab.was_quiet()


async def test_on_a_phone_what_a_word_means_is_not_squeezed_beside_the_word(
    site: Api, browser: Browser
) -> None:
    with listening(site.app) as origin:
        async with chromium_at(browser, origin) as tab:
            await tab.open("/fr/rules/rule/ied")
            await tab.page.get_by_label("Votre clé").fill(site.key(Scope.ADMIN))
            await tab.page.get_by_role("button", name="Se connecter").click()
            await tab.page.wait_for_url("**/fr/rules/rule/ied")
            await tab.page.get_by_text("De quoi une condition peut parler").click()
            for width in (240, 320):
                await tab.page.set_viewport_size({"width": width, "height": 640})

                share, wide = await tab.page.evaluate(
                    "[document.querySelector('dd').offsetWidth"
                    " / document.querySelector('dl').offsetWidth,"
                    " document.documentElement.scrollWidth]"
                )

                assert share >= 0.49
                assert wide <= width
