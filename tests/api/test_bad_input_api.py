"""Bad input: a clear problem that points at the fault, and nothing changed."""

import gzip
import json
from typing import Any

import httpx
import pytest

from app.accounts.keys import Scope
from app.http.pagination import encode_cursor
from tests.harness.api import Api
from tests.harness.dump import dump

GOOD = {"kind": "fuel_interception", "place": "Lakamane", "occurred_at": "2025-09-08T05:00:00Z"}
JSON = {"Content-Type": "application/json"}
HUGE = 10**30

#: What is wrong with a report, where, and a word that the detail must hold.
REPORTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("unknown kind", {"kind": "fuel_interceptoin"}, "/kind", "fuel_interception"),
    ("unknown place", {"place": "Lakamanneville-sur-Mer"}, "/place", ""),
    ("unknown cargo", {"cargo": "camels"}, "/cargo", ""),
    ("unknown source type", {"source": {"type": "oracle"}}, "/source/type", "reporter"),
    ("unknown basis", {"basis": "dream"}, "/basis", "firsthand"),
    ("unknown member", {"colour": "red"}, "/colour", ""),
    ("no kind", {"kind": None}, "/kind", ""),
    ("no time", {"occurred_at": None}, "/occurred_at", ""),
    ("time without offset", {"occurred_at": "2025-09-08T05:00:00"}, "/occurred_at", ""),
    ("seconds since 1970", {"occurred_at": 1757300400}, "/occurred_at", "such as"),
    ("no such day", {"occurred_at": "2025-02-30T05:00:00Z"}, "/occurred_at", ""),
    ("tomorrow", {"occurred_at": "2025-09-10T05:00:00Z"}, "/occurred_at", ""),
    ("long ago", {"occurred_at": "1999-09-10T05:00:00Z"}, "/occurred_at", ""),
    ("year 9999", {"occurred_at": "9999-12-31T23:59:59-23:00"}, "/occurred_at", "1970"),
    ("year 1", {"occurred_at": "0001-01-01T00:00:00+23:00"}, "/occurred_at", "1970"),
    ("swapped", {"place": None, "position": {"lat": -9.9, "lon": 14.5}}, "/position", ""),
    ("off the earth", {"position": {"lat": 91, "lon": 0}}, "/position/lat", ""),
    ("true as a latitude", {"position": {"lat": True, "lon": 0}}, "/position/lat", "number"),
    ("huge figure", {"vehicles": HUGE}, "/vehicles", ""),
    ("negative figure", {"vehicles": -1}, "/vehicles", ""),
    ("false as a figure", {"vehicles": {"low": False, "high": 2}}, "/vehicles/low", "number"),
    ("range upside down", {"vehicles": {"low": 9, "high": 2}}, "/vehicles", ""),
    ("text as a figure", {"fatalities": "many"}, "/fatalities", ""),
    ("negative kilometre", {"road": "RN1", "km": -4}, "/km", ""),
    ("summary too long", {"summary": "x" * 50_000}, "/summary", "2000"),
    ("NUL", {"summary": "a\x00b"}, "/summary", ""),
    ("half a character", {"summary": "\ud800"}, "/summary", ""),
    ("a list", {"kind": ["ied"]}, "/kind", ""),
]


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


#: What is no report at all: its bytes, what they are said to be, the status.
NO_REPORTS: list[tuple[bytes, str, int]] = [
    (b"", "application/json", 422),
    (b"{", "application/json", 400),
    (b"[]", "application/json", 422),
    (b"null", "application/json", 422),
    (b'"text"', "application/json", 422),
    (b"\xff\xfe", "application/json", 400),
    (b"[" * 60_000, "application/json", 400),
    (b'{"a":' * 12_000, "application/json", 400),
    (b'{"km": NaN}', "application/json", 400),
    (b'{"vehicles": 1e999}', "application/json", 422),
    (b'{"vehicles": ' + b"9" * 5_000 + b"}", "application/json", 400),
    (encoded(GOOD), "text/plain", 415),
    (encoded(GOOD), "application/xml", 415),
    (b"kind=ied", "application/x-www-form-urlencoded", 415),
    (encoded({**GOOD, "summary": "x" * 1_000_000}), "application/json", 413),
]


