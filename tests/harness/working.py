"""A whole worker over a test database, with providers on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from app.channels.base import Channel
from app.core.clock import Clock
from app.delivery.policy import DeliveryPolicy
from app.delivery.routing import RoutingPolicy
from app.flows.dispatch import Dispatch
from app.flows.fan_out import FanOut
from app.flows.people.opt_out import opt_out_by_delivery
from app.flows.sending.bell import Bell
from app.flows.sending.providers import Choosing, Providers
from app.jobs.worker import Worker, working
from tests.harness.outbox import Outbox

POLICY = DeliveryPolicy(poll=timedelta(milliseconds=100), batch=50)


def a_worker(
    outbox: Outbox,
    clock: Clock,
    *channels: Channel,
    policy: DeliveryPolicy = POLICY,
    owner: str = "w1",
) -> Worker:
    """Return a worker whose texts are those that the alerts of `outbox` brought along."""
    bell = Bell()
    return Worker(
        fan_out=FanOut(
            db=outbox.db,
            clock=clock,
            render=lambda _: (),
            languages=["fr", "en"],
            chunk=policy.fan_out_chunk,
            made=bell.ring,
            render_digest=lambda _: (),
        ),
        dispatch=Dispatch(
            db=outbox.db,
            clock=clock,
            policy=policy,
            open_address=lambda sealed, contact, channel: outbox.vault.open(
                sealed, row_id=contact, field=channel
            ),
            opted_out=lambda conn, delivery: opt_out_by_delivery(conn, delivery, now=clock.now()),
            owner=owner,
        ),
        channels={
            channel.kind: channel
            if isinstance(channel, Providers)
            else Providers(
                [channel],
                Choosing(db=outbox.db, clock=clock, policy=policy, routing=RoutingPolicy()),
            )
            for channel in channels
        },
        bell=bell,
    )


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[Worker]:
    """Let `worker` work for as long as the context is open."""
    async with working(worker):
        yield worker


async def until(condition: Callable[[], object], *, within_s: float = 60.0) -> None:
    """Wait until `condition` holds.

    Raises:
        TimeoutError: It does not in time.
    """
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for is in a database
            await asyncio.sleep(0.01)
