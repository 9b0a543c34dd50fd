"""What operators are told of answers by hand: somebody wrote to us, and waits for a word."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from app.db.engine import Database
from app.db.tables import AnswerRow
from app.delivery.delivery import Status
from app.delivery.outbox.workers import give_sign
from tests.harness.api import Api, serving
from tests.harness.exposition import samples
from tests.harness.texting import REPORTER, a_reporter
from tests.harness.writing import wrote_to


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    """The service, looking at its database each time it is asked, with one answer by hand."""
    async with serving(db, look_every=timedelta(0)) as api:
        await a_reporter(api)
        said = await wrote_to(api, REPORTER, "Est-ce que je peux repartir?")
        words = {"text": "Restez à Diéma."}
        answer = await api.moderator.post(f"/v1/inbound/{said}/answers", json=words)
        assert answer.status_code == 201, answer.text
        yield api


async def after(api: Api, minutes: int, *, worker: bool = True) -> httpx.Response:
    """Let time pass; return whether everything reaches people then."""
    api.clock.advance(timedelta(minutes=minutes))
    if worker:
        api.state.db.write_now(
            lambda conn: give_sign(conn, "w", good_for=timedelta(seconds=20), now=api.clock.now())
        )
    return await api.client().get("/readyz")


async def scraped(api: Api) -> dict[str, float]:
    """Return the metrics of answers by hand, by the end of their names."""
    found = samples((await api.client().get("/metrics")).text)
    start = "sira_answers_"
    return {name.removeprefix(start): found[name] for name in found if name.startswith(start)}


def stands(api: Api, **values: object) -> None:
    api.state.db.write_now(lambda conn: conn.execute(update(AnswerRow).values(**values)))


async def test_an_answer_that_does_not_leave_is_late_however_often_it_is_tried(api: Api) -> None:
    in_time = await after(api, 14)
    stands(api, attempts=5, due_at=api.clock.now() + timedelta(minutes=10))

    late = await after(api, 2)

    told = {check["name"]: check for check in late.json()["checks"]}["answers"]["detail"]
    assert (in_time.status_code, late.status_code) == (200, 503)
    assert told == "The oldest answer by hand has waited 16 min 0 s."
    assert (await api.moderator.get("/v1/alerts")).json()["warnings"] == [told]
    assert await scraped(api) == {
        "waiting": 1,
        "oldest_seconds": 960,
        "in_doubt": 0,
        "not_arrived": 0,
    }


@pytest.mark.alike
async def test_an_answer_that_waits_while_no_worker_runs_is_the_dead_mans_affair(api: Api) -> None:
    await after(api, 1, worker=False)

    found = samples((await api.client().get("/metrics")).text)

    assert found["sira_dead_man"] == 1


async def test_an_answer_that_did_not_arrive_is_counted_for_a_day(api: Api) -> None:
    ready = await after(api, 14)
    for end in (Status.UNDELIVERED, Status.FAILED, Status.EXPIRED):
        stands(api, status=end, cost=0)
        lately = await scraped(api)
        assert (lately["waiting"], lately["not_arrived"]) == (0, 1), end
    await after(api, 24 * 60)

    assert ready.status_code == 200
    assert (await scraped(api))["not_arrived"] == 0


async def test_an_answer_that_left_is_not_waited_for_and_one_in_doubt_is_shown(api: Api) -> None:
    stands(api, status=Status.IN_DOUBT)
    doubted = await scraped(api)
    stands(api, status=Status.SENT)
    ready = await after(api, 60)

    assert (doubted["waiting"], doubted["in_doubt"]) == (0, 1)
    assert ready.status_code == 200
    assert set((await scraped(api)).values()) == {0}
