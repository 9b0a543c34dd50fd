"""A gateway that speaks Kannel's sendsms: a stand-in on loopback, and Kannel itself."""

import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from app.channels.base import Accepted, InDoubt, Outgoing, Rejected, seconds_asked
from app.channels.gateway_links import report_token, report_url
from app.channels.gateway_replies import word_of
from app.channels.http_gateway import HttpGateway
from tests.harness import kannel as real
from tests.harness.gateway import PASSWORD, SENDER, USER, FakeGateway, fake_gateway
from tests.harness.twilio import Fault
from tests.harness.working import until

PHONE = "+22370000001"
DELIVERY = "01980000-0000-7000-8000-000000000001"


def channel(url: str, **more: Any) -> HttpGateway:
    given: dict[str, Any] = {"username": USER, "password": PASSWORD, "sender": SENDER}
    return HttpGateway(url=url, **given | {"timeout_s": 20.0} | more)


def message(text: str = "GRAVE: RN1 Sandaré & détour? 100%+", **more: str) -> Outgoing:
    given: dict[str, Any] = {"delivery_id": DELIVERY, "address": PHONE} | more
    return Outgoing(alert_id="a", language="fr", subject=None, text=text, html=None, **given)


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with fake_gateway() as fake:
        yield fake


async def test_a_message_arrives_whole_and_says_where_to_report(gateway: FakeGateway) -> None:
    sms = channel(gateway.url, public_url="https://sira.example")

    result = await sms.send(message())

    assert result == Accepted(provider_id=DELIVERY)
    (sent,) = gateway.messages
    assert (sent["to"], sent["text"], sent["from"]) == (PHONE, message().text, SENDER)
    assert (sent["coding"], sent["dlr-mask"]) == ("0", "31")
    assert sent["dlr-url"] == report_url("https://sira.example", PASSWORD, DELIVERY)
    await sms.close()


async def test_letters_outside_gsm_go_as_unicode(gateway: FakeGateway) -> None:
    await channel(gateway.url).send(message("ʂ Kayes ɲ"))

    assert gateway.messages[0]["coding"] == "2"
    assert "dlr-url" not in gateway.messages[0]


@pytest.mark.parametrize(
    ("fault", "meant"),
    [
        (Fault(status=403, body="Authorization failed for sendsms"), (True, "account", "403")),
        (Fault(status=403, body="Not routable. Do not try again."), (True, "recipient", "403")),
        (
            Fault(status=400, body="Number(s) has/have been denied by white- and/or black-lists."),
            (True, "recipient", "400"),
        ),
        (Fault(status=400, body="Missing receiver number"), (True, "recipient", "400")),
        (Fault(status=402, body="no credit"), (True, "account", "402")),
        (Fault(status=404, body="Unknown request."), (True, "account", "404")),
        (Fault(status=429, body="slower"), (False, "provider", "429")),
        (Fault(status=503, body="Temporal failure, try again later."), (False, "provider", "503")),
        (Fault(status=302, body="", headers={"Location": "/"}), (False, "provider", "302")),
    ],
)
async def test_refusals_mean_what_the_table_says(
    gateway: FakeGateway, fault: Fault, meant: tuple[bool, str, str]
) -> None:
    gateway.fault = lambda _: fault

    result = await channel(gateway.url).send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope, result.code) == meant
    assert gateway.requests == 1


async def test_a_rest_that_the_gateway_asks_for_is_passed_on(gateway: FakeGateway) -> None:
    gateway.fault = lambda _: Fault(status=429, body="", headers={"Retry-After": "7"})

    result = await channel(gateway.url).send(message())

    assert isinstance(result, Rejected)
    assert result.retry_after_s == 7.0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), (" 120 ", 120.0), ("9" * 400, 999_999_999.0), ("²", None), ("soon", None)],
)
def test_however_long_a_pause_a_provider_asks_for_it_is_a_span_of_time(
    said: str, seconds: float | None
) -> None:
    asked = seconds_asked(said)

    assert asked == seconds
    assert timedelta(seconds=asked or 0.0) < timedelta.max


async def test_a_refusal_does_not_quote_the_number(gateway: FakeGateway) -> None:
    gateway.fault = lambda _: Fault(status=400, body=f"cannot send to {PHONE}")

    assert PHONE not in repr(await channel(gateway.url).send(message()))


