"""Signing in and out against other sites, too many guesses and what is no form."""

from datetime import timedelta

import httpx
import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from app.settings import Settings
from tests.harness.api import Api, serving
from tests.harness.visitor import Visitor, forms, visitor

pytestmark = pytest.mark.alike


@pytest.fixture
def someone(closed_site: Api) -> Visitor:
    return visitor(closed_site)


@pytest.mark.parametrize("path", ["/fr/sign-in", "/fr/sign-out"])
@pytest.mark.parametrize("token", ["", "x.y", "other"])
async def test_a_form_without_the_token_of_this_browser_does_nothing(
    closed_site: Api, path: str, token: str
) -> None:
    someone, attacker = visitor(closed_site), visitor(closed_site)
    key = closed_site.key(Scope.REPORTER)
    if path == "/fr/sign-out":
        await someone.sign_in(key)
    else:
        await someone.get(path)
    if token == "other":
        token = forms((await attacker.get("/fr/sign-in")).text)[0].fields["token"]

    answer = await someone.post(path, {"token": token, "key": key})

    assert answer.status_code == 403
    wanted = 200 if path == "/fr/sign-out" else 401
    assert (await someone.get("/fr")).status_code == wanted


@pytest.mark.parametrize("path", ["/fr/sign-in", "/fr/sign-out"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://sira.test.evil.example"},
        {"Origin": "http://[sira.test"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://sira.test"},
    ],
)
async def test_a_form_of_another_site_does_nothing_even_with_the_token(
    closed_site: Api, path: str, headers: dict[str, str]
) -> None:
    someone, key = visitor(closed_site), closed_site.key(Scope.REPORTER)
    if path == "/fr/sign-out":
        await someone.sign_in(key)
    form = forms((await someone.get(path)).text)[0]

    answer = await someone.client.post(path, data={**form.fields, "key": key}, headers=headers)

    assert answer.status_code == 403
    wanted = 200 if path == "/fr/sign-out" else 401
    assert (await someone.get("/fr")).status_code == wanted


async def test_a_browser_that_tells_no_origin_signs_in_too(
    someone: Visitor, closed_site: Api
) -> None:
    form = forms((await someone.get("/fr/sign-in")).text)[0]
    fields = {**form.fields, "key": closed_site.key(Scope.REPORTER)}

    assert (await someone.post("/fr/sign-in", fields, origin=None)).status_code == 303


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://roads.example", 303), ("http://roads.example", 403), ("https://evil.example", 403)],
)
async def test_behind_a_proxy_the_public_address_is_ours(
    db: Database, origin: str, status: int
) -> None:
    settings = Settings(_env_file=None, public_url="https://roads.example")
    async with serving(db, settings=settings) as site:
        someone = visitor(site)  # who is told of by another Host than the public one
        page = await someone.get("/fr/sign-in")
        form = forms(page.text)[0]

        answer = await site.client().post(
            "/fr/sign-in",
            data={**form.fields, "key": site.key(Scope.REPORTER)},
            headers={"Origin": origin, "Cookie": page.headers["set-cookie"].partition(";")[0]},
        )

    assert answer.status_code == status


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/fr//evil.example",
        "/fr/report\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/fr/sign-out",
        "/v1/keys",
        "/fr/../../evil",
        " /fr",
    ],
)
async def test_signing_in_leads_to_no_other_site(closed_site: Api, wanted: str) -> None:
    someone = visitor(closed_site)
    page = await someone.client.get("/fr/sign-in", params={"next": wanted})
    assert forms(page.text)[0].fields["next"] == ""

    answer = await someone.send(page, key=closed_site.key(Scope.REPORTER), next=wanted)

    assert answer.headers["location"] == "/fr/report"


@pytest.mark.parametrize("wanted", ["/", "/fr", "/map", "/en/map?cargo=fuel", "/routes/ML-RN6"])
async def test_signing_in_leads_to_the_page_that_was_wanted(closed_site: Api, wanted: str) -> None:
    someone = visitor(closed_site)
    page = await someone.client.get("/fr/sign-in", params={"next": wanted})

    answer = await someone.send(page, key=closed_site.key(Scope.REPORTER))

    assert answer.headers["location"] == wanted


@pytest.mark.parametrize("name", ["key", "next", "token", "keep"])
async def test_nothing_that_is_sent_comes_back_as_a_part_of_the_page(
    someone: Visitor, name: str
) -> None:
    evil = "\"'><script>alert(1)</script>"

    answer = await someone.send(await someone.get("/fr/sign-in"), **{name: evil})

    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_guesses_are_held_back_by_address(closed_site: Api) -> None:
    someone = visitor(closed_site)
    for _ in range(15):
        page = await someone.get("/fr/sign-in")
        assert (await someone.send(page, key="x")).status_code == 401

    # another language is no other door
    held = await someone.send(await someone.get("/en/sign-in"), key="x")

    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1
    assert "session" not in someone.client.cookies
    closed_site.clock.advance(timedelta(minutes=1))
    page = await someone.get("/fr/sign-in")
    assert (await someone.send(page, key="x")).status_code == 401


async def test_others_behind_one_address_keep_no_live_key_out(closed_site: Api) -> None:
    guessing, reporter, gone = (visitor(closed_site) for _ in range(3))
    key_id, revoked = closed_site.new_key(Scope.REPORTER)
    await closed_site.admin.delete(f"/v1/keys/{key_id}")
    page = await guessing.get("/fr/sign-in")
    codes = [(await guessing.send(page, key="x")).status_code for _ in range(16)]
    assert codes == [401] * 15 + [429]

    page = await gone.get("/fr/sign-in")
    assert (await gone.send(page, key=revoked)).status_code == 429
    assert await reporter.sign_in(closed_site.key(Scope.REPORTER)) == "/fr/report"


async def test_guesses_are_held_back_in_all(closed_site: Api) -> None:
    someone = visitor(closed_site)
    form = forms((await someone.get("/fr/sign-in")).text)[0]
    seen = []
    for number in range(121):
        transport = httpx.ASGITransport(closed_site.app, client=(f"10.0.{number}.1", 1))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://sira.test", cookies=someone.client.cookies
        ) as client:
            answer = await client.post("/fr/sign-in", data={**form.fields, "key": "x"})
        seen.append(answer.status_code)

    assert seen == [401] * 120 + [429]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("text/plain", b"key=x"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(61))),
        ("application/x-www-form-urlencoded", b"key=\xff"),
    ],
)
async def test_what_is_no_form_is_refused(someone: Visitor, kind: str, body: bytes) -> None:
    answer = await someone.client.post("/fr/sign-in", content=body, headers={"Content-Type": kind})

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_browser_is_told_to_send_its_origin(someone: Visitor) -> None:
    assert (await someone.get("/fr/sign-in")).headers["referrer-policy"] == "same-origin"
