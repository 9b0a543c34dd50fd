"""Answering on a small phone, without scripts: seen before it leaves, and what became of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.browser import SHARED, chromium_at, listening
from tests.harness.looking import axe_finds_nothing, fits
from tests.harness.texting import STRANGER
from tests.harness.world import World, a_world
from tests.harness.writing import wrote

pytestmark = SHARED

WIDTH = 360


@pytest_asyncio.fixture(loop_scope="session")
async def world_(sqlite_url: str) -> AsyncIterator[World]:
    db = Database(sqlite_url)
    async with a_world(db, public_url=None) as world:
        yield world
    db.close()


async def test_a_moderator_with_a_phone_asks_a_stranger_where(
    world_: World, browser: Browser, pictures: Path | None
) -> None:
    inbound = await wrote(world_, STRANGER, "ALERTE SANDARE CITERNES BRULEES, route coupée")
    with listening(world_.api.app) as origin:
        async with chromium_at(browser, origin, width=WIDTH, scripts=False) as tab:
            await tab.open("/fr/sign-in?next=/fr/desk")
            await tab.page.get_by_label("Votre clé").fill(world_.api.key(Scope.MODERATOR))
            await tab.page.keyboard.press("Enter")
            await tab.page.get_by_role("heading", name="Bureau").wait_for()
            await fits(tab, "desk", pictures)
            await tab.page.get_by_role("link", name="ALERTE SANDARE").click()
            await tab.page.wait_for_url(re.compile(f"/fr/desk/messages/{inbound}"))
            await tab.page.get_by_label("Votre réponse").fill("Où exactement ?")
            await fits(tab, "form", pictures)
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await tab.page.get_by_role("heading", name="L'envoyer ?").wait_for()
            await fits(tab, "sure", pictures)
            shown = await tab.page.locator("main").inner_text()
            await tab.page.get_by_role("button", name="Oui, envoyer la réponse").click()
            await tab.page.wait_for_url(re.compile(f"/fr/desk/messages/{inbound}.done=done_answer"))
            await world_.until(lambda: bool(world_.twilio.to(STRANGER)))
            await fits(tab, "answered", pictures)
            await tab.page.get_by_role("link", name="Retour au bureau").click()
            await tab.page.get_by_role("heading", name="Bureau", exact=True).wait_for()
            await fits(tab, "back", pictures)
            desk = await tab.page.locator("main").inner_text()

    assert "1 SMS, à ce numéro seul" in shown
    assert world_.twilio.to(STRANGER) == ["Où exactement ?"]
    assert "Où exactement ?" in desk


async def test_axe_finds_nothing_on_the_pages_of_a_message(world_: World, browser: Browser) -> None:
    inbound = await wrote(world_, STRANGER, "ALERTE SANDARE CITERNES BRULEES")
    with listening(world_.api.app) as origin:
        async with chromium_at(browser, origin, bypass_csp=True) as tab:
            await tab.open("/fr/sign-in?next=/fr/desk")
            await tab.page.get_by_label("Votre clé").fill(world_.api.key(Scope.MODERATOR))
            await tab.page.keyboard.press("Enter")
            await tab.page.get_by_role("heading", name="Bureau").wait_for()
            await tab.open(f"/fr/desk/messages/{inbound}")
            await axe_finds_nothing(tab.page, "form")
            await tab.page.get_by_label("Votre réponse").fill("Où exactement ?")
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await tab.page.get_by_role("heading", name="L'envoyer ?").wait_for()
            await axe_finds_nothing(tab.page, "sure")
