"""What every command stands in: settings, logs, a service, and faults said in a sentence."""

import os
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.core.clock import Clock
from app.core.errors import ConfigError, DomainError
from app.core.logging import configure, mask
from app.environment import load_settings, nearest_name, unread_names
from app.service import Service, open_service
from app.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console as Terminal

_SAVE_IT = 'save it as UTF-8 (Excel: "CSV UTF-8"; LibreOffice: character set "Unicode (UTF-8)")'


@cache
def screen() -> "Terminal":
    """Return what people read. A command answers on stdout alone, so that it can be piped."""
    from rich.console import Console as Terminal  # noqa: PLC0415 - a service seldom says a word

    return Terminal(stderr=True)


def say(text: str, *, style: str | None = None) -> None:
    """Write `text` on stderr as it stands: brackets and numbers in it are not marked up."""
    screen().print(text, markup=False, highlight=False, style=style, soft_wrap=True)


def warn_of_unread() -> None:
    """Say which names in the environment begin as settings and are none.

    Where nothing can be written, on a full disk or to nobody, that keeps nobody from serving.
    """
    with suppress(OSError):
        for name in unread_names():
            near = nearest_name(name)
            meant = f"; did you mean {near}?" if near else ""
            say(f"{name} is no setting; Sira does not read it{meant}", style="yellow")


@contextmanager
def reported() -> Iterator[None]:
    """Say what is wrong and how to mend it, without a traceback; exit 1."""
    try:
        yield
    except DBAPIError as error:
        reason = mask(str(error.orig).strip().splitlines()[0])
        fail(f"the database cannot be used: {reason} (SIRA_DATABASE_URL says where it is)", error)
    except PoolTimeoutError as error:
        fail("the database is too busy: nothing answered in time", error)
    except UnicodeDecodeError as error:
        fail(f"the file is not UTF-8 (byte {error.start + 1}): {_SAVE_IT}", error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"{where}{error.strerror or error}", error)
    except DomainError as error:
        faults = [f"{_where(fault)}: {fault['detail']}" for fault in error.errors]
        fail("; ".join(faults) or error.detail, error)
    except ConfigError as error:
        fail(str(error), error)


def _where(fault: Mapping[str, str]) -> str:
    return fault["pointer"].strip("/") if "pointer" in fault else fault["parameter"]


@contextmanager
def wrong_file(file: Path) -> Iterator[None]:
    """Report a file that is not what the command reads, by its name."""
    if file.is_file() and _is_utf_16(file):
        fail(f"{file} is not UTF-8 but UTF-16: {_SAVE_IT}")
    try:
        yield
    except UnicodeDecodeError:
        raise  # also a ValueError; `reported` says it better
    except ValueError as error:
        fail(f"{file}: {error}", error)


def _is_utf_16(file: Path) -> bool:
    """Tell whether a file begins as spreadsheets save "Unicode text", marked or not."""
    with file.open("rb") as raw:
        start = raw.read(2)
    return start in {BOM_UTF16_LE, BOM_UTF16_BE} or b"\0" in start


def fail(text: str, cause: Exception | None = None) -> NoReturn:
    """Say why a command cannot go on, and end it with exit code 1."""
    say(f"sira: {text}", style="red")
    raise typer.Exit(1) from cause


def done(text: str) -> None:
    """Say on stdout what was done; where nothing can be written there, say it on stderr.

    Nobody reading it any more (`| true`) is no fault; a full disk is one of the answer, not of the
    deed, and whoever hears "failed" alone would do it a second time.
    """
    try:
        typer.echo(text)
    except BrokenPipeError:
        drop_stdout()
        say(text)
    except OSError as error:
        drop_stdout()
        fail(f"{text}; that is done, and could not be written: {error.strerror or error}", error)


def answer(lines: Iterable[str]) -> None:
    """Write lines on stdout; that nobody reads on (`| head`) is no fault."""
    try:
        for line in lines:
            typer.echo(line)
    except BrokenPipeError:
        drop_stdout()


def drop_stdout() -> None:
    """Let what stdout still holds go nowhere: at its end Python would try, and fail, once more."""
    with suppress(OSError, ValueError):
        sink = os.open(os.devnull, os.O_WRONLY)
        os.dup2(sink, sys.stdout.fileno())
        os.close(sink)


def _look_for_database(settings: Settings, *, begins: bool, serves: bool) -> None:
    """Say where a new database begins, or refuse to begin one.

    Who calls a command in another folder than the service's would be told that it is done. To who
    starts the service for the first time it is no more than said.
    """
    file = settings.database_file
    if file is None or file.exists():
        return
    nothing = f"{file.absolute()}: there was no database"
    where = "Start where the service is started, or say in SIRA_DATABASE_URL where its database is"
    if not begins:
        fail(f"{nothing}. {where}")
    with suppress(OSError):
        if serves:
            say(f"{file.absolute()}: a new database begins")
        else:
            say(f"{nothing}, a new one begins. Is that not meant? {where}", style="yellow")


@contextmanager
def the_service(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    rules: Sequence[Mapping[str, Any]] | None = None,
    begins: bool = True,
    serves: bool = False,
) -> Iterator[Service]:
    """Open the service of this environment; every fault on the way or inside is reported.

    `rules`: those that a database without a rule set begins with, in place of config/rules.toml.
    `begins`: whether there need not be a database yet. `serves`: it is the service that starts.
    """
    with reported():
        found = settings or load_settings()
        if settings is None:
            _look_for_database(found, begins=begins, serves=serves)
        configure(found.log_level)
        with ExitStack() as stack:
            try:
                service = stack.enter_context(open_service(found, clock=clock, rules=rules))
            except OSError as error:
                fail(
                    f"{error.filename}: {error.strerror}. Data is kept there: make it writable, or"
                    " name another place in SIRA_VAR_DIR and SIRA_DATABASE_URL",
                    error,
                )
            yield service
