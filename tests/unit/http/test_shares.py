"""One caller has so many places, and so many of his wait for one."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from app.core.errors import LimitError
from app.http.shares import Shares


async def test_of_who_has_all_of_his_places_only_so_many_wait() -> None:
    shares = Shares(1, waiting=2)
    came: list[str] = []

    async def ask(caller: str) -> None:
        async with shares.place(caller):
            came.append(caller)

    async with AsyncExitStack() as busy:
        await busy.enter_async_context(shares.place("one"))
        waiting = [asyncio.ensure_future(ask("one")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(LimitError):
            await asyncio.wait_for(ask("one"), 1)
        await ask("other")
    await asyncio.gather(*waiting)
    await ask("one")

    assert came == ["other", "one", "one", "one"]


async def test_who_goes_away_leaves_his_place_in_the_queue_to_others() -> None:
    shares = Shares(1, waiting=1)
    async with shares.place("one"):
        gone = asyncio.ensure_future(shares.place("one").__aenter__())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)

        next_one = asyncio.ensure_future(shares.place("one").__aenter__())
        await asyncio.sleep(0)
        assert not next_one.done()
    await next_one
