"""Looks at a page as people with different screens do, and keeps pictures of it."""

from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.async_playwright import Axe

from tests.harness.browser import Tab

WIDTHS = (240, 390, 1280)


@dataclass
class Looked:
    """Looks at a page at every width, with axe and all of it open."""

    tab: Tab
    folder: Path

    async def look(self, name: str, *, whole: bool = True) -> None:
        """Keep pictures of the page that is open; fail where it sticks out or axe complains."""
        page = self.tab.page
        await page.wait_for_load_state()
        for opened in ("", "-open") if whole else ("",):
            if opened:
                if not await page.locator("details").count():
                    break
                await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = 1)")
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 640})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                shot = self.folder / f"{name}{opened}-{width}.png"
                await page.screenshot(path=shot, full_page=True)
                assert wide <= width, f"{name}{opened} at {width}: {wide}"
        (self.folder / f"{name}.html").write_text(await page.content(), encoding="utf-8")
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
