"""A reporter's phone: a browser that keeps what it has, and what it keeps."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import BrowserContext, Error, Page, Playwright
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.db.tables import ReportRow
from tests.harness.api import Api
from tests.harness.browser import FLAGS, PATIENCE_MS

#: Takes the phone into the hand: what it kept before is still there.
Phones = Callable[[], AbstractAsyncContextManager[BrowserContext]]

#: What the browser holds: reports as they lie there, whether keys can be read out, workers.
KEPT = """async () => {
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open("sira");
    asked.onsuccess = () => resolve(asked.result);
  });
  const all = (name) => new Promise((resolve) => {
    const asked = database.transaction(name).objectStore(name).getAll();
    asked.onsuccess = () => resolve(asked.result);
  });
  return {
    report: await all("report"),
    readable: (await all("key")).map((one) => one.extractable),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  };
}"""


def reports(site: Api) -> int:
    """Return how many were taken."""
    query = select(func.count()).select_from(ReportRow)
    return int(site.state.db.read_now(lambda conn: conn.execute(query).scalar_one()))


async def signed_in(phone: BrowserContext, site: Api, origin: str) -> Page:
    """Open the form, signed in for days, and wait until the browser keeps it."""
    page = await phone.new_page()
    await page.goto(f"{origin}/fr/report")
    await page.get_by_label("Votre clé").fill(site.key(Scope.REPORTER))
    await page.get_by_text("Rester connecté").click()
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url("**/fr/report")
    await page.get_by_text("Ce formulaire s'ouvre aussi sans réseau").wait_for()
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    return page


async def killed(phone: BrowserContext, page: Page) -> None:
    """End the browser on the spot, as a phone does whose battery is empty."""
    session = await phone.new_cdp_session(page)
    with suppress(Error):
        await session.send("Browser.crash")


async def fill_in(page: Page, place: str) -> None:
    """Tell of an abduction there."""
    await page.get_by_text("Enlèvement").click()
    await page.get_by_label("Ville ou village le plus proche").fill(place)


async def told_of(page: Page, origin: str, place: str) -> str:
    """Tell of an abduction there, open the form anew; return the key that made it count once."""
    used = await page.locator("input[name=once]").input_value()
    await fill_in(page, place)
    await page.get_by_role("button", name="Envoyer").click()
    await page.get_by_role("heading", name="C'est reçu").wait_for()
    await page.goto(f"{origin}/fr/report")
    return used


async def send_offline(phone: BrowserContext, page: Page, place: str) -> None:
    """Tell of an abduction there when there is no network any more."""
    await phone.set_offline(True)
    await fill_in(page, place)
    await page.get_by_role("button", name="Envoyer").click()


@asynccontextmanager
async def phone_of(
    playwright: Playwright, chromium: str, folder: Path
) -> AsyncIterator[BrowserContext]:
    """A browser that keeps what it has in `folder` when it is killed."""
    kept = await playwright.chromium.launch_persistent_context(
        folder,
        executable_path=chromium,
        args=list(FLAGS),
        viewport={"width": 390, "height": 640},
    )
    kept.set_default_timeout(PATIENCE_MS)
    yield kept
    with suppress(Error):  # it was killed
        await kept.close()
