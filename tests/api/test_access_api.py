"""Who may do what: every endpoint of organisations' affairs, by every scope."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope, new_key
from app.accounts.store import revoke_key
from tests.harness.api import START, Api
from tests.harness.dump import dump

#: Each world has a phone of its own: nobody is invited twice.
PHONES = itertools.count(3000)
UNTIL = (START + timedelta(days=3)).isoformat()


@dataclass(frozen=True)
class World:
    """Two organisations; ids of the first one's things."""

    own: str
    other: str
    ids: dict[str, str]


async def a_world(api: Api) -> World:
    own, other = api.organisation("Union"), api.organisation("Rivals")
    client = api.subscriber(own)
    phone = f"7612{next(PHONES)}"
    depot = {"name": "Depot", "phone": phone, "webhook": "https://8.8.8.8/"}
    contact = await client.post("/v1/contacts", json=depot)
    api.clock.advance(timedelta(milliseconds=1))
    subscription = await client.post("/v1/subscriptions", json={"contact_id": contact.json()["id"]})
    api.clock.advance(timedelta(milliseconds=1))
    mute = await client.post("/v1/mutes", json={"reason": "Fleet at home", "until": UNTIL})
    api.clock.advance(timedelta(milliseconds=1))
    key_id, _ = api.new_key(Scope.REPORTER)
    ids = {
        "own": own,
        "phone": phone,
        "other": other,
        "contact": contact.json()["id"],
        "subscription": subscription.json()["id"],
        "key": key_id,
        "mute": mute.json()["id"],
    }
    return World(own, other, ids)


ORG = {"name": "New"}
CONTACT = {"name": "New", "phone": "66001122"}
SUBSCRIPTION = {"contact_id": "{contact}", "routes": ["ML-DKR-N"]}
KEY = {"scope": "reporter", "name": "field"}
CALLS = {"steps": [{"contact_ids": ["{contact}"]}]}
BUDGET = {"monthly": "100.00", "reserve": "20.00"}
HOURS = {"zone": "Africa/Niamey", "quiet_from": "22:00", "quiet_until": "06:00"}
MUTE = {"organisation_id": "{own}", "reason": "Fleet at home", "until": UNTIL}

