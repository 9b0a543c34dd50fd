"""Who reports by SMS stays unnamed, whoever else adds the number to his contacts."""

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.texting import REPORTER, Texting, a_contact, a_reporter


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


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