async def test_a_bad_report_is_pointed_at_and_changes_nothing(
    api: Api, subtests: pytest.Subtests
) -> None:
    client = api.moderator
    before = dump(api.state.db)

    for name, change, pointer, word in REPORTS:
        with subtests.test(name):
            body = {key: value for key, value in {**GOOD, **change}.items() if value is not None}

            answer = await client.post("/v1/reports", content=encoded(body), headers=JSON)

            assert answer.status_code == 422, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert pointer in {error["pointer"] for error in problem["errors"]}
            assert word in " ".join(error["detail"] for error in problem["errors"])
            assert dump(api.state.db) == before


async def test_what_is_no_report_at_all_is_refused_by_its_nature(
    api: Api, subtests: pytest.Subtests
) -> None:
    client = api.moderator
    before = dump(api.state.db)

    for content, kind, status in NO_REPORTS:
        with subtests.test(kind, content=content[:20]):
            headers = {"Content-Type": kind}

            answer = await client.post("/v1/reports", content=content, headers=headers)

            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert dump(api.state.db) == before


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_compressed_body_is_told_that_it_is_one(api: Api) -> None:
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    answer = await api.moderator.post(
        "/v1/reports", content=gzip.compress(encoded(GOOD)), headers=packed
    )

    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert "(gzip)" in answer.json()["detail"]


async def test_an_ambiguous_or_unknown_place_is_answered_with_candidates(api: Api) -> None:
    answer = await api.moderator.post("/v1/reports", json={**GOOD, "place": "Moussala"})
    unknown = await api.moderator.post("/v1/reports", json={**GOOD, "place": "Zzyzx"})

    assert (answer.status_code, unknown.status_code) == (422, 422)
    assert len(answer.json()["candidates"]) > 1
    assert unknown.json()["candidates"] == []
    assert unknown.json()["type"] == "/problems/place-unresolved"


async def test_an_idempotency_key_that_is_none_is_refused(
    api: Api, subtests: pytest.Subtests
) -> None:
    client = api.moderator
    before = dump(api.state.db)

    for key in ("", "two words", "é", "x" * 201, "tab\there"):
        with subtests.test(key[:20]):
            headers = [(b"Idempotency-Key", key.encode())]

            answer = await client.post("/v1/reports", json=GOOD, headers=headers)

            assert answer.status_code == 422
            assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"
            assert dump(api.state.db) == before


async def test_a_batch_too_long_is_refused_whole(api: Api) -> None:
    client = api.moderator
    before = dump(api.state.db)

    many = await client.post("/v1/reports/batch", json=[GOOD] * 1_001)
    none = await client.post("/v1/reports/batch", json=[])
    mode = await client.post("/v1/reports/batch?mode=quiet", json=[GOOD])

    assert [one.status_code for one in (many, none, mode)] == [422, 422, 422]
    assert many.json()["errors"][0]["pointer"] in {"", "/reports"}
    assert dump(api.state.db) == before


async def test_one_bad_entry_of_a_batch_is_its_own_problem(api: Api) -> None:
    bad = [{**GOOD, "kind": "idd"}, {**GOOD, "vehicles": {"low": -1, "high": 2}}, {}]

    answer = await api.moderator.post("/v1/reports/batch", json=[*bad, GOOD])

    items = answer.json()["items"]
    assert [item["status"] for item in items] == [422, 422, 422, 201]
    assert items[0]["problem"]["errors"][0]["pointer"] == "/kind"
    assert "/vehicles/low" in {one["pointer"] for one in items[1]["problem"]["errors"]}
    assert {one["pointer"] for one in items[2]["problem"]["errors"]} == {"/kind", "/occurred_at"}


NOWHERE = "00000000-0000-7000-8000-000000000000"

