"""What waits on a phone is sent by the browser itself when nobody looks at the form any more."""

import asyncio
from typing import Any

from playwright.async_api import BrowserContext, expect

from tests.harness.api import Api
from tests.harness.browser import SHARED, listening
from tests.harness.phone import KEPT, Phones, reports, send_offline, signed_in

pytestmark = SHARED

#: Settled when nothing waits any more.
EMPTY = """() => new Promise((done) => {
  const asked = indexedDB.open("sira");
  asked.onsuccess = () => {
    const look = () => {
      const count = asked.result.transaction("report").objectStore("report").count();
      count.onsuccess = () => (count.result ? setTimeout(look, 50) : done());
    };
    look();
  };
})"""


async def test_what_waits_is_sent_though_the_form_was_closed(quiet: Api, a_phone: Phones) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await send_offline(phone, page, "Kayes")
            await expect(page.get_by_text("page fermée ou non")).to_be_visible()
            await page.close()
            await phone.set_offline(False)

            await network_is_back(phone, origin)

            page = await phone.new_page()
            await page.goto(f"{origin}/fr/report")
            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()
            assert reports(quiet) == 1
            assert (await page.evaluate(KEPT))["report"] == []
            await page.reload()
            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_hidden()


async def network_is_back(phone: BrowserContext, origin: str) -> None:
    """Let the browser tell the form's worker so, and wait until it has sent."""
    page = await phone.new_page()
    await page.goto(f"{origin}/favicon.svg")
    session = await phone.new_cdp_session(page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def note(event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if one["scopeURL"] == f"{origin}/fr/report" and not known.done():
                known.set_result(one["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", note)
    await session.send("ServiceWorker.enable")
    worker = await known
    await session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": origin, "registrationId": worker, "tag": "report", "lastChance": False},
    )
    await page.evaluate(EMPTY)
    await page.close()
