"""Programs of one organisation that do not answer keep nobody else's waiting."""

import asyncio
import socket
from collections.abc import AsyncIterator
from threading import Event

import pytest

from app.channels.base import Accepted, Outgoing, Rejected, SendResult
from app.channels.webhook import Webhooks, leads_inside
from app.channels.webhook_endpoint import Endpoint, new_secret
from app.core.clock import SystemClock
from tests.harness.receiver import Receiver, a_receiver
from tests.harness.working import until


@pytest.fixture
async def silent() -> AsyncIterator[Receiver]:
    async with a_receiver() as found:
        found.until = asyncio.Event()
        yield found


@pytest.fixture
async def quick() -> AsyncIterator[Receiver]:
    async with a_receiver() as found:
        yield found


@pytest.fixture
async def channel() -> AsyncIterator[Webhooks]:
    found = Webhooks(clock=SystemClock().now, development=True, timeout_s=20.0, concurrency=8)
    yield found
    await found.close()


@pytest.fixture
async def hasty() -> AsyncIterator[Webhooks]:
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
    results: dict[str, SendResult] = {}

    async def sender() -> None:
        while not waiting.empty():
            message = waiting.get_nowait()
            results[message.delivery_id] = await channel.send(message)

    async with asyncio.TaskGroup() as senders:
        for _ in range(channel.concurrency):
            senders.create_task(sender())
        await until(lambda: "quick-0" in results)
        before = dict(results)
        assert silent.until is not None
        silent.until.set()

    assert isinstance(before.pop("quick-0"), Accepted)
    # whoever went before it made room at once; nobody was waited for
    told = {
        (type(one), one.permanent, one.code) for one in before.values() if isinstance(one, Rejected)
    }
    assert told == {(Rejected, False, "busy")}
    assert sum(isinstance(one, Accepted) for one in results.values()) == 1 + len(silent.received)


async def test_whose_programs_answer_is_told_everything_at_once(quick: Receiver) -> None:
    # on a busy machine twenty answers take longer than a turn
    patient = Webhooks(clock=SystemClock().now, development=True, concurrency=8, turn_s=60.0)
    found = await asyncio.gather(
        *(patient.send(event(quick.url, "quick", number)) for number in range(20))
    )
    await patient.close()

    assert {type(one) for one in found} == {Accepted}


async def test_a_name_without_an_answer_keeps_no_other_look_up_waiting(
    hasty: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, over, real = [], Event(), socket.getaddrinfo

    def of_the_system(host: str, *more: object, **named: object) -> object:
        if host.startswith("slow"):
            asked.append(host)
            over.wait(50)
            raise socket.gaierror("no answer")
        return real(host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", of_the_system)
    try:
        async with asyncio.TaskGroup() as calling:
            calls = [
                calling.create_task(hasty.send(event(f"https://slow{n}.example/", f"o{n}")))
                for n in range(32)
            ]
            await until(lambda: len(asked) >= 8)
            async with asyncio.timeout(20):
                await asyncio.get_running_loop().getaddrinfo("localhost", 25)
    finally:
        over.set()

    found = [one.result() for one in calls]
    assert {one.code for one in found if isinstance(one, Rejected)} == {"timeout"}


async def test_names_of_webhooks_being_set_keep_no_event_waiting(
    channel: Webhooks, quick: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets them owns their name servers, and a look-up outlives whoever asked."""
    over, real = Event(), socket.getaddrinfo

    def of_the_system(host: str, *more: object, **named: object) -> object:
        if host.endswith(".slow.example"):
            over.wait(10)
            raise OSError("no answer")
        return real(host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", of_the_system)
    async with asyncio.TaskGroup() as setting:
        for number in range(200):
            url = f"https://n{number}.slow.example/"
            setting.create_task(leads_inside(url, development=False))
        await asyncio.sleep(0.1)
        result = await channel.send(event(quick.url.replace("127.0.0.1", "localhost"), "quick"))
        over.set()

    assert isinstance(result, Accepted)
