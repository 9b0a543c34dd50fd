"""`sira returned-mail`."""

import sys
from contextlib import closing
from os import EX_TEMPFAIL
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.channels.smtp_message import domain_of
from app.cli.frame import done, fail, reported
from app.core.clock import SystemClock
from app.db.engine import Database
from app.environment import load_settings
from app.flows.outcomes.returned_mail import Came, take_returned
from app.flows.upkeep.open_vault import find_vault
from app.subscribers.signed_link import Keyed
from app.subscribers.vault import VaultKeyError

#: More of a mail is not read: a report with the whole of ours in it has a tenth of that.
_MOST = 1_000_000
_SAID = {
    Came.BACK: "a message came back: it counts as undelivered",
    Came.AGAIN: "a message that is known not to have arrived",
    Came.INVITATION: "an invitation came back: it counts as failed",
    Came.NOTICE: "a word to the person on duty, or a code, came back",
    Came.UNKNOWN: "not a message of ours, or forgotten since",
    Came.UNWANTED: "a reader called a message spam: no more is written to the address",
    Came.UNPROVEN: "a reader called a message spam, and nothing proves it: nothing is changed",
    Came.NO_REPORT: "no report that a message did not arrive",
}

Files = Annotated[
    list[Path] | None,
    typer.Argument(exists=True, dir_okay=False, help="Mails; without any, one on standard input."),
]


def returned_mail(files: Files = None) -> None:
    """Take mails that came back from mailboxes which do not exist, or take nothing.

    Complaints of a feedback loop, too. For a mail server to call: the exit code 75 asks it to try
    again later.
    """
    try:
        _take(files)
    except typer.Exit as error:  # said on stderr; a mail server knows this code, and keeps the mail
        raise typer.Exit(EX_TEMPFAIL) from error


def _take(files: list[Path] | None) -> None:
    """Take each mail; as a mail server calls it, it brings no database up.

    What came back needs no vault; whether a complaint is about a mail of ours is known by its keys.
    """
    with reported():
        settings = load_settings()
        if settings.smtp is None:
            fail("SIRA_SMTP__HOST is not set: no e-mail leaves from here")
        domain = domain_of(settings.smtp.sender_address)
        db, now = Database(settings.database_url), SystemClock().now()

        def keyed() -> Keyed | None:
            try:
                return find_vault(settings).token
            except (VaultKeyError, OSError) as error:
                typer.echo(f"without the vault's keys: {error}", err=True)
                return None

        with closing(db):
            for mail in map(_read, files) if files else [sys.stdin.buffer.read(_MOST)]:

                def work(conn: Connection, mail: bytes = mail) -> Came:
                    return take_returned(
                        conn,
                        mail,
                        domain=domain,
                        now=now,
                        keyed=keyed,
                        duty=settings.duty.rota.channels,
                    )

                done(_SAID[db.write_now(work)])


def _read(file: Path) -> bytes:
    with file.open("rb") as mail:
        return mail.read(_MOST)
