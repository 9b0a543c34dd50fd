"""/my: an organisation's people, masked; what they hear of, and what it would have brought."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.keys import Scope
from tests.harness.api import Api
from tests.harness.html import read
from tests.harness.visitor import Visitor, forms, visitor
from tests.harness.world import World

EVIL = "\"'><script>alert(1)</script>"


async def insider(site: Api, organisation_id: str) -> Visitor:
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.SUBSCRIBER, organisation_id))
    return someone


async def contact(site: Api, organisation_id: str, **more: Any) -> str:
    body = {"name": "Depot", "phone": "76123456", "email": "depot@example.org", **more}
    made = await site.subscriber(organisation_id).post("/v1/contacts", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def asks(someone: Visitor, path: str, do: str, /, of: str = "", **fields: str) -> Any:
    """Send the form for a subscription: of a new one, or of the one `of`."""
    page = await someone.get(path)
    number = next(n for n, form in enumerate(forms(page.text)) if form.fields.get("of", "no") == of)
    return await someone.send(page, number, do=do, **fields)


@pytest.mark.alike
async def test_people_are_shown_masked_and_nobody_elses(site: Api) -> None:
    own, other = site.organisation("Union"), site.organisation("Rivals")
    contact_id = await contact(site, own, webhook="https://8.8.8.8/in-a-path")
    await contact(site, other, name="Secret", phone="66001122", email="s@example.org")
    someone = await insider(site, own)

    page = (await someone.get("/fr/my")).text
    person = (await someone.get(f"/fr/my/contacts/{contact_id}")).text

    assert "Depot" in page
    assert "channel-webhook" in person
    for hidden in ("76123456", "depot@example.org", "Secret", "Rivals", "in-a-path"):
        assert hidden not in page + person


async def test_a_subscription_is_added_changed_and_removed_as_over_the_api(site: Api) -> None:
    own = site.organisation()
    contact_id = await contact(site, own)
    someone, client = await insider(site, own), site.subscriber(own)
    path = f"/fr/my/contacts/{contact_id}"

    added = await asks(
        someone,
        path,
        "save",
        **{"route-ML-RN6": "1", "cargo-fuel": "1", "towns": "Kayes - Bamako", "regions": "Gao"},
    )
    (kept,) = (await client.get("/v1/subscriptions")).json()["items"]
    changed = await asks(
        someone, path, "save", kept["id"], min_level="severe", tell="daily", towns=""
    )
    (after,) = (await client.get("/v1/subscriptions")).json()["items"]
    await asks(someone, path, "remove", kept["id"])

    assert added.headers["location"].endswith("?done=done_added")
    assert (kept["routes"], kept["cargoes"]) == (["ML-RN6"], ["fuel"])
    assert (kept["towns"], kept["regions"]) == ([{"from": "Kayes", "to": "Bamako"}], ["Gao"])
    assert changed.headers["location"].endswith("?done=done_changed")
    assert after == {**kept, "min_level": "severe", "tell": "daily", "towns": []}
    assert (await client.get("/v1/subscriptions")).json()["items"] == []
    trail = (await site.admin.get("/v1/audit?subject_type=subscription")).json()["items"]
    assert [one["action"] for one in trail] == [
        "subscription.deleted",
        "subscription.changed",
        "subscription.created",
    ]


@pytest.mark.alike
async def test_an_area_that_was_subscribed_to_by_its_key_is_said_as_people_say_it(
    site: Api,
) -> None:
    own = site.organisation()
    contact_id = await contact(site, own)
    areas = ["cercle:ML/Kayes/Kayes", "region:ML/Gao", "country:SN"]
    body = {"contact_id": contact_id, "regions": areas}
    assert (await site.subscriber(own).post("/v1/subscriptions", json=body)).status_code == 201
    someone = await insider(site, own)

    french = read((await someone.get(f"/fr/my/contacts/{contact_id}")).text).words
    english = read((await someone.get(f"/en/my/contacts/{contact_id}")).text).words

    assert "Kayes (cercle), Gao (région), Sénégal" in french
    assert "Kayes (cercle), Gao (region), Senegal" in english


@pytest.mark.alike
@pytest.mark.parametrize(
    "fields", [{"towns": "Kayes"}, {"regions": "Nowhere"}, {"tell": "hourly"}, {"min_level": "low"}]
)
async def test_what_cannot_be_kept_comes_back_as_it_was_filled_in(
    site: Api, fields: dict[str, str]
) -> None:
    own = site.organisation()
    someone = await insider(site, own)
    path = f"/fr/my/contacts/{await contact(site, own)}"

    answer = await asks(someone, path, "save", **{"cargo-fuel": "1", **fields})

    assert answer.status_code == 422
    form = next(one for one in forms(answer.text) if one.fields.get("of") == "")
    assert form.fields["cargo-fuel"] == "1"
    assert (await site.admin.get("/v1/subscriptions")).json()["items"] == []


@pytest.mark.alike
async def test_what_would_have_come_is_what_came(plain_world: World) -> None:
    world = plain_world
    person = await world.subscriber("depot", routes=("ML-DKR-N",), cargoes=("fuel",))
    first = await world.reports("fuel_interception", "Lakamane", by=Scope.REPORTER)
    await world.passes(timedelta(hours=2))
    await world.decides(first.incident_id, status="confirmed")
    await world.passes(timedelta(hours=2))
    await world.decides(first.incident_id, status="resolved")
    other = await world.person("union")
    came = len(world.phone("depot").texts)
    assert came >= 2
    someone = await insider(world.api, person.organisation_id)

    brought = await someone.get(f"/en/my/contacts/{person.contact_id}")
    nothing = await someone.get(f"/en/my/contacts/{other.contact_id}")
    wish = {"route-ML-DKR-N": "1", "cargo-fuel": "1", "channel-sms": "1", "min_level": "high"}
    tried = await asks(someone, f"/en/my/contacts/{other.contact_id}", "try", **wish)

    said = f"{came} messages on 1 day"
    assert f"would have brought: {said}" in read(brought.text).words
    assert "would have brought: nothing." in read(nothing.text).words
    assert f"this would have brought: {said}" in read(tried.text).words
    assert (await world.api.admin.get("/v1/subscriptions")).json()["items"][1:] == []


@pytest.mark.alike
async def test_hours_and_language_are_kept_and_addresses_stay(site: Api) -> None:
    own = site.organisation()
    contact_id = await contact(site, own)
    someone, client = await insider(site, own), site.subscriber(own)
    path = f"/fr/my/contacts/{contact_id}"
    before = (await client.get(f"/v1/contacts/{contact_id}")).json()
    page = await someone.get(path)
    by_field = {name: n for n, form in enumerate(forms(page.text)) for name in form.fields}

    await someone.send(
        page, by_field["zone"], do="hours", quiet_from="22:00", quiet_until="05:30", zone=""
    )
    await someone.send(page, by_field["language"], do="language", language="en")
    wrong = await someone.send(page, by_field["zone"], do="hours", quiet_from="22:10")
    nowhere = await someone.send(page, by_field["zone"], do="hours", zone="Mars/Base")

    hours = (await client.get(f"/v1/contacts/{contact_id}/hours")).json()
    assert (hours["quiet_from"], hours["quiet_until"]) == ("22:00", "05:30")
    assert (await client.get(f"/v1/contacts/{contact_id}")).json() == {**before, "language": "en"}
    assert (wrong.status_code, nowhere.status_code) == (422, 422)


@pytest.mark.alike
async def test_news_are_not_wanted_for_a_time_and_then_again(site: Api) -> None:
    own = site.organisation()
    await contact(site, own)
    someone, client = await insider(site, own), site.subscriber(own)
    page = await someone.get("/fr/my")

    done = await someone.send(page, 1, do="mute", reason="Camions à l'arrêt")
    forever = await someone.send(page, 1, do="mute", reason="x y z", day="2031-01-01")
    (mute,) = (await client.get("/v1/mutes")).json()["items"]
    await someone.send(await someone.get("/fr/my"), 1, do="lift")

    assert done.headers["location"] == "/fr/my?done=done_mute"
    named = await someone.send(page, 1, do="mute", reason="appelez le 76 61 44 33")
    assert (forever.status_code, named.status_code) == (422, 422)
    assert mute["reason"] == "Camions à l'arrêt"
    assert "Camions" not in (await someone.get("/fr/my")).text


@pytest.mark.alike
async def test_an_admin_chooses_whose_page_it_is(site: Api) -> None:
    own = site.organisation("Union")
    await contact(site, own)
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.ADMIN))

    choice = await someone.get("/fr/my")
    page = await someone.get(f"/fr/my?organisation={own}")
    muted = await someone.send(page, 1, do="mute", reason="Camions à l'arrêt")

    assert f"/fr/my?organisation={own}" in choice.text
    assert "Depot" in page.text
    assert muted.headers["location"] == f"/fr/my?done=done_mute&organisation={own}"


@pytest.mark.alike
async def test_what_was_typed_never_becomes_a_part_of_a_page(site: Api) -> None:
    own = site.organisation(EVIL)
    contact_id = await contact(site, own, name=EVIL)
    someone = await insider(site, own)
    path = f"/fr/my/contacts/{contact_id}"
    page = await someone.get("/fr/my")
    await someone.send(page, 1, do="mute", reason=EVIL)

    pages = [
        await someone.get("/fr/my"),
        await someone.get(path),
        await asks(someone, path, "try", regions=EVIL, towns=EVIL),
        await asks(someone, path, "try", regions=EVIL),
    ]

    assert "alert(1)" in pages[0].text
    for one in pages:
        assert read(one.text).tags.count("script") == 0


@pytest.mark.alike
async def test_a_test_message_reaches_one_person_alone_and_says_nothing_of_a_road(
    plain_world: World,
) -> None:
    world = plain_world
    person = await world.subscriber("depot", email=True)
    await world.subscriber("union")
    someone = await insider(world.api, person.organisation_id)
    path = f"/fr/my/contacts/{person.contact_id}"
    page = await someone.get(path)
    number = len(forms(page.text)) - 1
    subscriptions = (await world.api.admin.get("/v1/subscriptions")).json()

    sent = await someone.send(page, number, do="test")
    again = await someone.send(page, number, do="test")
    await world.quiet()

    assert sent.headers["location"].endswith("done_test")
    assert again.status_code == 409
    assert world.counts() == {"depot": 2}
    world.phone("depot").received("SIRA ESSAI")
    assert (await world.api.admin.get("/v1/subscriptions")).json() == subscriptions
    (alert,) = await world.alerts()
    assert alert["facts"]["exercise"] is True
    assert await world.level() == "unknown"
    assert "SIRA ESSAI" in (await someone.get(path)).text
    world.clock.advance(timedelta(minutes=5))
    assert (await someone.send(page, number, do="test")).status_code == 303


@pytest.mark.alike
async def test_a_person_is_added_and_removed_and_signs_in_in_between(site: Api) -> None:
    own, other = site.organisation("Union"), site.organisation("Rivals")
    someone, rival = await insider(site, own), await insider(site, other)
    page = await someone.get("/fr/my")

    wrong = await someone.send(page, do="add", name="Awa", phone="12", email="", language="fr")
    assert wrong.status_code == 422
    assert 'value="Awa"' in wrong.text
    for name in ("", "  ", "x" * 201):
        nameless = await someone.send(page, do="add", name=name, phone="76123456", language="fr")
        assert nameless.status_code == 422
    added = await someone.send(wrong, do="add", name="Awa", phone="76 12 34 56", language="fr")
    assert added.status_code == 303
    path = added.headers["location"].partition("?")[0]
    taken = await someone.send(page, do="add", name="Bis", phone="76123456", language="fr")
    assert taken.status_code == 422
    assert "76123456" not in (await someone.get(path)).text
    assert (await rival.get(path)).status_code == 404

    person = await someone.get(path)
    allowed = await someone.send(person, _form_with(person, "entry"), do="allow")
    assert "done_allowed" in allowed.headers["location"]
    assert "Peut se connecter avec un code" in (await someone.get(path)).text

    assert (await someone.send(person, _form_with(person, "gone"), do="delete")).status_code == 422
    gone = await someone.send(person, _form_with(person, "gone"), do="delete", sure="1")
    assert gone.headers["location"].startswith("/fr/my?done=")
    assert (await someone.get(path)).status_code == 404


def _form_with(page: Any, section: str) -> int:
    """Return the number of the first form in a section of a page."""
    before = page.text.partition(f'id="{section}"')[0]
    return int(before.count("<form"))


async def test_what_turns_the_direction_of_a_name_is_taken_out_of_a_form(site: Api) -> None:
    own = site.organisation()
    someone, client = await insider(site, own), site.subscriber(own)

    page = await someone.get("/fr/my")
    await someone.send(page, 0, do="add", name="Mou\u202essa", phone="\u202a70 11 22 33\u202c")

    (kept,) = (await client.get("/v1/contacts")).json()["items"]
    assert kept["name"] == "Moussa"
