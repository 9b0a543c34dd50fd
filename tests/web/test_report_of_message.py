"""/report: what somebody filled in of an SMS that his key may not read is not lost to him."""

import pytest

from app.accounts.keys import Scope
from tests.harness.html import read
from tests.harness.texting import STRANGER
from tests.harness.visitor import Visitor, at_the_desk, form_with
from tests.harness.world import World
from tests.harness.writing import wrote

pytestmark = pytest.mark.alike
SAID = "douze citernes, deux brulent"


def rivals_key(world: World) -> str:
    return world.api.key(Scope.MODERATOR, world.api.organisation("Rivals"))


async def sent_on(someone: Visitor, page_text: str, page_status: int) -> None:
    assert page_status == 404
    words = read(page_text).words
    assert "ne peut pas lire le SMS" in words
    assert SAID in page_text
    assert 'value="Fana"' in page_text
    assert "CITERNES BRULEES" not in page_text
    assert 'name="heard"' not in page_text


async def test_signing_in_with_a_key_that_may_not_read_it_keeps_what_was_filled_in(
    plain_world: World,
) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER, "ALERTE FANA CITERNES BRULEES")
    someone = await at_the_desk(world.api)
    form = await someone.get(f"/fr/report?heard={inbound}")
    del someone.client.cookies["session"]
    asked = await someone.send(
        form, form_with(form.text, "once"), kind="ied", place="Fana", summary=SAID
    )

    again = await someone.send(asked, form_with(asked.text, "key"), key=rivals_key(world))

    await sent_on(someone, again.text, again.status_code)
    # he is signed in, and what he sends now is his own word
    shown = await someone.send(again, form_with(again.text, "once"))
    taken = await someone.send(shown, form_with(shown.text, "once"))
    assert "C'est reçu" in read(taken.text).words
    kept = (await world.api.moderator.get(f"/v1/inbound/{inbound}")).json()
    assert kept["report_id"] is None


async def test_a_form_of_another_tab_comes_back_without_the_message(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER, "ALERTE FANA CITERNES BRULEES")
    someone = await at_the_desk(world.api)
    form = await someone.get(f"/fr/report?heard={inbound}")
    filled = {"kind": "ied", "place": "Fana", "summary": SAID}
    await someone.sign_in(rivals_key(world))

    stale = await someone.send(form, form_with(form.text, "once"), **filled)
    fresh = await someone.get("/fr/report")
    forged = await someone.send(fresh, form_with(fresh.text, "once"), heard=inbound, **filled)

    for page in (stale, forged):
        await sent_on(someone, page.text, page.status_code)
    assert (await world.api.moderator.get("/v1/incidents")).json()["items"] == []
