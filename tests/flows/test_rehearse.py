"""What is rehearsed at start leaves nothing behind, and what the rules leave out is said."""

from pathlib import Path

import pytest

from app.config import load_config
from app.core.clock import ManualClock
from app.flows.shipped_rules import warn_of_shipped, warn_of_unheard
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


def test_kinds_that_no_rule_speaks_of_are_logged_at_start(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An update brought the kind, and the rules are those of before it."""
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    before = [one for one in load_config(settings.config_dir).rules if one["id"] != "accident"]

    with open_service(settings, clock=ManualClock(NOW), rules=before) as service:
        unheard = service.db.read_now(lambda conn: warn_of_unheard(conn, service.context))

    assert unheard == ("accident",)
    assert "rules.unheard" in caplog.messages


def test_rules_that_are_shipped_otherwise_are_logged_at_start(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    config = load_config(settings.config_dir)
    before = [one for one in config.rules if one["id"] != "accident"]

    with open_service(settings, clock=ManualClock(NOW), rules=before) as service:
        said = service.db.read_now(lambda conn: warn_of_shipped(conn, config))

    assert said == ("accident",)
    assert "rules.shipped_otherwise" in caplog.messages
