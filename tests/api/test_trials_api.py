"""A test message concerns the organisation whose people it is sent to, and nobody else."""

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


async def test_real_alerts_are_everybodys_as_before(
    api: Api, trial: tuple[httpx.AsyncClient, httpx.AsyncClient, str]
) -> None:
    _, other, _ = trial
    body = {"route": "ML-DKR-N", "cargo": "fuel", "level": "severe", "certainty": "confirmed"}
    made = await api.moderator.post("/v1/alerts", json=body | {"type": "alert", "note": "Closed."})

    assert [one["id"] for one in (await other.get("/v1/alerts")).json()["items"]] == [
        made.json()["id"]
    ]
