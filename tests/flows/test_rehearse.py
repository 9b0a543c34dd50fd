"""What is rehearsed at start leaves nothing behind."""

from pathlib import Path

from app.core.clock import ManualClock
from app.service import open_service
from app.settings import Settings
from tests.harness.dump import dump
from tests.harness.outbox import NOW


def test_rehearsal_raises_alerts_and_keeps_nothing(database_url: str, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as service:
        before = dump(service.db)

        alerts = service.rehearse()

        assert alerts > 0
        assert dump(service.db) == before
