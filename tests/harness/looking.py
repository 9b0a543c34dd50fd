"""Looks at a page as people with different screens do, and keeps pictures where they are wanted."""

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Page

from tests.harness.browser import Tab

WIDTHS = (240, 390, 1280)
#: What axe finds good, which is most, stays in the browser: to hand it over takes as long again.
_LOOK = "axe.run({resultTypes: ['violations']}).then(({violations}) => ({violations}))"


async def fits(tab: Tab, name: str, pictures: Path | None) -> None:
    """Fail where the page that is open sticks out to the side."""
    size = tab.page.viewport_size
    assert size is not None
    # a click is over when the next page has begun, which is before there is anything of it
    await tab.page.wait_for_load_state()
    wide = await tab.page.evaluate("document.documentElement.scrollWidth")
    if pictures is not None:
        path = pictures / f"{name}-{size['width']}.png"
        await tab.page.screenshot(path=path, full_page=True)
    assert wide <= size["width"], f"{name} at {size['width']}: {wide}"


async def axe_finds_nothing(page: Page, name: str) -> None:
    """Fail where axe complains of the page that is open."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = AxeResults(await page.evaluate(_LOOK))
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@dataclass
class Looked:
    """Looks at a page at every width, with axe and all of it open."""

    tab: Tab
    pictures: Path | None

    async def look(self, name: str, *, whole: bool = True) -> None:
        """Fail where the page that is open sticks out or axe complains."""
        page = self.tab.page
        for opened in ("", "-open") if whole else ("",):
            if opened:
                if not await page.locator("details").count():
                    break
                await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = 1)")
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 640})
                await fits(self.tab, f"{name}{opened}", self.pictures)
        await axe_finds_nothing(page, name)
