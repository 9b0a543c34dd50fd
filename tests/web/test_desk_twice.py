"""/desk: what was decided already is said to be done, and nothing else is."""

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import form_with, visitor

pytestmark = pytest.mark.alike


async def reported(site: Api) -> str:
    body = {
        "kind": "fuel_interception",
        "place": "Lakamane",
        "occurred_at": site.clock.now().isoformat(),
        "summary": "x",
    }
    answer = await site.reporter.post("/v1/reports", json=body)
    return str(answer.json()["incident"]["id"])


async def test_of_two_who_share_a_key_the_second_is_not_told_that_his_word_counts(
    site: Api,
) -> None:
    path = f"/fr/desk/incidents/{await reported(site)}"
    key = site.key(Scope.MODERATOR)
    first, second = visitor(site), visitor(site)
    await first.sign_in(key)
    await second.sign_in(key)
    seen = await second.get(path)
    shown = await second.send(seen, form_with(seen.text, "version"), do="refute")
    page = await first.get(path)
    await first.send(page, 0, do="over")
    confirm = await first.send(page, form_with(page.text, "version"), do="confirm")
    await first.send(confirm, form_with(confirm.text, "sure"))

    answer = await second.send(shown, form_with(shown.text, "sure"))

    assert answer.status_code == 409
    said = read(answer.text).words
    assert "Cela a changé entre-temps : rien n'a été fait." in said
    assert "Confirmé" in said


@pytest.mark.parametrize("do", ["confirm", "refute", "resolve"])
async def test_who_goes_back_and_sends_again_sees_that_it_was_done(site: Api, do: str) -> None:
    path = f"/fr/desk/incidents/{await reported(site)}"
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.MODERATOR))
    page = await someone.get(path)
    number = form_with(page.text, "version")
    shown = await someone.send(page, number, do=do)
    done = await someone.send(shown, form_with(shown.text, "sure"))

    again = await someone.send(page, number, do=do)
    other = "refute" if do == "confirm" else "confirm"
    instead = await someone.send(page, number, do=other)

    assert again.headers["location"] == done.headers["location"] == f"{path}?done=done_{do}"
    assert instead.status_code == 409
