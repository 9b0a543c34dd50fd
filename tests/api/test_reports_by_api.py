"""A reporter's key or telephone was taken: what was said with it is found, and looked at again."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.texting import REPORTER, Texting, a_reporter, report

pytestmark = pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)


async def said_with(admin: AsyncClient, path: str) -> list[dict[str, Any]]:
    """Return everything listed, a page of one at a time."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 1}
    while True:
        answer = await admin.get(path, params=query)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if (cursor := answer.json()["next"]) is None:
            return found
        query["cursor"] = cursor


async def files(client: AsyncClient, api: Api, place: str) -> str:
    """File a danger; return the incident that it was answered to be."""
    at = api.clock.now().isoformat()
    body = {"kind": "banditry", "place": place, "occurred_at": at, "summary": "x"}
    answer = await client.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident"]["id"])


async def test_what_was_filed_with_a_key_is_found_after_it_was_revoked(
    texting: Texting,
) -> None:
    api = texting.api
    taken_id, taken = api.new_key(Scope.REPORTER)
    incidents = [await files(api.client(taken), api, place) for place in ("Kayes", "Nioro")]
    await files(api.reporter, api, "Segou")
    await a_reporter(api, key_id=taken_id)
    await texting.says(REPORTER, "ALERTE DIEMA BARRAGE")
    assert (await api.admin.delete(f"/v1/keys/{taken_id}")).status_code == 204

    found = await said_with(api.admin, f"/v1/keys/{taken_id}/reports")

    assert len(found) == 3
    assert [one["incident_id"] for one in reversed(found)][:2] == incidents


async def test_what_a_phone_without_a_key_told_is_found_too(texting: Texting) -> None:
    api = texting.api
    reporter = await a_reporter(api)
    await texting.says(REPORTER, "ALERTE DIEMA BARRAGE")
    await report(api, "roadblock", "Kayes")

    (found,) = await said_with(api.admin, f"/v1/reporters/{reporter['id']}/reports")

    (seen,) = await texting.read()
    assert found["id"] == seen["report_id"]
    assert found["incident_id"] is not None


async def test_the_desk_is_not_told_who_reported_what(texting: Texting) -> None:
    api = texting.api
    taken_id, _ = api.new_key(Scope.REPORTER)
    reporter = await a_reporter(api)
    paths = (f"/v1/keys/{taken_id}/reports", f"/v1/reporters/{reporter['id']}/reports")

    for path in paths:
        assert (await api.moderator.get(path)).status_code == 403
        assert (await api.reporter.get(path)).status_code == 403
    for path in ("/v1/keys/none/reports", "/v1/reporters/none/reports"):
        assert (await api.admin.get(path)).status_code == 404


async def test_the_record_says_what_one_key_changed(texting: Texting) -> None:
    api = texting.api
    taken_id, taken = api.new_key(Scope.SUBSCRIBER, own := api.organisation())
    for n, client in enumerate((api.client(taken), api.subscriber(own))):
        driver = {"name": "Chauffeur", "phone": f"+2237800000{n}"}
        assert (await client.post("/v1/contacts", json=driver)).status_code == 201

    listed = (await api.admin.get("/v1/audit", params={"actor": taken_id})).json()["items"]

    assert [one["action"] for one in listed] == ["contact.created"]
