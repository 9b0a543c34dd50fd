"""A road is taken out of the configuration while a danger on it is told."""

import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from app.core.clock import ManualClock
from app.core.errors import ConfigError
from app.db.tables import AlertRow
from app.flows.duty.watch import read_vitals
from app.service import Service, open_service
from app.settings import Settings
from tests.harness.api import CONFIG
from tests.harness.filing import a_filing, take
from tests.harness.outbox import NOW

GONE, STAYS = "ML-YEL", "ML-DKR-N"


def without_a_road(folder: Path) -> Path:
    """A copy of the configuration that no longer has the road by Yélimané."""
    config = shutil.copytree(CONFIG, folder / "config")
    for name in ("corridors.csv", "corridor_stops.csv"):
        file = config / "network" / name
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{GONE},")]
        assert len(kept) < len(lines)
        file.write_text("".join(kept), encoding="utf-8")
    return config


def told(service: Service, place: str) -> None:
    """Let tankers be stopped there, and everybody be told."""
    for source in ("a driver", "the mayor", "a union"):
        filing = a_filing("fuel_interception", place, now=NOW, source=source)
        take(service.db, filing, context=service.context, now=NOW)
    service.db.write_now(lambda conn: conn.execute(update(AlertRow).values(fanned_out_at=NOW)))


def last_said(service: Service, route: str) -> tuple[str, str]:
    query = (
        select(AlertRow.reason, AlertRow.status)
        .where(AlertRow.route == route, AlertRow.cargo == "fuel")
        .order_by(AlertRow.id.desc())
    )
    row = service.db.read_now(lambda conn: conn.execute(query).first())
    assert row is not None
    return row.reason, row.status


async def test_it_holds_up_neither_reminders_nor_the_end_of_others(
    database_url: str, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=clock) as before:
        told(before, "Lakamané")
        told(before, "Yélimané")  # last: the way round it would lead by Lakamané
    fewer = settings.model_copy(update={"config_dir": without_a_road(tmp_path)})
    with open_service(fewer, clock=clock) as service:
        with pytest.raises(ConfigError, match=rf"a danger on {GONE},.*Put the road back"):
            service.refuse_unfit()

        clock.advance(timedelta(hours=25))
        await service.age_ratings()
        await service.remind()
        reminded = last_said(service, STAYS)
        for _ in range(10):
            clock.advance(timedelta(days=1))
            await service.age_ratings()
            await service.expire()
        sections = service.context.config.network.sections.keys()
        vitals = service.db.read_now(partial(read_vitals, sections=sections, now=clock.now()))

        assert vitals.oldest_rated_at is None or vitals.oldest_rated_at > NOW + timedelta(days=9)
        assert reminded == ("still_severe", "active")
        assert last_said(service, STAYS)[0] in {"fell", "no_fresh_news"}
        assert last_said(service, GONE) == ("confirmed", "ended")
        service.refuse_unfit()


async def test_another_road_that_was_named_for_it_stops_no_report_when_it_becomes_dangerous(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as before:
        told(before, "Yélimané")
    fewer = settings.model_copy(update={"config_dir": without_a_road(tmp_path)})
    with open_service(fewer, clock=ManualClock(NOW)) as service:
        sections = list(service.context.config.network.sections)
        service.db.write_now(partial(_eased, by=sections))
        service.refuse_unfit()  # what was told of it is no great danger any more

        attack = a_filing("vehicle_attack", "Toukoto", now=NOW, source="AFP")
        take(service.db, attack, context=service.context, now=NOW)

        said = service.db.read_now(lambda conn: set(conn.scalars(select(AlertRow.reason))))
    assert "way_lost" not in said


def _eased(conn: Connection, *, by: list[str]) -> None:
    """Let what was told of the road be a moderate danger, with another road named."""
    way = {"way": by, "way_title": "Kayes - Kita - Bamako", "way_level": "low"}
    for row in conn.execute(select(AlertRow).where(AlertRow.route == GONE)).all():
        eased = {"level": "moderate", "facts": {**row.facts, **way}}
        conn.execute(update(AlertRow).where(AlertRow.id == row.id).values(**eased))