#: method, path, body, status for: admin, moderator, reporter, own subscriber, other's subscriber
TABLE: list[tuple[str, str, Any, tuple[int, int, int, int, int]]] = [
    ("GET", "/v1/organisations", None, (200, 403, 403, 200, 200)),
    ("POST", "/v1/organisations", ORG, (201, 403, 403, 403, 403)),
    ("GET", "/v1/organisations/{own}", None, (200, 403, 403, 200, 404)),
    ("PUT", "/v1/organisations/{own}", ORG, (200, 403, 403, 403, 403)),
    ("GET", "/v1/organisations/{own}/escalation", None, (200, 403, 403, 200, 404)),
    ("PUT", "/v1/organisations/{own}/escalation", CALLS, (200, 403, 403, 200, 404)),
    ("DELETE", "/v1/organisations/{own}/escalation", None, (204, 403, 403, 204, 404)),
    ("PATCH", "/v1/organisations/{own}", ORG, (200, 403, 403, 403, 403)),
    ("DELETE", "/v1/organisations/{own}", None, (204, 403, 403, 403, 403)),
    ("GET", "/v1/costs", None, (200, 403, 403, 200, 200)),
    ("GET", "/v1/costs?organisation_id={own}", None, (200, 403, 403, 200, 404)),
    ("GET", "/v1/organisations/{own}/budget", None, (200, 403, 403, 200, 404)),
    ("PUT", "/v1/organisations/{own}/budget", BUDGET, (200, 403, 403, 403, 403)),
    ("DELETE", "/v1/organisations/{own}/budget", None, (204, 403, 403, 403, 403)),
    ("GET", "/v1/contacts", None, (200, 403, 403, 200, 200)),
    ("GET", "/v1/contacts?organisation_id={own}", None, (200, 403, 403, 200, 404)),
    ("POST", "/v1/contacts", {**CONTACT, "organisation_id": "{own}"}, (201, 403, 403, 201, 404)),
    (
        "POST",
        "/v1/contacts/batch",
        {"contacts": [CONTACT], "organisation_id": "{own}"},
        (201, 403, 403, 201, 404),
    ),
    ("GET", "/v1/contacts/{contact}", None, (200, 403, 403, 200, 404)),
    ("PUT", "/v1/contacts/{contact}", CONTACT, (200, 403, 403, 200, 404)),
    ("PATCH", "/v1/contacts/{contact}", {"name": "N"}, (200, 403, 403, 200, 404)),
    ("DELETE", "/v1/contacts/{contact}", None, (204, 403, 403, 204, 404)),
    ("PUT", "/v1/contacts/{contact}/sign-in", None, (204, 403, 403, 204, 404)),
    ("DELETE", "/v1/contacts/{contact}/sign-in", None, (204, 403, 403, 204, 404)),
    ("GET", "/v1/contacts/{contact}/hours", None, (200, 403, 403, 200, 404)),
    ("PUT", "/v1/contacts/{contact}/hours", HOURS, (200, 403, 403, 200, 404)),
    ("POST", "/v1/contacts/{contact}/webhook/rotate", {}, (200, 403, 403, 200, 404)),
    ("POST", "/v1/contacts/{contact}/webhook/test", None, (202, 403, 403, 202, 404)),
    ("GET", "/v1/contacts?state=unreachable", None, (200, 403, 403, 200, 200)),
    ("POST", "/v1/contacts/{contact}/invite", None, (202, 403, 403, 202, 404)),
    ("POST", "/v1/contacts/{contact}/confirm", {"code": "1"}, (409, 403, 403, 409, 404)),
    ("GET", "/v1/mutes", None, (200, 403, 403, 200, 200)),
    ("GET", "/v1/mutes?organisation_id={own}", None, (200, 403, 403, 200, 404)),
    ("POST", "/v1/mutes", MUTE, (201, 403, 403, 201, 404)),
    ("DELETE", "/v1/mutes/{mute}", None, (204, 403, 403, 204, 404)),
    ("GET", "/v1/subscriptions", None, (200, 403, 403, 200, 200)),
    ("GET", "/v1/subscriptions?organisation_id={own}", None, (200, 403, 403, 200, 404)),
    ("POST", "/v1/subscriptions", SUBSCRIPTION, (201, 403, 403, 201, 404)),
    (
        "POST",
        "/v1/subscriptions/batch",
        {"subscriptions": [SUBSCRIPTION]},
        (201, 403, 403, 201, 404),
    ),
    ("GET", "/v1/subscriptions/{subscription}", None, (200, 403, 403, 200, 404)),
    ("PUT", "/v1/subscriptions/{subscription}", SUBSCRIPTION, (200, 403, 403, 200, 404)),
    ("DELETE", "/v1/subscriptions/{subscription}", None, (204, 403, 403, 204, 404)),
    ("GET", "/v1/keys", None, (200, 403, 403, 403, 403)),
    ("POST", "/v1/keys", KEY, (201, 403, 403, 403, 403)),
    ("GET", "/v1/keys/{key}", None, (200, 403, 403, 403, 403)),
    ("DELETE", "/v1/keys/{key}", None, (204, 403, 403, 403, 403)),
    ("GET", "/v1/keys/{key}/reports", None, (200, 403, 403, 403, 403)),
    ("GET", "/v1/audit", None, (200, 403, 403, 403, 403)),
]


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**ids)
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return value


async def ask(
    client: httpx.AsyncClient, method: str, path: str, body: Any, world: World
) -> httpx.Response:
    return await client.request(method, path.format(**world.ids), json=filled(body, world.ids))


async def test_nobody_may_do_what_is_not_his(api: Api, subtests: pytest.Subtests) -> None:
    world = await a_world(api)
    clients = [client_of(api, world, who) for who in range(5)]
    before = dump(api.state.db)

    for method, path, body, expected in TABLE:
        with subtests.test(f"{method} {path}"):
            refused = {who: status for who, status in enumerate(expected) if status >= 400}
            answers = {who: await ask(clients[who], method, path, body, world) for who in refused}
            assert {who: answer.status_code for who, answer in answers.items()} == refused

    assert dump(api.state.db) == before


async def test_each_scope_may_do_its_own(api: Api, subtests: pytest.Subtests) -> None:
    read = await a_world(api)

    for method, path, body, expected in TABLE:
        for who, status in enumerate(expected):
            if status < 400:
                with subtests.test(f"{method} {path}", who=who):
                    world = read if method == "GET" else await a_world(api)
                    answer = await ask(client_of(api, world, who), method, path, body, world)
                    assert answer.status_code == status, answer.text


