"""Twilio through the official client, against a server on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.channels.base import Accepted, Found, InDoubt, NoAnswer, NotThere, Outgoing, Rejected
from app.channels.twilio_errors import Meaning, meaning_of
from app.channels.twilio_sms import TwilioSms
from app.core.clock import ManualClock
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, Fault, fake_twilio
from tests.harness.working import until

PHONE = "+22370000001"
LATELY = timedelta(seconds=5)


def channel(url: str, *, timeout_s: float = 20.0, sender: str = SENDER, **more: str) -> TwilioSms:
    return TwilioSms(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        sender=sender,
        base_url=url,
        timeout_s=timeout_s,
        **more,  # type: ignore[arg-type]
    )


def message(text: str = "GRAVE: RN1 Sandaré-Diéma & détour? 100%+", number: int = 1) -> Outgoing:
    return Outgoing(
        delivery_id=f"0198-{number}",
        alert_id="a",
        address=PHONE,
        language="fr",
        subject=None,
        text=text,
        html=None,
    )


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with fake_twilio() as fake:
        yield fake


async def test_a_message_arrives_whole_with_our_id_in_its_callback(twilio: FakeTwilio) -> None:
    sms = channel(twilio.url, public_url="https://sira.example/")

    result = await sms.send(message())

    sent = twilio.messages[0]
    assert result == Accepted(provider_id=sent["sid"], segments=1)
    assert (sent["to"], sent["body"], sent["sender"]) == (PHONE, message().text, SENDER)
    assert sent["callback"] == "https://sira.example/v1/twilio/status?delivery=0198-1"
    assert twilio.bad_requests == []
    await sms.close()


async def test_a_messaging_service_takes_the_place_of_the_sender(twilio: FakeTwilio) -> None:
    service = "MG" + "a" * 32

    await channel(twilio.url, sender=service).send(message())

    assert twilio.messages[0]["sender"] == service
    assert twilio.messages[0]["callback"] == ""


async def test_hundreds_of_messages_are_in_the_air_at_once(twilio: FakeTwilio) -> None:
    all_there = asyncio.Event()
    twilio.fault = lambda _: Fault(accept=True, until=all_there)
    sms = channel(twilio.url)

    async with asyncio.TaskGroup() as senders:
        sent = [senders.create_task(sms.send(message(number=n))) for n in range(128)]
        await until(lambda: twilio.in_the_air == 128)
        all_there.set()
    results = [one.result() for one in sent]

    assert all(isinstance(result, Accepted) for result in results)


async def test_silence_is_a_doubt_and_comes_at_the_time_out(twilio: FakeTwilio) -> None:
    twilio.fault = lambda _: Fault(accept=True, silent_s=600)

    async with asyncio.timeout(30):
        result = await channel(twilio.url, timeout_s=1.0).send(message())

    assert isinstance(result, InDoubt)
    assert twilio.requests == 1


async def test_a_cut_connection_is_a_doubt(twilio: FakeTwilio) -> None:
    twilio.fault = lambda _: Fault(accept=True, drop=True)

    result = await channel(twilio.url).send(message())

    assert isinstance(result, InDoubt)
    assert twilio.requests == 1


async def test_nobody_listening_means_not_sent() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        result = await channel(f"http://127.0.0.1:{held.getsockname()[1]}").send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope) == (False, "provider")


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_gateway_that_lost_the_answer_leaves_a_doubt(
    twilio: FakeTwilio, status: int
) -> None:
    twilio.fault = lambda _: Fault(status=status, body="Bad Gateway")

    assert isinstance(await channel(twilio.url).send(message()), InDoubt)


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"status": "queued"}', "null"])
async def test_garbage_after_acceptance_is_a_doubt(twilio: FakeTwilio, body: str) -> None:
    twilio.fault = lambda _: Fault(status=201, body=body)

    assert isinstance(await channel(twilio.url).send(message()), InDoubt)


@pytest.mark.parametrize(
    ("fault", "meant"),
    [
        (Fault.error(400, 21211), (True, "recipient", "21211", False)),
        (Fault.error(400, 21408), (True, "recipient", "21408", False)),
        (Fault.error(400, 21610), (True, "recipient", "21610", True)),
        (Fault.error(401, 20003), (True, "account", "20003", False)),
        (Fault.error(429, 63038), (True, "account", "63038", False)),
        (Fault.error(429, 20429), (False, "provider", "20429", False)),
        (Fault(status=503, body="Service Unavailable"), (False, "provider", "503", False)),
        (Fault(status=429, body="<html>"), (False, "provider", "429", False)),
        (Fault(status=400, body='{"code": "x"}'), (True, "recipient", "400", False)),
        (Fault(status=302, body="", headers={"Location": "/"}), (True, "recipient", "302", False)),
    ],
)
async def test_refusals_mean_what_the_table_says(
    twilio: FakeTwilio, fault: Fault, meant: tuple[bool, str, str, bool]
) -> None:
    twilio.fault = lambda _: fault

    result = await channel(twilio.url).send(message())

    assert isinstance(result, Rejected)
    assert (result.permanent, result.scope, result.code, result.opted_out) == meant
    assert PHONE not in repr(result)
    assert twilio.requests == 1


async def test_retry_after_is_handed_on(twilio: FakeTwilio) -> None:
    twilio.fault = lambda _: Fault.error(429, 20429, **{"Retry-After": "7"})

    result = await channel(twilio.url).send(message())

    assert isinstance(result, Rejected)
    assert result.retry_after_s == 7


async def test_the_log_tells_what_was_accepted(twilio: FakeTwilio) -> None:
    sms = channel(twilio.url)
    await sms.send(message("one"))

    sent = twilio.messages[0]["sid"]
    assert await sms.find(message("one"), within=LATELY, known=set()) == Found(
        provider_id=sent, status="queued"
    )
    assert await sms.find(message("one"), within=LATELY, known={sent}) == NotThere()
    assert await sms.find(message("two"), within=LATELY, known=set()) == NotThere()


async def test_what_was_sent_long_before_is_another_message_whatever_the_clocks_say() -> None:
    """Twilio's clock here is that of a day in 2025; ours is not, and neither is asked."""
    theirs = ManualClock(datetime(2025, 9, 6, 8, tzinfo=UTC))
    async with fake_twilio(theirs) as twilio:
        sms = channel(twilio.url)
        await sms.send(message("one"))
        lately = await sms.find(message("one"), within=LATELY, known=set())
        theirs.advance(timedelta(minutes=10))
        again = await sms.find(message("one"), within=LATELY, known=set())
        then = await sms.find(message("one"), within=timedelta(minutes=10), known=set())

    assert lately == then == Found(provider_id=twilio.messages[0]["sid"], status="queued")
    assert again == NotThere()


