"""/desk: what a flood left is set aside at once, from the list; what may not go stays ticked."""

import pytest

from tests.harness.html import read
from tests.harness.texting import REPORTER, STRANGER, a_reporter
from tests.harness.visitor import Visitor, at_the_desk, form_with, forms
from tests.harness.world import World
from tests.harness.writing import wrote
from tests.web.test_desk_answers import listed

pytestmark = pytest.mark.alike
LIST = "/fr/desk?list=messages"


async def ticks(someone: Visitor, path: str = LIST) -> tuple[list[str], list[str]]:
    """Return the ids that can be ticked, and those that are."""
    page = (await someone.get(path)).text
    form = forms(page)[form_with(page, "note")]
    able = [name.removeprefix("m-") for name in form.choices if name.startswith("m-")]
    return able, [one for one in able if f"m-{one}" in form.fields]


async def put_aside(someone: Visitor, ids: list[str], *, path: str = LIST, note: str = "") -> str:
    page = await someone.get(path)
    fields = {f"m-{one}": "1" for one in ids}
    sent = await someone.send(page, form_with(page.text, "note"), do="aside", note=note, **fields)
    return sent.headers["location"] if sent.status_code == 303 else sent.text


async def flood(world: World, number: int) -> list[str]:
    """Have so many strangers write; return their messages, the newest first."""
    wrote_now = [
        await wrote(world, f"+223760003{n:02}", f"ALERTE FANA {n + 1} CITERNES BRULEES")
        for n in range(number)
    ]
    return wrote_now[::-1]


async def test_a_flood_leaves_the_list_in_one_step_each_on_the_record(plain_world: World) -> None:
    world = plain_world
    many = await flood(world, 45)
    help_ = await wrote(world, STRANGER, "Aidez moi je suis blesse")
    someone = await at_the_desk(world.api)
    assert f'href="{LIST}"' in await listed(someone, "messages")

    able, ticked = await ticks(someone)
    _, all_ticked = await ticks(someone, f"{LIST}&tick=all")
    after = await put_aside(someone, all_ticked, note="un jeu")

    assert (sorted(able), ticked) == (sorted([help_, *many]), [])
    assert all_ticked == many, "a call for help is looked at alone"
    assert after == "/fr/desk?done=done_put_several"
    assert "Mis de côté, tous." in read((await someone.get(after)).text).words
    left = await listed(someone, "messages")
    assert f"/fr/desk/messages/{help_}" in left
    assert many[0] not in left
    assert "Appel à l'aide" in read(left).words, "seen among fifty others"
    found = (await world.api.admin.get("/v1/audit?subject_type=inbound&limit=99")).json()["items"]
    assert sorted(one["subject_id"] for one in found) == sorted(many)
    assert {one["detail"]["note"] for one in found} == {"un jeu"}


async def test_what_a_colleague_is_at_stays_ticked_and_is_said(plain_world: World) -> None:
    world = plain_world
    last, first = await flood(world, 2)
    one, other = await at_the_desk(world.api), await at_the_desk(world.api)
    await one.send(await one.get(f"/fr/desk/messages/{first}"), do="hold")
    more = await flood(world, 3)

    said = await put_aside(other, [last, first], note="rien")

    assert "Ceux qui restent cochés n'ont pas été mis de côté" in read(said).words
    form = forms(said)[form_with(said, "note")]
    assert [name for name in form.fields if name.startswith("m-")] == [f"m-{first}"]
    assert form.fields["note"] == "rien"
    assert (await ticks(other))[0] == [*more, first]


async def test_who_may_be_forced_has_no_tick_and_none_is_no_order(plain_world: World) -> None:
    world = plain_world
    await a_reporter(world.api, REPORTER, duress_word="zanzibar")
    many = await flood(world, 2)
    forced = await wrote(world, REPORTER, "ALERTE ZANZIBAR SANDARE")
    someone = await at_the_desk(world.api)

    able, _ = await ticks(someone, f"{LIST}&tick=all")
    none = await put_aside(someone, [])
    forged = await put_aside(someone, [forced])

    assert able == many
    assert "Rien n'est coché" in read(none).words
    assert "Ceux qui restent cochés" in read(forged).words
    assert f"/fr/desk/messages/{forced}" in await listed(someone, "messages")
