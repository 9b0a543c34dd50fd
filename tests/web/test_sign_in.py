"""Signing in by key: what opens, what does not, and what ends a session."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import store
from app.accounts.keys import Scope
from app.accounts.sessions import SESSIONS_PER_KEY, new_token
from app.db.engine import Database
from app.db.tables import SessionRow
from app.http.key_cache import REMEMBERED_FOR
from app.settings import Settings
from tests.harness.api import Api, serving
from tests.harness.html import read
from tests.harness.visitor import Visitor, visitor

HOMES = {
    Scope.REPORTER: "/fr/report",
    Scope.SUBSCRIBER: "/fr/my",
    Scope.MODERATOR: "/fr/desk",
    Scope.ADMIN: "/fr/desk",
}
CLOSED = ("/fr", "/en/routes/ML-DKR-N", "/map")


@pytest.fixture
def someone(closed_site: Api) -> Visitor:
    return visitor(closed_site)


@pytest.mark.parametrize("scope", Scope)
async def test_who_signs_in_reads_what_is_closed(closed_site: Api, scope: Scope) -> None:
    someone = visitor(closed_site)
    organisation = closed_site.organisation() if scope is Scope.SUBSCRIBER else None
    for path in CLOSED:
        assert (await someone.get(path)).status_code == 401

    after = await someone.sign_in(closed_site.key(scope, organisation))

    assert after == HOMES[scope]
    for path in CLOSED:
        answer = await someone.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"


async def test_a_closed_page_leads_to_the_form_and_back(someone: Visitor, closed_site: Api) -> None:
    closed = await someone.get("/en/routes/ML-DKR-N")
    (link,) = [one for one in read(closed.text).values("href") if "sign-in" in one]

    after = await someone.sign_in(closed_site.key(Scope.MODERATOR), path=link)

    assert after == "/en/routes/ML-DKR-N"


async def test_the_cookie_is_for_this_server_alone_and_holds_no_key(
    someone: Visitor, closed_site: Api
) -> None:
    page = await someone.get("/fr/sign-in")
    answer = await someone.send(page, key=closed_site.key(Scope.REPORTER), keep="1")

    kept, gone = answer.headers.get_list("set-cookie")
    ways = "HttpOnly; SameSite"
    assert kept == f"session={someone.token}; Path=/; Max-Age=604800; {ways}=Lax"
    assert gone == f"visit=; Path=/; Max-Age=0; {ways}=Strict"
    assert closed_site.key(Scope.REPORTER) not in str(answer.headers)


async def test_over_https_the_cookie_is_secure_and_no_other_host_can_plant_it(
    db: Database,
) -> None:
    settings = Settings(_env_file=None, public_url="https://sira.test")
    async with serving(db, settings=settings) as site:
        someone = visitor(site)
        someone.client.base_url = "https://sira.test"
        page = await someone.get("/fr/sign-in")
        assert "SameSite=Strict" in page.headers["set-cookie"]

        answer = await someone.send(page, origin="https://sira.test", key=site.key(Scope.REPORTER))

        kept = answer.headers.get_list("set-cookie")[0]
        assert kept.startswith("__Host-session=")
        assert "; Secure" in kept
        assert "Max-Age" not in kept
        assert (await someone.get("/fr")).status_code == 200


async def test_a_session_is_kept_as_a_hash(someone: Visitor, closed_site: Api) -> None:
    await someone.sign_in(closed_site.key(Scope.REPORTER))

    (row,) = closed_site.state.db.read_now(
        lambda conn: conn.execute(select(SessionRow.__table__)).mappings().all()
    )
    assert someone.token not in str(dict(row))


async def test_wrong_unknown_revoked_and_expired_keys_get_the_same_answer(
    closed_site: Api,
) -> None:
    revoked_id, revoked = closed_site.new_key(Scope.REPORTER)
    assert (await closed_site.admin.delete(f"/v1/keys/{revoked_id}")).status_code == 204
    _, expired = closed_site.new_key(Scope.REPORTER, expires_at=closed_site.clock.now())
    unknown = f"sira_r_{'x' * 43}"
    seen = set()
    for key in ("", "letmein", unknown, revoked, expired):
        someone = visitor(closed_site)
        answer = await someone.send(await someone.get("/fr/sign-in"), key=key)
        assert answer.status_code == 401
        assert "session" not in someone.client.cookies
        assert not key or key not in answer.text
        seen.add(read(answer.text).words)
    assert len(seen) == 1


async def test_a_key_pasted_with_blanks_and_breaks_is_the_key(
    someone: Visitor, closed_site: Api
) -> None:
    key = closed_site.key(Scope.REPORTER)

    assert await someone.sign_in(f" {key[:20]}\r\n{key[20:]} ") == "/fr/report"


async def test_a_token_planted_before_signing_in_opens_nothing(
    someone: Visitor, closed_site: Api
) -> None:
    planted = new_token()
    someone.client.cookies.set("session", planted)

    await someone.sign_in(closed_site.key(Scope.ADMIN))

    attacker = visitor(closed_site)
    attacker.client.cookies.set("session", planted)
    assert (await attacker.get("/fr")).status_code == 401
    assert f"session={planted}" not in someone.client.headers.get("cookie", "")


async def test_signing_in_again_makes_a_new_token_and_ends_the_old(
    someone: Visitor, closed_site: Api
) -> None:
    await someone.sign_in(closed_site.key(Scope.REPORTER))
    before = someone.token
    await someone.sign_in(closed_site.key(Scope.MODERATOR))

    assert someone.token != before
    other = visitor(closed_site)
    other.client.cookies.set("session", before)
    assert (await other.get("/fr")).status_code == 401


@pytest.mark.alike
@pytest.mark.parametrize("what", ["revoked", "expired", "organisation gone"])
async def test_a_session_ends_with_its_key(closed_site: Api, what: str) -> None:
    someone, organisation = visitor(closed_site), closed_site.organisation()
    ends = closed_site.clock.now() + timedelta(hours=1)
    key_id, key = closed_site.new_key(Scope.SUBSCRIBER, organisation, expires_at=ends)
    await someone.sign_in(key)
    assert (await someone.get("/fr")).status_code == 200

    if what == "revoked":
        await closed_site.admin.delete(f"/v1/keys/{key_id}")
    elif what == "expired":
        closed_site.clock.advance(timedelta(hours=1))
    else:
        assert (await closed_site.admin.delete(f"/v1/organisations/{organisation}")).is_success

    assert (await someone.get("/fr")).status_code == 401


async def test_a_key_revoked_by_another_process_ends_it_seconds_later(
    someone: Visitor, closed_site: Api
) -> None:
    key_id, key = closed_site.new_key(Scope.REPORTER)
    await someone.sign_in(key)
    assert (await someone.get("/fr")).status_code == 200
    now = closed_site.clock.now()
    closed_site.state.db.write_now(lambda conn: store.revoke_key(conn, key_id, now=now))

    closed_site.clock.advance(REMEMBERED_FOR)

    assert (await someone.get("/fr")).status_code == 401


@pytest.mark.parametrize(
    ("scope", "keep", "hours"),
    [(Scope.REPORTER, "", 12), (Scope.REPORTER, "1", 7 * 24), (Scope.ADMIN, "1", 12)],
)
async def test_a_session_is_over_in_time(
    closed_site: Api, scope: Scope, keep: str, hours: int
) -> None:
    someone = visitor(closed_site)
    await someone.sign_in(closed_site.key(scope), keep=keep)
    closed_site.clock.advance(timedelta(hours=hours) - timedelta(seconds=1))
    assert (await someone.get("/fr")).status_code == 200

    closed_site.clock.advance(timedelta(seconds=1))

    assert (await someone.get("/fr")).status_code == 401


async def test_signing_out_ends_this_session_and_no_other(closed_site: Api) -> None:
    here, there = visitor(closed_site), visitor(closed_site)
    for one in (here, there):
        await one.sign_in(closed_site.key(Scope.REPORTER))
    token = here.token
    await here.get("/fr/routes/ML-DKR-N?cargo=goods")

    answer = await here.send(await here.get("/fr/sign-out"))

    assert "Vous êtes déconnecté" in read(answer.text).words
    assert dict(here.client.cookies) == {}
    thief = visitor(closed_site)
    thief.client.cookies.set("session", token)
    assert (await thief.get("/fr")).status_code == 401
    assert (await there.get("/fr")).status_code == 200


async def test_signing_out_everywhere_ends_every_session_of_the_key(closed_site: Api) -> None:
    here, there, other = (visitor(closed_site) for _ in range(3))
    for one in (here, there):
        await one.sign_in(closed_site.key(Scope.REPORTER))
    await other.sign_in(closed_site.key(Scope.MODERATOR))

    await here.send(await here.get("/en/sign-out"), everywhere="1")

    assert (await there.get("/fr")).status_code == 401
    assert (await other.get("/fr")).status_code == 200
    assert await there.sign_in(closed_site.key(Scope.REPORTER)) == "/fr/report"


async def test_a_link_signs_nobody_out(someone: Visitor, closed_site: Api) -> None:
    await someone.sign_in(closed_site.key(Scope.REPORTER))
    await someone.get("/fr/sign-out")

    assert (await someone.get("/fr")).status_code == 200


async def test_the_oldest_of_too_many_sessions_makes_room(
    closed_site: Api, someone: Visitor
) -> None:
    await someone.sign_in(closed_site.key(Scope.REPORTER))
    for _ in range(SESSIONS_PER_KEY):
        closed_site.clock.advance(timedelta(seconds=5))
        await visitor(closed_site).sign_in(closed_site.key(Scope.REPORTER))

    assert (await someone.get("/fr")).status_code == 401


@pytest.mark.parametrize(("scope", "entries"), [(Scope.REPORTER, 0), (Scope.MODERATOR, 1)])
async def test_when_the_desk_signs_in_is_on_record_and_when_reporters_do_is_not(
    closed_site: Api, scope: Scope, entries: int
) -> None:
    await visitor(closed_site).sign_in(closed_site.key(scope))

    items = (await closed_site.admin.get("/v1/audit")).json()["items"]

    assert [one["action"] for one in items].count("session.opened") == entries
