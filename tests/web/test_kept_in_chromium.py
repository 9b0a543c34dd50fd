"""What a phone kept and sends later, through whatever stands between it and the service."""

import pytest
from playwright.async_api import expect
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.harness.api import Api
from tests.harness.browser import SHARED, listening
from tests.harness.phone import Phones, fill_in, reports, send_offline, signed_in, told_of

pytestmark = SHARED


class Between:
    """Something that answers reports in place of the service, as long as `answer` is set.

    Attributes:
        answer: What it says.
        came: How many came.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.answer: Response | None = None
        self.came = 0
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and "report" in scope["path"]:
            self.came += 1
            if self.answer is not None:
                await self.answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<h1>We are back in a minute</h1>"),
        PlainTextResponse("404 page not found", status_code=404),
        PlainTextResponse("The body came too slowly.", status_code=408),
    ],
)
async def test_what_somebody_else_answers_is_no_word_that_a_report_arrived(
    quiet: Api, a_phone: Phones, answer: Response
) -> None:
    between = Between(quiet.app)
    with listening(between) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await send_offline(phone, page, "Kayes")
            await expect(page.get_by_text("1 gardé sur cet appareil")).to_be_visible()
            between.answer = answer

            async with page.expect_response(lambda one: one.request.method == "POST"):
                await phone.set_offline(False)
            await expect(page.get_by_text("1 gardé sur cet appareil")).to_be_visible()
            between.answer = None
            await page.goto(f"{origin}/fr/report")

            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()
            assert reports(quiet) == 1


async def test_where_no_browser_sends_it_nothing_is_said_to_leave_from_a_page_that_is_closed(
    quiet: Api, a_phone: Phones
) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            await phone.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
            page = await signed_in(phone, quiet, origin)
            await send_offline(phone, page, "Kayes")

            await expect(page.get_by_text("si cette page reste ouverte, sinon")).to_be_visible()
            await page.close()
            await phone.set_offline(False)
            page = await phone.new_page()
            await page.goto(f"{origin}/fr/report")

            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()
            assert reports(quiet) == 1


async def test_another_report_from_a_form_that_was_sent_arrives_besides(
    quiet: Api, a_phone: Phones
) -> None:
    """A browser goes back to the form as it was left, its key that makes it count once included."""
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            used = await told_of(page, origin, "Kayes")
            await page.locator("input[name=once]").evaluate(
                "(one, value) => one.value = value", used
            )
            await send_offline(phone, page, "Nioro")
            await expect(page.get_by_text("1 gardé sur cet appareil")).to_be_visible()

            await phone.set_offline(False)

            await expect(page.get_by_text("Envoyé : 1 qui attendait")).to_be_visible()
            assert reports(quiet) == 2


async def test_who_stops_a_page_that_does_not_come_can_send_again(
    quiet: Api, a_phone: Phones
) -> None:
    between = Between(quiet.app)
    with listening(between) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await page.clock.install()
            await page.goto(f"{origin}/fr/report")
            await fill_in(page, "Kayes")
            # as a line does that brings nothing: the page stays
            between.answer = Response(status_code=204)
            send = page.get_by_role("button", name="Envoyer")
            async with page.expect_response(lambda one: one.status == 204):
                await send.click(no_wait_after=True)
            between.answer = None
            await page.clock.fast_forward(31_000)

            await send.click()

            await page.get_by_role("heading", name="C'est reçu").wait_for()
            assert between.came == 2
            assert reports(quiet) == 1
