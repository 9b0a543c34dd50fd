"""What a running service holds in memory: a machine of 512 MiB has to do."""

import os
import subprocess
import sys
from pathlib import Path

from tests.harness.twilio import ACCOUNT, SENDER, TOKEN

#: Megabytes each, of which a service on a current SQLite file uses nothing.
NEVER_USED = ("aiohttp", "alembic", "pygments", "psycopg", "pyproj", "rich", "twilio.rest.api")
#: What providers are called with: whoever has none set up needs none of it.
OF_PROVIDERS = ("aiosmtplib", "pyreqwest", "requests", "twilio.rest")
STARTED = f"""
import sys
import app.cli.serving
from app.channels.registry import build_providers
from app.service import open_service
from app.environment import load_settings

settings = load_settings()
with open_service(settings) as service:
    print(sorted(set(sys.modules) & set({OF_PROVIDERS})))
    assert build_providers(settings, clock=service.clock.now)["sms"][0].name == "twilio"
    print(sorted(set(sys.modules) & set({NEVER_USED})))
    # what the HTTP client sets aside is in ordinary pages, not in 2 MiB each
    print("THP_enabled:\\t1" in open("/proc/self/status").read())
"""


def test_a_service_keeps_nothing_in_memory_that_it_never_uses(
    sqlite_url: str, tmp_path: Path
) -> None:
    settings = {
        "SIRA_DATABASE_URL": sqlite_url,
        "SIRA_VAR_DIR": str(tmp_path),
        "SIRA_TWILIO__ACCOUNT_SID": ACCOUNT,
        "SIRA_TWILIO__AUTH_TOKEN": TOKEN,
        "SIRA_TWILIO__FROM": SENDER,
    }

    told = subprocess.run(
        [sys.executable, "-c", STARTED],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    assert told.stdout.splitlines()[-3:] == ["[]", "[]", "False"]
