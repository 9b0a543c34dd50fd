"""`sira backup`, `sira restore`."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import InputFile
from app.cli.frame import done, reported, say
from app.core.clock import SystemClock
from app.environment import load_settings
from app.flows.upkeep import archive
from app.flows.upkeep.open_vault import KEY_FILE


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="A new file.")],
    *,
    with_keys: Annotated[
        bool, typer.Option(help="Put the vault's keys into it: keep such a file like a key.")
    ] = False,
) -> None:
    """Back up the SQLite database while everything runs: one file, whole or not at all."""
    with reported():
        settings = load_settings()
        made = archive.back_up(settings, file, with_keys=with_keys, now=SystemClock().now())
    size = made.database_bytes / 2**20
    if with_keys:
        say("WARNING: whoever has this file reads every name and address in it", style="yellow")
    else:
        keys = settings.var_dir / KEY_FILE if settings.vault_keys is None else "SIRA_VAULT_KEYS"
        say(
            "The vault's keys are not in it; without them nobody in it can be named or reached:"
            f" keep {keys} in another safe place",
            style="yellow",
        )
    done(f"{file}: {size:.1f} MiB, revision {made.revision}, checked")


def restore(
    file: InputFile,
    *,
    replace: Annotated[
        bool, typer.Option(help="Move the database that is there aside, instead of refusing.")
    ] = False,
    nothing_since: Annotated[
        bool,
        typer.Option(
            help="No process ran after the backup was made (a move to another machine): what was"
            " queued is sent as it stands, without asking providers whether it was sent."
        ),
    ] = False,
) -> None:
    """Put the database of a backup in place. Stop every process first."""
    with reported():
        back = archive.restore(
            load_settings(),
            file,
            replace=replace,
            nothing_since=nothing_since,
            now=SystemClock().now(),
        )
    if back.doubted:
        say(
            f"{back.doubted} messages were still to be sent then and may have been sent since: the"
            " provider is asked before any of them is sent"
        )
    if back.aside is not None:
        say(f"the database that was there is now {back.aside}")
    if back.config_differs:
        say("the configuration is not the one in force when the backup was made", style="yellow")
    if back.keys_missing is not None:
        say(f"WARNING: names and addresses cannot be opened: {back.keys_missing}", style="red")
    done(f"restored as of {back.manifest.made_at}, checked, at this version")
