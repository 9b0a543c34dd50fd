"""Signing in and reporting in a real browser, on a small screen, with scripts and without."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, expect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Scope_

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.browser import SHARED, Tab, chromium_at, listening
from tests.harness.looking import Looked
from tests.harness.phone import KEPT, Phones, fill_in, killed, reports, send_offline, signed_in

pytestmark = SHARED


async def sign_in(tab: Tab, site: Api, path: str = "/fr/report") -> None:
    await tab.open(path)
    await tab.page.get_by_label("Votre clé").fill(site.key(Scope.REPORTER))
    await tab.page.get_by_role("button", name="Se connecter").click()
    await tab.page.wait_for_url(f"**{path}")


@pytest.mark.parametrize("scripts", [False, True])
async def test_a_report_is_filled_in_and_sent_at_240_pixels(
    quiet: Api, browser: Browser, *, scripts: bool
) -> None:
    with listening(quiet.app) as origin:
        async with chromium_at(browser, origin, width=240, scripts=scripts) as tab:
            await sign_in(tab, quiet)
            await tab.page.get_by_text("Interception de carburant").click()
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Bamba")
            await tab.page.get_by_text("Hier", exact=True).click()
            await tab.page.get_by_role("button", name="Envoyer").click()

            await tab.page.get_by_text("Bourem, Gao, Mali").click()
            await tab.page.get_by_role("button", name="Envoyer").first.click()

            await expect(tab.page.get_by_role("heading", name="C'est reçu")).to_be_visible()
            assert await tab.page.title() == "Sira"
            assert tab.page.url == f"{origin}/fr/report"
            assert reports(quiet) == 1
            # "Failed to load resource: 422" is how a browser tells that something was asked back
            tab.complaints[:] = [one for one in tab.complaints if "422" not in one]
            tab.was_quiet()


async def test_reloading_what_was_sent_counts_once(quiet: Api, browser: Browser) -> None:
    with listening(quiet.app) as origin:
        async with chromium_at(browser, origin, width=240) as tab:
            await sign_in(tab, quiet)
            await tab.page.get_by_text("Enlèvement").click()
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Kayes")
            await tab.page.get_by_role("button", name="Envoyer").dblclick()
            await tab.page.get_by_role("heading", name="C'est reçu").wait_for()

            await tab.page.reload()

            await expect(tab.page.get_by_role("heading", name="C'est reçu")).to_be_visible()
            assert reports(quiet) == 1


async def test_after_signing_out_nobody_finds_what_was_told(quiet: Api, browser: Browser) -> None:
    with listening(quiet.app) as origin:
        async with chromium_at(browser, origin) as tab:
            await sign_in(tab, quiet)
            await tab.page.get_by_text("Enlèvement").click()
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Kayes")
            await tab.page.get_by_role("button", name="Envoyer").click()
            await tab.page.get_by_role("button", name="Se déconnecter").click()
            await tab.page.get_by_role("heading", name="Vous êtes déconnecté").wait_for()

            await tab.page.goto(f"{origin}/fr/report")

            await tab.page.wait_for_url("**/fr/sign-in?next=/fr/report")
            assert "Kayes" not in await tab.page.content()
            kept = {one["name"] for one in await tab.page.context.cookies()}
            assert "session" not in kept


async def test_what_is_sent_without_a_network_arrives_once_when_the_browser_is_back(
    quiet: Api, a_phone: Phones
) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            # a cookie is on disk only some time later, or when the browser is closed in peace
            await signed_in(phone, quiet, origin)
        async with a_phone() as phone:
            await phone.set_offline(True)
            page = await phone.new_page()
            await page.goto(f"{origin}/report")
            await expect(page.locator("form[data-keep]")).to_be_visible()
            await page.goto(f"{origin}/fr/report")
            await fill_in(page, "Kayes")
            await page.get_by_role("button", name="Envoyer").dblclick()
            await expect(page.get_by_text("Pas de réseau : 1 gardé")).to_be_visible()
            await page.get_by_role(
                "button", name="Envoyer"
            ).click()  # a third tap, of an empty form
            assert await page.get_by_label("Ville ou village le plus proche").input_value() == ""
            assert await page.locator("input[name=token]").first.input_value() == ""
            kept = await page.evaluate(KEPT)
            assert [sorted(one) for one in kept["report"]] == [["iv", "once", "sealed"]]
            await expect(page.get_by_text("Pas de réseau : 1 gardé")).to_be_visible()
            assert kept["readable"] == [False]
            assert reports(quiet) == 0
            await killed(phone, page)

        quiet.clock.advance(timedelta(minutes=5))
        async with a_phone() as phone:
            page = await phone.new_page()
            await page.goto(f"{origin}/fr/report")
            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()
            await page.reload()
            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_hidden()
            assert reports(quiet) == 1


async def test_a_touch_erases_what_waits_and_the_form_itself(quiet: Api, a_phone: Phones) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await send_offline(phone, page, "Nioro")
            await page.get_by_role("button", name="Effacer ce qui est gardé").click()
            await expect(page.get_by_text("Effacé de cet appareil")).to_be_visible()

            assert await page.evaluate(KEPT) == {"report": [], "readable": [], "workers": 0}
            with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
                await page.goto(f"{origin}/fr/report")
            await phone.set_offline(False)
            await page.goto(f"{origin}/fr/report")
            await page.get_by_role("button", name="Envoyer").wait_for()
            assert reports(quiet) == 0


async def test_an_answer_that_is_lost_and_two_tabs_that_send_again_make_one_report(
    quiet: Api, a_phone: Phones
) -> None:
    line = BadLine(quiet.app)
    with listening(line) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await fill_in(page, "Kayes")
            line.lost = 1
            await page.get_by_role("button", name="Envoyer").click()
            await expect(page.get_by_text("lost")).to_be_visible()
            assert reports(quiet) == 1

            line.together = 3
            other = await phone.new_page()
            await asyncio.gather(*(one.goto(f"{origin}/fr/report") for one in (page, other)))
            for one in (page, other):
                await expect(one.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()

            assert line.taken == 3
            assert reports(quiet) == 1


async def test_what_is_asked_back_about_waits_for_a_person_and_each_is_opened(
    quiet: Api, a_phone: Phones
) -> None:
    line = BadLine(quiet.app)
    with listening(line) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await phone.set_offline(True)
            for place, said in (("Bamba", "1 gardé sur"), ("Xyzzyville", "2 gardés sur")):
                await fill_in(page, place)
                await page.get_by_role("button", name="Envoyer").click()
                await expect(page.get_by_text(f"Pas de réseau : {said}")).to_be_visible()
            await phone.set_offline(False)
            await expect(page.get_by_text("2 gardés sur cet appareil : une")).to_be_visible()
            assert line.taken == 2

            await page.goto(f"{origin}/fr/report")
            await expect(page.get_by_text("2 gardés sur cet appareil : une")).to_be_visible()
            assert line.taken == 2
            assert reports(quiet) == 0

            opened = set()
            for number in (0, 1):
                await page.goto(f"{origin}/fr/report")
                await page.get_by_role("button", name="Voir celui de").nth(number).click()
                await page.locator("#asking").wait_for()
                field = page.get_by_label("Ville ou village le plus proche")
                opened.add(await field.input_value())
            assert opened == {"Bamba", "Xyzzyville"}

            await page.get_by_label("Ville ou village le plus proche").fill("Kayes")
            await page.get_by_role("button", name="Envoyer").first.click()
            await page.get_by_role("heading", name="C'est reçu").wait_for()
            await expect(page.get_by_text("1 gardé sur cet appareil : une")).to_be_visible()
            assert reports(quiet) == 1


async def test_who_is_signed_out_meanwhile_signs_in_and_it_is_sent(
    quiet: Api, a_phone: Phones
) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await phone.clear_cookies()
            await page.goto(f"{origin}/fr/report")
            await expect(page.get_by_text("Vous n'êtes plus connecté")).to_be_visible()
            await fill_in(page, "Kayes")
            await page.get_by_role("button", name="Envoyer").click()
            await expect(page.get_by_text("connectez-vous pour l'envoyer")).to_be_visible()
            assert reports(quiet) == 0

            await page.get_by_role("link", name="Se connecter").click()
            await page.get_by_label("Votre clé").fill(quiet.key(Scope.REPORTER))
            await page.get_by_role("button", name="Se connecter").click()

            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()
            assert reports(quiet) == 1


class BadLine:
    """Lets answers to reports get lost after they were taken, or come late.

    Attributes:
        lost: The answers to so many are lost, the first ones.
        together: Whoever sends waits until so many have come.
        taken: How many came.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.lost = self.together = self.taken = 0
        self._app = app

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        if (scope["type"], scope.get("method")) != ("http", "POST") or "report" not in scope[
            "path"
        ]:
            await self._app(scope, receive, send)
            return
        self.taken += 1
        number = self.taken
        while self.taken < self.together:  # noqa: ASYNC110 - it is set in another thread
            await asyncio.sleep(0.01)
        if self.lost < number:
            await self._app(scope, receive, send)
            return

        async def nowhere(_message: Message) -> None: ...

        await self._app(scope, receive, nowhere)
        await PlainTextResponse("lost", status_code=502)(scope, receive, send)


