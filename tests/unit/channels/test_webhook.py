"""Signed webhooks, over real HTTP, checked by the library that receivers use."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import WebhookVerificationError
from typing_extensions import override

from app.channels.base import Accepted, NotThere, Outgoing, Rejected, SendResult
from app.channels.public_addresses import NotPublicError, is_literal, is_public
from app.channels.public_http import PublicHttp, PublicResolver
from app.channels.webhook import Webhooks, leads_inside
from app.channels.webhook_endpoint import Endpoint, new_secret, read_endpoint, signatures
from app.core.clock import SystemClock
from tests.harness.receiver import Receiver, a_receiver

DELIVERY = "01980000-0000-7000-8000-000000000001"
BODY = '{"version":1,"type":"test","data":{"text":"Diéma"}}'


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as found:
        yield found


def outgoing(endpoint: Endpoint) -> Outgoing:
    return Outgoing(
        delivery_id=DELIVERY,
        alert_id="a",
        address=endpoint.text(),
        language="fr",
        subject=None,
        text=BODY,
        html=None,
    )


async def send(endpoint: Endpoint, **more: Any) -> SendResult:
    given: dict[str, Any] = {"clock": SystemClock().now, "development": True} | more
    channel = Webhooks(**given)
    try:
        return await channel.send(outgoing(endpoint))
    finally:
        await channel.close()


def test_signature_is_that_of_the_specification() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)

    signed = signatures(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=at,
        body=b'{"test": 2432232314}',
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_an_event_arrives_whole_and_verifies(receiver: Receiver) -> None:
    secret = new_secret()

    result = await send(Endpoint(url=receiver.url, secret=secret))

    assert result == Accepted(provider_id=DELIVERY, final=True)
    assert receiver.verified(0, secret)["data"] == {"text": "Diéma"}
    headers, content = receiver.received[0]
    assert content.decode() == BODY
    assert headers["webhook-id"] == DELIVERY
    assert headers["content-type"].startswith("application/json")
    with pytest.raises(WebhookVerificationError):
        receiver.verified(0, new_secret())


async def test_both_secrets_sign_until_the_overlap_ends(receiver: Receiver) -> None:
    old, new, now = new_secret(), new_secret(), SystemClock().now()
    endpoint = Endpoint(url=receiver.url, secret=old)

    await send(endpoint.rotated(new, overlap=timedelta(hours=1), now=now))
    await send(endpoint.rotated(new, overlap=timedelta(0), now=now - timedelta(seconds=1)))

    assert receiver.verified(0, old) == receiver.verified(0, new) == receiver.verified(1, new)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(1, old)


def test_the_vault_gives_back_what_it_was_given() -> None:
    endpoint = Endpoint(url="https://x.example/", secret=new_secret())
    rotated = endpoint.rotated(
        new_secret(), overlap=timedelta(hours=1), now=datetime(2025, 9, 8, tzinfo=UTC)
    )

    assert [read_endpoint(one.text()) for one in (endpoint, rotated)] == [endpoint, rotated]
    assert endpoint.secret not in repr(endpoint)
    with pytest.raises(ValueError, match="no endpoint"):
        read_endpoint("[]")


@pytest.mark.parametrize(
    ("status", "headers", "means"),
    [
        (500, {}, {"permanent": False, "retry_after_s": None}),
        (404, {}, {"permanent": False, "code": "404"}),
        (302, {"Location": "https://x.example/"}, {"permanent": False, "code": "302"}),
        (410, {}, {"permanent": True, "opted_out": True}),
        (429, {"Retry-After": "17"}, {"permanent": False, "retry_after_s": 17.0}),
        (503, {"Retry-After": "soon"}, {"permanent": False, "retry_after_s": None}),
    ],
)
async def test_what_an_answer_means(
    receiver: Receiver, status: int, headers: dict[str, str], means: dict[str, Any]
) -> None:
    receiver.answers, receiver.headers = [status], headers

    result = await send(Endpoint(url=receiver.url, secret=new_secret()))

    assert isinstance(result, Rejected)
    assert {name: getattr(result, name) for name in means} == means
    assert result.scope == "recipient"  # one receiver's trouble is no other's
    assert len(receiver.received) == 1


async def test_no_proxy_of_the_machine_comes_between(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # whoever looks at addresses before connecting must be the one who connects
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    result = await send(Endpoint(url=receiver.url, secret=new_secret()))

    assert isinstance(result, Accepted)


async def test_a_date_to_come_back_is_understood(receiver: Receiver) -> None:
    receiver.answers = [503]
    receiver.headers = {"Retry-After": "Mon, 08 Sep 2025 06:02:00 GMT"}
    now = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)

    result = await send(Endpoint(url=receiver.url, secret=new_secret()), clock=lambda: now)

    assert isinstance(result, Rejected)
    assert result.retry_after_s == 120.0


async def test_silence_is_tried_again_for_the_receiver_knows_an_event_by_its_id(
    receiver: Receiver,
) -> None:
    receiver.silent_s = 600.0
    endpoint = Endpoint(url=receiver.url, secret=new_secret())

    result = await send(endpoint, timeout_s=0.5)

    assert isinstance(result, Rejected)
    assert (result.permanent, result.code) == (False, "timeout")
    channel = Webhooks(clock=SystemClock().now)
    asked = await channel.find(outgoing(endpoint), within=timedelta(minutes=1), known=())
    assert asked == NotThere()


async def test_an_endless_answer_is_not_read(receiver: Receiver) -> None:
    receiver.answers, receiver.body = [200], b"x" * 50_000_000

    result = await send(Endpoint(url=receiver.url, secret=new_secret()), timeout_s=20)

    assert isinstance(result, Accepted)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
        "127.1",
        "2130706433",
        "nowhere",
        "",
    ],
)
def test_these_addresses_are_never_called(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are_and_this_machine_in_development() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2a00:1450:4007:80f::200e")
    assert is_public("127.0.0.1", loopback=True)
    assert not is_public("10.1.2.3", loopback=True)
    assert not is_public("169.254.169.254", loopback=True)
    assert is_literal("0x7f.1")
    assert is_literal("2130706433")
    assert not is_literal("hooks.example.org")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f.1:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://localhost:{port}/",
        "http://127.0.0.1:{port}/",
    ],
)
async def test_no_connection_is_made_inside(receiver: Receiver, url: str) -> None:
    port = receiver.url.split(":")[2].partition("/")[0]
    endpoint = Endpoint(url=url.format(port=port), secret=new_secret())

    result = await send(endpoint, development=False)

    assert isinstance(result, Rejected)
    assert (result.permanent, result.code) == (True, "private_address")
    assert receiver.received == []


class Rebinding(AbstractResolver):
    """A name that has one address when it is looked at and another when it is called."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=self.addresses.pop(0),
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    @override
    async def close(self) -> None:
        return None


