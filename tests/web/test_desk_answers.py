"""/desk: whoever wrote of a danger is answered, seen before it leaves, and what became of it."""

import re

import httpx
import pytest
from sqlalchemy import select, update

from app.accounts.keys import Scope
from app.db.tables import AnswerRow, InboundRow
from tests.harness.html import read
from tests.harness.texting import REPORTER, STRANGER, a_reporter
from tests.harness.twilio import Fault
from tests.harness.visitor import Visitor, form_with, forms, visitor
from tests.harness.world import World
from tests.harness.writing import wrote

SAID = "Où exactement ? N\N{RIGHT SINGLE QUOTATION MARK}y allez pas."
AS_SENT = "Où exactement ? N'y allez pas."


async def at_desk(world: World, key: str | None = None) -> Visitor:
    someone = visitor(world.api)
    await someone.sign_in(key or world.api.key(Scope.MODERATOR))
    return someone


async def listed(someone: Visitor, name: str) -> str:
    page = (await someone.get("/fr/desk")).text
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


async def answered(someone: Visitor, inbound: str, text: str = SAID) -> str:
    """Answer at the desk; return where that leads."""
    page = await someone.get(f"/fr/desk/messages/{inbound}")
    shown = await someone.send(page, form_with(page.text, "text"), do="answer", text=text)
    done = await someone.send(shown, form_with(shown.text, "sure"))
    return str(done.headers["location"])


def statuses(world: World) -> list[str]:
    return list(world.db.read_now(lambda conn: conn.scalars(select(AnswerRow.status)).all()))


async def test_a_stranger_is_asked_where_and_what_comes_back_is_found(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER, "ALERTE SANDARE CITERNES BRULEES 76 61 44 33")
    someone = await at_desk(world)
    path = f"/fr/desk/messages/{inbound}"
    assert path in await listed(someone, "messages")

    page = await someone.get(path)
    shown = await someone.send(page, form_with(page.text, "text"), do="answer", text=SAID)
    nothing_yet = statuses(world)
    done = await someone.send(shown, form_with(shown.text, "sure"))
    await world.until(lambda: statuses(world) == ["sent"])
    after = (await someone.get(str(done.headers["location"]))).text

    assert "76 61 44 33" not in page.text
    said = read(shown.text).words
    assert AS_SENT in said
    assert re.search(r"1 SMS, à ce numéro seul Coût : environ \d+,\d\d EUR", said)
    assert nothing_yet == []
    assert world.twilio.to(STRANGER) == [AS_SENT]
    assert "parti, pas encore reçu" in after
    assert await listed(someone, "messages") == ""
    assert path in await listed(someone, "talks")

    back = await wrote(world, STRANGER, "au pont")
    found = await listed(someone, "talks")
    assert f"/fr/desk/messages/{back}" in found
    assert "A écrit de nouveau" in read(found).words
    thread = read((await someone.get(f"/fr/desk/messages/{back}")).text).words
    assert thread.index("CITERNES BRULEES") < thread.index(AS_SENT) < thread.rindex("au pont")


