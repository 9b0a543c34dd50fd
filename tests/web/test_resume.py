"""What somebody typed at the desk when his session was over is not lost, and nothing is done."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.texting import STRANGER
from tests.harness.visitor import Visitor, at_the_desk, form_with, forms, visitor
from tests.harness.world import World
from tests.harness.writing import wrote
from tests.web.conftest import signed_in
from tests.web.test_sign_in_by_code import code_for, manager

pytestmark = pytest.mark.alike
SAID = "Où exactement ? <b>N'y allez pas.</b>"
OVER = timedelta(hours=13)


async def too_late(world: World, text: str = SAID) -> tuple[Visitor, str, str]:
    """Let somebody answer an SMS when his session is over; return what he is asked then."""
    path = f"/fr/desk/messages/{await wrote(world, STRANGER)}"
    someone = await at_the_desk(world.api)
    page = await someone.get(path)
    world.clock.advance(OVER)
    asked = await someone.send(page, form_with(page.text, "text"), do="answer", text=text)
    assert asked.status_code == 401
    assert "ce que vous aviez écrit vous attend" in read(asked.text).words
    return someone, path, asked.text


async def test_an_answer_comes_back_on_its_page_after_signing_in(plain_world: World) -> None:
    world = plain_world
    someone, path, asked = await too_late(world)
    fields = forms(asked)[form_with(asked, "key")].fields

    wrong = await someone.post("/fr/sign-in", {**fields, "key": "sira_wrong"})
    again = forms(wrong.text)[form_with(wrong.text, "key")].fields
    resumed = await someone.post("/fr/sign-in", {**again, "key": world.api.key(Scope.MODERATOR)})
    back = await someone.send(resumed)

    assert wrong.status_code == 401
    assert resumed.status_code == 200
    assert "Rien n'a été fait" in read(resumed.text).words
    assert forms(resumed.text)[0].action == path
    assert back.status_code == 403
    kept = forms(back.text)[form_with(back.text, "text")].fields
    assert kept["text"] == SAID
    shown = await someone.send(back, form_with(back.text, "text"), do="answer")
    assert "L'envoyer ?" in read(shown.text).words
    assert world.twilio.to(STRANGER) == []


async def test_it_leads_to_no_page_but_ours_and_does_nothing_by_itself(plain_world: World) -> None:
    world = plain_world
    someone, _, asked = await too_late(world)
    fields = forms(asked)[form_with(asked, "key")].fields
    fields |= {"next": "https://evil.example/", "key": world.api.key(Scope.MODERATOR)}

    gone = await someone.post("/fr/sign-in", fields)

    assert gone.status_code == 303
    assert gone.headers["location"] == "/fr/desk"
    assert "<b>N'y" not in asked
    assert not {"do", "sure", "version"} & {*forms(asked)[form_with(asked, "key")].fields}


async def test_who_had_typed_too_much_to_carry_or_nothing_is_asked_to_sign_in_as_ever(
    plain_world: World,
) -> None:
    world = plain_world
    path = f"/fr/desk/messages/{await wrote(world, STRANGER)}"
    someone = await at_the_desk(world.api)
    page = await someone.get(path)
    number = form_with(page.text, "text")
    world.clock.advance(OVER)

    empty = await someone.send(page, number, do="answer", text="")
    much = await someone.send(page, number, do="answer", text="x" * 20_001)

    assert [one.status_code for one in (empty, much)] == [303, 303]
    assert "lost=1" in empty.headers["location"]


async def test_a_rule_comes_back_as_it_was_changed(site: Api) -> None:
    someone, path = visitor(site), "/fr/rules/rule/ied"
    await someone.sign_in(site.key(Scope.ADMIN))
    page = await someone.get(path)
    site.clock.advance(OVER)
    asked = (await someone.send(page, do="check", when='incident.kind == "mine"')).text

    fields = forms(asked)[form_with(asked, "key")].fields
    resumed = await someone.post("/fr/sign-in", {**fields, "key": site.key(Scope.ADMIN)})
    back = await someone.send(resumed)

    assert forms(back.text)[0].fields["when"] == 'incident.kind == "mine"'
    assert forms(back.text)[0].fields["expected"] == forms(page.text)[0].fields["expected"]


async def test_nothing_is_promised_by_a_page_that_does_not_bring_it_back(site: Api) -> None:
    someone = await signed_in(site, site.organisation())
    page = await someone.get("/fr/my")
    site.clock.advance(OVER)

    asked = await someone.send(page, form_with(page.text, "name"), do="add", name="Awa")

    assert asked.status_code == 303
    assert "lost=1" in asked.headers["location"]


async def test_typed_words_pass_through_a_code_too(plain_world: World) -> None:
    world = plain_world
    someone, number = visitor(world.api), await manager(world)
    page, code = await code_for(world, number, someone)
    await someone.send(page, code=code)
    calls = await someone.get("/fr/my/calls")
    world.clock.advance(OVER)
    asked = await someone.send(calls, form_with(calls.text, "minutes"), do="add", minutes="7")
    assert asked.status_code == 401

    sent = await someone.send(asked, form_with(asked.text, "address"), address=number)

    again = forms(sent.text)[form_with(sent.text, "code")].fields
    assert again["typed-minutes"] == "7"
    assert again["next"] == "/fr/my/calls"
