"""What happened before a road was there, or was measured otherwise, comes to hold there."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from app.alerts import store as alert_store
from app.alerts.records import AlertFilter
from app.core.clock import ManualClock
from app.core.levels import Level
from app.db.tables import ExposureRow
from app.flows.import_reports import take
from app.flows.rating.follow_roads import follow_roads
from app.incidents.filed import FiledReport
from app.risk import store as risk_store
from app.service import Service, open_service
from app.settings import Settings
from tests.harness.api import CONFIG
from tests.harness.outbox import NOW
from tests.harness.ruling import rate_roads

pytestmark = pytest.mark.alike

ROAD = "ML-YEL"


def without(said: str, folder: Path) -> Path:
    """Return the shipped configuration, as it was before somebody added what holds what is said."""
    config = shutil.copytree(CONFIG, folder / "config")
    for name in ("corridors.csv", "corridor_stops.csv"):
        file = config / "network" / name
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not re.search(said, line)]
        file.write_text("".join(kept), encoding="utf-8")
    return config


def told(service: Service, kind: str, *, hours_ago: float = 2, **where: str) -> None:
    filed = FiledReport(
        kind=kind,
        occurred_at=NOW - timedelta(hours=hours_ago),
        reported_at=NOW,
        date_precision="instant",
        summary="Nothing may pass",
        source_type="agency",
        **where,  # type: ignore[arg-type]
    )
    take(service.db, filed, backfill=False, context=service.context, now=NOW)


def blockade(service: Service) -> None:
    told(service, "blockade_threat", region="Kayes")


def levels(service: Service, road: str = ROAD) -> dict[str, Level | None]:
    sections = service.context.config.network.corridors[road].section_ids
    states = service.db.read_now(lambda conn: risk_store.section_states(conn, sections))
    return {one: states[one].cargoes["fuel"].level if one in states else None for one in sections}


async def test_a_blockade_comes_to_hold_on_a_road_that_was_added(
    database_url: str, tmp_path: Path
) -> None:
    before = Settings(
        _env_file=None,
        database_url=database_url,
        var_dir=tmp_path,
        config_dir=without(f"^{ROAD},", tmp_path),
    )
    with open_service(before, clock=ManualClock(NOW)) as service:
        blockade(service)
        assert await follow_roads(service.db, service.context, service.clock) == 0
    after = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)

    with open_service(after, clock=ManualClock(NOW)) as service:
        assert None in levels(service).values()

        assert await follow_roads(service.db, service.context, service.clock) == 1
        rate_roads(service.db, context=service.context, now=NOW)

        assert set(levels(service).values()) == {Level.SEVERE}
        wanted = AlertFilter(route=ROAD)
        alerts = service.db.read_now(
            lambda conn: alert_store.list_alerts(conn, wanted, after=None, limit=9)
        )
        assert {one.cargo for one in alerts} >= {"fuel", "goods"}
        assert await follow_roads(service.db, service.context, service.clock) == 0


async def test_a_closed_road_that_gets_stops_is_closed_between_its_ends_and_open_where_it_was(
    database_url: str, tmp_path: Path
) -> None:
    stops = "^ML-RN6,.*(Korokoro|Konobougou|Kélé),"
    before = Settings(
        _env_file=None,
        database_url=database_url,
        var_dir=tmp_path,
        config_dir=without(stops, tmp_path),
    )
    with open_service(before, clock=ManualClock(NOW)) as service:
        told(service, "route_suspended", place="axe Bamako-Ségou")
        told(service, "road_reopened", place="route Bamako-Fana", hours_ago=1)
        assert await follow_roads(service.db, service.context, service.clock) == 0
    after = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)

    with open_service(after, clock=ManualClock(NOW)) as service:
        assert await follow_roads(service.db, service.context, service.clock) == 2
        rate_roads(service.db, context=service.context, now=NOW)

        held = list(levels(service, "ML-RN6").values())
        assert held[:8] == [Level.LOW] * 3 + [Level.HIGH] * 4 + [None]
        assert await follow_roads(service.db, service.context, service.clock) == 0


async def test_what_was_measured_otherwise_is_measured_anew(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as service:
        blockade(service)
        kept = select(ExposureRow.__table__).order_by(ExposureRow.section_id)
        right = service.db.read_now(lambda conn: conn.execute(kept).fetchall())
        network = service.context.config.network
        wrong = next(
            one for one in network.sections if one not in {row.section_id for row in right}
        )
        extra = {**right[0]._mapping, "section_id": wrong}
        service.db.write_now(lambda conn: conn.execute(update(ExposureRow).values(distance_km=9.0)))
        service.db.write_now(lambda conn: conn.execute(insert(ExposureRow).values(**extra)))

        assert await follow_roads(service.db, service.context, service.clock) == 1

        rows = service.db.read_now(lambda conn: conn.execute(kept).fetchall())
        assert [row for row in rows if row.live] == right
        assert [row.section_id for row in rows if not row.live] == [wrong]
        stale = service.db.read_now(risk_store.stale_sections)
        assert stale == {row.section_id for row in rows}