def client_of(api: Api, world: World, who: int) -> httpx.AsyncClient:
    """Return the client of a column of `TABLE`."""
    keys = [
        api.key(Scope.ADMIN),
        api.key(Scope.MODERATOR),
        api.key(Scope.REPORTER),
        api.key(Scope.SUBSCRIBER, world.own),
        api.key(Scope.SUBSCRIBER, world.other),
    ]
    return api.client(keys[who])


def test_the_table_leaves_no_endpoint_out(api: Api) -> None:
    mine = (
        *("/v1/organisations", "/v1/contacts", "/v1/subscriptions", "/v1/mutes"),
        *("/v1/keys", "/v1/audit", "/v1/costs"),
    )
    described = {
        (method.upper(), path.partition("{")[0])
        for path, operations in api.app.openapi()["paths"].items()
        for method in operations
        if path.startswith(mine)
    }

    assert described == {
        (method, path.partition("{")[0].partition("?")[0]) for method, path, _, _ in TABLE
    }


async def test_listings_end_at_the_border(api: Api) -> None:
    world = await a_world(api)
    other = api.subscriber(world.other)

    organisations = (await other.get("/v1/organisations")).json()["items"]
    contacts = (await other.get("/v1/contacts")).json()["items"]
    subscriptions = (await other.get("/v1/subscriptions")).json()["items"]
    by_contact = await other.get(f"/v1/subscriptions?contact_id={world.ids['contact']}")

    assert [o["id"] for o in organisations] == [world.other]
    assert contacts == subscriptions == by_contact.json()["items"] == []


