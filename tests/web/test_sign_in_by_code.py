"""Signing in without a key: a code on the phone, good once, in the browser that asked."""

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from app.accounts.keys import Scope
from app.accounts.one_time import (
    AGAIN_AFTER,
    GOOD_FOR,
    MOST_A_DAY,
    MOST_ATTEMPTS,
    MOST_OF_STRANGERS,
)
from app.alerts.sms_text import segments
from app.core.gsm7 import is_gsm7
from app.db.tables import AuditRow, NoticeRow
from app.web.sign_in import ANSWERED_AFTER_S
from tests.harness.api import Api
from tests.harness.dump import dump, texts
from tests.harness.html import read
from tests.harness.visitor import Visitor, visitor
from tests.harness.world import World

WRONG = "00000000"


async def manager(world: World) -> str:
    """Return the number of a contact whom his organisation lets sign in."""
    person = await world.person("manager")
    allowed = await world.api.subscriber(person.organisation_id).put(
        f"/v1/contacts/{person.contact_id}/sign-in"
    )
    assert allowed.status_code == 204
    return str(person.phone)


async def asks(someone: Visitor, address: str, language: str = "fr") -> httpx.Response:
    page = await someone.get(f"/{language}/sign-in")
    return await someone.send(page, 1, address=address)


async def code_for(world: World, address: str, someone: Visitor) -> tuple[httpx.Response, str]:
    """Ask for a code; return the page that waits for it, and what came on the phone."""
    before = len(world.phone("manager").texts)
    page = await asks(someone, address)
    await world.until(lambda: len(world.phone("manager").texts) > before)
    (code,) = re.findall(r"\b\d{8}\b", world.phone("manager").texts[-1])
    return page, code


@pytest.fixture
async def number(plain_world: World) -> str:
    return await manager(plain_world)


@pytest.mark.alike
async def test_a_code_on_the_phone_opens_the_pages_of_the_organisation(
    plain_world: World, number: str
) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, someone)
    text = world.phone("manager").texts[-1]
    assert is_gsm7(text)
    assert segments(text) == 1

    assert "Aucun code après une minute : redemander" in read(page.text).words
    assert timedelta(minutes=1) == AGAIN_AFTER  # sooner, none more is sent

    stranger = visitor(world.api)
    theirs = await asks(stranger, "+22370000001")
    assert (await stranger.send(theirs, code=code)).status_code == 401

    answer = await someone.send(page, code=f"{code[:4]} {code[4:]}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/my")
    assert (await someone.get("/fr/my")).status_code == 200
    assert (await someone.get("/fr/desk")).status_code == 403
    again = visitor(world.api)
    again.client.cookies.update(someone.client.cookies)
    assert (await again.send(page, code=code)).status_code in {401, 403}


async def test_the_code_is_found_nowhere_once_it_was_sent(
    plain_world: World, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = plain_world
    _, code = await code_for(world, number, visitor(world.api))

    async def wiped() -> bool:
        query = select(func.count()).where(NoticeRow.kind == "sign_in", NoticeRow.words != "")
        return not await world.db.read(lambda conn: conn.scalar(query))

    for _ in range(200):
        if await wiped():
            break
        await world.quiet()
    assert await wiped()
    assert code not in texts(dump(world.db)) + caplog.text


@pytest.mark.alike
async def test_nobody_learns_it_from_how_long_the_answer_takes(
    plain_world: World, number: str
) -> None:
    loop = asyncio.get_running_loop()
    for address in (number, "+22370000001", "nobody"):
        someone = visitor(plain_world.api)
        page = await someone.get("/fr/sign-in")
        began = loop.time()

        await someone.send(page, 1, address=address)

        assert loop.time() - began >= ANSWERED_AFTER_S


@pytest.mark.alike
async def test_nobody_learns_who_may_sign_in(plain_world: World, number: str) -> None:
    world = plain_world
    await world.person("driver")
    shown = [
        read((await asks(visitor(world.api), address, "en")).text).words
        for address in (number, "+22370000001", str(world.people["driver"].phone), "nobody", "")
    ]

    assert len(set(shown)) == 1
    await world.until(lambda: len(world.phone("manager").texts) == 1)
    assert world.phone("driver").texts == []


@pytest.mark.alike
async def test_after_some_tries_even_the_right_code_opens_nothing(
    plain_world: World, number: str
) -> None:
    someone = visitor(plain_world.api)
    page, code = await code_for(plain_world, number, someone)
    for _ in range(MOST_ATTEMPTS):
        page = await someone.send(page, code=WRONG)
        assert page.status_code == 401

    assert (await someone.send(page, code=code)).status_code == 401


@pytest.mark.alike
async def test_one_code_a_minute_and_the_newest_counts(plain_world: World, number: str) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    _, first = await code_for(world, number, someone)
    await asks(someone, number)
    await world.quiet()
    assert len(world.phone("manager").texts) == 1

    world.clock.advance(AGAIN_AFTER)
    page, second = await code_for(world, number, someone)

    assert (await someone.send(page, code=first)).status_code == 401
    assert (await someone.send(page, code=second)).status_code == 303


async def test_an_old_code_opens_nothing_and_is_not_sent(plain_world: World, number: str) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, someone)
    world.clock.advance(GOOD_FOR)
    assert (await someone.send(page, code=code)).status_code == 401

    await world.stop_worker()
    await asks(someone, number)
    world.clock.advance(GOOD_FOR + timedelta(seconds=1))
    async with world.service.worker():
        due = select(func.count()).where(NoticeRow.due_at.is_not(None))
        for _ in range(200):
            if not await world.db.read(lambda conn: conn.scalar(due)):
                break
            await world.quiet()
    assert len(world.phone("manager").texts) == 1


