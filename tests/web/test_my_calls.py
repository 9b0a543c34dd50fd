"""/my/calls: the order in which an organisation's people are told while nobody answers."""

from datetime import timedelta
from typing import Any

import pytest

from tests.harness.api import Api
from tests.harness.html import at_fields, read
from tests.harness.visitor import Visitor, forms
from tests.web.conftest import signed_in

pytestmark = pytest.mark.alike

PATH = "/fr/my/calls"


async def people(site: Api, organisation_id: str, *names: str) -> list[str]:
    client = site.subscriber(organisation_id)
    made = []
    for number, name in enumerate(names):
        body = {"name": name, "phone": f"7612345{number}"}
        made.append(str((await client.post("/v1/contacts", json=body)).json()["id"]))
        site.clock.advance(timedelta(milliseconds=1))
    return made


async def listed(site: Api, organisation_id: str) -> list[tuple[str, Any]]:
    path = f"/v1/organisations/{organisation_id}/escalation"
    steps = (await site.subscriber(organisation_id).get(path)).json()["steps"]
    return [(",".join(one["contact_ids"]), one["after_minutes"]) for one in steps]


async def does(someone: Visitor, do: str, **fields: str) -> Any:
    page = await someone.get(PATH)
    number = next(
        n
        for n, form in enumerate(forms(page.text))
        if form.fields.get("step", "") == fields.get("step", "")
    )
    return await someone.send(page, number, do=do, **fields)


async def test_a_list_is_made_put_in_order_and_taken_apart(site: Api) -> None:
    own = site.organisation()
    first, second, third = await people(site, own, "Awa", "Moussa", "Binta")
    someone = await signed_in(site, own)
    assert "Personne n'est sur la liste" in (await someone.get(PATH)).text.replace("&#39;", "'")

    await does(someone, "add", contact=first)
    await does(someone, "add", contact=second, minutes="5")
    await does(someone, "add", contact=third)
    assert await listed(site, own) == [(first, None), (second, 5), (third, None)]

    done = await does(someone, "up", step=third)
    assert done.headers["location"].endswith("?done=done_calls")
    await does(someone, "down", step=first)
    assert await listed(site, own) == [(third, None), (first, None), (second, 5)]

    await does(someone, "drop", step=first)
    assert await listed(site, own) == [(third, None), (second, 5)]
    trail = (await site.admin.get("/v1/audit?subject_type=organisation")).json()["items"]
    assert {one["action"] for one in trail} == {"organisation.call_list_changed"}


async def test_whom_another_took_off_meanwhile_is_not_moved(site: Api) -> None:
    own = site.organisation()
    first, second = await people(site, own, "Awa", "Moussa")
    someone = await signed_in(site, own)
    await does(someone, "add", contact=first)
    await does(someone, "add", contact=second)
    old = await someone.get(PATH)
    await does(someone, "drop", step=first)

    answer = await someone.send(old, 0, do="down")

    assert answer.status_code == 422
    assert "La liste a changé" in answer.text
    assert await listed(site, own) == [(second, None)]


@pytest.mark.parametrize("minutes", ["0", "1441", "bientôt", "-1", "5.5"])
async def test_minutes_that_are_none_come_back(site: Api, minutes: str) -> None:
    own = site.organisation()
    (first,) = await people(site, own, "Awa")
    someone = await signed_in(site, own)

    answer = await does(someone, "add", contact=first, minutes=minutes)

    assert answer.status_code == 422
    assert "de 1 à 1440" in at_fields(answer.text)
    assert forms(answer.text)[0].fields["minutes"] == minutes
    assert await listed(site, own) == []


async def test_nobody_of_another_organisation_is_put_on_a_list(site: Api) -> None:
    own, other = site.organisation("Union"), site.organisation("Rivals")
    await people(site, own, "Awa")
    (theirs,) = await people(site, other, "Secret")
    someone = await signed_in(site, own)

    answer = await does(someone, "add", contact=theirs)

    assert answer.status_code == 422
    assert "Secret" not in answer.text
    assert await listed(site, own) == []


async def test_whom_nothing_is_sent_to_is_marked_as_passed_over(site: Api) -> None:
    own = site.organisation()
    await people(site, own, "Awa")
    body = {"name": "Moussa", "phone": "76123459", "confirm": True}
    asked = (await site.subscriber(own).post("/v1/contacts", json=body)).json()["id"]
    someone = await signed_in(site, own)
    offered = read((await someone.get(PATH)).text).words
    await does(someone, "add", contact=asked)

    page = read((await someone.get(PATH)).text).words

    assert "Moussa (ne reçoit rien en ce moment" in offered
    assert "1. Moussa (ne reçoit rien en ce moment" in page
    assert "Awa (" not in offered + page
