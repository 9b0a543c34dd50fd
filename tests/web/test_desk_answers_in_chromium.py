"""Answering on a small phone, without scripts: seen before it leaves, and what became of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.browser import Tab, chromium_at, listening
from tests.harness.texting import STRANGER
from tests.harness.world import World, a_world
from tests.harness.writing import wrote

WIDTH = 360


@pytest.fixture
async def world_(sqlite_url: str) -> AsyncIterator[World]:
    db = Database(sqlite_url)
    async with a_world(db, public_url=None) as world:
        yield world
    db.close()


async def looked_at(tab: Tab, name: str, folder: Path) -> None:
    """Check that a page fits; keep a picture of it."""
    wide = await tab.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= WIDTH, name
    await tab.page.screenshot(path=folder / f"{name}.png", full_page=True)


async def test_a_moderator_with_a_phone_asks_a_stranger_where(
    world_: World, chromium: str, tmp_path: Path
) -> None:
    inbound = await wrote(world_, STRANGER, "ALERTE SANDARE CITERNES BRULEES, route coupée")
    with listening(world_.api.app) as origin:
        async with chromium_at(chromium, origin, width=WIDTH, scripts=False) as tab:
            await tab.open("/fr/sign-in?next=/fr/desk")
            await tab.page.get_by_label("Votre clé").fill(world_.api.key(Scope.MODERATOR))
            await tab.page.keyboard.press("Enter")
            await tab.page.get_by_role("heading", name="Bureau").wait_for()
            await looked_at(tab, "desk", tmp_path)
            await tab.page.get_by_role("link", name="Lui répondre").click()
            await tab.page.wait_for_url(re.compile(f"/fr/desk/messages/{inbound}"))
            await tab.page.get_by_label("Votre réponse").fill("Où exactement ?")
            await looked_at(tab, "form", tmp_path)
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await tab.page.get_by_role("heading", name="L'envoyer ?").wait_for()
            await looked_at(tab, "sure", tmp_path)
            shown = await tab.page.locator("main").inner_text()
            await tab.page.get_by_role("button", name="Oui, envoyer la réponse").click()
            await tab.page.wait_for_url(re.compile(f"/fr/desk/messages/{inbound}.done=done_answer"))
            await world_.until(lambda: bool(world_.twilio.to(STRANGER)))
            await looked_at(tab, "answered", tmp_path)
            await tab.page.get_by_role("link", name="Retour au bureau").click()
            await tab.page.get_by_role("heading", name="Bureau", exact=True).wait_for()
            await looked_at(tab, "back", tmp_path)
            desk = await tab.page.locator("main").inner_text()

    assert "1 SMS, à ce numéro seul" in shown
    assert world_.twilio.to(STRANGER) == ["Où exactement ?"]
    assert "Où exactement ?" in desk


async def test_axe_finds_nothing_on_the_pages_of_a_message(world_: World, chromium: str) -> None:
    inbound = await wrote(world_, STRANGER, "ALERTE SANDARE CITERNES BRULEES")
    with listening(world_.api.app) as origin:
        async with chromium_at(chromium, origin, bypass_csp=True) as tab:
            await tab.open("/fr/sign-in?next=/fr/desk")
            await tab.page.get_by_label("Votre clé").fill(world_.api.key(Scope.MODERATOR))
            await tab.page.keyboard.press("Enter")
            await tab.page.get_by_role("heading", name="Bureau").wait_for()
            await tab.open(f"/fr/desk/messages/{inbound}")
            form = await Axe().run(tab.page)
            await tab.page.get_by_label("Votre réponse").fill("Où exactement ?")
            await tab.page.get_by_role("button", name="Voir ce qui partirait").click()
            await tab.page.get_by_role("heading", name="L'envoyer ?").wait_for()
            sure = await Axe().run(tab.page)

    assert form.violations_count == 0, form.generate_report()
    assert sure.violations_count == 0, sure.generate_report()