@pytest.mark.alike
async def test_whoever_knows_the_number_cannot_lock_its_owner_out(
    plain_world: World, number: str
) -> None:
    world, owner = plain_world, visitor(plain_world.api, host="41.73.96.10")
    page, code = await code_for(world, number, owner)
    for _ in range(2 * MOST_A_DAY):
        world.clock.advance(timedelta(seconds=20))
        await asks(visitor(world.api, host="102.16.0.66"), number)

    assert (await owner.send(page, code=code)).status_code == 303


@pytest.mark.alike
async def test_a_network_that_asked_too_often_does_not_ask_for_others(
    plain_world: World, number: str
) -> None:
    world = plain_world
    for _ in range(MOST_A_DAY + 2):
        await asks(visitor(world.api, host="102.16.0.66"), number)
        world.clock.advance(AGAIN_AFTER)
    await world.until(lambda: len(world.phone("manager").texts) == MOST_A_DAY)

    owner = visitor(world.api, host="41.73.96.10")
    page, code = await code_for(world, number, owner)
    assert (await owner.send(page, code=code)).status_code == 303


async def test_the_own_browser_is_known_again_until_he_signs_out(
    plain_world: World, number: str
) -> None:
    world, owner = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, owner)
    await owner.send(page, code=code)
    for network in range(MOST_OF_STRANGERS):
        world.clock.advance(timedelta(seconds=10))
        await asks(visitor(world.api, host=f"102.16.0.{network}"), number)
    await world.until(lambda: len(world.phone("manager").texts) == MOST_OF_STRANGERS)
    world.clock.advance(AGAIN_AFTER)

    owner.client.cookies.delete("session")
    page, code = await code_for(world, number, owner)
    assert (await owner.send(page, code=code)).status_code == 303

    await owner.send(await owner.get("/fr/sign-out"))
    assert not owner.client.cookies
    world.clock.advance(AGAIN_AFTER)
    await asks(owner, number)
    await world.quiet()
    assert len(world.phone("manager").texts) == MOST_OF_STRANGERS + 1


async def test_who_asks_from_many_windows_at_once_is_sent_one_code(
    plain_world: World, number: str
) -> None:
    world = plain_world
    windows = [visitor(world.api) for _ in range(6)]
    pages = [await one.get("/fr/sign-in") for one in windows]

    await asyncio.gather(
        *(one.send(page, 1, address=number) for one, page in zip(windows, pages, strict=True))
    )

    await world.until(lambda: bool(world.phone("manager").texts))
    await world.quiet()
    assert len(world.phone("manager").texts) == 1


@pytest.mark.alike
async def test_who_acts_for_two_organisations_chooses_one(plain_world: World, number: str) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    admin, other = world.api.admin, world.api.organisation("Transporteurs de Nioro")
    body = {"organisation_id": other, "name": "same", "language": "fr", "phone": number}
    contact = (await admin.post("/v1/contacts", json=body)).json()["id"]
    assert (await admin.put(f"/v1/contacts/{contact}/sign-in")).status_code == 204
    page, code = await code_for(world, number, someone)

    which = await someone.send(page, code=code)

    assert "Transporteurs de Nioro" in which.text
    assert (await someone.get("/fr/my")).status_code in {303, 401}
    stranger = visitor(world.api)
    theirs = await stranger.get("/fr/sign-in")
    assert (await stranger.send(theirs, by="choice", organisation=other)).status_code == 401
    nobodys = world.api.organisation("Rivals")
    assert (await someone.send(which, organisation=nobodys)).status_code == 401
    done = await someone.send(which, organisation=other)
    assert (done.status_code, done.headers["location"]) == (303, "/fr/my")
    assert "Transporteurs de Nioro" in (await someone.get("/fr/my")).text
    again = visitor(world.api)
    again.client.cookies.set("visit", someone.client.cookies["known"], domain="sira.test")
    fresh = await again.get("/fr/sign-in")
    assert (await again.send(fresh, by="choice", organisation=other)).status_code == 401


