"""What each holder of a key can have sent at its organisation's cost has an end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.accounts.keys import Scope
from app.accounts.one_time import MOST_OF_ORGANISATION, MOST_OF_STRANGERS
from app.flows import sign_in_code
from app.flows.context import Context
from app.flows.sign_in_code import Browser
from app.flows.try_contact import TriedOftenError, try_contact
from app.http.deps import Caller
from tests.harness.api import Api

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
