"""The jobs of the clock, on the service as it is put together."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from app.core.clock import ManualClock
from app.db.tables import AlertRow
from app.service import open_service
from app.settings import Settings
from tests.harness.outbox import NOW, Outbox


async def test_deliveries_are_kept_for_as_long_as_config_says_and_no_longer(
    database_url: str, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=clock) as service:
        outbox = Outbox(service.db)
        outbox.contact()
        alert = outbox.alert()
        outbox.fan_out(alert)
        outbox.set_delivery(alert, status="delivered")
        outbox.run(update(AlertRow).values(status="ended"))
        clock.advance(timedelta(days=365))
        await service.forget()
        assert len(outbox.told(alert)) == 1
        clock.advance(timedelta(seconds=1))

        await service.forget()

        assert outbox.told(alert) == set()
