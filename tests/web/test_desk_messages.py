"""/desk: SMS that tell of a danger and that nothing was made of wait for a person."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from app.accounts.keys import Scope
from app.channels.gateway_links import inbound_token
from app.db.engine import Database
from app.settings import GatewaySettings, Settings
from tests.harness.api import Api, serving
from tests.harness.html import read
from tests.harness.texting import DRIVER, STRANGER, a_contact
from tests.harness.visitor import Visitor, form_with, visitor

PASSWORD = "of the gateway"
GATEWAY = GatewaySettings(
    url="http://127.0.0.1:1/cgi-bin/sendsms",
    username="u",
    password=SecretStr(PASSWORD),
    from_="Sira",
)


@dataclass
class Phones:
    """What phones write comes in through a gateway; DRIVER is a contact."""

    api: Api
    client: httpx.AsyncClient
    sent: int = 0

    async def post(self, phone: str, text: str) -> None:
        self.sent += 1
        asked = {"token": inbound_token(PASSWORD), "from": phone, "text": text}
        path = "/v1/gateway/inbound"
        answer = await self.client.get(path, params={"id": f"m{self.sent}", **asked})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def phones(db: Database) -> AsyncIterator[Phones]:
    settings = Settings(_env_file=None, gateway=GATEWAY)
    async with serving(db, settings=settings) as api:
        await a_contact(api, DRIVER)
        yield Phones(api, api.client())


async def messages(phones: Phones, key: str | None = None) -> tuple[Visitor, str]:
    """Return somebody at the desk, and what stands there of messages."""
    someone = visitor(phones.api)
    await someone.sign_in(key or phones.api.key(Scope.MODERATOR))
    page = (await someone.get("/fr/desk")).text
    return someone, page.partition('id="messages"')[2].partition("</section>")[0]


@pytest.mark.alike
async def test_what_a_stranger_writes_of_a_danger_waits_and_is_filed_with_few_taps(
    phones: Phones,
) -> None:
    await phones.post(STRANGER, "ALERTE FANA CITERNES BRULEES, appelez 76 61 44 33")
    await phones.post(STRANGER, "bonjour, qui est-ce ?")
    someone, listed = await messages(phones)

    said = read(listed).words
    assert "ALERTE FANA CITERNES BRULEES" in said
    assert "Numéro inconnu" in said
    assert "76 61 44 33" not in said
    assert "qui est-ce" not in said
    whole, report = read(listed).values("href")
    page = await someone.get(whole)
    assert "qui est-ce" in read(page.text).words
    await someone.send(page, do="hold")
    assert "s'en occupe" in read((await messages(phones))[1]).words
    written_at = phones.api.clock.now()
    phones.api.clock.advance(timedelta(hours=3))
    form = await someone.get(report)
    assert 'name="place" type="text" maxlength="120" value="Fana"' in form.text
    shown = await someone.send(form, form_with(form.text, "once"), kind="fuel_interception")
    await someone.send(shown, form_with(shown.text, "once"))
    filed = (await phones.api.moderator.get("/v1/incidents")).json()["items"]
    assert [one["kind"] for one in filed] == ["fuel_interception"]
    # read three hours late it is no news of now
    assert datetime.fromisoformat(filed[0]["occurred_at"]) == written_at
    assert (await messages(phones))[1] == ""
    page = await someone.get(whole)
    assert "Le signalement qui en a été fait" in read(page.text).words
    assert "En faire un signalement" not in read(page.text).words


@pytest.mark.alike
async def test_of_one_message_two_at_the_desk_make_one_report(phones: Phones) -> None:
    await phones.post(STRANGER, "ALERTE FANA CITERNES BRULEES")
    await phones.post(STRANGER, "ALERTE KITA BARRAGE")
    one, listed = await messages(phones)
    other, _ = await messages(phones)
    report = read(listed).values("href")[3]
    assert "place=Fana" in report
    at_one, at_other = await one.get(report), await other.get(report)
    assert "ALERTE FANA CITERNES BRULEES" in read(at_one.text).words
    shown = await one.send(at_one, form_with(at_one.text, "once"), kind="fuel_interception")
    other_shown = await other.send(at_other, form_with(at_other.text, "once"), kind="ied")

    first = await one.send(shown, form_with(shown.text, "once"))
    again = await one.send(shown, form_with(shown.text, "once"))
    second = await other.send(other_shown, form_with(other_shown.text, "once"))

    assert "C'est reçu" in read(first.text).words
    assert "C'est reçu" in read(again.text).words  # a button pressed twice
    assert second.status_code == 409
    assert "Quelqu'un a déjà fait un signalement de ce SMS" in read(second.text).words
    filed = (await phones.api.moderator.get("/v1/incidents")).json()["items"]
    assert [each["reports"] for each in filed] == [1]
    # the other danger that the phone told of waits still
    assert "ALERTE KITA BARRAGE" in read((await messages(phones))[1]).words
    # who has read that and means something else says it
    apart = await other.send(second, form_with(second.text, "once"))
    await other.send(apart, form_with(apart.text, "once"))
    filed = (await phones.api.moderator.get("/v1/incidents")).json()["items"]
    assert sum(each["reports"] for each in filed) == 2
    assert {each["independent_sources"] for each in filed} == {1}, "it is one phone's word"


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_what_phones_write_is_their_word_whoever_at_the_desk_files_it(
    phones: Phones,
) -> None:
    async def sources() -> list[int]:
        filed = (await phones.api.moderator.get("/v1/incidents")).json()["items"]
        return [each["independent_sources"] for each in filed]

    async def filed_by(someone: Visitor, words: str) -> None:
        _, listed = await messages(phones)
        (path,) = [one for one in read(listed).values("href") if words in one]
        form = await someone.get(path)
        shown = await someone.send(form, form_with(form.text, "once"), kind="fuel_interception")
        done = await someone.send(shown, form_with(shown.text, "once"))
        assert "C'est reçu" in read(done.text).words

    one, other = (await messages(phones))[0], (await messages(phones))[0]
    await phones.post(STRANGER, "ALERTE FANA CITERNES BRULEES")
    await filed_by(one, "place=Fana")
    await phones.post(STRANGER, "ALERTE FANA encore des citernes brulees")
    await filed_by(other, "place=Fana")
    assert await sources() == [1], "one stranger, though two at the desk believed him"

    await phones.post("+22370009988", "ALERTE FANA CITERNES BRULEES")
    await filed_by(one, "place=Fana")
    assert await sources() == [2], "two strangers, though one at the desk took both down"


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_message_is_taken_off_the_desk_by_nobody_who_may_not_read_it(
    phones: Phones,
) -> None:
    await phones.post(STRANGER, "ALERTE FANA CITERNES BRULEES")
    report = read((await messages(phones))[1]).values("href")[1]
    _, key = phones.api.new_key(Scope.MODERATOR, phones.api.organisation("Rivals"))
    rival, _ = await messages(phones, key)
    reporter, _ = await messages(phones, phones.api.key(Scope.REPORTER))

    refused = await rival.get(report)
    form = await reporter.get(report)
    heard = report.partition("heard=")[2]
    said = {"kind": "ied", "place": "Fana", "basis": "relayed", "heard": heard}
    taken = await reporter.send(form, form_with(form.text, "once"), **said)

    assert refused.status_code == 404
    assert "CITERNES" not in form.text
    assert taken.status_code == 200
    assert "CITERNES BRULEES" in (await messages(phones))[1]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_what_nobody_deals_with_is_news_for_a_day(phones: Phones) -> None:
    await phones.post(STRANGER, "ALERTE FANA CITERNES BRULEES")

    phones.api.clock.advance(timedelta(hours=25))
    assert (await messages(phones))[1] == ""


@pytest.mark.alike
async def test_who_was_asked_where_and_answers_waits_no_more(phones: Phones) -> None:
    await phones.post(DRIVER, "ALERTE XYZZY BARRAGE")
    assert "XYZZY BARRAGE" in (await messages(phones))[1]

    phones.api.clock.advance(timedelta(minutes=2))
    await phones.post(DRIVER, "ALERTE DIEMA BARRAGE")

    assert (await messages(phones))[1] == ""


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_danger_that_was_asked_about_waits_until_it_is_said_to_be_one(
    phones: Phones,
) -> None:
    await phones.post(DRIVER, "photo d'un car attaqué a Massigui")
    assert "un car attaqué" in (await messages(phones))[1]

    phones.api.clock.advance(timedelta(minutes=2))
    await phones.post(DRIVER, "1")

    assert (await messages(phones))[1] == ""


async def test_a_moderator_of_one_organisation_reads_no_strangers(phones: Phones) -> None:
    await phones.post(STRANGER, "ALERTE FANA CITERNES BRULEES")
    _, key = phones.api.new_key(Scope.MODERATOR, phones.api.organisation("Rivals"))

    assert (await messages(phones, key))[1] == ""


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_who_broke_down_is_told_what_to_do_and_waits_for_a_person(phones: Phones) -> None:
    await phones.post(DRIVER, "mon camion en panne a diema besoin de mecanicien svp")

    assert "besoin de mecanicien" in read((await messages(phones))[1]).words
    (mine,) = (await phones.api.moderator.get("/v1/inbound?outcome=nothing")).json()["items"]
    assert mine["reply"].startswith("SIRA ne peut pas envoyer de secours")
    assert (await phones.api.moderator.get("/v1/incidents")).json()["items"] == []


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_who_broke_down_still_waits_when_he_tells_of_something_else(phones: Phones) -> None:
    await phones.post(DRIVER, "mon camion en panne a diema besoin de mecanicien svp")
    phones.api.clock.advance(timedelta(minutes=2))
    await phones.post(DRIVER, "ALERTE FANA CITERNES BRULEES")
    assert len((await phones.api.moderator.get("/v1/incidents")).json()["items"]) == 1

    assert "besoin de mecanicien" in read((await messages(phones))[1]).words


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_what_somebody_denies_waits_for_a_person_and_takes_nothing_back(
    phones: Phones,
) -> None:
    body = {"kind": "ied", "occurred_at": phones.api.clock.now().isoformat(), "place": "Diéma"}
    told = (await phones.api.moderator.post("/v1/reports", json=body)).json()["incident"]

    await phones.post(DRIVER, "faux, pas d'attaque à Diéma")

    said = read((await messages(phones))[1]).words
    assert "faux, pas d'attaque à Diéma" in said
    (mine,) = (await phones.api.moderator.get("/v1/inbound?outcome=nothing")).json()["items"]
    assert mine["reply"].startswith("SIRA Noté à Diéma: selon vous, c'est faux ou il n'y a rien.")
    kept = await phones.api.moderator.get(f"/v1/incidents/{told['id']}")
    assert kept.json()["status"] == told["status"] == "open"
