"""`sira check`."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.frame import reported, warn_of_unread
from app.config import Config, load_config
from app.core.clock import SystemClock
from app.core.rota import Rota
from app.db import migrate
from app.db.engine import Database
from app.environment import load_settings
from app.flows.rating import gone_roads, rule_books
from app.flows.rules import tune_rules
from app.flows.rules.shipped_rules import unsettled_rules
from app.flows.upkeep.open_vault import find_vault, open_vault
from app.settings import Settings
from app.subscribers.addresses import mask
from app.subscribers.store import sealed


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(file_okay=False, help="A configuration; not given: SIRA_CONFIG_DIR."),
    ] = None,
) -> None:
    """Say everything for which this version would not start; nothing is changed or started.

    Settings, the configuration, whether it fits the rules in force and the dangers told, and
    whether the vault's keys are those of the database.
    """
    with reported():
        settings = load_settings()
        warn_of_unread()
        directory = folder or settings.config_dir
        config = load_config(directory)
        number, otherwise = _fitting(settings, config)
    rules = (
        "no rules are in force yet: rules.toml is" if number is None else f"rule set {number} is"
    )
    typer.echo(f"{directory} can be used; {rules} fit for it")
    typer.echo(_on_duty(settings.duty.rota, config))
    if otherwise:
        typer.echo(f"{otherwise} rules of its rules.toml are not in force so: sira rules shipped")


def _on_duty(rota: Rota, config: Config) -> str:
    now = SystemClock().now().astimezone(config.alerts.zone)
    told = _masked(rota.on_duty(now)) or "nobody (SIRA_DUTY__...): calls for help wait for the desk"
    deputy = f"; deputy: {_masked(rota.deputy)}" if rota.deputy else ""
    return f"on duty at {now:%H:%M}: {told}{deputy}"


def _masked(addresses: Mapping[str, str]) -> str:
    return ", ".join(mask(channel, address) for channel, address in sorted(addresses.items()))


@contextmanager
def looked_at(settings: Settings) -> Iterator[Database | None]:
    """Open the database to look at it; None where there is none yet: to look would make it."""
    file = settings.database_file
    if file is not None and not file.exists():
        yield None
        return
    with closing(Database(settings.database_url, pool_size=1)) as db:
        yield db if migrate.current_revision(db.engine) is not None else None


def _fitting(settings: Settings, config: Config) -> tuple[int | None, int]:
    """Return the number of the rules in force, which fit, None where there are none.

    And how many rules are shipped otherwise, and wait for an admin to say what becomes of them.

    Raises:
        ConfigError: They do not fit, or the vault's keys do not open what is there; or there are
            none, and those of rules.toml cannot be used.
    """
    with looked_at(settings) as db:
        if db is not None:
            number = db.read_now(lambda conn: rule_books.refuse_unusable(conn, config))
            db.read_now(lambda conn: gone_roads.refuse_gone_roads(conn, config))
            if settings.vault_keys is not None or db.read_now(sealed.in_use):
                open_vault(settings, db)  # else keys may be made on the first start
            if number is not None:
                return number, len(db.read_now(lambda conn: unsettled_rules(conn, config)))
    tune_rules.first_rules(config)
    if settings.vault_keys is not None:
        find_vault(settings)
    return None, 0
