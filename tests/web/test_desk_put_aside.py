"""/desk: an SMS that needs nothing done is set aside by a person, seen by all, and comes back."""

from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from tests.harness.html import read
from tests.harness.texting import DRIVER, REPORTER, STRANGER, a_contact, a_reporter
from tests.harness.visitor import Visitor, at_the_desk, form_with, forms, visitor
from tests.harness.world import World
from tests.harness.writing import wrote
from tests.web.test_desk_answers import listed

pytestmark = pytest.mark.alike
DAY = timedelta(days=1)
#: Not plain: Sira asks what is meant.
ARMED = (
    "Bonjour j'ai vu des hommes armes a moto vers Sandare ce soir ils arretent les camions,"
    " ma famille est la bas aidez nous svp on ne sait pas quoi faire"
)


def page_of(inbound: str) -> str:
    return f"/fr/desk/messages/{inbound}"


async def put_aside(someone: Visitor, inbound: str, **more: str) -> str:
    page = await someone.get(page_of(inbound))
    done = await someone.send(page, form_with(page.text, "note"), do="aside", **more)
    return done.headers["location"]


async def trail(world: World) -> list[tuple[str, dict[str, str]]]:
    found = (await world.api.admin.get("/v1/audit?subject_type=inbound")).json()["items"]
    return [(one["action"], one["detail"]) for one in found]


async def test_what_needs_nothing_leaves_the_list_and_comes_back_with_who_and_when(
    plain_world: World,
) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    someone = await at_the_desk(world.api)
    assert page_of(inbound) in await listed(someone, "messages")

    after = await put_aside(someone, inbound, note="un essai, appelé")

    assert after == "/fr/desk?done=done_put_aside"
    assert await listed(someone, "messages") == ""
    assert "Mis de côté 06:00 par test moderator" in read(await listed(someone, "put_aside")).words
    assert "Rien ne vous attend." in read((await someone.get("/fr/desk")).text).words
    assert "Mis de côté." in read((await someone.get(after)).text).words
    page = await someone.get(page_of(inbound))
    assert "Mis de côté 06:00 par test moderator" in read(page.text).words
    back = await someone.send(page, len(forms(page.text)) - 1, do="back")
    assert back.headers["location"] == f"{page_of(inbound)}?done=done_put_back"
    assert page_of(inbound) in await listed(someone, "messages")
    assert await listed(someone, "put_aside") == ""
    assert await trail(world) == [
        ("inbound.put_back", {}),
        ("inbound.set_aside", {"note": "un essai, appelé"}),
    ]


async def test_pressed_twice_it_is_done_once_and_what_is_written_next_waits(
    plain_world: World,
) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    someone = await at_the_desk(world.api)
    page = await someone.get(page_of(inbound))

    pressed = [await someone.send(page, form_with(page.text, "note"), do="aside") for _ in "12"]
    newer = await wrote(world, STRANGER, "ALERTE DIEMA MINE")

    assert [one.status_code for one in pressed] == [303, 303]
    assert [name for name, _ in await trail(world)] == ["inbound.set_aside"]
    waits = await listed(someone, "messages")
    assert page_of(newer) in waits
    assert page_of(inbound) not in waits


async def test_what_a_colleague_is_at_or_made_a_report_of_is_not_set_aside(
    plain_world: World,
) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER, "ALERTE FANA CITERNES BRULEES")
    one, other = await at_the_desk(world.api), await at_the_desk(world.api)
    page = await other.get(page_of(inbound))
    await one.send(await one.get(page_of(inbound)), do="hold")

    held = await other.send(page, form_with(page.text, "note"), do="aside", note="rien")

    assert held.status_code == 409
    assert "Quelqu'un d'autre s'en occupe" in read(held.text).words
    assert 'value="rien"' in held.text, "nothing that was typed is lost"
    form = await one.get(f"/fr/report?kind=ied&place=Fana&heard={inbound}")
    shown = await one.send(form, form_with(form.text, "once"))
    await one.send(shown, form_with(shown.text, "once"))
    await one.send(await one.get(page_of(inbound)), do="drop")
    late = await other.send(page, form_with(page.text, "note"), do="aside")
    assert late.status_code == 409
    assert "Cela a changé entre-temps" in read(late.text).words
    assert await trail(world) == []


