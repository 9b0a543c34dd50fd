"""The desk on a small phone, without scripts: what is spoken by hand, seen before it leaves."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.browser import SHARED, Tab, chromium_at, listening
from tests.harness.looking import axe_finds_nothing, fits
from tests.harness.world import ROUTE, World, a_world
from tests.web.conftest import report

pytestmark = SHARED

WIDTH = 360


@pytest_asyncio.fixture(loop_scope="session")
async def kayes(sqlite_url: str) -> AsyncIterator[World]:
    db = Database(sqlite_url)
    async with a_world(db, public_url=None) as world:
        await world.subscriber("depot", cargoes=("fuel", "goods"))
        yield world
    db.close()


async def sign_in(tab: Tab, world: World) -> None:
    await tab.open("/fr/sign-in?next=/fr/desk")
    await tab.page.get_by_label("Votre clé").fill(world.api.key(Scope.MODERATOR))
    await tab.page.keyboard.press("Enter")
    await tab.page.get_by_role("heading", name="Bureau").wait_for()


async def test_a_moderator_with_a_phone_speaks_of_a_road(
    kayes: World, browser: Browser, pictures: Path | None
) -> None:
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, width=WIDTH, scripts=False) as tab:
            await sign_in(tab, kayes)
            await tab.page.get_by_role("link", name="Dire vous-même").click()
            await fits(tab, "roads", pictures)
            await tab.page.get_by_role("link", name="Bamako - Kayes - Dakar").first.click()
            await tab.page.get_by_label("carburant").check()
            await tab.page.get_by_label("marchandises").check()
            await tab.page.get_by_label("Grave").check(force=True)
            await tab.page.get_by_label("Confirmé", exact=True).check(force=True)
            await tab.page.get_by_label("Vos mots").fill("Pont coupé à Diéma")
            await fits(tab, "form", pictures)
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await fits(tab, "sure", pictures)
            shown = await tab.page.locator("main").inner_text()
            await tab.page.get_by_role("button", name="Oui, le dire : envoyer").click()
            await tab.page.wait_for_url(re.compile(f"/fr/desk/say/{ROUTE}.done=done_say"))
            await kayes.quiet()
            await fits(tab, "said", pictures)

            assert kayes.phone("depot").received("Pont") in shown
            tab.was_quiet()


async def test_axe_finds_nothing_on_the_page_to_speak_on(kayes: World, browser: Browser) -> None:
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, bypass_csp=True) as tab:
            await sign_in(tab, kayes)
            for path in ("/fr/desk/say", f"/fr/desk/say/{ROUTE}", f"/en/desk/say/{ROUTE}"):
                await tab.open(path)
                await axe_finds_nothing(tab.page, path)


async def test_what_was_only_looked_at_is_never_sent_by_the_browser(
    kayes: World, browser: Browser, pictures: Path | None
) -> None:
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, width=WIDTH) as tab:
            await sign_in(tab, kayes)
            await tab.page.get_by_role("link", name="Signaler ce qu'on vous dit").click()
            await tab.page.get_by_text("Interception de carburant").click()
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Lakamane")
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await tab.page.get_by_role("heading", name="Le signaler ?").wait_for()
            await fits(tab, "call", pictures)

            await tab.open("/fr/report")  # the page that sends what a browser has kept
            await tab.page.locator("#offline").wait_for()

            assert await tab.page.locator("#kept").is_hidden()
            assert (await kayes.api.moderator.get("/v1/incidents")).json()["items"] == []
            assert kayes.phone("depot").texts == []


async def test_what_a_moderator_fills_in_without_a_network_waits_and_is_sent_once(
    kayes: World, browser: Browser
) -> None:
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, width=WIDTH) as tab:
            await sign_in(tab, kayes)
            await tab.open("/fr/report")
            await tab.page.locator("#offline").wait_for()
            await tab.page.get_by_text("Interception de carburant").click()
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Lakamane")
            await tab.page.context.set_offline(True)
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await tab.page.locator("#kept").wait_for()
            await tab.page.context.set_offline(False)
            await kayes.until(lambda: len(kayes.phone("depot").texts) == 1)

            (one,) = (await kayes.api.moderator.get("/v1/incidents")).json()["items"]
            assert one["reports"] == 1


async def test_a_report_that_nobody_can_place_is_set_aside_on_a_phone(
    kayes: World, browser: Browser, pictures: Path | None
) -> None:
    body = {"kind": "ied", "occurred_at": kayes.clock.now().isoformat(), "place": "Zzzq"}
    await kayes.api.reporter.post("/v1/reports/batch", json=[{"summary": "x", **body}])
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, width=WIDTH, scripts=False) as tab:
            await sign_in(tab, kayes)
            await tab.page.get_by_role("link", name="Zzzq").click()
            await tab.page.get_by_text("On ne trouvera pas où c'était").first.click()
            await fits(tab, "unplaced", pictures)
            await tab.page.get_by_role("button", name="mettre de côté").click()
            await tab.page.get_by_label("Pourquoi").fill("deux appels, personne")
            await fits(tab, "aside-sure", pictures)
            await tab.page.get_by_role("button", name="Oui, mettre de côté").click()
            await tab.page.get_by_role("heading", name="Mis de côté").wait_for()
            await fits(tab, "aside", pictures)

            assert await tab.page.get_by_role("heading", name="À situer").count() == 0
            tab.was_quiet()


async def test_a_long_link_in_a_report_does_not_push_the_page_aside(
    kayes: World, browser: Browser, pictures: Path | None
) -> None:
    incident = await report(kayes.api, summary=f"https://example.org/{'permalink' * 12}")
    with listening(kayes.api.app) as origin:
        async with chromium_at(browser, origin, width=WIDTH, scripts=False) as tab:
            await sign_in(tab, kayes)
            for width in (320, WIDTH, 1280):
                await tab.page.set_viewport_size({"width": width, "height": 640})
                await tab.open(f"/fr/desk/incidents/{incident}")
                await fits(tab, "long-link", pictures)
