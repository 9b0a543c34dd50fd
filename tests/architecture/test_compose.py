"""`compose.yaml` and the cron line say what the code knows; nothing here runs a container."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from app.cli import read
from app.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: one for name, one in COMPOSE["services"].items() if name != "postgres"}


def port_of(service: dict[str, Any]) -> str | None:
    words = service["command"]
    return words[words.index("--port") + 1] if "--port" in words else None


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_is_started_with_is_known(name: str) -> None:
    word, *options = OURS[name]["command"]

    read(word).make_context(word, options)  # refuses what it does not know

    names = [one for one in OURS[name]["environment"] if one.startswith(PREFIX)]
    settings = {one.removeprefix(PREFIX).lower() for one in names}
    assert settings <= Settings.model_fields.keys()
    assert set(OURS[name]["depends_on"]) <= COMPOSE["services"].keys()


@pytest.mark.parametrize("name", OURS)
def test_a_password_of_any_letters_reaches_the_database(name: str) -> None:
    environment = OURS[name]["environment"]

    assert make_url(environment[f"{PREFIX}DATABASE_URL"]).password is None
    assert environment["PGPASSWORD"].startswith("${POSTGRES_PASSWORD:")


@pytest.mark.parametrize("name", [name for name in OURS if port_of(OURS[name])])
def test_health_is_asked_where_the_process_listens(name: str) -> None:
    check = OURS[name].get("healthcheck", {}).get("test") or re.findall(r"CMD .*", DOCKERFILE)

    assert f"127.0.0.1:{port_of(OURS[name])}/healthz" in str(check)


@pytest.mark.parametrize("name", OURS)
def test_what_is_mounted_is_where_the_settings_look(name: str) -> None:
    folders = {one.split(":")[1] for one in OURS[name]["volumes"]}
    looked_in = {OURS[name]["environment"][f"{PREFIX}{part}_DIR"] for part in ("CONFIG", "VAR")}

    assert "WORKDIR /srv/sira\n" in DOCKERFILE
    assert folders == {f"/srv/sira/{one}" for one in looked_in}
    assert (ROOT / "config").is_dir()


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_no_log_fills_the_disk(name: str) -> None:
    assert COMPOSE["services"][name]["logging"] == {"driver": "local"}