async def test_nothing_moves_across_the_border(api: Api) -> None:
    world = await a_world(api)
    other = api.subscriber(world.other)
    mine = (await other.post("/v1/contacts", json=CONTACT)).json()["id"]
    held = (await other.post("/v1/subscriptions", json={"contact_id": mine})).json()["id"]

    stolen = await other.put(f"/v1/subscriptions/{held}", json={"contact_id": world.ids["contact"]})
    moved = await api.admin.put(
        f"/v1/subscriptions/{held}", json={"contact_id": world.ids["contact"]}
    )

    assert stolen.status_code == 404
    assert moved.status_code == 422


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Basic c2lyYTpzaXJh",
        pytest.param(f"Bearer {new_key(Scope.ADMIN)}", id="a key nobody was given"),
        "Bearer sira_a_" + "é" * 43,
        pytest.param(f"Bearer {new_key(Scope.ADMIN)} {new_key(Scope.ADMIN)}", id="two keys"),
    ],
)
async def test_without_a_live_key_there_is_nothing(api: Api, header: str | None) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]

    answer = await api.client().get("/v1/keys", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_expired_key_opens_nothing_from_that_instant(api: Api) -> None:
    _, key = api.new_key(Scope.ADMIN, expires_at=api.clock.now() + timedelta(minutes=1))
    client = api.client(key)

    before = await client.get("/v1/keys")
    api.clock.advance(timedelta(minutes=1))
    after = await client.get("/v1/keys")

    assert (before.status_code, after.status_code) == (200, 401)


async def test_revocation_bites_at_once(api: Api) -> None:
    key_id, key = api.new_key(Scope.ADMIN)
    client = api.client(key)

    before = await client.get("/v1/keys")
    revoked = await api.admin.delete(f"/v1/keys/{key_id}")
    after = await client.get("/v1/keys")
    again = await api.admin.delete(f"/v1/keys/{key_id}")

    statuses = [answer.status_code for answer in (before, revoked, after, again)]
    assert statuses == [200, 204, 401, 204]


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_whoever_took_a_key_is_not_there_any_more_by_what_he_let_in_with_it(
    api: Api,
) -> None:
    own = api.organisation()
    (stolen_id, stolen), (_, other) = (api.new_key(Scope.SUBSCRIBER, own) for _ in range(2))
    thief, theirs = api.client(stolen), api.client(other)
    people: dict[str, str] = {}
    for name in ("his own phone", "a manager", "a manager given another phone"):
        number = f"+2237600000{len(people)}"
        made = await theirs.post("/v1/contacts", json={"name": name, "phone": number})
        people[name] = made.json()["id"]
    lets_in = [(thief, "his own phone"), (theirs, "a manager"), (thief, "a manager")]
    for client, name in [*lets_in, (theirs, "a manager given another phone")]:
        assert (await client.put(f"/v1/contacts/{people[name]}/sign-in")).status_code == 204
    moved = f"/v1/contacts/{people['a manager given another phone']}"
    api.clock.advance(timedelta(seconds=1))
    assert (await thief.patch(moved, json={"phone": "+22378999999"})).status_code == 200

    assert (await api.admin.delete(f"/v1/keys/{stolen_id}")).status_code == 204

    keys = (await api.admin.get("/v1/keys", params={"limit": 200})).json()["items"]
    live = [key["name"] for key in keys if key["revoked_at"] is None]
    kept = {name for name, id_ in people.items() if any(id_ in label for label in live)}
    assert kept == {"a manager"}
    # and who was right to be there is let in again
    assert (await theirs.put(f"{moved}/sign-in")).status_code == 204
    keys = (await api.admin.get("/v1/keys", params={"limit": 200})).json()["items"]
    assert any(moved[-36:] in key["name"] for key in keys if key["revoked_at"] is None)


async def test_keys_of_a_deleted_organisation_open_nothing(api: Api) -> None:
    world = await a_world(api)
    client = api.subscriber(world.own)

    await api.admin.delete(f"/v1/organisations/{world.own}")

    assert (await client.get("/v1/contacts")).status_code == 401


async def test_a_revocation_elsewhere_is_seen_within_seconds(api: Api) -> None:
    key_id, key = api.new_key(Scope.ADMIN)
    client = api.client(key)
    await client.get("/v1/keys")

    api.state.db.write_now(lambda conn: revoke_key(conn, key_id, now=api.clock.now()))
    api.clock.advance(timedelta(seconds=5))

    assert (await client.get("/v1/keys")).status_code == 401


async def test_a_key_is_shown_once(api: Api) -> None:
    made = await api.admin.post("/v1/keys", json={"scope": "moderator", "name": "desk"})
    key = made.json()["key"]

    listed = await api.admin.get("/v1/keys")
    one = await api.admin.get(f"/v1/keys/{made.json()['id']}")

    assert key.startswith("sira_m_")
    assert (await api.client(key).get("/v1/keys")).status_code == 403
    assert key not in listed.text + one.text
    assert "key" not in one.json()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scope": "subscriber", "name": "x"}, "/organisation_id"),
        ({"scope": "admin", "name": "x", "organisation_id": "{own}"}, "/organisation_id"),
        ({"scope": "reporter", "name": "x", "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        (
            {"scope": "reporter", "name": "x", "expires_at": "9999-12-31T23:59:59-23:00"},
            "/expires_at",
        ),
        ({"scope": "reporter", "name": "x", "expires_at": "2030-01-01T00:00:00"}, "/expires_at"),
        ({"scope": "reporter", "name": "Moussa 76 12 34 56"}, "/name"),
        ({"scope": "reporter", "name": "moussa@union.ml"}, "/name"),
        ({"scope": "reporter", "name": " \n "}, "/name"),
    ],
)
async def test_keys_that_make_no_sense_are_refused(
    api: Api, body: dict[str, str], pointer: str
) -> None:
    world = await a_world(api)

    answer = await api.admin.post("/v1/keys", json=filled(body, world.ids))

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_every_write_is_audited_and_names_nobody(api: Api) -> None:
    world = await a_world(api)
    own = api.subscriber(world.own)
    for method, path, body, expected in TABLE:
        if method in {"PUT", "PATCH"} and expected[3] == 200:
            await ask(own, method, path, body, world)
            api.clock.advance(timedelta(milliseconds=1))

    trail = await api.admin.get(f"/v1/audit?organisation_id={world.own}&limit=200")

    actions = [entry["action"] for entry in trail.json()["items"]]
    assert actions == [
        "subscription.changed",
        "contact.hours_changed",
        "contact.changed",
        "contact.changed",
        "organisation.call_list_changed",
        "mute.created",
        "subscription.created",
        "contact.created",
    ]
    for secret in ("Depot", world.ids["phone"], "66001122", "Union"):
        assert secret not in trail.text


async def test_the_audit_is_newest_first_and_filtered(api: Api) -> None:
    world = await a_world(api)

    page = (await api.admin.get("/v1/audit?limit=1")).json()
    rest = (await api.admin.get(f"/v1/audit?limit=1&cursor={page['next']}")).json()
    one = (
        await api.admin.get(f"/v1/audit?subject_type=contact&subject_id={world.ids['contact']}")
    ).json()

    assert page["items"][0]["action"] == "mute.created"
    assert rest["items"][0]["action"] == "subscription.created"
    assert [entry["subject_id"] for entry in one["items"]] == [world.ids["contact"]]
