"""The file of an SQLite database: for its owner alone."""

import os
from contextlib import suppress
from pathlib import Path


def make_private(path: Path) -> None:
    """Make the file of a database, with its folders, where there is none yet.

    It holds where convoys passed, and SQLite would make it as everybody on the machine may read
    it. What SQLite puts beside it is as private as the file is. Where it cannot be made, SQLite
    says so when it opens it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
