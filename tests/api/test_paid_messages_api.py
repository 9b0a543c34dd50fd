"""What each holder of a key can have sent at its organisation's cost has an end."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from app.accounts.keys import Scope
from app.accounts.one_time import MOST_OF_ORGANISATION, MOST_OF_STRANGERS
from app.db.engine import Database
from app.flows.context import Context
from app.flows.people import sign_in_code
from app.flows.people.sign_in_code import Browser
from app.flows.people.try_contact import TriedOftenError, try_contact
from app.http.deps import Caller
from tests.harness.api import Api, fresh_context, serving
from tests.harness.visitor import forms, visitor

DAY = timedelta(hours=24)


def tries(api: Api, contact_id: str, context: Context) -> None:
    whoever = Caller(key_id="a key", scope=Scope.ADMIN, organisation_id=None)
    api.state.db.write_now(
        lambda conn: try_contact(
            conn, contact_id, insider=whoever, context=context, now=api.clock.now()
        )
    )


async def added(api: Api, organisation_id: str, number: int) -> str:
    body = {"name": f"Driver {number}", "phone": f"+223761234{number:02}"}
    made = await api.subscriber(organisation_id).post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_an_organisation_has_so_many_tests_sent_in_a_day_whomever_to(api: Api) -> None:
    own, other = api.organisation("Union"), api.organisation("Rivals")
    consent = replace(api.state.context.config.consent, tests_per_day=2)
    config = replace(api.state.context.config, consent=consent)
    context = replace(api.state.context, config=config)
    people = [await added(api, own, number) for number in range(3)]
    for one in people[:2]:
        tries(api, one, context)
    await api.subscriber(own).delete(f"/v1/contacts/{people[0]}")
    api.clock.advance(DAY - timedelta(minutes=1))

    with pytest.raises(TriedOftenError):
        tries(api, people[2], context)
    tries(api, await added(api, other, 1), context)
    hook = {"name": "Depot", "webhook": "https://8.8.8.8/"}
    made = await api.subscriber(own).post("/v1/contacts", json=hook)
    tries(api, made.json()["id"], context)
    api.clock.advance(timedelta(minutes=2))
    tries(api, people[2], context)


async def test_an_organisation_adds_so_many_in_a_day_and_an_admin_as_many_as_there_are(
    db: Database,
) -> None:
    context = fresh_context()
    consent = replace(context.config.consent, contacts_per_day=2)
    context = replace(context, config=replace(context.config, consent=consent))
    rows = [{"name": f"Driver {n}", "phone": f"7612{n:04}"} for n in range(7)]
    async with serving(db, context=context) as api:
        own, other = api.organisation("Union"), api.organisation("Rivals")
        key, rival = api.subscriber(own), api.subscriber(other)

        async def adds(client: httpx.AsyncClient, *which: int, of: str = own) -> int:
            body = {"organisation_id": of, "contacts": [rows[n] for n in which]}
            return (await client.post("/v1/contacts/batch", json=body)).status_code

        assert [await adds(key, 0, 1, 2), await adds(key, 0, 1)] == [429, 201]
        assert (await key.post("/v1/contacts", json=rows[2])).status_code == 429
        page = await by_hand(api, key_of=own, phone="76129999")
        assert "Assez de personnes" in page
        assert [await adds(rival, 2, of=other), await adds(api.admin, 2, 3, 4)] == [201, 201]
        api.clock.advance(DAY + timedelta(seconds=1))
        assert await adds(key, 5, 6) == 201


async def by_hand(api: Api, *, key_of: str, phone: str) -> str:
    """Return the page that answers whoever adds a person at a browser."""
    someone = visitor(api)
    await someone.sign_in(api.key(Scope.SUBSCRIBER, key_of))
    page = await someone.get("/fr/my")
    number = next(n for n, form in enumerate(forms(page.text)) if "phone" in form.fields)
    answer = await someone.send(page, number, name="Driver", phone=phone, language="fr", do="add")
    return answer.text


def asks(api: Api, number: int, stranger: int) -> bool:
    by = Browser(visit=f"visit {stranger}", known="", network=f"102.16.0.{stranger}")
    return api.state.db.write_now(
        lambda conn: sign_in_code.ask(
            conn,
            f"+223761234{number:02}",
            by,
            context=api.state.context,
            now=api.clock.now(),
        )
    )


async def let_in(api: Api, organisation_id: str, number: int) -> str:
    contact_id = await added(api, organisation_id, number)
    path = f"/v1/contacts/{contact_id}/sign-in"
    assert (await api.subscriber(organisation_id).put(path)).status_code == 204
    return contact_id


async def test_a_phone_gets_no_more_codes_by_being_removed_and_added_again(api: Api) -> None:
    own = api.organisation()
    sent = 0
    for stranger in range(MOST_OF_STRANGERS + 3):
        contact_id = await let_in(api, own, 1)
        sent += asks(api, 1, stranger)
        await api.subscriber(own).delete(f"/v1/contacts/{contact_id}")

    assert sent == MOST_OF_STRANGERS


async def test_codes_to_an_organisations_people_have_an_end_and_others_get_theirs(
    api: Api,
) -> None:
    own, other = api.organisation("Union"), api.organisation("Rivals")
    many = MOST_OF_ORGANISATION // MOST_OF_STRANGERS + 2
    for number in range(many):
        await let_in(api, own, number)
    await let_in(api, other, many)

    sent = sum(asks(api, number, by) for number in range(many) for by in range(MOST_OF_STRANGERS))

    assert sent == MOST_OF_ORGANISATION
    assert asks(api, many, 1)
    api.clock.advance(DAY)
    assert asks(api, many - 1, 99)
