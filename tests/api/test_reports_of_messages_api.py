"""A report is made of a message by the API as at the desk: the phone's word, and once."""

from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope
from app.db.tables import ReportRow
from tests.harness.api import Api
from tests.harness.texting import STRANGER, Texting, values

OTHER = "+22370009988"


@pytest.fixture
def api(texting: Texting) -> Api:
    return texting.api


async def wrote(texting: Texting, text: str = "ALERTE FANA CITERNES BRULEES", **more: Any) -> str:
    await texting.says(more.get("phone", STRANGER), text)
    return str((await texting.read())[0]["id"])


async def filed(
    client: httpx.AsyncClient, api: Api, inbound: str | None, key: str = "", **more: Any
) -> httpx.Response:
    body: dict[str, Any] = {"kind": "fuel_interception", "place": "Fana", "summary": "x"}
    body |= {"occurred_at": api.clock.now().isoformat(), "inbound_id": inbound, **more}
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post("/v1/reports", json=body, headers=headers)


async def sources(api: Api) -> list[int]:
    found = (await api.moderator.get("/v1/incidents")).json()["items"]
    return [one["independent_sources"] for one in found]


async def test_it_is_the_word_of_the_phone_and_the_message_waits_no_more(
    api: Api, texting: Texting
) -> None:
    first, again = await wrote(texting), await wrote(texting, "ALERTE FANA encore des citernes")
    other = await wrote(texting, "ALERTE FANA CITERNES", phone=OTHER)

    answers = [await filed(api.moderator, api, one) for one in (first, again)]
    one_phone = await sources(api)
    answers.append(await filed(api.admin, api, other))

    assert [one.status_code for one in answers] == [201] * 3
    assert one_phone == [1], "one stranger, though the desk filed two of his"
    assert await sources(api) == [2]
    kept = [(await api.moderator.get(f"/v1/inbound/{one}")).json() for one in (first, other)]
    assert [one["report_id"] for one in kept] == [
        answers[0].json()["report"]["id"],
        answers[2].json()["report"]["id"],
    ]
    assert values(api.state.db, ReportRow.basis) == ["relayed"] * 3


@pytest.mark.alike
async def test_of_one_message_one_report_is_made_and_something_else_that_it_says(
    api: Api, texting: Texting
) -> None:
    inbound = await wrote(texting)

    first = await filed(api.moderator, api, inbound, "a", basis="firsthand")
    replay = await filed(api.moderator, api, inbound, "a", basis="firsthand")
    second = await filed(api.admin, api, inbound, "b")
    besides = await filed(api.admin, api, inbound, "c", kind="ied", besides=True)

    statuses = [one.status_code for one in (first, replay, second, besides)]
    assert statuses == [201, 200, 409, 201]
    assert values(api.state.db, ReportRow.basis)[0] == "firsthand"
    refusal = second.json()
    made = first.json()["report"]["id"]
    assert (refusal["type"], refusal["report_id"]) == ("/problems/message-filed", made)
    assert await sources(api) == [1], "whatever else the phone says is its word, too"


@pytest.mark.alike
async def test_only_a_desk_that_may_read_it_makes_one(api: Api, texting: Texting) -> None:
    inbound = await wrote(texting)
    rivals = api.client(api.key(Scope.MODERATOR, api.organisation("Rivals")))

    answers = [
        await filed(api.reporter, api, inbound),
        await filed(rivals, api, inbound),
        await filed(api.moderator, api, "0198f000-0000-7000-8000-000000000000"),
        await filed(api.moderator, api, None, besides=True),
    ]

    assert [one.status_code for one in answers] == [403, 404, 404, 422]
    assert answers[3].json()["errors"][0]["pointer"] == "/besides"
    assert await sources(api) == []
    assert (await api.moderator.get(f"/v1/inbound/{inbound}")).json()["report_id"] is None


@pytest.mark.alike
async def test_in_a_batch_each_by_itself(api: Api, texting: Texting) -> None:
    inbound = await wrote(texting)
    body: dict[str, Any] = {"kind": "fuel_interception", "occurred_at": api.clock.now().isoformat()}
    body |= {"place": "Fana", "summary": "x", "inbound_id": inbound}

    def batch(client: httpx.AsyncClient) -> Any:
        return client.post("/v1/reports/batch", json=[body, {**body, "inbound_id": None}])

    theirs, ours = (await batch(api.reporter)).json(), (await batch(api.moderator)).json()

    assert [one["status"] for one in theirs["items"]] == [403, 201]
    assert [one["status"] for one in ours["items"]] == [201, 201]
