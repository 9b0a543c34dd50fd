"""`sira --help`: quick, and true of the commands it tells of."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from app.cli import COMMANDS, app, read


@pytest.mark.parametrize("word", COMMANDS)
def test_what_help_says_of_a_command_is_how_its_own_help_begins(word: str) -> None:
    assert read(word).help.startswith(COMMANDS[word][1])

    shown = CliRunner().invoke(app, [word, "--help"], prog_name="sira")

    assert shown.exit_code == 0
    assert f"Usage: sira {word} " in shown.output


def test_help_reads_nothing_of_the_service() -> None:
    asked = (
        "import sys\n"
        "from app.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        "print(sorted(name for name in sys.modules if name.startswith('app')))\n"
    )

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert "inbound-urls" in told.stdout
    assert told.stdout.splitlines()[-1] == "['app', 'app.cli']"


def test_a_slip_in_a_command_is_answered_with_what_was_meant() -> None:
    answer = CliRunner().invoke(app, ["srve"])

    assert answer.exit_code == 2
    assert "Did you mean 'serve'?" in answer.stderr
