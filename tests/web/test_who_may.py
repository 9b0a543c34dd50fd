"""Every page and form of who signed in, by every scope, and without the token of a session."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select

from app.accounts.keys import Scope
from app.accounts.sessions import form_token
from app.db.tables import AuditRow
from tests.harness.api import Api
from tests.harness.texting import STRANGER
from tests.harness.visitor import Visitor, visitor
from tests.harness.writing import wrote_to

ROLES = ("nobody", "reporter", "subscriber", "other's subscriber", "moderator", "admin")


@dataclass(frozen=True)
class Things:
    """What there is to see and to decide on: ids, by name."""

    ids: Mapping[str, str]
    own: str
    other: str


async def things(site: Api) -> Things:
    own, other = site.organisation("Union"), site.organisation("Rivals")
    ids: dict[str, str] = {}
    body = {
        "kind": "fuel_interception",
        "place": "Lakamane",
        "occurred_at": site.clock.now().isoformat(),
        "summary": "x",
    }
    for name, more in {"one": {}, "two": {"kind": "abduction", "place": "Segou"}}.items():
        found = await site.moderator.post("/v1/reports", json={**body, **more})
        ids[name] = found.json()["incident"]["id"]
        ids[f"{name}_report"] = found.json()["report"]["id"]
        site.clock.advance(timedelta(milliseconds=1))
    kept = await site.moderator.post("/v1/reports/batch", json=[{**body, "place": "Zzzq"}])
    ids["unplaced"] = kept.json()["items"][0]["report"]["id"]
    ids["message"] = await wrote_to(site, STRANGER)
    taken = await site.moderator.post(
        "/v1/forced", json={"key_id": site.new_key(Scope.REPORTER)[0]}
    )
    ids["forced"] = taken.json()["id"]
    client = site.subscriber(own)
    contact = await client.post("/v1/contacts", json={"name": "Depot", "phone": "76123456"})
    ids["contact"] = contact.json()["id"]
    site.clock.advance(timedelta(milliseconds=1))
    subscribed = await client.post("/v1/subscriptions", json={"contact_id": ids["contact"]})
    ids["subscription"] = subscribed.json()["id"]
    until = (site.clock.now() + timedelta(days=20)).isoformat()
    mute = await client.post("/v1/mutes", json={"reason": "Fleet at home", "until": until})
    ids["mute"] = mute.json()["id"]
    alerts = (await site.moderator.get("/v1/alerts")).json()["items"]
    ids["alert"] = alerts[-1]["id"]
    return Things(ids, own, other)


Row = tuple[str, str, dict[str, str], tuple[int, ...]]
#: method, path, fields, status for each of `ROLES`; forms of the desk show what would follow.
WRONG = {"do": "withdraw", "note": "It was wrong", "version": "active"}
DESK = (303, 403, 403, 403, 200, 200)
RULES = (303, 403, 403, 403, 403, 200)
#: An organisation's own: its key's and an admin's; another's does not know that it is there.
OWN = (303, 403, 200, 404, 403, 200)
DONE = (303, 403, 303, 404, 403, 303)
WISH = {"min_level": "high", "tell": "immediately"}
#: The rule as its form holds it; checked, it is wrong; nothing is kept.
RULE = {"id": "x", "title": "x", "when": 'incident.kind == "accident"', "weight-fuel": "0.1"}
SPOKEN = {
    "c-fuel": "1",
    "type": "alert",
    "level": "severe",
    "certainty": "confirmed",
    "note": "pont",
}
TABLE: list[Row] = [
    ("GET", "/desk", {}, DESK),
    ("POST", "/desk", {}, DESK),
    ("GET", "/desk/incidents/{one}", {}, DESK),
    ("POST", "/desk/incidents/{one}", {"do": "confirm", "version": "1"}, DESK),
    ("POST", "/desk/incidents/{one}", {"do": "refute", "version": "1"}, DESK),
    ("POST", "/desk/incidents/{one}", {"do": "resolve", "version": "1"}, DESK),
    ("POST", "/desk/incidents/{one}", {"do": "correct", "kind": "ied", "version": "1"}, DESK),
    ("POST", "/desk/incidents/{two}", {"do": "merge", "into": "{one}", "version": "1"}, DESK),
    (
        "POST",
        "/desk/incidents/{one}",
        {"do": "split", "r-{one_report}": "1", "version": "1"},
        (303, 403, 403, 403, 422, 422),
    ),
    ("GET", "/desk/alerts/{alert}", {}, DESK),
    ("POST", "/desk/alerts/{alert}", WRONG, DESK),
    ("POST", "/desk/alerts/{alert}", {"do": "release"}, (303, 403, 403, 403, 409, 409)),
    ("POST", "/desk/alerts/{alert}", {"do": "call"}, (303, 403, 403, 403, 404, 404)),
    ("GET", "/desk/reports/{unplaced}", {}, DESK),
    (
        "POST",
        "/desk/reports/{unplaced}",
        {"do": "place", "place": "Kayes", "version": "waits"},
        DESK,
    ),
    ("POST", "/desk/reports/{unplaced}", {"do": "aside", "version": "waits"}, DESK),
    ("GET", "/desk/messages/{message}", {}, DESK),
    ("POST", "/desk/messages/{message}", {"do": "answer", "text": "x", "version": ""}, DESK),
    ("GET", "/desk/forced/{forced}", {}, DESK),
    ("POST", "/desk/forced/{forced}", {"do": "free", "version": ""}, DESK),
    ("GET", "/desk/say", {}, DESK),
    ("POST", "/desk/say", {}, DESK),
    ("GET", "/desk/say/ML-TBK", {}, DESK),
    ("POST", "/desk/say/ML-TBK", {"do": "say", **SPOKEN}, DESK),
    ("GET", "/rules", {}, RULES),
    ("POST", "/rules", {}, RULES),
    ("GET", "/rules/new", {}, RULES),
    ("POST", "/rules/new", {"do": "check", **RULE}, RULES),
    ("GET", "/rules/rule/ied", {}, RULES),
    ("POST", "/rules/rule/ied", {"do": "check", **RULE}, RULES),
    ("GET", "/rules/shipped/ied", {}, RULES),
    ("POST", "/rules/shipped/ied", {"do": "check", **RULE}, RULES),
    ("GET", "/rules/sets/1", {}, RULES),
    ("POST", "/rules/sets/1", {"do": "approve"}, (303, 403, 403, 403, 403, 409)),
    ("GET", "/my", {}, (303, 403, 200, 200, 403, 200)),
    ("POST", "/my", {"organisation": "{own}"}, (303, 403, 422, 422, 403, 422)),
    ("GET", "/my?organisation={own}", {}, (303, 403, 200, 200, 403, 200)),
    ("GET", "/my/money?organisation={own}", {}, (303, 403, 200, 200, 403, 200)),
    ("POST", "/my/money", {"organisation": "{own}"}, (303, 403, 403, 403, 403, 422)),
    ("GET", "/my/calls?organisation={own}", {}, (303, 403, 200, 200, 403, 200)),
    ("POST", "/my/calls", {"organisation": "{own}"}, (303, 403, 422, 422, 403, 422)),
    ("GET", "/my/contacts/{contact}", {}, OWN),
    ("POST", "/my/contacts/{contact}", {"do": "try", **WISH}, OWN),
    ("POST", "/my/contacts/{contact}", {"do": "nothing"}, (303, 403, 422, 404, 403, 422)),
    ("POST", "/my/contacts/{contact}", {"do": "save", **WISH}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "save", "of": "{subscription}", **WISH}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "language", "language": "en"}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "hours"}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "test"}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "allow"}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "forbid"}, DONE),
    ("POST", "/my/contacts/{contact}", {"do": "code"}, (303, 403, 422, 404, 403, 422)),
    ("POST", "/my/contacts/{contact}", {"do": "invite"}, (303, 403, 303, 404, 403, 409)),
    ("POST", "/my/contacts/{contact}", {"do": "delete"}, (303, 403, 422, 404, 403, 422)),
    ("POST", "/my/contacts/{contact}", {"do": "remove", "of": "{subscription}"}, DONE),
    ("POST", "/my", {"do": "lift", "mute": "{mute}", "organisation": "{own}"}, DONE),
    ("POST", "/rules/new", {"do": "publish", **RULE}, (303, 403, 403, 403, 403, 303)),
    ("POST", "/rules/rule/x", {"do": "remove-publish", **RULE}, (303, 403, 403, 403, 403, 303)),
    ("POST", "/rules/shipped/ied", {"do": "leave"}, (303, 403, 403, 403, 403, 303)),
    ("POST", "/rules/sets/1", {"do": "activate"}, (303, 403, 403, 403, 403, 303)),
    ("POST", "/desk/incidents/{one}", {"do": "hold"}, (303, 403, 403, 403, 303, 303)),
    (
        "POST",
        "/desk/incidents/{one}",
        {"do": "confirm", "sure": "1", "version": "1"},
        (303, 403, 403, 403, 303, 303),
    ),
]


async def visitor_as(site: Api, role: str, found: Things) -> Visitor:
    someone = visitor(site)
    if role == "nobody":
        return someone
    organisation = {"subscriber": found.own, "other's subscriber": found.other}.get(role)
    scope = Scope.SUBSCRIBER if organisation else Scope(role)
    await someone.sign_in(site.key(scope, organisation))
    return someone


async def ask(someone: Visitor, row: Row, found: Things, token: str) -> httpx.Response:
    method, path, fields, _ = row
    path = "/fr" + path.format(**found.ids, own=found.own)
    if method == "GET":
        return await someone.get(path)
    filled = {
        name.format(**found.ids): value.format(**found.ids, own=found.own)
        for name, value in fields.items()
    }
    return await someone.post(path, {"token": token, **filled})


def token_of(someone: Visitor) -> str:
    return form_token(someone.token) if "session" in someone.client.cookies else "x.y"


def trail(site: Api) -> list[str]:
    """Return what was done; from the table, for it is asked for a thousand times."""
    query = select(AuditRow.action).where(AuditRow.action.not_like("session.%"))
    return site.state.db.read_now(lambda conn: list(conn.scalars(query.order_by(AuditRow.id))))


async def test_each_scope_may_do_its_own_and_nothing_else(site: Api) -> None:
    found = await things(site)
    people = {role: await visitor_as(site, role, found) for role in ROLES}

    wrong = []
    for row in TABLE:
        wrong += await tried(site, people, found, row)
    assert not wrong


async def tried(
    site: Api, people: Mapping[str, Visitor], found: Things, row: Row
) -> list[tuple[str, str, int]]:
    """Try a row of the table with everybody; return what is not as it says."""
    what = f"{row[0]} {row[1]} {row[2].get('do', '')}"
    wrong = []
    before, done = trail(site), False
    if row[0] == "POST":
        answer = await ask(people["admin"], row, found, "x.y")
        if (answer.status_code, trail(site)) != (403, before):
            wrong.append((what, "without a token", answer.status_code))
    for role, status in zip(ROLES, row[3], strict=True):
        does = status == 303 and role != "nobody"
        if done and does:
            continue  # it is done
        if role in {"moderator", "admin"} and "/desk" in row[1]:
            site.clock.advance(timedelta(minutes=10))  # who worked on it went to make tea
        before, done = trail(site), done or does
        answer = await ask(people[role], row, found, token_of(people[role]))
        asked = answer.headers.get("location", "").startswith("/fr/sign-in")
        if (answer.status_code, asked) != (status, role == "nobody"):
            wrong.append((what, f"{role}: {answer.text[-300:]}", answer.status_code))
        if not does and trail(site) != before:
            wrong.append((what, f"{role} left something in the trail", answer.status_code))
    return wrong


def test_the_table_leaves_no_page_out(site: Api) -> None:
    paths = [str(getattr(route, "path", "")) for route in site.app.router.routes]
    pages = [
        re.sub(r"\{\w+\}", "[^/]+", path.removeprefix("/fr"))
        for path in paths
        if path.startswith(("/fr/desk", "/fr/rules", "/fr/my"))
    ]
    asked = {(row[0], row[1].partition("?")[0]) for row in TABLE}

    for page in pages:
        methods = {method for method, path in asked if re.fullmatch(page, path)}
        assert methods == {"GET", "POST"}, page