@pytest.mark.parametrize(
    "fault",
    [
        Fault(accept=True, silent_s=600),
        Fault(accept=True, drop=True),
        Fault(status=500, body="lost it"),
        Fault(status=502, body="Bad Gateway"),
        Fault(status=504, body="Gateway Timeout"),
        Fault(status=202, body="<html>"),
        Fault(status=200, body=""),
    ],
)
async def test_what_is_not_clear_is_a_doubt(gateway: FakeGateway, fault: Fault) -> None:
    gateway.fault = lambda _: fault
    patience_s = 1.0 if fault.silent_s else 20.0

    assert isinstance(await channel(gateway.url, timeout_s=patience_s).send(message()), InDoubt)
    assert gateway.requests == 1


async def test_nobody_listening_means_not_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}/cgi-bin/sendsms"
        result = await channel(url).send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope) == (False, "provider")


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (1, "delivered"),
        (2, "undelivered"),
        (4, "queued"),
        (8, "sent"),
        (16, "failed"),
        (9, "delivered"),  # delivered and taken, in one report
        (18, "undelivered"),
        (0, None),
        (32, None),
    ],
)
def test_reports_are_read_by_their_bits(kind: int, word: str | None) -> None:
    assert word_of(kind) == word


def test_a_token_is_of_one_delivery_and_one_password() -> None:
    other = DELIVERY.replace("1", "2")
    tokens = {
        report_token(PASSWORD, DELIVERY),
        report_token(PASSWORD, other),
        report_token("x", DELIVERY),
    }
    assert len(tokens) == 3
    assert all(len(token) == 32 for token in tokens)


class TestWithKannel:
    """The same against the real thing."""

    async def test_kannel_takes_a_message_and_reports_with_our_token(self, tmp_path: Path) -> None:
        reports: list[dict[str, list[str]]] = []

        async def report(request: web.Request) -> web.Response:
            reports.append(parse_qs(urlsplit(str(request.rel_url)).query, keep_blank_values=True))
            return web.Response(status=204)

        app = web.Application()
        app.router.add_get("/v1/gateway/status", report)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        public_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        texts = ["GRAVE: RN1 Sandaré & détour? 100%+ [x] € à", "ʂ Kayes", "x" * 300]
        try:
            async with real.kannel(tmp_path) as kannel:
                sms = HttpGateway(
                    url=kannel.url,
                    username=real.USER,
                    password=real.PASSWORD,
                    sender=real.SENDER,
                    public_url=public_url,
                )
                results = [
                    await sms.send(message(text, delivery_id=f"{DELIVERY[:-1]}{n}"))
                    for n, text in enumerate(texts)
                ]
                await until(lambda: len(reports) >= 6 and len(kannel.heard()) >= 4, within_s=50)
                await sms.close()
                heard = kannel.heard()
        finally:
            await runner.cleanup()

        assert [type(result) for result in results] == [Accepted] * 3
        assert heard[0] == f"Sira {PHONE} text {texts[0]}"
        assert heard[1].startswith(f"Sira {PHONE} ucs-2 %02%82%00+")
        assert (
            sum("udh" in one for one in heard) == 2
        )  # 300 letters: two parts, joined on the phone
        for n in range(3):
            delivery = f"{DELIVERY[:-1]}{n}"
            ours = [one for one in reports if one["delivery"] == [delivery]]
            assert {word_of(int(one["type"][0])) for one in ours} == {"sent", "delivered"}
            assert {one["token"][0] for one in ours} == {report_token(real.PASSWORD, delivery)}

    async def test_kannels_refusals_are_in_the_table(self, tmp_path: Path) -> None:
        async with real.kannel(tmp_path) as kannel:
            given = {"username": real.USER, "password": real.PASSWORD, "sender": real.SENDER}
            refused = {
                "address": await channel(kannel.url, **given).send(message(address="")),
                "password": await channel(kannel.url, **given | {"password": "x"}).send(message()),
                "url": await channel(f"{kannel.url}x", **given).send(message()),
            }

        meant = {
            name: (result.permanent, result.scope)
            for name, result in refused.items()
            if isinstance(result, Rejected)
        }
        assert meant == {
            "address": (True, "recipient"),
            "password": (True, "account"),
            "url": (True, "account"),
        }

    async def test_kannel_without_a_line_keeps_the_message(self, tmp_path: Path) -> None:
        async with real.kannel(tmp_path, operator=False) as kannel:
            given = {"username": real.USER, "password": real.PASSWORD, "sender": real.SENDER}
            result = await channel(kannel.url, **given).send(message())

        assert isinstance(result, Accepted)
