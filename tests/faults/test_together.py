"""Many reports of one stretch at once, through several API processes: rated as one by one."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db.tables import IncidentRow, ReportLinkRow, ReportRow, RouteStateRow, SectionStateRow
from tests.harness.provider import Provider
from tests.harness.restartable import RestartablePostgres
from tests.harness.running import Running
from tests.harness.site import Site, a_site
from tests.harness.stem import Stem

#: Far enough apart that whichever comes first, none is taken for another.
EVENTS = {"Lakamane": "fuel_interception", "Kita": "vehicle_attack", "Tambacounda": "accident"}
VOICES = 10
PROCESSES = 3


def bodies() -> list[dict[str, Any]]:
    """Return reports of the same events by voices that know nothing of each other."""
    at = datetime.now(UTC) - timedelta(hours=2)  # noqa: TID251 - what the phones say
    return [
        {
            "kind": kind,
            "place": place,
            "cargo": "fuel",
            "occurred_at": at.isoformat(),
            "basis": "firsthand",
            "summary": f"Seen at {place}",
            "source": {"name": f"driver {number} of {place}", "type": "driver"},
        }
        for place, kind in EVENTS.items()
        for number in range(VOICES)
    ]


def post(site: Site, api: Running, body: dict[str, Any]) -> int:
    with site.client(api) as client:
        return client.post("/v1/reports", json=body).status_code


@dataclass(frozen=True)
class Known:
    """What the reports came to: incidents by their number of reports, levels and scores."""

    joined: Counter[int]
    levels: dict[tuple[str, str], str]
    scores: dict[tuple[str, str], float]
    routes: dict[tuple[str, str], tuple[str, str | None]]


def known(site: Site) -> Known:
    """Return what the site holds, as it is stored."""
    per_incident = (
        select(func.count()).select_from(ReportLinkRow).group_by(ReportLinkRow.incident_id)
    )
    with site.db.engine.connect() as conn:
        joined = Counter(conn.scalars(per_incident))
        sections = {
            (row.section_id, cargo): one
            for row in conn.execute(select(SectionStateRow.section_id, SectionStateRow.cargoes))
            for cargo, one in row.cargoes.items()
        }
        routes = {
            (row.route, row.cargo): (row.level, row.worst_section)
            for row in conn.execute(
                select(
                    RouteStateRow.route,
                    RouteStateRow.cargo,
                    RouteStateRow.level,
                    RouteStateRow.worst_section,
                )
            )
        }
    return Known(
        joined,
        levels={key: one["level"] for key, one in sections.items()},
        scores={key: one["score"] for key, one in sections.items()},
        routes=routes,
    )


def test_reports_at_once_rate_a_stretch_as_reports_in_a_row(
    own_server: RestartablePostgres,
    tmp_path: Path,
    provider: Provider,
    stem: Stem,
    pytestconfig: pytest.Config,
) -> None:
    if pytestconfig.getoption("--db") == "sqlite":
        pytest.skip("--db sqlite")
    reports = bodies()
    at_once = reports[:]
    random.Random(3).shuffle(at_once)  # noqa: S311 - the same order each time
    with (
        a_site(tmp_path / "a", own_server.create("once"), provider, people=0, stem=stem) as many,
        a_site(tmp_path / "b", own_server.create("row"), provider, people=0, stem=stem) as one,
    ):
        apis = [many.start("serve", "--api-only") for _ in range(PROCESSES)]
        alone = one.start("serve", "--api-only")
        for api in (*apis, alone):
            api.wait_until_ready()

        with ThreadPoolExecutor(4 * PROCESSES) as crowd:
            places = zip(at_once, cycle(apis), strict=False)
            answers = list(crowd.map(lambda pair: post(many, pair[1], pair[0]), places))
        in_a_row = [post(one, alone, body) for body in reports]

        assert set(answers) == set(in_a_row) == {201}
        assert many.count(select(func.count()).select_from(ReportRow)) == len(reports)
        assert many.count(select(func.count()).select_from(IncidentRow)) == len(EVENTS)
        found, expected = known(many), known(one)
        assert found.joined == expected.joined == {VOICES: len(EVENTS)}
        assert found.levels == expected.levels
        assert found.scores == pytest.approx(expected.scores, rel=0.01, abs=0.01)
        assert found.routes == expected.routes
        assert "severe" in found.levels.values()
