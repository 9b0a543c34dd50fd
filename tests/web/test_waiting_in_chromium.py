"""What waits on a phone where several look after it: a person who erases it, pages, the worker."""

from playwright.async_api import expect

from tests.harness.api import Api
from tests.harness.browser import SHARED, listening
from tests.harness.phone import KEPT, Phones, fill_in, reports, send_offline, signed_in, told_of

pytestmark = SHARED

#: A page and the worker find the same report, told in a form that was sent before, and send it.
BOTH = """async (once) => {
  const form = document.querySelector("form[data-keep]");
  const { token, ...filled } = Object.fromEntries(new FormData(form));
  const entry = { once, action: form.action, fields: { ...filled, once }, at: Date.now() };
  await waiting("Africa/Bamako", "").keep(entry);
  const [page, worker] = [waiting("Africa/Bamako", ""), waiting("Africa/Bamako", "")];
  const [[first], [second]] = [await page.all(), await worker.all()];
  const told = [page.settled(first), worker.settled(second, worker.forgetBehind)];
  return (await Promise.all(told)).sort();
}"""
#: Somebody erases what waits while its answer is on the way, or before it is sent.
ERASED = """async ({ early }) => {
  const store = waiting("Africa/Bamako", "no token of anybody");
  const action = location.href;
  await store.keep({ once: store.random(), action, fields: { place: "Kayes" }, at: Date.now() });
  const [entry] = await store.all();
  if (early) await store.erase();
  let asked = 0;
  window.fetch = async () => {
    asked += 1;
    await store.erase();
    return new Response("<form data-keep>", { status: 422 });
  };
  return [await store.settled(entry), asked];
}"""


async def test_what_is_erased_while_it_is_sent_stays_erased(quiet: Api, a_phone: Phones) -> None:
    """The service asked back, and what somebody had made away with lay on his phone again."""
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)

            assert await page.evaluate(ERASED, {"early": False}) == ["gone", 1]

            kept = await page.evaluate(KEPT)
            assert (kept["report"], kept["readable"]) == ([], [])


async def test_what_is_erased_before_its_turn_comes_is_not_sent(
    quiet: Api, a_phone: Phones
) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)

            assert await page.evaluate(ERASED, {"early": True}) == ["gone", 0]


async def test_another_report_of_one_form_counts_once_though_page_and_worker_send_it(
    quiet: Api, a_phone: Phones
) -> None:
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            used = await told_of(page, origin, "Kayes")
            await fill_in(page, "Nioro")

            assert await page.evaluate(BOTH, used) == ["gone", "sent"]

            assert reports(quiet) == 2
            assert (await page.evaluate(KEPT))["report"] == []


async def test_a_page_of_an_earlier_version_says_what_it_has_words_for(
    quiet: Api, a_phone: Phones
) -> None:
    """Its script is asked for by name, and may be of a later version: it told nothing any more."""
    with listening(quiet.app) as origin:
        async with a_phone() as phone:
            page = await signed_in(phone, quiet, origin)
            await page.locator("#kept").evaluate("(box) => box.removeAttribute('data-behind')")

            await send_offline(phone, page, "Kayes")

            await expect(page.get_by_text("1 gardé sur cet appareil")).to_be_visible()
