"""What a phone writes is no affair of whoever else has its number, nor of who has an old key."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.keys import Scope
from app.db.engine import Database
from app.db.tables import InvitationRow
from app.delivery.outbox import answers
from app.flows.upkeep.rotate_vault import rotate_vault
from app.subscribers.invitation import code_of
from app.subscribers.store import inbound as store
from app.subscribers.vault import Vault
from tests.harness.api import Api
from tests.harness.texting import REPORTER, STRANGER, Texting, a_contact, a_reporter


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


@pytest.mark.alike
async def test_whoever_adds_a_reporters_number_sees_neither_that_he_writes_nor_what(
    api: Api, texting: Texting
) -> None:
    await a_reporter(api)
    spy = api.organisation("Qui cherche l'informateur")
    await a_contact(api, REPORTER, organisation_id=spy)

    reply = await texting.says(REPORTER, "ALERTE DIEMA CITERNES BRULEES")

    costs = (await api.subscriber(spy).get("/v1/costs")).json()
    desk = api.client(api.key(Scope.MODERATOR, spy))
    assert reply is not None
    assert (costs["messages"], costs["levels"]) == (0, [])
    assert (await desk.get("/v1/inbound")).json()["items"] == []
    assert [one["organisation_id"] for one in await texting.read()] == [None]


async def test_a_reporters_own_organisation_is_whose_affair_his_messages_are(
    api: Api, texting: Texting
) -> None:
    own, spy = api.organisation("Sienne"), api.organisation("Qui cherche l'informateur")
    await a_contact(api, REPORTER, organisation_id=spy)
    await a_reporter(api, organisation_id=own)

    await texting.says(REPORTER, "ALERTE DIEMA CITERNES BRULEES")

    assert [one["organisation_id"] for one in await texting.read()] == [own]
    assert (await api.subscriber(own).get("/v1/costs")).json()["messages"] == 1


async def test_what_a_driver_subscribes_to_is_shown_to_those_with_whom_he_agreed(
    api: Api, texting: Texting
) -> None:
    spy, own = api.organisation("Qui cherche des citernes"), api.organisation("La sienne")
    await a_contact(api, STRANGER, organisation_id=spy)
    asked = await a_contact(api, STRANGER, organisation_id=own, confirm=True)
    invitation = api.state.db.read_now(lambda conn: conn.scalar(select(InvitationRow.id)))
    await texting.says(STRANGER, code_of(str(invitation), api.state.vault.token))

    reply = await texting.says(STRANGER, "ABONNER KAYES CARBURANT")

    wanted = {
        one: (await api.subscriber(one).get("/v1/subscriptions")).json()["items"]
        for one in (spy, own)
    }
    assert "C'est noté" in str(reply)
    assert wanted[spy] == []
    assert [one["contact_id"] for one in wanted[own]] == [asked["id"]]


@pytest.mark.alike
async def test_an_agreement_is_not_one_of_whoever_has_the_number_that_is_there_now(
    api: Api, texting: Texting
) -> None:
    own, spy = api.organisation("La sienne"), api.organisation("Qui cherche des citernes")
    await a_contact(api, STRANGER, organisation_id=own)
    friend = await a_contact(api, "+22376000098", organisation_id=spy, confirm=True)
    invitation = api.state.db.read_now(lambda conn: conn.scalar(select(InvitationRow.id)))
    await texting.says("+22376000098", code_of(str(invitation), api.state.vault.token))
    api.clock.advance(timedelta(minutes=1))
    path = f"/v1/contacts/{friend['id']}"
    assert (await api.subscriber(spy).patch(path, json={"phone": STRANGER})).status_code == 200

    await texting.says(STRANGER, "ABONNER KAYES CARBURANT")

    assert (await api.subscriber(spy).get("/v1/subscriptions")).json()["items"] == []
    assert len((await api.subscriber(own).get("/v1/subscriptions")).json()["items"]) == 1


async def test_messages_open_with_the_new_key_alone_after_a_rotation(
    api: Api, db: Database, texting: Texting
) -> None:
    await a_contact(api, STRANGER)
    await texting.says(STRANGER, "AIDE")
    (said,) = await texting.read()
    answered = {"text": "Bien reçu"}
    await api.moderator.post(f"/v1/inbound/{said['id']}/answers", json=answered)
    vault = _with_new_key(api.state.context.vault)
    rotate_vault(db, vault, now=api.clock.now())

    vault._sealing.pop("k1")
    (heard,) = db.read_now(
        lambda conn: store.list_heard(
            conn, store.InboundFilter(), vault=vault, before=None, limit=5
        )
    )
    assert heard.phone == STRANGER
    assert heard.said is not None
    assert heard.said.text == "AIDE"
    found = db.read_now(lambda conn: answers.list_of(conn, [heard.id], vault=vault))
    assert [one.text for one in found[heard.id]] == ["Bien recu"]


def _with_new_key(old: Vault) -> Vault:
    vault = Vault({"k2": bytes(range(32))}, old._index)
    vault._sealing |= old._sealing
    return vault