async def test_axe_finds_nothing_and_nothing_sticks_out(
    quiet: Api, browser: Browser, pictures: Path | None
) -> None:
    with listening(quiet.app) as origin:
        async with chromium_at(browser, origin, bypass_csp=True) as tab:
            shots = Looked(tab, pictures)
            await tab.open("/fr/report")
            await shots.look("sign-in")
            await tab.page.get_by_label("Votre clé").fill("sira_nonsense")
            await tab.page.get_by_role("button", name="Se connecter").click()
            await shots.look("sign-in-wrong")
            await sign_in(tab, quiet)
            await shots.look("report")
            await tab.page.get_by_role("button", name="Envoyer").click()
            await tab.page.get_by_role("alert").wait_for()
            await shots.look("report-missing")
            await tab.page.get_by_text("Attaque de véhicules").click()
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Bamba")
            await tab.page.get_by_role("button", name="Envoyer").click()
            await tab.page.locator("#asking").wait_for()
            await shots.look("report-where")
            await tab.page.get_by_label("Ville ou village le plus proche").fill("Kayes")
            await tab.page.get_by_role("button", name="Envoyer").first.click()
            await tab.page.get_by_role("heading", name="C'est reçu").wait_for()
            await shots.look("reported")
            await tab.page.get_by_role("link", name="Signaler autre chose").click()
            await tab.page.get_by_role("button", name="Voir mes signalements").click()
            await shots.look("own")
            await tab.page.get_by_role("link", name="Se déconnecter partout").click()
            await shots.look("sign-out")
            await tab.page.get_by_role("button", name="Se déconnecter partout").click()
            await shots.look("signed-out")
