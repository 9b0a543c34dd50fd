"""Who has taken note of an alert: by the link in a message, or through the API."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.engine import Database
from app.db.tables import AcknowledgementRow, AlertRow, ContactChannelRow, DeliveryRow
from app.flows.sending.acknowledge import token_of
from app.subscribers.store import forced
from tests.harness.api import START, Api
from tests.harness.outbox import ORGANISATION, Outbox

KNOWN = "acknowledged_at", "acknowledged_by"


@pytest.fixture
def outbox(api: Api, db: Database) -> Outbox:
    return Outbox(db, vault=api.state.context.vault)


def told(outbox: Outbox, *cargoes: str) -> list[str]:
    """Tell what is said of several cargoes in one message; return the alerts' ids."""
    first = outbox.alert(cargo=cargoes[0])
    alerts = [first, *(outbox.alert(cargo=cargo, bundle=first) for cargo in cargoes[1:])]
    outbox.fan_out(first, now=START)
    return alerts


def link_to(outbox: Outbox, contact: str, vault: Any) -> str:
    """Return the link in the message that left."""
    query = select(DeliveryRow.id)
    sent = outbox.one(query, DeliveryRow.contact_id == contact, DeliveryRow.status == "queued")
    return f"/ok/{token_of(sent.id, vault=vault)}"


async def listed(api: Api, alert: str, organisation: str | None = None) -> dict[str, Any]:
    client = api.subscriber(organisation) if organisation else api.moderator
    items = (await client.get(f"/v1/alerts/{alert}/deliveries")).json()["items"]
    return {one["contact_id"]: tuple(one[key] for key in KNOWN) for one in items}


@pytest.mark.alike
async def test_a_link_shows_one_button_and_a_press_is_noted_for_all_that_the_message_said(
    api: Api, outbox: Outbox
) -> None:
    reader, other = (outbox.contact(cargoes=["fuel", "goods"]) for _ in range(2))
    alerts = told(outbox, "fuel", "goods")
    link, client = link_to(outbox, reader, api.state.context.vault), api.client()

    asked = await client.get(link)
    untouched = await listed(api, alerts[0])
    done, again = await client.post(link), await client.post(link)

    assert asked.status_code == 200
    assert asked.text.count("<button") == 1
    assert len(asked.content) < 1_000
    assert not any("set-cookie" in one.headers for one in (asked, done))
    assert untouched == {reader: (None, None), other: (None, None)}
    assert ("noté. Personne" in done.text, "déjà noté" in again.text) == (True, True)
    for alert in alerts:
        at, by = (await listed(api, alert, ORGANISATION))[reader]
        assert (at[:16], by) == (START.isoformat()[:16], "link")
        assert (await listed(api, alert))[other] == (None, None)
        assert (await api.moderator.get(f"/v1/alerts/{alert}")).json()["acknowledged_at"] == at


@pytest.mark.alike
async def test_nobody_learns_that_another_organisation_took_note(api: Api, outbox: Outbox) -> None:
    outbox.contact(cargoes=["fuel"])
    (alert,) = told(outbox, "fuel")
    own, others = api.subscriber(ORGANISATION), api.subscriber(api.organisation())

    taken = await own.post(f"/v1/alerts/{alert}/acknowledge")

    at = taken.json()["acknowledged_at"]
    assert at is not None
    for client, known in ((own, at), (others, None), (api.moderator, at)):
        detail = (await client.get(f"/v1/alerts/{alert}")).json()
        (listed,) = (await client.get("/v1/alerts")).json()["items"]
        assert (detail["acknowledged_at"], listed["acknowledged_at"]) == (known, known)


async def test_whoever_has_the_phone_of_somebody_forced_answers_for_nobody(
    api: Api, outbox: Outbox, db: Database
) -> None:
    reader = outbox.contact(cargoes=["fuel"])
    (alert,) = told(outbox, "fuel")
    link = link_to(outbox, reader, api.state.context.vault)
    query = select(ContactChannelRow.blind_index).where(ContactChannelRow.contact_id == reader)
    (phone,) = db.read_now(lambda conn: conn.scalars(query).all())
    db.write_now(
        lambda conn: forced.add(
            conn, phone_index=phone, key_id=None, inbound_id=None, organisation_id=None, now=START
        )
    )

    done = await api.client().post(link)

    assert "noté. Personne" in done.text
    assert (await listed(api, alert))[reader] == (None, None)


@pytest.mark.alike
@pytest.mark.parametrize(("status", "warns"), [("active", 0), ("superseded", 1), ("ended", 1)])
async def test_a_link_of_what_is_no_more_true_says_so_and_where_to_look(
    api: Api, outbox: Outbox, status: str, warns: int
) -> None:
    reader = outbox.contact()
    told(outbox, "fuel")
    link, client = link_to(outbox, reader, api.state.context.vault), api.client()
    outbox.run(update(AlertRow).values(status=status))

    for shown in (await client.get(link), await client.post(link)):
        assert shown.text.count("n'est plus à jour") == warns
        assert shown.text.count('href="/fr/routes/ML-DKR-N"') == warns


async def test_a_link_that_we_did_not_make_or_that_is_old_is_not_found(
    api: Api, outbox: Outbox
) -> None:
    contact = outbox.contact()
    told(outbox, "fuel")
    link, client = link_to(outbox, contact, api.state.context.vault), api.client()
    forged = link[:-1] + ("A" if link[-1] != "A" else "Q")

    wrong = [forged, "/ok/" + "x" * 30, "/ok/é", f"/ok/{'A' * 30}", "/ok/1", "/ok/" + "!" * 30]
    answers = [(await client.post(one)).status_code for one in wrong]
    api.clock.advance(timedelta(hours=73))
    late = await client.post(link)

    assert answers == [404] * len(wrong)
    assert late.status_code == 404
    assert not outbox.db.read_now(lambda conn: conn.scalars(select(AcknowledgementRow.by)).all())


async def test_a_key_speaks_for_itself_or_for_a_contact_that_it_sees(
    api: Api, outbox: Outbox
) -> None:
    contact = outbox.contact(cargoes=["fuel", "goods"])
    alert, beside = told(outbox, "fuel", "goods")
    path, own = f"/v1/alerts/{alert}/acknowledge", api.subscriber(ORGANISATION)
    body = {"contact_id": contact}

    strange = await api.subscriber(api.organisation()).post(path, json=body)
    alone = await own.post(path)
    named = await own.post(path, json=body)
    desk = await api.moderator.post(path)
    seen = (await own.get(f"/v1/alerts/{beside}")).json()["acknowledgements"]

    assert strange.status_code == 404
    assert [one["contact_id"] for one in alone.json()["acknowledgements"]] == [None]
    assert {one["contact_id"] for one in named.json()["acknowledgements"]} == {None, contact}
    assert {one["organisation_id"] for one in desk.json()["acknowledgements"]} == {
        ORGANISATION,
        None,
    }
    assert [one["contact_id"] for one in seen] == [contact]
