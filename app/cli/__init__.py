"""The command `sira`: which module each word is in. It is read when the word is said.

The whole service takes seconds to read on a small machine, and `sira --help` needs none of it.
"""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group
from typing_extensions import override

#: The word; its function, or the `Typer` of its own words; what `sira --help` says of it.
COMMANDS = {
    "serve": ("serving:serve", "Serve the API, with worker and clock in the same process."),
    "worker": ("serving:worker", "Send messages and run the clock, without the API."),
    "migrate": (
        "serving:migrate",
        "Bring the database to this version and seed the rules where there are none.",
    ),
    "trust-clock": (
        "serving:trust_clock",
        "Say that the clock is right, where `serve` and `worker` wait for it or call it behind.",
    ),
    "check": (
        "checking:check",
        "Say everything for which this version would not start; nothing is changed or started.",
    ),
    "subscribe": (
        "subscribing:subscribe",
        "Add somebody to be told: a contact with a subscription, in one step.",
    ),
    "escalation": (
        "escalating:escalation",
        "Show, or set, who of an organisation is told next while nobody answers a grave danger.",
    ),
    "replay": (
        "replaying:replay",
        "Play a CSV of reports through the whole chain on a clock of its own.",
    ),
    "backtest": (
        "backtesting:backtest",
        "Play history as it was known, rate every section, and compare with what then came.",
    ),
    "calibrate": (
        "calibrating:calibrate",
        "Fit the coefficients of the hazard on a past window.",
    ),
    "understand": (
        "understanding:understand",
        "Show how an inbound message is understood and answered; nothing is changed.",
    ),
    "inbound-urls": (
        "inbound:inbound_urls",
        "Print the addresses to give to Twilio and to the gateway, for messages that come in.",
    ),
    "returned-mail": (
        "returned:returned_mail",
        "Take mails that came back from mailboxes which do not exist, or take nothing.",
    ),
    "backup": (
        "backup:backup",
        "Back up the SQLite database while everything runs: one file, whole or not at all.",
    ),
    "restore": (
        "backup:restore",
        "Put the database of a backup in place. Stop every process first.",
    ),
    "move": (
        "moving:move",
        "Move everything from SQLite into a new PostgreSQL database. Stop every process first.",
    ),
    "demo": (
        "demonstrating:demo",
        "Play the Kayes blockade of September 2025: what each phone received, when, and why.",
    ),
    "keys": ("keys:app", "API keys."),
    "import": ("imports:app", "Reports and places from files."),
    "rules": ("rules:app", "Rules of rating."),
    "roads": ("roads:app", "The road network."),
    "vault": ("vault:app", "The keys that seal names and addresses."),
}


class _Sira(TyperGroup):
    @override
    def main(self, *args: Any, **more: Any) -> Any:
        _open_what_is_closed()
        _show_at_once()
        try:
            return super().main(*args, **more)
        except OSError as error:  # an answer that cannot be written: the disk behind > is full
            with suppress(OSError):
                sys.stderr.write(f"sira: {error.strerror or error}\n")
            sys.exit(1)

    @override
    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, _, rest = super().resolve_command(ctx, args)
        return name, read(name) if name else None, rest


app = typer.Typer(
    cls=_Sira,
    help="Early warning for the roads of the Sahel.",
    no_args_is_help=True,
    add_completion=False,
)
for _word, (_, _about) in COMMANDS.items():
    app.command(_word, help=_about)(lambda: None)


def _open_what_is_closed() -> None:
    """Give a process whose supervisor closed its streams some that lead nowhere.

    The next file to be opened, the database perhaps, would have their numbers, and be written to.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def _show_at_once() -> None:
    """Show every line as it is written, into a pipe or file too, and `?` for letters it has not."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True, errors="replace")


def read(word: str) -> Any:
    """Return the command of a word, its module read: a click command of typer's own click."""
    module, _, name = COMMANDS[word][0].partition(":")
    with _no_garbage():
        found = getattr(import_module(f"app.cli.{module}"), name)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(word)(found)
    return get_command(alone)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Collect none: what modules make stays, and looking through it takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
