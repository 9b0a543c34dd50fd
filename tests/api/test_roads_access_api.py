"""Who may do what: reports, incidents, roads, rules and alerts, by every scope."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.keys import Scope
from app.db.tables import AlertRow
from tests.api.test_access_api import TABLE as ORGANISATIONS
from tests.api.test_access_api import filled
from tests.harness.api import Api
from tests.harness.dump import dump

REPORT = {"kind": "fuel_interception", "place": "Lakamane", "occurred_at": "2025-09-08T05:00:00Z"}
RULE = {"id": "mine", "title": "Mine", "when": 'incident.kind == "ied"', "weight": 1}
ALERT = {"route": "ML-DKR-N", "cargo": "fuel", "level": "high", "note": "Attendez"}

WORD = {"word": "Zanzibar"}

#: method, path, body, status for: admin, moderator, reporter, subscriber. {mine} is a reporter's.
Row = tuple[str, str, Any, tuple[int, int, int, int]]
TABLE: list[Row] = [
    ("POST", "/v1/reports", REPORT, (201, 201, 201, 403)),
    ("POST", "/v1/reports/batch", [REPORT], (200, 200, 200, 403)),
    ("GET", "/v1/reports", None, (200, 200, 403, 403)),
    ("GET", "/v1/reports/{report}", None, (200, 200, 404, 403)),
    ("GET", "/v1/reports/{mine}", None, (200, 200, 200, 403)),
    ("POST", "/v1/reports/{asked}/set-aside", {"note": "x"}, (200, 200, 403, 403)),
    ("POST", "/v1/reports/{asked}/put-back", None, (200, 200, 403, 403)),
    ("POST", "/v1/reports/{asked}/place", {"place": "Lakamane"}, (200, 200, 403, 403)),
    ("GET", "/v1/incidents", None, (200, 200, 403, 200)),
    ("GET", "/v1/incidents/{incident}", None, (200, 200, 403, 200)),
    ("PATCH", "/v1/incidents/{incident}", {"status": "refuted"}, (200, 200, 403, 403)),
    ("POST", "/v1/incidents/{incident}/merge", {"into": "{other}"}, (200, 200, 403, 403)),
    (
        "POST",
        "/v1/incidents/{incident}/split",
        {"report_ids": ["{report}"]},
        (200, 200, 403, 403),
    ),
    ("GET", "/v1/places?q=Kayes", None, (200, 200, 200, 200)),
    ("GET", "/v1/vocabulary", None, (200, 200, 200, 200)),
    ("GET", "/v1/routes", None, (200, 200, 200, 200)),
    ("GET", "/v1/routes/ML-DKR-N", None, (200, 200, 200, 200)),
    ("GET", "/v1/routes/ML-DKR-N/rating?cargo=fuel", None, (200, 200, 403, 200)),
    ("GET", "/v1/routes/ML-DKR-N/ratings?cargo=fuel", None, (200, 200, 403, 200)),
    ("GET", "/v1/journeys?from=Dakar&to=Bamako&cargo=fuel", None, (200, 200, 403, 200)),
    ("GET", "/v1/rules", None, (200, 200, 403, 403)),
    ("POST", "/v1/rules", RULE, (201, 403, 403, 403)),
    ("POST", "/v1/rules/check", {"rules": [RULE]}, (200, 200, 403, 403)),
    ("GET", "/v1/rules/schema", None, (200, 200, 403, 403)),
    ("GET", "/v1/rules/ied", None, (200, 200, 403, 403)),
    ("PUT", "/v1/rules/ied", {**RULE, "id": "ied"}, (200, 403, 403, 403)),
    ("DELETE", "/v1/rules/ied", None, (204, 403, 403, 403)),
    ("POST", "/v1/rules/preview", {"days": 93}, (422, 403, 403, 403)),
    ("GET", "/v1/rulesets", None, (200, 200, 403, 403)),
    ("POST", "/v1/rulesets", {"changes": {"remove": ["ied"]}}, (201, 403, 403, 403)),
    ("GET", "/v1/rulesets/1", None, (200, 200, 403, 403)),
    ("POST", "/v1/rulesets/1/activate", None, (200, 403, 403, 403)),
    ("POST", "/v1/rulesets/1/approve", None, (409, 403, 403, 403)),
    ("GET", "/v1/alerts", None, (200, 200, 403, 200)),
    ("GET", "/v1/alerts?status=held", None, (200, 200, 403, 403)),
    ("GET", "/v1/alerts/{alert}", None, (200, 200, 403, 200)),
    ("GET", "/v1/alerts/{alert}/why", None, (200, 200, 403, 403)),
    ("POST", "/v1/alerts", ALERT, (201, 201, 403, 403)),
    ("GET", "/v1/alerts/{alert}/deliveries", None, (200, 200, 403, 200)),
    ("GET", "/v1/alerts/{alert}/unreached", None, (200, 200, 403, 200)),
    ("POST", "/v1/alerts/{alert}/release", None, (409, 409, 403, 403)),
    ("POST", "/v1/alerts/{alert}/withdraw", {"note": "Erreur"}, (201, 201, 403, 403)),
    ("POST", "/v1/alerts/{alert}/acknowledge", None, (200, 200, 403, 200)),
    ("GET", "/v1/alerts/{alert}/escalations", None, (200, 200, 403, 200)),
    ("GET", "/v1/inbound", None, (200, 200, 403, 403)),
    ("GET", "/v1/inbound/{nothing}", None, (404, 404, 403, 403)),
    ("POST", "/v1/inbound/set-aside", {"ids": ["x"]}, (200, 200, 403, 403)),
    ("POST", "/v1/inbound/{nothing}/set-aside", None, (404, 404, 403, 403)),
    ("POST", "/v1/inbound/{nothing}/put-back", None, (404, 404, 403, 403)),
    ("POST", "/v1/inbound/{nothing}/answers", {"text": "x"}, (404, 404, 403, 403)),
    ("POST", "/v1/inbound/{nothing}/answers/preview", {"text": "x"}, (404, 404, 403, 403)),
    ("GET", "/v1/forced", None, (200, 200, 403, 403)),
    ("POST", "/v1/forced", {"inbound_id": "{nothing}"}, (404, 404, 403, 403)),
    ("POST", "/v1/forced/{nothing}/free", {}, (404, 404, 403, 403)),
    ("POST", "/v1/reporters", {"phone": "+22376000003"}, (201, 403, 403, 403)),
    ("GET", "/v1/reporters", None, (200, 403, 403, 403)),
    ("GET", "/v1/reporters/{reporter}/reports", None, (200, 403, 403, 403)),
    ("DELETE", "/v1/reporters/{reporter}", None, (204, 403, 403, 403)),
    ("PUT", "/v1/reporters/{reporter}/duress-word", WORD, (204, 403, 403, 403)),
    ("PUT", "/v1/organisations/{organisation}/duress-word", WORD, (204, 403, 403, 403)),
]

#: Paths that ask for no key, or for a provider's.
OPEN = ("/healthz", "/readyz", "/metrics", "/problems/", "/docs", "/v1/twilio/", "/v1/gateway/",
        "/v1/unsubscribe/", "/ok/", "/join/")  # fmt: skip


def _least(row: Row) -> int | None:
    """Return the column of the least scope that may do it."""
    return next((n for n in (3, 2, 1, 0) if row[3][n] not in {403, 404}), None)


async def some_ids(api: Api) -> dict[str, str]:
    """Bring about one of everything; return the ids."""
    later = timedelta(minutes=1)
    first = (await api.moderator.post("/v1/reports", json=REPORT)).json()
    api.clock.advance(later)
    source = {"name": "AFP", "type": "wire"}
    second = (await api.moderator.post("/v1/reports", json={**REPORT, "source": source})).json()
    assert first["incident"]["id"] == second["incident"]["id"]
    api.clock.advance(later)
    far = {**REPORT, "place": "Bougouni"}
    other = (await api.moderator.post("/v1/reports", json=far)).json()
    asked = (
        await api.moderator.post("/v1/reports/batch", json=[{**REPORT, "place": "Xyz"}])
    ).json()
    mine = (await api.reporter.post("/v1/reports", json={**REPORT, "place": "Sandaré"})).json()
    api.clock.advance(later)
    reporter = await api.admin.post("/v1/reporters", json={"phone": "+22376000002"})
    alerts = await api.moderator.get("/v1/alerts?route=ML-DKR-N&cargo=fuel&status=active")
    return {
        "incident": first["incident"]["id"],
        "report": second["report"]["id"],
        "other": other["incident"]["id"],
        "asked": asked["items"][0]["report"]["id"],
        "mine": mine["report"]["id"],
        "alert": alerts.json()["items"][0]["id"],
        "reporter": reporter.json()["id"],
        "organisation": api.organisation(),
        "nothing": "nothing",
    }


async def asked(api: Api, row: Row, ids: dict[str, str], who: int) -> int:
    """Return what a column of `TABLE` is answered."""
    method, path, body, _ = row
    keys = [
        api.key(Scope.ADMIN),
        api.key(Scope.MODERATOR),
        api.key(Scope.REPORTER),
        api.key(Scope.SUBSCRIBER, ids["organisation"]),
    ]
    client = api.client(keys[who])
    return (await client.request(method, path.format(**ids), json=filled(body, ids))).status_code


async def test_nobody_may_do_what_is_not_his(api: Api, subtests: pytest.Subtests) -> None:
    ids = await some_ids(api)
    for who in range(4):
        await asked(api, ("GET", "/v1/routes", None, (200, 200, 200, 200)), ids, who)  # a key each
    before = dump(api.state.db)

    for row in TABLE:
        with subtests.test(f"{row[0]} {row[1]}"):
            refused = {n: status for n, status in enumerate(row[3]) if status in {403, 404}}
            assert {n: await asked(api, row, ids, n) for n in refused} == refused

    assert dump(api.state.db) == before


async def test_each_scope_may_read_what_is_its_own(api: Api, subtests: pytest.Subtests) -> None:
    ids = await some_ids(api)

    for row in TABLE:
        if row[0] == "GET" and (who := _least(row)) is not None:
            with subtests.test(row[1]):
                assert await asked(api, row, ids, who) == row[3][who]


CHANGES = [row for row in TABLE if row[0] != "GET" and _least(row) is not None]


@pytest.mark.alike
@pytest.mark.parametrize("row", CHANGES, ids=[f"{row[0]} {row[1]}" for row in CHANGES])
async def test_each_scope_may_change_what_is_its_own(api: Api, row: Row) -> None:
    who = _least(row)
    assert who is not None
    assert await asked(api, row, await some_ids(api), who) == row[3][who]


async def test_a_reporter_who_is_taken_away_is_listed_no_more(api: Api) -> None:
    ids = await some_ids(api)
    before = (await api.admin.get("/v1/reporters")).json()["items"]

    taken_away = await api.admin.delete(f"/v1/reporters/{ids['reporter']}")

    assert [one["id"] for one in before] == [ids["reporter"]]
    assert taken_away.status_code == 204
    assert (await api.admin.get("/v1/reporters")).json()["items"] == []


async def test_what_a_moderator_holds_back_is_there_for_the_desk_only(api: Api) -> None:
    alert = (await some_ids(api))["alert"]
    held = update(AlertRow).where(AlertRow.id == alert).values(status="held")
    api.state.db.write_now(lambda conn: conn.execute(held))
    subscriber = api.subscriber(api.organisation())
    paths = [f"/v1/alerts/{alert}{of}" for of in ("", "/deliveries", "/unreached", "/escalations")]

    seen = [(await subscriber.get(path)).status_code for path in paths]
    noted = (await subscriber.post(f"/v1/alerts/{alert}/acknowledge")).status_code
    at_the_desk = [(await api.moderator.get(path)).status_code for path in paths]

    assert (seen, noted) == ([404] * 4, 404)
    assert at_the_desk == [200] * 4


def test_the_two_tables_leave_no_endpoint_out(api: Api) -> None:
    described = {
        (method.upper(), path.replace("{code}", "ML-DKR-N") if "routes" in path else path)
        for path, operations in api.app.openapi()["paths"].items()
        for method in operations
        if not path.startswith(OPEN)
    }

    def shape(method: str, path: str) -> tuple[str, str]:
        plain = path.partition("?")[0]
        return method, "/".join("*" if step.startswith("{") else step for step in plain.split("/"))

    listed = {shape(row[0], row[1]) for row in TABLE} | {shape(r[0], r[1]) for r in ORGANISATIONS}
    listed = {
        (m, p.replace("/rules/ied", "/rules/*").replace("sets/1", "sets/*")) for m, p in listed
    }
    assert {shape(*entry) for entry in described} == listed
