"""/my: of an organisation with many people everybody is found, and nobody is left out."""

from typing import Any

import pytest
from sqlalchemy import update

from app.db.tables import ContactChannelRow, DeliveryRow
from app.delivery.outbox import listing
from app.subscribers.store.addresses import mark_opted_out
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import Visitor, form_with
from tests.harness.world import World
from tests.web.conftest import signed_in

pytestmark = pytest.mark.alike

LAST = "Traoré, régulateur"


async def many(site: Api, organisation_id: str, number: int = 230) -> list[str]:
    """Let an organisation have so many people; return their ids."""
    named = [{"name": f"Driver {n:03}", "phone": f"76{n:06}"} for n in range(number - 1)]
    body = {"contacts": [*named, {"name": LAST, "phone": "76123456"}]}
    client = site.subscriber(organisation_id)
    ids: list[str] = (await client.post("/v1/contacts/batch", json=body)).json()["ids"]
    wanted = [{"contact_id": ids[-1], "routes": [code]} for code in ("ML-RN6", "ML-DKR-N")]
    await client.post("/v1/subscriptions/batch", json={"subscriptions": wanted})
    return ids


async def sought(someone: Visitor, path: str, what: str) -> Any:
    page = await someone.get(path)
    return await someone.send(page, form_with(page.text, "q"), q=what, do="find")


async def test_whoever_is_not_on_the_first_page_is_on_another(site: Api) -> None:
    own = site.organisation()
    ids = await many(site, own)
    someone = await signed_in(site, own)

    first = (await someone.get("/fr/my")).text
    last = (await someone.get("/fr/my?page=3")).text

    assert "Qui est prévenu 100 sur 230" in read(first).words
    assert "/fr/my?page=2" in read(first).values("href")
    assert "Qui est prévenu 201 à 230 sur 230" in read(last).words
    assert "2 abonnements" in read(last).words
    assert {"/fr/my?page=2", "/en/my?page=3", f"/fr/my/contacts/{ids[-1]}"} <= {
        *read(last).values("href")
    }
    for wrong in ("99", "0", "x", "9" * 30):
        assert (await someone.get(f"/fr/my?page={wrong}")).status_code == 200


async def test_somebody_is_found_by_name_or_whole_number_and_by_no_part_of_it(site: Api) -> None:
    own, other = site.organisation(), site.organisation()
    ids = await many(site, own, 102)
    await many(site, other, 2)
    someone = await signed_in(site, own)

    for what in ("traore", "REGULATEUR traoré", "76 12 34 56", "+223 76123456"):
        page = await sought(someone, "/fr/my", what)

        links = read(page.text).values("href")
        assert {one for one in links if one.startswith("/fr/my/contacts/")} == {
            f"/fr/my/contacts/{ids[-1]}"
        }
        assert not page.request.url.query, "proxies write down what is asked for"
    said = read((await sought(someone, "/fr/my", "761234")).text).words
    assert "Personne de ce nom" in said


async def test_everybody_can_be_put_on_the_list_of_whom_to_tell_next(site: Api) -> None:
    own = site.organisation()
    await many(site, own)
    someone = await signed_in(site, own)

    found = await sought(someone, "/fr/my/calls", "traore")
    await someone.send(found, form_with(found.text, "contact"), do="add")
    page = read((await someone.get("/fr/my/calls")).text)

    assert f"1. {LAST}" in page.words


async def test_who_is_lost_is_counted_and_named_on_whatever_page_he_is(site: Api) -> None:
    own = site.organisation()
    ids = await many(site, own)
    gone = update(ContactChannelRow).where(ContactChannelRow.contact_id.in_(ids[-12:]))
    now = site.clock.now()
    site.state.db.write_now(lambda conn: conn.execute(gone.values(unreachable_since=now)))
    someone = await signed_in(site, own)

    page = read((await someone.get("/fr/my")).text)

    assert "Qui n'est plus joint 12" in page.words
    assert "Encore 4" in page.words
    assert f"/fr/my/contacts/{ids[-1]}" in page.values("href")


async def test_the_log_holds_what_left_and_not_each_cargo_that_it_spoke_of(
    plain_world: World,
) -> None:
    world = plain_world
    person = await world.subscriber("depot", routes=("ML-RN6",), cargoes=())
    await world.reports("vehicle_attack", "Fana")

    log = await world.db.read(
        lambda conn: listing.list_to_contacts(conn, [person.contact_id], limit=30)
    )

    assert len(await world.alerts(route="ML-RN6")) == 4
    assert [one.status for one in log] == ["sent"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("no_address", "pas envoyé : STOP, ou adresse retirée"),
        ("opted_out", "pas envoyé : STOP, ou adresse retirée"),
        ("budget", "pas envoyé : budget épuisé, un e-mail le dit"),
        ("no_longer_true", "plus nécessaire"),
    ],
)
async def test_a_message_that_was_needed_and_not_sent_is_not_called_needless(
    plain_world: World, code: str, said: str
) -> None:
    world = plain_world
    person = await world.subscriber("depot", routes=("ML-RN6",), cargoes=())
    await world.reports("vehicle_attack", "Fana")
    unsent = update(DeliveryRow).where(DeliveryRow.status == "sent")
    await world.db.write(
        lambda conn: conn.execute(unsent.values(status="suppressed", error_code=code))
    )
    someone = await signed_in(world.api, person.organisation_id)

    page = read((await someone.get(f"/fr/my/contacts/{person.contact_id}")).text)

    assert f", {said} Le texte" in page.words


async def test_who_said_stop_is_to_be_called_and_cannot_be_asked_again(site: Api) -> None:
    organisation = site.organisation()
    someone = await signed_in(site, organisation)
    client = site.subscriber(organisation)
    made = await client.post("/v1/contacts", json={"name": "Awa", "phone": "76120077"})
    path = f"/fr/my/contacts/{made.json()['id']}"
    before = await someone.get(path)
    index = site.state.vault.blind_index("sms", "+22376120077")
    site.state.db.write_now(
        lambda conn: mark_opted_out(conn, channel="sms", blind_index=index, now=site.clock.now())
    )

    page = await someone.get(path)

    assert ("appelez-la" in before.text, 'value="invite"' in before.text) == (False, True)
    assert ("appelez-la" in page.text, 'value="invite"' in page.text) == (True, False)
