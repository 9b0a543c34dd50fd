"""Pages kept: rendered once for all who wait, again when what they show has changed."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from app.core.clock import ManualClock
from app.db.engine import Database
from app.risk import store as risk_store
from app.risk.kept import SectionState
from app.web.rendering import Page, Press
from app.web.shelf import PAGES_KEPT, Shelf
from app.web.speaking import load_words
from tests.harness.api import START, shipped_config

pytestmark = pytest.mark.alike

WORDS = load_words(shipped_config())["fr"]


class Rendered:
    """Renders an error page, and counts how often."""

    def __init__(self, clock: ManualClock) -> None:
        self.times = 0
        self._clock, self._press = clock, Press()

    def __call__(self, _conn: Connection, _mark: str) -> Page:
        self.times += 1
        return self._press.page(
            "error",
            WORDS,
            now=self._clock.now(),
            title=str(self.times),
            said="",
            number=None,
            enter="",
            robots="",
            other_path="/",
            dense="",
            own_pages=(),
        )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def rendered(clock: ManualClock) -> Rendered:
    return Rendered(clock)


def change(db: Database, token: str) -> None:
    """Let a section be rated, as any process would."""
    state = SectionState(section_id="s", token=token, rated_at=START, cargoes={})
    db.write_now(lambda conn: risk_store.put_section_states(conn, [state]))


async def test_who_comes_together_waits_for_one_rendering(
    db: Database, clock: ManualClock, rendered: Rendered
) -> None:
    shelf = Shelf(db, clock, look_every_s=3600)

    pages = await asyncio.gather(*(shelf.get("page", rendered) for _ in range(50)))

    assert rendered.times == 1
    assert all(page is pages[0] for page in pages)
    assert shelf.at_hand("page") is pages[0]


async def test_a_change_of_evidence_makes_it_anew(
    db: Database, clock: ManualClock, rendered: Rendered
) -> None:
    shelf = Shelf(db, clock, look_every_s=0)
    first = await shelf.get("page", rendered)
    same = await shelf.get("page", rendered)
    change(db, "01990000-0000-7000-8000-000000000001")

    after = await shelf.get("page", rendered)

    assert first is same
    assert after is not first


async def test_what_was_rolled_back_changes_nothing(
    db: Database, clock: ManualClock, rendered: Rendered
) -> None:
    shelf = Shelf(db, clock, look_every_s=0)
    first = await shelf.get("page", rendered)

    def fail(conn: Connection) -> None:
        state = SectionState(section_id="s", token="t" * 36, rated_at=START, cargoes={})
        risk_store.put_section_states(conn, [state])
        raise LookupError

    with pytest.raises(LookupError):
        db.write_now(fail)

    assert await shelf.get("page", rendered) is first


async def test_between_two_looks_nothing_is_asked(
    db: Database, clock: ManualClock, rendered: Rendered
) -> None:
    shelf = Shelf(db, clock, look_every_s=3600)
    first = await shelf.get("page", rendered)
    change(db, "01990000-0000-7000-8000-000000000001")

    assert shelf.at_hand("page") is first
    assert await shelf.get("page", rendered) is first


async def test_ages_are_never_older_than_a_minute(
    db: Database, clock: ManualClock, rendered: Rendered
) -> None:
    shelf = Shelf(db, clock)
    first = await shelf.get("page", rendered)
    clock.advance(timedelta(seconds=61))

    assert shelf.at_hand("page") is None
    assert await shelf.get("page", rendered) is not first


async def test_pages_asked_for_long_ago_are_forgotten(
    db: Database, clock: ManualClock, rendered: Rendered
) -> None:
    page = rendered(None, "")  # type: ignore[arg-type]
    again: Callable[[Connection, str], Page] = lambda _conn, _mark: page  # noqa: E731
    shelf = Shelf(db, clock, look_every_s=3600)
    for number in range(PAGES_KEPT + 1):
        await shelf.get(number, again)

    assert shelf.at_hand(0) is None
    assert shelf.at_hand(PAGES_KEPT) is page
