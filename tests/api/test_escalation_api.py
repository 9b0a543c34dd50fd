"""Who is told next while nobody answers: set through the API."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.api import Api

pytestmark = pytest.mark.alike


async def contacts(api: Api, organisation: str, number: int) -> list[str]:
    made = []
    for place in range(number):
        body = {"name": f"P{place}", "phone": f"7612345{place}"}
        made.append((await api.subscriber(organisation).post("/v1/contacts", json=body)).json())
        api.clock.advance(timedelta(milliseconds=1))
    return [one["id"] for one in made]


async def test_a_list_is_kept_in_its_order_and_taken_away(api: Api) -> None:
    own = api.organisation()
    first, second, third = await contacts(api, own, 3)
    client, path = api.subscriber(own), f"/v1/organisations/{own}/escalation"
    steps: list[dict[str, Any]] = [
        {"contact_ids": [third], "after_minutes": 5},
        {"contact_ids": sorted([first, second]), "after_minutes": None},
    ]

    kept = await client.put(path, json={"steps": steps})
    read = (await client.get(path)).json()
    gone = await client.delete(path)

    assert kept.json() == read == {"steps": steps, "wait_minutes": {"severe": 15}}
    assert gone.status_code == 204
    assert (await client.get(path)).json()["steps"] == []


async def test_only_contacts_of_the_organisation_stand_on_it_and_each_once(api: Api) -> None:
    own, other = api.organisation("Union"), api.organisation("Rivals")
    (mine,), (theirs,) = await contacts(api, own, 1), await contacts(api, other, 1)
    client, path = api.subscriber(own), f"/v1/organisations/{own}/escalation"

    refused = [
        (await client.put(path, json={"steps": [{"contact_ids": ids} for ids in steps]})).json()
        for steps in ([[mine], [theirs]], [[mine], [mine]])
    ]

    pointers = [[one["pointer"] for one in problem["errors"]] for problem in refused]
    assert pointers == [["/steps/1/contact_ids/0"]] * 2
    assert (await client.get(path)).json()["steps"] == []
