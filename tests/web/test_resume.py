"""What somebody typed at the desk when his session was over is not lost, and nothing is done."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from tests.harness.html import read
from tests.harness.texting import STRANGER
from tests.harness.visitor import Visitor, at_the_desk, form_with, forms
from tests.harness.world import World
from tests.harness.writing import wrote

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
