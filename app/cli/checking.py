"""`sira check`."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.frame import reported, warn_of_unread
from app.config import Config, load_config
from app.db import migrate
from app.db.engine import Database
from app.flows import gone_roads, rule_books, tune_rules
from app.flows.open_vault import open_vault
from app.risk.checking import InvalidRulesError
from app.settings import Settings, load_settings
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
        number = _fitting(settings, config)
    rules = (
        "no rules are in force yet: rules.toml is" if number is None else f"rule set {number} is"
    )
    typer.echo(f"{directory} can be used; {rules} fit for it")


def _fitting(settings: Settings, config: Config) -> int | None:
    """Return the number of the rules in force, which fit; None where there are none.

    Raises:
        ConfigError: They do not, or the vault's keys do not open what is there.
        InvalidRulesError: There are none, and those of rules.toml cannot be used.
    """
    number = None
    file = settings.database_url.partition("sqlite:///")[2]
    if not file or Path(file).exists():  # to look for it would make it
        db = Database(settings.database_url, pool_size=1)
        try:
            if migrate.current_revision(db.engine) is not None:
                number = db.read_now(lambda conn: rule_books.refuse_unusable(conn, config))
                db.read_now(lambda conn: gone_roads.refuse_gone_roads(conn, config))
                if db.read_now(sealed.in_use):  # else keys may be made on the first start
                    open_vault(settings, db)
        finally:
            db.close()
    if number is None and (problems := tune_rules.check(config.rules, config)[1]):
        raise InvalidRulesError(problems)
    return number