@pytest.mark.parametrize(
    ("entries", "next_page", "answer"),
    [
        ([], None, NotThere()),
        ([{"sid": "SM1", "body": None, "status": "sent", "date_created": None}], None, NotThere()),
        ([{"sid": "SM1", "body": "one"}], "/?Page=1", Found(provider_id="SM1", status="accepted")),
        ([{"sid": "SM1", "body": "two"}], "/?Page=1", NoAnswer(detail="log longer than a page")),
        ([{"body": "two"}, "no message"], None, NoAnswer(detail="AttributeError")),
    ],
)
async def test_a_page_of_the_log_says_what_is_there_and_whether_more_is(
    entries: list[Any], next_page: str | None, answer: Found | NotThere | NoAnswer
) -> None:
    async with fake_twilio() as twilio:
        twilio.log_page = {"messages": entries, "next_page_uri": next_page}
        found = await channel(twilio.url).find(message("one"), within=LATELY, known=set())

    assert found == answer


async def test_a_log_that_cannot_be_read_is_no_answer() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        sms = channel(f"http://127.0.0.1:{held.getsockname()[1]}")
        answer = await sms.find(message(), within=LATELY, known=set())

    assert isinstance(answer, NoAnswer)


def test_unknown_codes_fall_back_on_the_status() -> None:
    assert meaning_of(99999, 400) is Meaning.PERMANENT
    assert meaning_of(99999, 503) is Meaning.PROVIDER
    assert meaning_of(None, 403) is Meaning.ACCOUNT
