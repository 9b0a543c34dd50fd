"""Mail gateways and monitors that ask with HEAD whether a link is dead, before people open it."""

import pytest

from tests.harness.api import Api

LINKS = (
    "/ok/abc",
    "/join/abc",
    "/join/abc/no",
    "/v1/unsubscribe/0198f0f0-0000-7000-8000-000000000000",
    "/healthz",
    "/readyz",
)


@pytest.mark.parametrize("link", LINKS)
async def test_who_asks_only_for_the_head_of_a_public_link_is_told_what_opening_it_would_say(
    api: Api, link: str
) -> None:
    client = api.client()

    opened, asked = await client.get(link), await client.head(link)

    assert asked.status_code == opened.status_code
    assert (
        asked.headers["content-type" if opened.text else "location"]
        == (opened.headers["content-type" if opened.text else "location"])
    )


async def test_the_head_of_a_link_is_no_operation_of_its_own(api: Api) -> None:
    paths = (await api.client().get("/openapi.json")).json()["paths"]

    assert not any("head" in operations for operations in paths.values())
