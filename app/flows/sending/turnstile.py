"""How many begin at once, so that everything else in the process has its turn between."""

import asyncio
from collections import deque


class Turnstile:
    """Lets so many through each time the event loop comes round; the others wait for the next.

    Hundreds of senders whose calls end together would else do all of their work in one round: 0.1 s
    in which no report is taken and no page answered.
    """

    def __init__(self, each_round: int) -> None:
        self._each_round = self._left = each_round
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._turning = False

    async def enter(self) -> None:
        """Go on at once, or in one of the next rounds, in the order in which they came."""
        if self._left and not self._waiting:
            self._begin()
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _begin(self) -> None:
        self._left -= 1
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._turning = False
        self._left = self._each_round
        while self._left and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # its sender may be gone
                turn.set_result(None)
                self._begin()
