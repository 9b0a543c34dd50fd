"""A test message concerns the organisation whose people it is sent to, and nobody else."""

from datetime import timedelta

import httpx
import pytest

from tests.harness.api import Api


@pytest.fixture
async def trial(api: Api) -> tuple[httpx.AsyncClient, httpx.AsyncClient, str]:
    """Send a test to somebody of one organisation; return its client, another's, the alert."""
    own, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))
    depot = await own.post("/v1/contacts", json={"name": "Depot", "webhook": "https://8.8.8.8/"})
    tried = await own.post(f"/v1/contacts/{depot.json()['id']}/webhook/test")
    assert tried.status_code == 202, tried.text
    (alert,) = (await api.moderator.get("/v1/alerts")).json()["items"]
    return own, other, alert["id"]


async def test_who_sent_it_finds_it_among_its_alerts(
    trial: tuple[httpx.AsyncClient, httpx.AsyncClient, str],
) -> None:
    own, _, alert = trial

    assert [one["id"] for one in (await own.get("/v1/alerts")).json()["items"]] == [alert]
    assert (await own.get(f"/v1/alerts/{alert}")).json()["deliveries"]


async def test_another_organisation_learns_nothing_of_it(
    trial: tuple[httpx.AsyncClient, httpx.AsyncClient, str],
) -> None:
    _, other, alert = trial

    assert (await other.get("/v1/alerts")).json()["items"] == []
    assert (await other.get("/v1/alerts?route=TEST")).status_code == 422
    for path in ("", "/deliveries", "/unreached", "/escalations"):
        answer = await other.get(f"/v1/alerts/{alert}{path}")
        assert (path, answer.status_code) == (path, 404)
    noted = await other.post(f"/v1/alerts/{alert}/acknowledge")
    assert noted.status_code == 404


async def test_one_address_is_not_written_to_again_and_again_by_way_of_new_contacts(
    api: Api,
) -> None:
    own, other = (api.subscriber(api.organisation(name)) for name in ("Union", "Rivals"))
    url = {"webhook": "https://8.8.8.8/"}

    async def tried(client: httpx.AsyncClient, contact: str) -> int:
        return (await client.post(f"/v1/contacts/{contact}/webhook/test")).status_code

    async def added(client: httpx.AsyncClient, **address: str) -> str:
        made = await client.post("/v1/contacts", json={"name": "Depot", **address})
        return str(made.json()["id"])

    first, second = await added(own, **url), await added(own, webhook="https://8.8.4.4/")
    before = [await tried(own, first), await tried(own, second)]
    api.clock.advance(timedelta(seconds=1))
    await own.delete(f"/v1/contacts/{first}")
    again = await added(own, **url)

    assert before == [202, 202]
    assert await tried(own, again) == 409
    assert await tried(other, await added(other, **url)) == 202
    api.clock.advance(timedelta(seconds=5))
    assert await tried(own, again) == 202
    moved = await own.patch(f"/v1/contacts/{second}", json={"webhook": "https://1.1.1.1/"})
    assert moved.is_success
    assert await tried(own, second) == 202
    api.clock.advance(timedelta(seconds=1))
    await own.patch(f"/v1/contacts/{again}", json={"webhook": "https://9.9.9.9/"})
    assert await tried(own, await added(own, **url)) == 409


async def test_real_alerts_are_everybodys_as_before(
    api: Api, trial: tuple[httpx.AsyncClient, httpx.AsyncClient, str]
) -> None:
    _, other, _ = trial
    body = {"route": "ML-DKR-N", "cargo": "fuel", "level": "severe", "certainty": "confirmed"}
    made = await api.moderator.post("/v1/alerts", json=body | {"type": "alert", "note": "Closed."})

    assert [one["id"] for one in (await other.get("/v1/alerts")).json()["items"]] == [
        made.json()["id"]
    ]
