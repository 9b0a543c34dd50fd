"""/desk: whoever may be forced is on a list, until a moderator says that he is free."""

import pytest

from tests.harness.html import read
from tests.harness.texting import a_reporter
from tests.harness.visitor import Visitor, form_with, forms
from tests.harness.world import World
from tests.harness.writing import wrote
from tests.web.test_desk_answers import at_desk, listed

REPORTER = "+22376000002"
pytestmark = pytest.mark.alike


async def the_held(world: World) -> list[str]:
    found = (await world.api.moderator.get("/v1/forced")).json()["items"]
    return [f"/fr/desk/forced/{one['id']}" for one in found]


async def agreed(someone: Visitor, path: str, do: str) -> str:
    """Press the last button of a page, and agree to what is shown; return where that leads."""
    page = await someone.get(path)
    shown = await someone.send(page, len(forms(page.text)) - 1, do=do)
    assert "Personne ne reçoit rien." in read(shown.text).words
    done = await someone.send(shown, form_with(shown.text, "sure"), note="par sa famille")
    return done.headers["location"]


async def test_who_wrote_the_word_is_listed_and_set_free(plain_world: World) -> None:
    world = plain_world
    await a_reporter(world.api, REPORTER, duress_word="zanzibar")
    inbound = await wrote(world, REPORTER, "ALERTE DIEMA BARRAGE ZANZIBAR")
    someone = await at_desk(world)
    (path,) = await the_held(world)
    assert path in await listed(someone, "captive")
    assert f'href="{path}"' in (await someone.get(f"/fr/desk/messages/{inbound}")).text
    assert f'href="/fr/desk/messages/{inbound}"' in (await someone.get(path)).text

    after = await agreed(someone, path, "free")

    assert after == f"{path}?done=done_free"
    assert await the_held(world) == []
    assert await listed(someone, "captive") == ""
    assert "Libre depuis" in read((await someone.get(path)).text).words


async def test_a_moderator_who_hears_of_it_believes_a_phone_no_more(plain_world: World) -> None:
    world = plain_world
    await a_reporter(world.api, REPORTER)
    inbound = await wrote(world, REPORTER, "ALERTE DIEMA BARRAGE")
    someone = await at_desk(world)

    after = await agreed(someone, f"/fr/desk/messages/{inbound}", "seize")

    assert after == f"/fr/desk/messages/{inbound}?done=done_seize"
    (path,) = await the_held(world)
    assert path in await listed(someone, "captive")
    page = (await someone.get(f"/fr/desk/messages/{inbound}")).text
    assert "On ne répond pas à ce numéro" in read(page).words
    assert 'value="seize"' not in page
