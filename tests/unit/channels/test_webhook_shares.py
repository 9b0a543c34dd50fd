"""Programs of one organisation that do not answer keep nobody else's waiting."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from threading import Event

import pytest

from app.channels.base import Accepted, Outgoing, Rejected, SendResult
from app.channels.webhook import Webhooks
from app.channels.webhook_endpoint import Endpoint, new_secret
from app.core.clock import SystemClock
from tests.harness.receiver import Receiver, a_receiver


@pytest.fixture
async def silent() -> AsyncIterator[Receiver]:
    async with a_receiver() as found:
        found.silent_s = 1.5
        yield found


@pytest.fixture
async def quick() -> AsyncIterator[Receiver]:
    async with a_receiver() as found:
        yield found


@pytest.fixture
async def channel() -> AsyncIterator[Webhooks]:
    found = Webhooks(clock=SystemClock().now, development=True, timeout_s=1.0, concurrency=8)
    yield found
    await found.close()


def event(url: str, organisation: str, number: int = 0) -> Outgoing:
    return Outgoing(
        delivery_id=f"{organisation}-{number}",
        alert_id="a",
        organisation_id=organisation,
        address=Endpoint(url=url, secret=new_secret()).text(),
        language="fr",
        subject=None,
        text="{}",
        html=None,
    )


async def test_senders_are_free_for_others_while_one_organisation_is_silent(
    channel: Webhooks, silent: Receiver, quick: Receiver
) -> None:
    waiting: asyncio.Queue[Outgoing] = asyncio.Queue()
    for number in range(32):
        waiting.put_nowait(event(silent.url, "silent", number))
    waiting.put_nowait(event(quick.url, "quick"))
    results: dict[str, tuple[SendResult, float]] = {}
    begun = time.monotonic()

    async def sender() -> None:
        while not waiting.empty():
            message = waiting.get_nowait()
            result = await channel.send(message)
            results[message.delivery_id] = result, time.monotonic() - begun

    async with asyncio.TaskGroup() as senders:
        for _ in range(channel.concurrency):
            senders.create_task(sender())

    result, after_s = results.pop("quick-0")
    assert isinstance(result, Accepted)
    assert after_s < 2.0  # four at a time with 1 s each: the 32 before it would take 4 s and more
    codes = {one.code for one, _ in results.values() if isinstance(one, Rejected)}
    assert codes == {"timeout", "busy"}
    assert not any(one.permanent for one, _ in results.values() if isinstance(one, Rejected))


async def test_whose_programs_answer_is_told_everything_at_once(
    channel: Webhooks, quick: Receiver
) -> None:
    found = await asyncio.gather(
        *(channel.send(event(quick.url, "quick", number)) for number in range(20))
    )

    assert {type(one) for one in found} == {Accepted}


async def test_a_name_without_an_answer_keeps_no_other_look_up_waiting(
    channel: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over, real = [], Event(), socket.getaddrinfo

    def of_the_system(host: str, *more: object, **named: object) -> object:
        if host.startswith("slow"):
            asked.append(host)
            over.wait(10)
            raise socket.gaierror("no answer")
        return real(host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", of_the_system)
    try:
        async with asyncio.TaskGroup() as calling:
            calls = [
                calling.create_task(channel.send(event(f"https://slow{n}.example/", f"o{n}")))
                for n in range(32)
            ]
            await asyncio.sleep(0.2)
            async with asyncio.timeout(0.5):
                await asyncio.get_running_loop().getaddrinfo("localhost", 25)
    finally:
        over.set()

    found = [one.result() for one in calls]
    assert len(asked) >= 8
    assert {one.code for one in found if isinstance(one, Rejected)} == {"timeout"}
