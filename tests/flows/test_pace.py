"""Messages that wait for a provider's pace, or for a worker: who goes first, and who goes back."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from app.channels.base import Accepted, Outgoing, TooLateError
from app.core.clock import ManualClock
from app.core.levels import Level
from app.delivery.outbox import listing
from app.delivery.routing import Provider, RoutingPolicy
from app.flows.sending.door import Door
from tests.harness.carriers import carriers
from tests.harness.outbox import Outbox
from tests.harness.working import POLICY, a_worker, at_work, until

ONLY_TWILIO = RoutingPolicy(
    providers=(Provider(name="twilio"), Provider(name="gateway", prefixes=("+1",)))
)


def a_message(number: int, *, urgency: int = 0) -> Outgoing:
    return Outgoing(
        delivery_id=f"d{number}",
        alert_id="a",
        address=f"+2237100{number:04d}",
        language="fr",
        subject=None,
        text="GRAVE",
        html=None,
        urgency=urgency,
    )


async def test_a_slow_sender_is_never_sent_faster_nor_waited_for_past_the_claim(
    outbox: Outbox, clock: ManualClock
) -> None:
    slow = replace(POLICY, per_second={"twilio": 5.0}, lease=timedelta(seconds=4))
    async with carriers(outbox, clock, policy=slow, routing=ONLY_TWILIO) as carried:
        answers = await asyncio.gather(
            *(carried.sms.send(a_message(number)) for number in range(100)), return_exceptions=True
        )

    # a second's worth; the others go back, and nothing is held against them
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    assert 1 <= len(accepted) == len(carried.twilio.messages) <= 10
    assert sum(isinstance(answer, TooLateError) for answer in answers) == 100 - len(accepted)


async def test_a_severe_warning_passes_everything_that_is_claimed_and_waits(
    outbox: Outbox, clock: ManualClock
) -> None:
    """Hundreds of lower alerts are in this worker's hands, and only as many go out as may."""
    paced = replace(POLICY, per_second={"twilio": 6.0}, batch=100)
    for number in range(400):
        outbox.contact(phone=f"+2237100{number:04d}")
    lower = outbox.alert(level=Level.HIGH)
    async with (
        carriers(outbox, clock, policy=paced, routing=ONLY_TWILIO) as carried,
        at_work(carried.worker),
    ):
        outbox.fan_out(lower)
        await until(lambda: len(carried.twilio.messages) >= 5)

        outbox.contact(phone="+22376999999", routes=["ML-GAO"])
        severe = outbox.alert(level=Level.SEVERE, route="ML-GAO")
        outbox.fan_out(severe)
        before = len(carried.twilio.messages)
        carried.worker.bell.ring()
        await until(lambda: carried.twilio.to("+22376999999"))
        after = len(carried.twilio.messages)

    # those that had passed the door, and what a busy machine let out in the seconds to the claim
    assert after - before < 30
    counts = outbox.db.read_now(lambda conn: listing.counts(conn, lower))
    assert sum(counts.values()) == 400
    assert "sending" not in counts  # put back when the worker stopped


async def test_the_most_urgent_enters_first_and_then_the_first_to_come() -> None:
    door, entered = Door(), []

    async def visit(urgency: int) -> None:
        await door.enter(urgency, within_s=60)
        entered.append(urgency)
        await asyncio.sleep(0)
        door.leave()

    async with asyncio.TaskGroup() as visits:
        for urgency in (3, 2, 4, 0, 2, 0):
            visits.create_task(visit(urgency))

    assert entered == [3, 0, 0, 2, 2, 4]


async def test_whoever_gives_up_waiting_keeps_nobody_out() -> None:
    door = Door()
    await door.enter(0, within_s=60)
    entered: Counter[str] = Counter()

    async def visit(name: str) -> None:
        await door.enter(1, within_s=60)
        entered[name] += 1
        door.leave()

    async with asyncio.TaskGroup() as visits:
        first = visits.create_task(visit("first"))
        visits.create_task(visit("second"))
        await asyncio.sleep(0)
        door.leave()  # it is the first one's turn, who is gone before he knows
        first.cancel()

    assert entered == {"second": 1}


class Prompt:
    """A provider that takes hundreds at once and answers all of them in one moment."""

    name, kind, concurrency = "prompt", "sms", 400

    def __init__(self) -> None:
        self.begun: Counter[int] = Counter()
        self.in_the_air = self.rounds = 0

    async def send(self, message: Outgoing) -> Accepted:
        self.in_the_air += 1
        if self.in_the_air == 1:
            self._next_round()
        message.leave()
        self.begun[self.rounds] += 1
        await asyncio.sleep(0.05)
        self.in_the_air -= 1
        return Accepted(provider_id=message.delivery_id)

    def _next_round(self) -> None:
        self.rounds += 1
        if self.in_the_air:
            asyncio.get_running_loop().call_soon(self._next_round)

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_burst_leaves_room_for_everything_else_between_a_few_messages(
    outbox: Outbox, clock: ManualClock
) -> None:
    """A report, a page, a receipt waits for a few messages at most, not for hundreds."""
    for number in range(120):
        outbox.contact(phone=f"+2237400{number:04d}")
    outbox.fan_out(outbox.alert(level=Level.SEVERE))
    prompt = Prompt()
    policy = replace(POLICY, batch=120)
    async with at_work(a_worker(outbox, clock, prompt, policy=policy)):
        await until(lambda: prompt.begun.total() >= 120)

    assert prompt.begun.total() == 120
    assert max(prompt.begun.values()) <= 2 * 16  # what is counted as one may be parts of two