async def test_a_name_is_judged_by_the_address_that_is_connected_to(receiver: Receiver) -> None:
    port = receiver.url.split(":")[2].partition("/")[0]
    endpoint = Endpoint(url=f"http://hooks.example:{port}/", secret=new_secret())
    names = Rebinding("127.0.0.1", "169.254.169.254")
    channel = Webhooks(clock=SystemClock().now, development=True, resolver=names)

    first, second = [await channel.send(outgoing(endpoint)) for _ in range(2)]
    await channel.close()

    assert isinstance(first, Accepted)
    assert isinstance(second, Rejected)
    assert second.code == "private_address"
    assert names.addresses == []  # it was asked each time


class Named(Rebinding):
    """A name that has all of its addresses at once."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [await super(Named, self).resolve(host, port, family) for _ in [*self.addresses]]
        return [one for each in found for one in each]


async def test_a_name_with_one_address_inside_has_none_at_all() -> None:
    mixed = PublicResolver(Named("8.8.8.8", "10.0.0.7"), loopback=False)
    public = PublicResolver(Named("8.8.8.8", "9.9.9.9"), loopback=False)

    assert len(await public.resolve("hooks.example")) == 2
    with pytest.raises(NotPublicError):
        await mixed.resolve("hooks.example")


async def test_nothing_is_sent_in_clear_and_its_name_is_not_even_looked_up() -> None:
    endpoint = Endpoint(url="http://hooks.example/", secret=new_secret())
    names = Named("8.8.8.8")

    result = await send(endpoint, development=False, resolver=names)

    assert isinstance(result, Rejected)
    assert result.detail == "not https"
    assert names.addresses == ["8.8.8.8"]


async def test_no_socket_is_opened_for_what_a_resolver_let_through() -> None:
    http = PublicHttp(timeout_s=1.0, connections=1, loopback=False)
    info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))

    with pytest.raises(NotPublicError):
        http._socket(info)
    await http.close()


async def test_where_a_url_leads_is_looked_at_when_it_is_set() -> None:
    assert await leads_inside("https://localhost/", development=False)
    assert await leads_inside("https://192.168.0.1/", development=False)
    assert not await leads_inside("https://localhost/", development=True)
    assert not await leads_inside("https://no-such-host.invalid/", development=False)
