import asyncio
from collections import Counter

from app.flows.sending.turnstile import Turnstile


class Rounds:
    """Counts how often the event loop comes round."""

    def __init__(self) -> None:
        self.number = 0
        self._loop = asyncio.get_running_loop()
        self._next()

    def _next(self) -> None:
        self.number += 1
        self._loop.call_soon(self._next)


async def test_so_many_begin_in_a_round_and_all_in_the_order_they_came() -> None:
    rounds, turnstile = Rounds(), Turnstile(8)
    begun: list[tuple[int, int]] = []

    async def sender(number: int) -> None:
        await turnstile.enter()
        begun.append((number, rounds.number))

    await asyncio.gather(*(sender(number) for number in range(100)))

    assert [number for number, _ in begun] == list(range(100))
    a_round = Counter(when for _, when in begun)
    assert max(a_round.values()) == 8
    assert len(a_round) == 13


async def test_who_goes_away_while_waiting_holds_up_nobody() -> None:
    turnstile = Turnstile(1)
    await turnstile.enter()
    async with asyncio.timeout(10), asyncio.TaskGroup() as senders:
        gone = [senders.create_task(turnstile.enter()) for _ in range(5)]
        senders.create_task(turnstile.enter())
        await asyncio.sleep(0)
        for task in gone[1:]:
            task.cancel()
