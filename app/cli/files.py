"""Files that commands read and write: looked at before the work begins."""

import atexit
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from app.cli.frame import fail

_STDIN = Path("-")


def whole(file: Path) -> Path:
    """Return a file that can be read twice: what comes through a pipe, or `-`, is kept until then.

    What a command keeps beside it stays: bad rows that are to be mended.
    """
    if file != _STDIN and not file.exists():
        raise typer.BadParameter(f"file '{file}' does not exist.")
    if file != _STDIN and file.is_file():
        return file
    folder = Path(tempfile.mkdtemp(prefix="sira-"))
    copy = folder / "stdin"
    atexit.register(_drop, copy)
    with copy.open("wb") as kept:
        if file == _STDIN:
            shutil.copyfileobj(sys.stdin.buffer, kept)
        else:
            with file.open("rb") as piped:
                shutil.copyfileobj(piped, kept)
    return copy


def _drop(copy: Path) -> None:
    with suppress(OSError):
        copy.unlink()
        copy.parent.rmdir()


def writable(file: Path | None) -> Path | None:
    """Return `file`, where it can be written: nobody plays a year to hear at its end that not."""
    if file is not None:
        folder = file.absolute().parent
        if not folder.is_dir():
            fail(f"{file}: there is no folder {folder}; make it, or write elsewhere")
        if not os.access(file if file.exists() else folder, os.W_OK):
            fail(f"{file} cannot be written; give another place, or the right to write there")
    return file


#: What a command reads; `-` is what is piped into it.
InputFile = Annotated[
    Path, typer.Argument(dir_okay=False, callback=whole, help="`-`: what is piped in.")
]
