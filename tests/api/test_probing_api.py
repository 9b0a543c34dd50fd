"""Who reports from place to place finds out nowhere that soldiers or a convoy were told of."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from app.accounts.keys import Scope
from tests.harness.api import Api

pytestmark = pytest.mark.alike

LONG_AGO = timedelta(hours=2)


async def says(client: AsyncClient, api: Api, kind: str, place: str = "Lakamane") -> dict[str, Any]:
    """Report it; return the answer."""
    at = (api.clock.now() - LONG_AGO).isoformat()
    body = {"kind": kind, "place": place, "occurred_at": at, "summary": "x"}
    answer = await client.post("/v1/reports", json=body)
    assert answer.is_success, answer.text
    api.clock.advance(timedelta(minutes=1))
    shown: dict[str, Any] = answer.json()
    return shown


def apart_from_id(incident: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of an incident but its id and the minute that it was told."""
    told = ("id", "occurred_at", "first_reported_at", "last_reported_at")
    return {name: value for name, value in incident.items() if name not in told}


@pytest.mark.alike
@pytest.mark.parametrize(
    ("secret", "probe"),
    [
        ("military_operation", "military_operation"),
        ("military_operation", "town_attack"),
        ("safe_transit", "safe_transit"),
        ("safe_transit", "road_reopened"),
    ],
)
async def test_a_probe_is_answered_as_where_nothing_was_told(
    api: Api, secret: str, probe: str
) -> None:
    alone = (await says(api.reporter, api, probe))["incident"]
    await api.moderator.patch(f"/v1/incidents/{alone['id']}", json={"status": "refuted"})
    hidden = (await says(api.moderator, api, secret))["incident"]
    _, spy = api.new_key(Scope.REPORTER)

    found = (await says(api.client(spy), api, probe))["incident"]

    assert found["id"] != hidden["id"]
    assert apart_from_id(found) == apart_from_id(alone)
    assert found["first_reported_at"] == found["last_reported_at"]
    (held,) = [
        one
        for one in (await api.moderator.get("/v1/incidents")).json()["items"]
        if one["id"] == hidden["id"]
    ]
    assert held["reports"] == 2


@pytest.mark.alike
async def test_who_reports_twice_is_told_of_his_own_alone(api: Api) -> None:
    hidden = (await says(api.moderator, api, "military_operation"))["incident"]

    first = (await says(api.reporter, api, "town_attack"))["incident"]
    again = (await says(api.reporter, api, "town_attack"))["incident"]

    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["id"] == again["id"] != hidden["id"]
    assert (again["reports"], again["version"], again["independent_sources"]) == (2, 2, 1)
    assert again["family"] == "hostile"


async def test_nor_does_his_report_tell_it_later(api: Api) -> None:
    hidden = (await says(api.moderator, api, "military_operation"))["incident"]
    answer = await says(api.reporter, api, "military_operation")
    path = f"/v1/reports/{answer['report']['id']}"

    own, desks = (await api.reporter.get(path)).json(), (await api.moderator.get(path)).json()

    assert own["incident_id"] == own["answer"]["incident"]["id"] == answer["incident"]["id"]
    assert desks["incident_id"] == hidden["id"] != own["incident_id"]


@pytest.mark.alike
async def test_a_passage_that_ends_an_operation_does_not_say_which(api: Api) -> None:
    _, scout = api.new_key(Scope.REPORTER)
    told = await says(api.client(scout), api, "military_operation")
    await says(api.reporter, api, "safe_transit")
    _, spy = api.new_key(Scope.REPORTER)

    answer = await says(api.client(spy), api, "safe_transit")

    operation = (await api.moderator.get(f"/v1/incidents/{told['incident']['id']}")).json()
    assert operation["status"] == "resolved"
    assert answer["incident"]["resolves"] == []


async def test_of_an_attack_he_is_told_that_others_saw_it(api: Api) -> None:
    known = (await says(api.moderator, api, "banditry"))["incident"]

    answer = (await says(api.reporter, api, "banditry"))["incident"]

    assert (answer["id"], answer["is_new"], answer["reports"]) == (known["id"], False, 2)


@pytest.mark.alike
@pytest.mark.parametrize("secret", ["military_operation", "safe_transit"])
async def test_an_organisation_that_reports_and_reads_does_not_see_which_report_joined(
    api: Api, secret: str
) -> None:
    own = api.organisation()
    _, spy = api.new_key(Scope.REPORTER, own)
    reads = api.subscriber(own)
    rating = "/v1/routes/ML-DKR-N/rating?cargo=fuel"
    await says(api.moderator, api, secret)
    await says(api.moderator, api, secret, "Sandaré")

    async def seen() -> list[tuple[Any, ...]]:
        """Return what the organisation reads of it, without points and scores."""
        shown = (await reads.get(rating)).json()
        hidden = [
            (section["id"], *sorted(one.items(), key=str))
            for section in shown["sections"]
            for one in section["contributions"]
            if one["kind"] == secret
        ]
        words = [
            (section["id"], *(line.partition(", ajoute")[0] for line in section["reasons"][1:]))
            for section in shown["sections"]
        ]
        return [
            *hidden,
            *words,
            *((one["incident"], len(shown["factors"])) for one in shown["factors"]),
        ]

    before = await seen()
    joined = (await says(api.client(spy), api, secret))["incident"]
    after = await seen()
    apart = (await says(api.client(spy), api, secret, "Kita"))["incident"]

    looked_up = [await reads.get(f"/v1/incidents/{one['id']}") for one in (joined, apart)]
    assert after == before
    assert [one.status_code for one in looked_up] == [404, 404]
    assert (await reads.get("/v1/incidents")).json()["items"] == []
    ids = [one["id"] for one in (await api.moderator.get("/v1/incidents")).json()["items"]]
    paths = (rating, "/v1/journeys?from=Kayes&to=Bamako&cargo=fuel", "/v1/alerts")
    told = "".join([(await reads.get(path)).text for path in paths])
    assert [one for one in ids if one in told] == []
