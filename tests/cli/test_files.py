"""Files of commands: what is piped in is read like a file, and what cannot be written is told."""

import csv
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.harness.api import CONFIG
from tests.harness.command import Command, a_file

SIRA = [sys.executable, "-c", "from app.cli import app; app(prog_name='sira')"]
HEADER = "report_id,kind,occurred_at,place,summary,source_type\n"
GOOD = "R1,fuel_interception,2025-09-03,Lakamane,Tankers stopped,driver\n"
BAD = "R2,nothing,2025-09-03,Lakamane,Nobody knows what,driver\n"


def test_reports_may_be_piped_in_and_bad_rows_outlive_the_pipe(
    sira: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    result = sira.ok("import", "reports", "-", piped=HEADER + GOOD + BAD)

    assert result.stdout.startswith("1 placed")
    (aside,) = tmp_path.glob("*/*.bad.csv")
    assert f"kept in {aside}" in result.stderr
    with aside.open(newline="") as lines:
        assert [row["report_id"] for row in csv.DictReader(lines)] == ["R2"]


def test_what_another_program_writes_into_a_pipe_is_read_whole(sira: Command) -> None:
    pipe = sira.folder / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(HEADER + GOOD,))
    writer.start()

    result = sira.ok("import", "reports", pipe)

    writer.join()
    assert result.stdout.startswith("1 placed")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
def test_an_answer_that_cannot_be_written_is_told_in_a_sentence(sira: Command) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*SIRA, "rules", "check", str(CONFIG / "rules.toml")],
            env=os.environ | sira.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stderr == "sira: No space left on device\n"


@pytest.mark.parametrize("option", ["--assignments", "--alerts"])
def test_nobody_waits_for_figures_that_cannot_be_written(sira: Command, option: str) -> None:
    reports = a_file(sira.folder / "reports.csv", HEADER + GOOD)

    result = sira.run("replay", reports, option, sira.folder / "none" / "out.csv")

    assert result.exit_code == 1
    folder = sira.folder / "none"  # told before the first report is played
    assert result.stderr == (
        f"sira: {folder}/out.csv: there is no folder {folder}; make it, or write elsewhere\n"
    )