@pytest.mark.alike
async def test_an_organisation_takes_no_code_away_that_is_for_another_too(
    plain_world: World, number: str
) -> None:
    world, someone, person = plain_world, visitor(plain_world.api), plain_world.people["manager"]
    other = world.api.organisation("Transporteurs de Nioro")
    body = {"organisation_id": other, "name": "same", "language": "fr", "phone": number}
    contact = (await world.api.admin.post("/v1/contacts", json=body)).json()["id"]
    await world.api.admin.put(f"/v1/contacts/{contact}/sign-in")
    page, code = await code_for(world, number, someone)
    spoiler = world.api.subscriber(person.organisation_id)
    path = f"/v1/contacts/{person.contact_id}/sign-in"

    assert (await spoiler.delete(path)).status_code == 204
    assert (await spoiler.put(path)).status_code == 204
    await asks(visitor(world.api), number)
    await world.quiet()
    assert (await spoiler.delete(path)).status_code == 204
    done = await someone.send(page, code=code)

    assert len(world.phone("manager").texts) == 1  # nor is the phone made to ring without end
    assert (done.status_code, done.headers["location"]) == (303, "/fr/my")
    assert "Transporteurs de Nioro" in (await someone.get("/fr/my")).text


@pytest.mark.alike
async def test_a_cookie_that_was_planted_before_opens_nothing_afterwards(
    plain_world: World, number: str
) -> None:
    world, attacker, victim = plain_world, visitor(plain_world.api), visitor(plain_world.api)
    await attacker.get("/fr/sign-in")
    planted = attacker.client.cookies["visit"]
    for name in ("session", "visit"):
        victim.client.cookies.set(name, planted, domain="sira.test")
    page, code = await code_for(world, number, victim)
    assert (await victim.send(page, code=code)).status_code == 303

    for name in ("session", "known"):
        attacker.client.cookies.set(name, planted, domain="sira.test")
    assert (await attacker.get("/fr/my")).headers["location"].startswith("/fr/sign-in")
    assert victim.token != planted


@pytest.mark.alike
async def test_who_is_forbidden_is_signed_out_and_gets_no_code(
    plain_world: World, number: str
) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, someone)
    await someone.send(page, code=code)
    person = world.people["manager"]

    gone = await world.api.subscriber(person.organisation_id).delete(
        f"/v1/contacts/{person.contact_id}/sign-in"
    )

    assert gone.status_code == 204
    assert (await someone.get("/fr/my")).headers["location"].startswith("/fr/sign-in")
    world.clock.advance(AGAIN_AFTER)
    await asks(visitor(world.api), number)
    await world.quiet()
    assert len(world.phone("manager").texts) == 1
    actions = select(AuditRow.action).where(AuditRow.subject_id == person.contact_id)
    said = world.db.read_now(lambda conn: set(conn.scalars(actions)))
    assert {"contact.sign_in_allowed", "contact.sign_in_forbidden"} <= said


@pytest.mark.alike
async def test_a_contact_that_is_removed_is_signed_out(plain_world: World, number: str) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, someone)
    await someone.send(page, code=code)
    person = world.people["manager"]

    await world.api.subscriber(person.organisation_id).delete(f"/v1/contacts/{person.contact_id}")

    assert (await someone.get("/fr/my")).headers["location"].startswith("/fr/sign-in")


@pytest.mark.parametrize(
    ("change", "signed_in"), [({"phone": "+22366770001"}, False), ({"language": "en"}, True)]
)
async def test_who_gets_another_number_is_signed_out_where_the_old_one_signed_in(
    plain_world: World, number: str, change: dict[str, str], *, signed_in: bool
) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, someone)
    await someone.send(page, code=code)
    person = world.people["manager"]
    theirs = world.api.subscriber(person.organisation_id)

    answer = await theirs.patch(f"/v1/contacts/{person.contact_id}", json=change)
    status = (await someone.get("/fr/my")).status_code

    assert answer.status_code == 200
    assert status == (200 if signed_in else 303)


@pytest.mark.alike
async def test_with_the_organisation_everybody_is_signed_out(
    plain_world: World, number: str
) -> None:
    world, someone = plain_world, visitor(plain_world.api)
    page, code = await code_for(world, number, someone)
    await someone.send(page, code=code)

    organisation = world.people["manager"].organisation_id
    assert (await world.api.admin.delete(f"/v1/organisations/{organisation}")).status_code == 204

    assert (await someone.get("/fr/my")).headers["location"].startswith("/fr/sign-in")


async def test_a_code_is_asked_for_from_our_own_form_only(closed_site: Api) -> None:
    someone = visitor(closed_site)
    page = await someone.get("/fr/sign-in")
    fields = {"by": "code", "address": "+22376123456", "token": "x.y"}

    assert (await someone.post("/fr/sign-in", fields)).status_code == 403
    elsewhere = await someone.send(page, 1, origin="https://evil.example", address="+22376123456")
    assert elsewhere.status_code == 403
    assert closed_site.key(Scope.ADMIN)
