"""The command `sira`, run in process on an SQLite database of its own."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli import app
from app.db.engine import Database
from tests.harness.api import CONFIG


@dataclass(frozen=True)
class Command:
    """Runs `sira` in an environment where everything is under `folder`."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the command is started with."""
        return {
            "SIRA_CONFIG_DIR": str(CONFIG),
            "SIRA_VAR_DIR": str(self.folder),
            "SIRA_DATABASE_URL": f"sqlite:///{self.folder / 'sira.db'}",
            "COLUMNS": "200",
        }

    def run(self, *words: str | Path, piped: str = "", **environment: str) -> Result:
        """Run the command; `environment` is laid over what it starts with."""
        given = self.environment | environment
        return CliRunner().invoke(app, list(map(str, words)), input=piped, env=given)

    def ok(self, *words: str | Path, piped: str = "", **environment: str) -> Result:
        """Run the command, which must succeed."""
        result = self.run(*words, piped=piped, **environment)
        assert result.exit_code == 0, result.output
        return result

    def refused(self, *words: str | Path, **environment: str) -> str:
        """Run the command, which must fail in a sentence, not a traceback; return the sentence."""
        result = self.run(*words, **environment)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        assert result.stdout == ""
        return result.stderr.splitlines()[-1]

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Open what the commands work on."""
        db = Database(self.environment["SIRA_DATABASE_URL"])
        yield db
        db.close()


@contextmanager
def a_command(folder: Path, migrated: Path) -> Iterator[Command]:
    """Yield the command on a copy of `migrated`; logging is put back as it was afterwards."""
    shutil.copyfile(migrated, folder / "sira.db")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield Command(folder)
    root.handlers[:] = handlers
    root.setLevel(level)


def a_file(path: Path, text: str) -> Path:
    """Write a file; return where."""
    path.write_text(text, encoding="utf-8")
    return path