#: Requests of a moderator or admin that must be refused: method, path, body, status, where.
REQUESTS: list[tuple[str, str, Any, int, str | None]] = [
    ("PATCH", f"/v1/incidents/{NOWHERE}", {"status": "refuted"}, 404, None),
    ("PATCH", "/v1/incidents/{incident}", {"status": "merged"}, 422, "/status"),
    ("PATCH", "/v1/incidents/{incident}", {}, 422, ""),
    ("PATCH", "/v1/incidents/{incident}", {"kind": "idd"}, 422, "/kind"),
    ("PATCH", "/v1/incidents/{incident}", {"place": "Zzyzx"}, 422, "/place"),
    ("PATCH", "/v1/incidents/{incident}", {"place": {}}, 422, None),
    ("POST", "/v1/incidents/{incident}/merge", {"into": "{incident}"}, 409, None),
    ("POST", "/v1/incidents/{incident}/merge", {"into": NOWHERE}, 404, None),
    ("POST", "/v1/incidents/{incident}/split", {"report_ids": [NOWHERE]}, 422, "/report_ids"),
    ("POST", "/v1/incidents/{incident}/split", {"report_ids": []}, 422, "/report_ids"),
    ("GET", "/v1/incidents?kind=idd", None, 422, None),
    ("GET", "/v1/incidents?route=ML-XXX", None, 422, None),
    ("GET", "/v1/incidents?since=9999-12-31T23:59:59-23:00", None, 422, None),
    ("GET", "/v1/incidents?until=0.5", None, 422, None),
    ("GET", "/v1/incidents?limit=0", None, 422, None),
    ("GET", f"/v1/incidents?limit={HUGE}", None, 422, None),
    ("GET", "/v1/incidents?cursor=garbage", None, 422, None),
    ("GET", "/v1/routes/ML-DKR", None, 404, None),
    ("GET", "/v1/routes/ML-DKR-N/rating", None, 422, None),
    ("GET", "/v1/routes/ML-DKR-N/rating?cargo=camels", None, 422, None),
    ("GET", "/v1/routes/ML-DKR-N/rating?cargo=fuel&at=2100-01-01T00:00:00Z", None, 422, None),
    (
        "GET",
        "/v1/routes/ML-DKR-N/ratings?cargo=fuel&cursor=" + encode_cursor("ratings", "x:y"),
        None,
        422,
        None,
    ),
    (
        "GET",
        "/v1/rulesets?cursor=" + encode_cursor("rulesets", str(HUGE)),
        None,
        200,
        None,
    ),
    ("GET", f"/v1/rulesets/{HUGE}", None, 422, None),
    ("GET", "/v1/rulesets/77", None, 404, None),
    ("POST", f"/v1/rulesets/{HUGE}/activate", None, 422, None),
    ("POST", f"/v1/rulesets/{HUGE}/approve", None, 422, None),
    ("POST", "/v1/rulesets/77/approve", None, 404, None),
    ("POST", "/v1/rulesets", {"rules": []}, 422, "/rules"),
    (
        "POST",
        "/v1/rulesets",
        {"changes": {"remove": ["ied"]}, "accept_warnings": "x"},
        422,
        "/accept_warnings",
    ),
    ("POST", "/v1/rules/preview", {"days": 0}, 422, "/days"),
    ("POST", "/v1/rules/preview", {"days": True}, 422, "/days"),
    ("POST", "/v1/rules/preview", {"until": "yesterday"}, 422, "/until"),
    ("POST", "/v1/rules/preview", {"changes": {"remove": ["no-such-rule"]}}, 404, None),
    ("GET", "/v1/alerts/none-such/why", None, 404, None),
    ("POST", "/v1/rules", {"id": "x", "title": "x", "when": "incident.knd == 1"}, 422, None),
    ("DELETE", "/v1/rules/fuel-interceptoin", None, 404, None),
    ("POST", "/v1/alerts", {"route": "ML-DKR-N"}, 422, "/cargo"),
    (
        "POST",
        "/v1/alerts",
        {"route": "ML-DKR", "cargo": "fuel", "level": "high", "note": "abc"},
        422,
        "/route",
    ),
    (
        "POST",
        "/v1/alerts",
        {"route": "ML-DKR-N", "cargo": "camels", "level": "high", "note": "abc"},
        422,
        "/cargo",
    ),
    (
        "POST",
        "/v1/alerts",
        {
            "type": "withdrawal",
            "route": "ML-RN7",
            "cargo": "fuel",
            "level": "unknown",
            "note": "abc",
        },
        409,
        None,
    ),
    ("POST", f"/v1/alerts/{NOWHERE}/release", None, 404, None),
    ("POST", f"/v1/alerts/{NOWHERE}/withdraw", {"note": "abc"}, 404, None),
    ("POST", "/v1/keys", {"scope": "emperor", "name": "x"}, 422, "/scope"),
    ("POST", "/v1/contacts", {"name": "x", "organisation_id": NOWHERE, "phone": "1"}, 404, None),
    ("POST", "/v1/contacts", {"name": "x", "confirm": "maybe"}, 422, "/confirm"),
    ("POST", "/v1/alerts", {"route": "ML-DKR-N", "exercise": "maybe"}, 422, "/exercise"),
    ("GET", f"/v1/reports/{NOWHERE}", None, 404, None),
    ("POST", f"/v1/reports/{NOWHERE}/place", {"place": "Lakamane"}, 404, None),
    ("POST", f"/v1/reports/{NOWHERE}/set-aside", {"note": "x"}, 404, None),
    ("POST", f"/v1/reports/{NOWHERE}/put-back", None, 404, None),
    ("GET", "/v1/places", None, 422, None),
    ("GET", "/v1/places?q=%00", None, 422, None),
    ("GET", "/v1/places?q=a&limit=21", None, 422, None),
]


