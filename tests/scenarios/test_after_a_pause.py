"""Nothing ran for days: every road is rated again at once, in pieces that hold up no report."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.risk.cache import EvidenceCache
from tests.harness.world import World


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)  # one writer, whom reports wait for
async def test_evidence_is_read_before_the_transaction_that_reports_wait_for(world: World) -> None:
    for place in ("Lakamane", "Kayes", "Kolokani"):
        await world.reports("abduction", at=place, cargo="fuel")
    world.clock.advance(timedelta(days=9))
    nothing = replace(world.service.context, evidence=EvidenceCache())  # as after a start
    read: list[str] = []
    written: list[str] = []

    def note(into: list[str]) -> Any:
        return lambda *given: into.append(given[2])

    event.listen(world.db.engine, "before_cursor_execute", note(written))
    event.listen(world.db._read_engine, "before_cursor_execute", note(read))

    await replace(world.service, context=nothing).age_ratings()

    def of_evidence(statements: list[str]) -> int:
        return sum("FROM exposure" in one or "JOIN exposure" in one for one in statements)

    assert of_evidence(read) > 0
    assert of_evidence(written) == 0