async def test_two_taps_send_one_answer_and_a_colleagues_comes_first(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    one, other = [await at_desk(world) for _ in range(2)]
    path = f"/fr/desk/messages/{inbound}"
    page = await one.get(path)
    shown = await one.send(page, form_with(page.text, "text"), do="answer", text=SAID)

    taps = [await one.send(shown, form_with(shown.text, "sure")) for _ in range(2)]
    late = await other.send(page, form_with(page.text, "text"), do="answer", text="Non.")

    assert {tap.headers["location"] for tap in taps} == {f"{path}?done=done_answer"}
    assert late.status_code in {403, 409}
    await world.until(lambda: statuses(world) == ["sent"])
    assert world.twilio.to(STRANGER) == [AS_SENT]


async def test_what_did_not_arrive_stands_first_among_the_answered(plain_world: World) -> None:
    world = plain_world
    world.twilio.fault = lambda form: Fault.error(400, 21211) if form["To"] == STRANGER else None
    missed, fine = [await wrote(world, one) for one in (STRANGER, "+22376000098")]
    someone = await at_desk(world)

    await answered(someone, missed)
    await answered(someone, fine)
    await world.until(lambda: set(statuses(world)) == {"failed", "sent"})

    found = await listed(someone, "talks")
    assert found.index(missed) < found.index(fine)
    assert "refusé" in found


@pytest.mark.alike
async def test_nobody_is_offered_to_answer_who_may_be_forced(plain_world: World) -> None:
    world = plain_world
    reporter = await a_reporter(world.api, REPORTER)
    word = f"/v1/reporters/{reporter['id']}/duress-word"
    assert (await world.api.admin.put(word, json={"word": "zanzibar"})).status_code < 300
    before = await wrote(world, REPORTER, "ALERTE BARRAGE")
    await wrote(world, REPORTER, "ALERTE DIEMA BARRAGE ZANZIBAR")
    someone = await at_desk(world)

    page = (await someone.get(f"/fr/desk/messages/{before}")).text

    assert "On ne répond pas à ce numéro : la personne est peut-être forcée" in read(page).words
    assert 'name="text"' not in page
    assert statuses(world) == []


async def test_an_empty_answer_comes_back_and_rivals_see_no_message(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    someone = await at_desk(world)
    page = await someone.get(f"/fr/desk/messages/{inbound}")
    _, key = world.api.new_key(Scope.MODERATOR, world.api.organisation("Rivals"))
    rival = await at_desk(world, key)

    empty = await someone.send(page, form_with(page.text, "text"), do="answer", text="  ")

    assert empty.status_code == 422
    assert "La réponse est vide" in read(empty.text).words
    assert (await rival.get(f"/fr/desk/messages/{inbound}")).status_code == 404


@pytest.mark.alike
async def test_while_an_answer_is_on_its_way_no_other_is_written(plain_world: World) -> None:
    world = plain_world
    world.twilio.fault = lambda _: Fault.error(503, 20500)
    inbound = await wrote(world, STRANGER)
    someone = await at_desk(world)

    await answered(someone, inbound)
    page = (await someone.get(f"/fr/desk/messages/{inbound}")).text

    assert "n'a pas encore fini son chemin" in read(page).words
    assert 'name="text"' not in page


async def test_whoever_reported_what_nobody_can_place_is_asked_where(plain_world: World) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER)
    body = {"kind": "ied", "occurred_at": world.clock.now().isoformat(), "place": "Zzzq"}
    made = await world.api.reporter.post("/v1/reports/batch", json=[body])
    report = made.json()["items"][0]["report"]["id"]
    of_report = update(InboundRow).where(InboundRow.id == inbound).values(report_id=report)
    await world.db.write(lambda conn: conn.execute(of_report))
    someone = await at_desk(world)

    page = (await someone.get(f"/fr/desk/reports/{report}")).text
    await answered(someone, inbound)

    assert f'href="/fr/desk/messages/{inbound}"' in page
    assert "Lui demander où c'était" in read(page).words


def text_of(page: httpx.Response) -> str:
    return forms(page.text)[form_with(page.text, "text")].fields["text"]


async def test_what_somebody_wrote_while_a_colleague_is_at_it_waits_until_he_takes_over(
    plain_world: World,
) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER, "ALERTE SANDARE CITERNES BRULEES")
    path = f"/fr/desk/messages/{inbound}"
    someone, colleague = await at_desk(world), await at_desk(world)
    page = await someone.get(path)
    await colleague.send(await colleague.get(path), do="hold")

    held = await someone.send(page, form_with(page.text, "text"), do="answer", text=SAID)
    taken = await someone.send(held, do="over")
    shown = await someone.send(taken, form_with(taken.text, "version"), do="answer")

    assert held.status_code == 409
    assert "Quelqu'un d'autre s'en occupe" in read(held.text).words
    assert text_of(held) == text_of(taken) == SAID
    assert AS_SENT in read(shown.text).words


async def test_a_form_of_a_session_that_ended_comes_back_as_it_was_filled_in(
    plain_world: World,
) -> None:
    world = plain_world
    inbound = await wrote(world, STRANGER, "ALERTE SANDARE CITERNES BRULEES")
    key = world.api.key(Scope.MODERATOR)
    someone = await at_desk(world, key)
    page = await someone.get(f"/fr/desk/messages/{inbound}")
    await someone.sign_in(key)  # in another tab

    late = await someone.send(page, form_with(page.text, "text"), do="answer", text=SAID)
    shown = await someone.send(late, form_with(late.text, "text"), do="answer")

    assert late.status_code == 403
    assert "Le formulaire avait expiré : rien n'a été fait" in read(late.text).words
    assert text_of(late) == SAID
    assert AS_SENT in read(shown.text).words
    assert statuses(world) == []
