"""The map in a real browser: moved and seen nearer by key, wheel and finger, and looked back on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.browser import SHARED, chromium_at, listening
from tests.harness.looking import Looked
from tests.web.conftest import PUBLIC

pytestmark = SHARED


@pytest_asyncio.fixture(loop_scope="session")
async def site(sqlite_url: str) -> AsyncIterator[Api]:
    db = Database(sqlite_url)
    async with serving(db, settings=PUBLIC) as served:
        body = {"kind": "fuel_interception", "place": "Lakamane", "summary": "x"}
        at = (served.clock.now() - timedelta(hours=2)).isoformat()
        assert (
            await served.moderator.post("/v1/reports", json={**body, "occurred_at": at})
        ).is_success
        yield served
    db.close()


async def box(page: Page) -> list[float]:
    text = await page.locator("#map").get_attribute("viewBox")
    return [float(one) for one in (text or "").split()]


async def wheel(page: Page) -> None:
    """Turn the wheel over the map, with the key that means it."""
    await page.locator("#map").hover()
    await page.keyboard.down("Control")
    await page.mouse.wheel(0, -200)
    await page.keyboard.up("Control")


async def pinch(page: Page) -> None:
    """Draw two fingers apart on the map."""
    await page.set_viewport_size({"width": 390, "height": 640})
    await page.locator("#map").scroll_into_view_if_needed()
    found = await page.locator("#map").bounding_box()
    assert found is not None
    x, y = found["x"] + found["width"] / 2, found["y"] + found["height"] / 2
    session = await page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 30), ("touchMove", 60), ("touchMove", 90)):
        fingers = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        await session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


async def test_the_map_is_moved_and_seen_nearer_and_days_are_slid_through(
    site: Api, browser: Browser, pictures: Path | None
) -> None:
    with listening(site.app) as origin:
        async with chromium_at(browser, origin, bypass_csp=True, has_touch=True) as tab:
            await tab.open("/fr/map")
            whole = await box(tab.page)
            await tab.page.locator("#map").focus()
            for key in ("+", "+", "ArrowRight", "ArrowDown"):
                await tab.page.keyboard.press(key)
            near = await box(tab.page)
            assert near[2] < whole[2] / 2
            assert near[0] > (whole[2] - near[2]) / 2
            await Looked(tab, pictures).look("map-near")

            await tab.page.get_by_role("button", name="Vue entière").click()
            assert await box(tab.page) == whole
            await wheel(tab.page)
            assert (await box(tab.page))[2] < whole[2]

            await tab.page.get_by_role("button", name="Vue entière").click()
            await pinch(tab.page)
            assert (await box(tab.page))[2] < whole[2] / 2

            slider = tab.page.get_by_role("slider", name="Jour")
            await expect(slider).to_have_attribute("aria-valuetext", "Maintenant")
            await slider.press("ArrowLeft")

            await expect(tab.page.get_by_text("La carte telle qu'elle était")).to_be_visible()
            await tab.page.wait_for_url("**day=2025-09-07")
            await expect(slider).to_be_focused()
            await expect(slider).to_have_attribute("aria-valuetext", "dim. 7 sept.")
            assert (await box(tab.page))[2] < whole[2]
            assert await tab.page.locator("#lv4 a").count() == 0
            await Looked(tab, pictures).look("map-day")
            tab.was_quiet()
