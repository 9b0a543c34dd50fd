"""Anybody can write the name of an outlet: its record is not the reporter's who names it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api

#: Rules of the domain, on statements that other tests ask PostgreSQL for, too.
pytestmark = pytest.mark.alike

OUTLET = {"name": "Gouvernorat de Kayes", "type": "official"}


async def reported(api: Api, client: httpx.AsyncClient, kind: str, place: str) -> dict[str, Any]:
    body = {
        "kind": kind,
        "place": place,
        "occurred_at": api.clock.now().isoformat(),
        "summary": f"{kind} at {place}",
        "basis": "official",
        "source": OUTLET,
    }
    answer = await client.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["incident"]
    return found


async def judged(api: Api, incident: dict[str, Any], status: str) -> None:
    answer = await api.moderator.patch(f"/v1/incidents/{incident['id']}", json={"status": status})
    assert answer.status_code == 200, answer.text


async def with_a_good_record(api: Api) -> None:
    """Let the desk take over three reports of the outlet, and confirm them."""
    for place in ("Kita", "Sikasso", "Mopti"):
        await judged(api, await reported(api, api.moderator, "banditry", place), "confirmed")


async def test_a_new_reporter_who_names_a_good_outlet_is_still_a_new_reporter(api: Api) -> None:
    await with_a_good_record(api)
    stranger = api.client(api.key(Scope.REPORTER))

    theirs = await reported(api, stranger, "fuel_interception", "Koutiala")
    desk = await reported(api, api.moderator, "fuel_interception", "Gao")

    assert theirs["certainty"] == "unconfirmed"
    assert desk["certainty"] == "confirmed"


async def test_a_new_reporter_does_not_end_a_danger_in_the_name_of_a_good_outlet(api: Api) -> None:
    await with_a_good_record(api)
    block = await reported(api, api.moderator, "roadblock", "Dioïla")
    await judged(api, block, "confirmed")
    api.clock.advance(timedelta(hours=3))

    await reported(api, api.client(api.key(Scope.REPORTER)), "road_reopened", "Dioïla")

    held = (await api.moderator.get(f"/v1/incidents/{block['id']}")).json()
    assert held["status"] == "confirmed"


async def test_what_a_reporter_says_in_an_outlets_name_is_held_against_the_reporter(
    api: Api,
) -> None:
    liar = api.client(api.key(Scope.REPORTER))
    for place in ("Kita", "Sikasso", "Mopti", "Gao", "Ségou"):
        await judged(api, await reported(api, liar, "banditry", place), "refuted")

    again = await reported(api, liar, "fuel_interception", "Koutiala")
    desk = await reported(api, api.moderator, "fuel_interception", "Diéma")

    assert desk["certainty"] == "confirmed"
    assert again["credibility"] < desk["credibility"] / 2


async def test_a_stranger_does_not_end_anothers_warning_by_naming_two_outlets(api: Api) -> None:
    danger = await reported(api, api.reporter, "vehicle_attack", "Kolokani")
    api.clock.advance(timedelta(hours=2))
    liar, other = (api.client(api.new_key(Scope.REPORTER)[1]) for _ in range(2))

    told = [
        await passed(api, liar, "AFP", "Passé sans problème"),
        await passed(api, liar, "Reuters", "La route est libre, personne au bord"),
    ]

    assert [one["independent_sources"] for one in told] == [1, 1]
    assert (await api.moderator.get(f"/v1/incidents/{danger['id']}")).json()["status"] == "open"
    await passed(api, other, "RFI", "Trajet calme de bout en bout ce matin")
    assert (await api.moderator.get(f"/v1/incidents/{danger['id']}")).json()["status"] == "resolved"


async def passed(api: Api, client: httpx.AsyncClient, outlet: str, words: str) -> dict[str, Any]:
    body = {
        "kind": "safe_transit",
        "place": "Kolokani",
        "occurred_at": api.clock.now().isoformat(),
        "summary": words,
        "source": {"name": outlet, "type": "wire"},
    }
    answer = await client.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["incident"]
    return found
