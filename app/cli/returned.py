"""`sira returned-mail`."""

import sys
from contextlib import closing
from os import EX_TEMPFAIL
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.channels.smtp_message import domain_of
from app.cli.frame import fail, reported
from app.core.clock import SystemClock
from app.db.engine import Database
from app.flows.returned_mail import Came, take_returned
from app.settings import load_settings

#: More of a mail is not read: a report with the whole of ours in it has a tenth of that.
_MOST = 1_000_000
_SAID = {
    Came.BACK: "a message came back: it counts as undelivered",
    Came.AGAIN: "a message that is known not to have arrived",
    Came.UNKNOWN: "not a message to a contact, or forgotten since",
    Came.NO_REPORT: "no report that a message did not arrive",
}

Files = Annotated[
    list[Path] | None,
    typer.Argument(exists=True, dir_okay=False, help="Mails; without any, one on standard input."),
]


def returned_mail(files: Files = None) -> None:
    """Take mails that came back from mailboxes which do not exist, or take nothing.

    For a mail server to call: the exit code 75 asks it to try again later.
    """
    try:
        _take(files)
    except typer.Exit as error:  # said on stderr; a mail server knows this code, and keeps the mail
        raise typer.Exit(EX_TEMPFAIL) from error


def _take(files: list[Path] | None) -> None:
    """Take each mail; as a mail server calls it, it needs no vault and brings no database up."""
    with reported():
        settings = load_settings()
        if settings.smtp is None:
            fail("SIRA_SMTP__HOST is not set: no e-mail leaves from here")
        domain = domain_of(settings.smtp.sender_address)
        db, now = Database(settings.database_url), SystemClock().now()
        with closing(db):
            for mail in map(_read, files) if files else [sys.stdin.buffer.read(_MOST)]:

                def work(conn: Connection, mail: bytes = mail) -> Came:
                    return take_returned(conn, mail, domain=domain, now=now)

                typer.echo(_SAID[db.write_now(work)])


def _read(file: Path) -> bytes:
    with file.open("rb") as mail:
        return mail.read(_MOST)
