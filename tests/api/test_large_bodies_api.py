"""Nothing of a large body is read before its sender is let in."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from app.http import edge
from app.main import LARGE_BODIES
from tests.harness.api import Api, serving

pytestmark = pytest.mark.alike

JSON = {"Content-Type": "application/json"}
#: Scopes that a scope may do the work of.
MAY = {
    Scope.REPORTER: {Scope.REPORTER, Scope.MODERATOR, Scope.ADMIN},
    Scope.SUBSCRIBER: {Scope.SUBSCRIBER, Scope.ADMIN},
    Scope.MODERATOR: {Scope.MODERATOR, Scope.ADMIN},
    Scope.ADMIN: {Scope.ADMIN},
}


class Body:
    """A large JSON text that knows how much of it was taken."""

    def __init__(self) -> None:
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in (b"[", *([b" " * 65_536] * 15), b"]"):
            self.taken += len(chunk)
            yield chunk


async def post(client: httpx.AsyncClient, path: str) -> tuple[httpx.Response, int]:
    body = Body()
    answer = await client.post(path, content=body, headers=JSON)
    return answer, body.taken


@pytest.mark.parametrize("path", LARGE_BODIES)
async def test_without_a_key_it_is_refused_unread(api: Api, path: str) -> None:
    for client in (api.client(), api.client("sira_nobody_was_given_this")):
        answer, taken = await post(client, path)

        assert (answer.status_code, taken) == (401, 0)
        assert answer.headers["www-authenticate"] == 'Bearer realm="sira"'
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("path", LARGE_BODIES)
async def test_a_key_of_another_scope_is_refused_unread(api: Api, path: str) -> None:
    organisation = api.organisation()
    for scope in Scope:
        owner = organisation if scope is Scope.SUBSCRIBER else None
        answer, taken = await post(api.client(api.key(scope, owner)), path)

        if scope in MAY[LARGE_BODIES[path].scope]:
            assert answer.status_code == 422, (scope, answer.text)
            assert taken > 900_000
        else:
            assert (answer.status_code, taken) == (403, 0), scope


async def test_a_large_body_counts_once_against_the_rate_and_beyond_it_is_unread(
    db: Database,
) -> None:
    async with serving(db, per_minute=12) as api:
        client = api.reporter  # two at once

        sent = [await post(client, "/v1/reports/batch") for _ in range(3)]

    assert [answer.status_code for answer, _ in sent] == [422, 422, 429]
    assert sent[-1][0].headers["retry-after"]
    assert sent[-1][1] == 0


async def test_a_body_that_does_not_come_is_not_waited_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "_LEAST_BYTES_PER_S", 10 * edge.BODY_LIMIT_BYTES)

    async def halting() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(60)
        yield b"}"

    async with asyncio.timeout(30):
        answer = await api.client().post("/v1/reports", content=halting(), headers=JSON)

    assert (answer.status_code, answer.json()["type"]) == (408, "/problems/too-slow")
    assert answer.headers["connection"] == "close"