async def test_a_bad_request_is_answered_clearly_and_changes_nothing(
    api: Api, subtests: pytest.Subtests
) -> None:
    admin = api.admin
    made = (await admin.post("/v1/reports", json=GOOD)).json()
    before = dump(api.state.db)

    for number, (method, path, body, status, where) in enumerate(REQUESTS):
        with subtests.test(f"{number} {method} {path}"):
            text = json.dumps(body).replace("{incident}", made["incident"]["id"])

            answer = await admin.request(
                method,
                path.replace("{incident}", made["incident"]["id"]),
                content=text.encode() if body is not None else None,
                headers=JSON if body is not None else {},
            )

            assert answer.status_code == status, answer.text
            check_problem(answer, where)
            assert dump(api.state.db) == before


def check_problem(answer: httpx.Response, where: str | None) -> None:
    """Fail where what refuses a request does not say clearly why."""
    if answer.is_error:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.json()["detail"]) > 5
    if answer.status_code == 422:
        faults = answer.json()["errors"]
        assert faults
        assert not [one["detail"] for one in faults if "should" in one["detail"]]  # pydantic's own
    if where is not None:
        assert where in {error["pointer"] for error in answer.json()["errors"]}


async def test_near_words_are_suggested(api: Api) -> None:
    admin = api.admin

    kind = await admin.post("/v1/reports", json={**GOOD, "kind": "fuel_interceptoin"})
    route = await admin.get("/v1/routes/ML-DKR")
    cargo = await admin.get("/v1/routes/ML-DKR-N/rating?cargo=feul")
    rule = await admin.get("/v1/rules/fuel-interceptoin")
    listing = await admin.get("/v1/incidents?route=ML-DKR")

    assert "fuel_interception" in kind.json()["detail"]
    assert "ML-DKR-N" in route.json()["detail"]
    assert "fuel" in cargo.json()["detail"]
    assert "fuel-interception" in rule.json()["detail"]
    assert "ML-DKR-N" in listing.json()["detail"]


async def test_digits_of_other_scripts_are_no_cursor(api: Api) -> None:
    path = "/v1/routes/ML-DKR-N/ratings?cargo=fuel&cursor="

    answer = await api.admin.get(path + encode_cursor("ratings", "²:x"))

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad-cursor"


async def test_reporters_see_no_report_of_others_and_subscribers_none(api: Api) -> None:
    mine = (await api.reporter.post("/v1/reports", json=GOOD)).json()["report"]["id"]
    other = api.client(api.new_key(Scope.REPORTER)[1])

    assert (await api.reporter.get(f"/v1/reports/{mine}")).status_code == 200
    assert (await other.get(f"/v1/reports/{mine}")).status_code == 404
