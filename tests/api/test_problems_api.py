"""Everything that goes wrong is a problem document, whoever found it."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.accounts.keys import Scope
from app.core.errors import DomainError
from app.core.logging import JsonFormatter
from app.delivery.outbox.workers import give_sign
from app.http.fault_words import PATTERNS
from app.http.problems import FAMILIES, explanations, pointer
from tests.harness.api import Api, serving
from tests.harness.effort import counted

JSON = {"Content-Type": "application/json"}


def check_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["type"].removeprefix("/problems/") in explanations()
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


@pytest.mark.alike
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"name": "a"', "delimiter"),
        (b"{'name': 'a'}", "Expecting property name"),
        (b'{"name": "a\xff"}', "not UTF-8"),
        (b'{"name": "a\xed\xa0\x80"}', "not UTF-8"),
        ('{"name": "a"}'.encode("utf-16-le"), "NUL byte"),
        (b'{"name": NaN}', "NaN"),
        (b'{"name": -Infinity}', "-Infinity"),
        (b"[" * 60_000, "nested too deeply"),
        (b"[" * 20_000 + b"NaN" + b"]" * 20_000, "nested too deeply"),
        (b'{"name": ' + b"9" * 5_000 + b"}", "too many digits"),
    ],
)
async def test_what_is_not_json_is_a_400(api: Api, content: bytes, says: str) -> None:
    answer = await api.admin.post("/v1/organisations", content=content, headers=JSON)

    problem = check_problem(answer, 400)
    assert says in problem["detail"]
    assert problem["type"] == "/problems/malformed-json"


@pytest.mark.alike
@pytest.mark.parametrize(
    ("content", "where"),
    [
        (rb'{"name": "a\u0000b"}', "/name"),
        (rb'{"name": "a\ud800b"}', "/name"),
        (rb'{"name": "a", "x": [1, {"y/z": "\uDFFF"}]}', "/x/1/y~1z"),
        (rb'{"na\u0000me": "a"}', ""),
        (rb'"\udc00"', ""),
        (b"\xef\xbb\xbf" + rb'{"name": "a", "x": "\ud800"}', "/x"),
    ],
)
async def test_unusable_characters_are_pointed_at(api: Api, content: bytes, where: str) -> None:
    answer = await api.admin.post("/v1/organisations", content=content, headers=JSON)

    assert [e["pointer"] for e in check_problem(answer, 422)["errors"]] == [where]


@pytest.mark.alike
@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b'{"name": "Union", "kind": "union", "name": "Company"}', ["/name"]),
        (rb'{"name": "Union", "n\u0061me": "Union"}', ["/name"]),
        (
            b'\xef\xbb\xbf{"name": "a", "x": [{}, {"y/z": 1, "y/z": {"b": 1, "b": 2}}]}',
            ["/x/1/y~1z", "/x/1/y~1z/b"],
        ),
        (b"[" + b'{"a":1,"a":2},' * 1_000 + b"1]", [f"/{at}/a" for at in range(20)]),
    ],
)
async def test_of_a_member_that_stands_twice_none_is_taken(
    api: Api, content: bytes, where: list[str]
) -> None:
    answer = await api.admin.post("/v1/organisations", content=content, headers=JSON)

    assert [error["pointer"] for error in check_problem(answer, 422)["errors"]] == where
    assert (await api.admin.get("/v1/organisations")).json()["items"] == []


@pytest.mark.alike
async def test_nobody_without_a_key_keeps_us_busy_with_unusable_characters(api: Api) -> None:
    many = b'[%s"\\ud800"]' % (b'{"a":1},' * 8_000)
    deep = b"[" * 900 + b'"\\ud800",' * 6_000 + b"1" + b"]" * 900
    with counted() as effort:
        answers = [
            await api.client().post("/v1/reports", content=body, headers=JSON)
            for body in (many, deep)
        ]

    assert effort.calls < 200_000
    assert [len(check_problem(one, 422)["errors"]) for one in answers] == [1, 20]


@pytest.mark.alike
async def test_of_faults_without_end_the_first_are_answered(api: Api) -> None:
    entry = {f"m{n}": 1 for n in range(3_000)}

    whole = await api.admin.post("/v1/organisations", json={"name": "Union", **entry})
    batch = await api.admin.post("/v1/reports/batch", json={"reports": [entry]})

    for problem in (check_problem(whole, 422), batch.json()["items"][0]["problem"]):
        assert len(problem["errors"]) == 1_000
        assert "the first 1000" in problem["detail"]


@pytest.mark.parametrize("name", ["Union 🚚", "Société NaN", r"back\slash u0000", "Infinity Ltd"])
async def test_unusual_but_usable_names_are_kept(api: Api, name: str) -> None:
    answer = await api.admin.post(
        "/v1/organisations", content=json.dumps({"name": name}).encode(), headers=JSON
    )

    assert answer.status_code == 201
    assert answer.json()["name"] == name


async def test_nul_in_a_query_is_a_422_and_in_a_path_a_404(api: Api) -> None:
    query = await api.admin.get("/v1/keys?organisation_id=%00")
    path = await api.admin.get("/v1/keys/%00")

    assert check_problem(query, 422)["errors"][0]["parameter"] == "organisation_id"
    check_problem(path, 404)


async def test_a_body_too_large_is_a_413_declared_or_not(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(70):
            yield b" " * 1024

    declared = await api.admin.post("/v1/organisations", json={"name": "a" * 70_000})
    counted = await api.admin.post("/v1/organisations", content=chunks(), headers=JSON)

    check_problem(declared, 413)
    check_problem(counted, 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_a_body_that_is_not_said_to_be_json_is_a_415(api: Api, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}

    answer = await api.admin.post("/v1/organisations", content=b'{"name": "a"}', headers=headers)

    check_problem(answer, 415)


async def test_each_field_at_fault_has_a_pointer(api: Api) -> None:
    answer = await api.admin.post("/v1/keys", json={"scope": "king", "nane": "x"})

    pointers = {error["pointer"] for error in check_problem(answer, 422)["errors"]}
    assert pointers == {"/scope", "/name", "/nane"}


async def test_a_query_parameter_at_fault_is_named(api: Api) -> None:
    answer = await api.admin.get("/v1/keys?limit=201")

    (error,) = check_problem(answer, 422)["errors"]
    assert (error["parameter"], error["in"]) == ("limit", "query")


async def test_every_pattern_that_a_text_must_match_has_words_of_its_own(api: Api) -> None:
    described = (await api.admin.get("/openapi.json")).json()

    used = set(_patterns(described))

    assert used
    assert used <= set(PATTERNS)


def _patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _patterns(one)


async def test_the_allow_header_lists_every_method_of_the_path(api: Api) -> None:
    collection = await api.admin.put("/v1/organisations")
    one = await api.admin.post("/v1/organisations/1")
    batch = await api.admin.delete("/v1/subscriptions/batch")
    undescribed = await api.admin.delete("/openapi.json")

    for answer in (collection, one):
        check_problem(answer, 405)
    assert set(collection.headers["allow"].split(", ")) == {"GET", "POST"}
    assert set(one.headers["allow"].split(", ")) == {"GET", "PUT", "PATCH", "DELETE"}
    assert batch.status_code == 404  # "batch" is a possible id to the router
    assert undescribed.headers["allow"] == "GET"


async def test_head_with_a_key_is_answered_as_get(api: Api) -> None:
    with_key, without = api.moderator, api.client()

    answers = [await with_key.head("/v1/routes"), await with_key.get("/v1/routes")]

    assert [one.status_code for one in answers] == [200, 200]
    lengths = {one.headers["content-length"] for one in answers}
    assert len(lengths) == 1
    assert (await without.head("/v1/gateway/inbound")).status_code == 405


async def test_an_unknown_path_is_a_404(api: Api) -> None:
    check_problem(await api.admin.get("/v1/nothing"), 404)
    check_problem(await api.admin.get("/v1/organisations/"), 404)


async def test_cursors_of_other_listings_are_refused(api: Api) -> None:
    for n in range(2):
        api.organisation(f"Org {n}")
    cursor = (await api.admin.get("/v1/organisations?limit=1")).json()["next"]

    for bad in (cursor[:-4], "x", "%C3%A9", "", "eA"):
        assert check_problem(await api.admin.get(f"/v1/organisations?cursor={bad}"), 422)[
            "type"
        ].endswith("bad-cursor")
    check_problem(await api.admin.get(f"/v1/keys?cursor={cursor}"), 422)


@pytest.mark.alike
async def test_every_code_has_a_page_that_explains_it(api: Api) -> None:
    for code, (status, title, meaning) in explanations().items():
        page = await api.client().get(f"/problems/{code}")
        assert page.status_code == 200
        assert title in page.text.replace("&#x27;", "'")
        assert 400 <= status < 600
        assert meaning
    check_problem(await api.client().get("/problems/nope"), 404)


async def test_a_request_id_is_taken_over_when_it_is_plain(api: Api) -> None:
    plain = await api.client().get("/healthz", headers={"X-Request-Id": "mali-2025.09_01"})
    odd = await api.client().get("/healthz", headers={"X-Request-Id": "a b\tc<script>"})

    assert plain.headers["x-request-id"] == "mali-2025.09_01"
    assert len(odd.headers["x-request-id"]) == 36


async def test_what_breaks_inside_is_a_500_without_its_insides(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    def drop(conn: Any) -> None:
        conn.execute(text("ALTER TABLE audit RENAME TO audit_gone"))

    admin = api.admin
    api.state.db.write_now(drop)
    try:
        with caplog.at_level(logging.ERROR):
            answer = await admin.post("/v1/organisations", json={"name": "Compagnie Secrète"})
    finally:
        api.state.db.write_now(lambda c: c.execute(text("ALTER TABLE audit_gone RENAME TO audit")))

    body = check_problem(answer, 500)
    assert "audit" not in json.dumps(body)
    (record,) = [r for r in caplog.records if r.getMessage() == "request.failed"]
    assert "audit" in JsonFormatter().format(record)


async def test_answers_carry_security_headers(api: Api) -> None:
    answer = await api.client().get("/healthz")

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers


async def test_not_ready_on_a_database_that_was_not_migrated(api: Api) -> None:
    api.state.db.write_now(
        lambda c: give_sign(c, "w", good_for=timedelta(minutes=1), now=api.clock.now())
    )
    before = await api.client().get("/readyz")
    api.state.db.write_now(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    )
    after = await api.client().get("/readyz")

    assert before.status_code == 200
    check_problem(after, 503)
    assert (await api.client().get("/healthz")).status_code == 200


async def test_beyond_its_rate_a_key_is_told_when_to_come_back(api: Api) -> None:
    async with serving(api.state.db, per_minute=60) as slow:
        organisation = slow.organisation()
        client = slow.subscriber(organisation)
        answers = [await client.get("/v1/contacts") for _ in range(11)]
        slow.clock.advance(timedelta(seconds=1))
        later = await client.get("/v1/contacts")
        other = await slow.reporter.get("/v1/contacts")

    assert [a.status_code for a in answers] == [200] * 10 + [429]
    check_problem(answers[-1], 429)
    assert answers[-1].headers["retry-after"] == "1"
    assert later.status_code == 200
    assert other.status_code == 403


async def test_the_description_names_every_answer(api: Api) -> None:
    described = (await api.client().get("/openapi.json")).json()

    assert "HTTPValidationError" not in described["components"]["schemas"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            expected = {"422"}
            if "security" in operation:
                expected |= {"401", "403", "429"}
            if method in {"post", "put", "patch"}:
                expected |= {"400", "404", "408", "409", "413", "415"}
            if "{" in path:
                expected |= {"404"}
            assert expected <= set(operation["responses"]), (method, path)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_the_description_says_when_providers_and_links_should_come_again(api: Api) -> None:
    described = (await api.client().get("/openapi.json")).json()

    unsaid = [
        (method, path)
        for path, operations in described["paths"].items()
        if path.startswith(("/v1/", "/join/", "/ok/"))
        for method, operation in operations.items()
        if "Retry-After" not in operation["responses"].get("503", {}).get("headers", {})
    ]

    assert not unsaid


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_the_description_knows_the_page_that_an_old_link_leads_to(api: Api) -> None:
    described = (await api.client().get("/openapi.json")).json()

    answer = await api.client().post("/v1/unsubscribe/too-old")

    documented = described["paths"]["/v1/unsubscribe/{link}"]["post"]["responses"]["404"]["content"]
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] in documented


async def test_only_providers_and_links_in_mails_need_no_key(api: Api) -> None:
    described = (await api.client().get("/openapi.json")).json()

    without = {
        path
        for path, operations in described["paths"].items()
        for operation in operations.values()
        if path.startswith("/v1/") and "security" not in operation
    }
    assert without
    open_to_all = ("/v1/twilio/", "/v1/gateway/", "/v1/unsubscribe/")
    assert all(path.startswith(open_to_all) for path in without)


def test_every_family_of_errors_has_a_status() -> None:
    families = set(DomainError.__subclasses__())

    assert families == set(FAMILIES)


def test_pointers_are_escaped() -> None:
    assert pointer(["a/b", 0, "m~n"]) == "/a~1b/0/m~0n"


async def test_a_scope_may_be_tried_without_harm(api: Api) -> None:
    answer = await api.client(api.key(Scope.REPORTER)).get("/v1/keys")

    assert "reporter" in check_problem(answer, 403)["detail"]
