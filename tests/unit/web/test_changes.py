"""Waiting for a change: one looks for all, and whoever leaves leaves the others waiting."""

import asyncio

from app.web.changes import Changes


class Thing:
    """Something that changes, and counts who looks."""

    def __init__(self) -> None:
        self.version, self.looks = "1", 0

    async def look(self) -> str:
        self.looks += 1
        return self.version


async def test_who_knows_nothing_hears_at_once_and_all_of_one_look() -> None:
    thing = Thing()
    changes = Changes(thing.look, every_s=3600)

    heard = await asyncio.gather(*(changes.after("") for _ in range(100)))

    assert heard == ["1"] * 100
    assert thing.looks == 1


async def test_a_change_reaches_everybody_who_waits_though_some_have_left() -> None:
    thing = Thing()
    changes = Changes(thing.look, every_s=0)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(changes.after("1")) for _ in range(20)]
        await asyncio.sleep(0)
        for one in waiting[:10]:
            one.cancel()
        await asyncio.sleep(0)
        assert not any(one.done() for one in waiting[10:])

        thing.version = "2"

    assert [one.result() for one in waiting[10:]] == ["2"] * 10


async def test_what_was_seen_long_ago_is_looked_at_anew() -> None:
    thing = Thing()
    changes = Changes(thing.look, every_s=0, rests=0)
    await changes.after("")
    thing.version = "2"

    assert await changes.after("") == "2"
