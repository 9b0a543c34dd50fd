"""The worker: fan-out, a lane for each channel, and the settling of doubts, until told to stop."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from app.flows.dispatch import Dispatch, Lane
from app.flows.fan_out import FanOut, fan_out_pending
from app.flows.outcomes.send_answers import Answering, send_answers
from app.flows.outcomes.settle import Settler
from app.flows.people.send_invitations import Inviting, send_invitations
from app.flows.sending.bell import Bell, heard
from app.flows.sending.providers import Providers
from app.flows.sending.tell_duty import Duty, tell_duty

_log = logging.getLogger(__name__)

#: Rest of a part of the worker after it failed for a reason nobody foresaw.
_REST_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker works with.

    Attributes:
        bell: Rung after every commit of this process that makes work.
        listen: Rings what it is given when another process has made work, until cancelled; None
            where no process can call another.
        duty: The person on duty, and what they are told; None: nobody.
        inviting: What invitations take; None: none are sent here.
        answering: What answers by hand take; None: none are sent here.
    """

    fan_out: FanOut
    dispatch: Dispatch
    channels: Mapping[str, Providers]
    bell: Bell
    listen: Callable[[Callable[[], None]], Awaitable[None]] | None = None
    duty: Duty | None = None
    inviting: Inviting | None = None
    answering: Answering | None = None


def new_owner() -> str:
    """Return a name for this process in leases: readable, and never used before."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


async def work(worker: Worker, stop: asyncio.Event) -> None:
    """Run until `stop` is set and the bell is rung; end what is in the air, put back the rest."""
    async with asyncio.TaskGroup() as calls:
        listener = calls.create_task(_listen(worker))
        await _parts(worker, stop)
        listener.cancel()


async def _parts(worker: Worker, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as parts:
        parts.create_task(_keep_up("fan_out", stop, lambda: _fan_out(worker, stop)))
        if duty := worker.duty:
            tell = partial(tell_duty, duty, worker.channels)
            parts.create_task(_keep_up("duty", stop, lambda: _in_turn(worker, stop, tell)))
        if inviting := worker.inviting:
            send = partial(send_invitations, inviting, worker.channels)
            parts.create_task(_keep_up("invite", stop, lambda: _in_turn(worker, stop, send)))
        if answering := worker.answering:
            answer = partial(send_answers, answering, worker.channels)
            parts.create_task(_keep_up("answer", stop, lambda: _in_turn(worker, stop, answer)))
        for channel in worker.channels.values():
            lane = f"lane {channel.kind}"
            parts.create_task(_keep_up(lane, stop, lambda c=channel: _lane(worker, c, stop)))  # type: ignore[misc]
            parts.create_task(
                _keep_up(f"settle {channel.kind}", stop, lambda c=channel: _settle(worker, c, stop))  # type: ignore[misc]
            )


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """Work for as long as the context is open, then stop gracefully and close the channels."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(work(worker, stop))
        try:
            yield
        finally:
            stop.set()
            worker.bell.ring()
    for channel in worker.channels.values():
        await channel.close()


async def _listen(worker: Worker) -> None:
    if worker.listen is not None:
        await worker.listen(worker.bell.ring)


async def _fan_out(worker: Worker, stop: asyncio.Event) -> None:
    called = worker.bell.listen()
    try:
        while not stop.is_set():
            called.clear()
            await fan_out_pending(worker.fan_out)
            await heard(called, within_s=worker.dispatch.policy.poll.total_seconds())
    finally:
        worker.bell.forget(called)


async def _lane(worker: Worker, channel: Providers, stop: asyncio.Event) -> None:
    await Lane(channel, worker.dispatch, worker.bell).run(stop)


async def _settle(worker: Worker, channel: Providers, stop: asyncio.Event) -> None:
    """Doubts have time: nothing calls for them but the clock."""
    settler = Settler(channel, worker.dispatch, stop)

    async def settle() -> None:
        if await settler.settle():
            worker.bell.ring()

    await _in_turn(worker, stop, settle)


async def _in_turn(
    worker: Worker, stop: asyncio.Event, errand: Callable[[], Awaitable[object]]
) -> None:
    """Run an errand now and then, for as long as the worker works."""
    poll_s = worker.dispatch.policy.poll.total_seconds()
    ended = worker.bell.listen()
    try:
        while not stop.is_set():
            await errand()
            due = asyncio.get_running_loop().time() + poll_s
            while not stop.is_set() and (left := due - asyncio.get_running_loop().time()) > 0:
                ended.clear()
                await heard(ended, within_s=left)
    finally:
        worker.bell.forget(ended)


async def _keep_up(name: str, stop: asyncio.Event, part: Callable[[], Awaitable[None]]) -> None:
    """Run a part of the worker; one that fails starts again while the others go on."""
    while not stop.is_set():
        try:
            await part()
        except Exception:  # noqa: BLE001 - a worker that dies tells nobody
            _log.exception("worker.part_failed", extra={"part": name})
            await asyncio.sleep(_REST_S)