async def test_whoever_may_be_forced_stays_in_sight_until_he_is_free(plain_world: World) -> None:
    world = plain_world
    await a_reporter(world.api, REPORTER, duress_word="zanzibar")
    await wrote(world, REPORTER, "ALERTE DIEMA BARRAGE ZANZIBAR")
    inbound = await wrote(world, REPORTER, "ALERTE SANDARE")
    someone = await at_the_desk(world.api)
    page = await someone.get(page_of(inbound))
    elsewhere = await someone.get("/fr/report")
    token = forms(elsewhere.text)[form_with(elsewhere.text, "once")].fields["token"]

    refused = await someone.post(page_of(inbound), {"token": token, "do": "aside"})

    assert "Il ne se met pas de côté" in read(page.text).words
    assert 'value="aside"' not in page.text
    assert refused.status_code == 409
    assert page_of(inbound) in await listed(someone, "messages")
    (held,) = (await world.api.moderator.get("/v1/forced")).json()["items"]
    await world.api.moderator.post(f"/v1/forced/{held['id']}/free", json={})
    await put_aside(someone, inbound)
    assert page_of(inbound) not in await listed(someone, "messages")


async def test_a_stranger_who_calls_for_help_or_denies_is_read_by_somebody(
    plain_world: World,
) -> None:
    world = plain_world
    await a_contact(world.api, DRIVER)
    helped = await wrote(world, "+22376000098", "Aidez moi je suis blesse")
    armed = await wrote(world, DRIVER, ARMED)
    denied = await wrote(world, STRANGER, "c'est faux il n'y a rien a Diema")
    greets = await wrote(world, "+22376000096", "bonjour, qui est-ce ?")
    someone = await at_the_desk(world.api)

    found = await listed(someone, "messages")

    places = [found.find(page_of(one)) for one in (helped, denied, armed)]
    assert -1 not in places
    assert places == sorted(places), "who calls for help comes first, then the newest"
    assert page_of(greets) not in found


async def test_what_nobody_dealt_with_in_a_day_is_not_lost_with_it(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    world.clock.advance(DAY + timedelta(hours=1))
    someone = await at_the_desk(world.api)

    assert await listed(someone, "messages") == ""
    assert page_of(inbound) in await listed(someone, "lapsed")
    assert "Rien ne vous attend." not in read((await someone.get("/fr/desk")).text).words
    await put_aside(someone, inbound)
    assert await listed(someone, "lapsed") == ""
    assert page_of(inbound) in await listed(someone, "put_aside")
    world.clock.advance(7 * DAY)
    assert await listed(someone, "put_aside") == ""


async def test_of_another_organisation_nobody_sets_anything_aside(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    rival = visitor(world.api)
    await rival.sign_in(world.api.key(Scope.MODERATOR, world.api.organisation("Rivals")))
    someone = await at_the_desk(world.api)
    await put_aside(someone, inbound)

    assert (await rival.get(page_of(inbound))).status_code == 404
    assert await listed(rival, "put_aside") == ""


async def test_whoever_has_taken_a_phone_takes_nothing_off_the_desk_by_it(
    plain_world: World,
) -> None:
    world = plain_world
    await a_reporter(world.api, REPORTER, duress_word="zanzibar")
    before = await wrote(world, REPORTER, ARMED)
    world.clock.advance(timedelta(minutes=2))
    await wrote(world, REPORTER, "ALERTE DIEMA BARRAGE ZANZIBAR")
    await wrote(world, REPORTER, "OK SANDARE")
    someone = await at_the_desk(world.api)

    assert page_of(before) in await listed(someone, "messages")
