"""Fixtures of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.command import Command, a_command


@pytest.fixture
def sira(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Command]:
    with a_command(tmp_path, migrated_sqlite) as command:
        yield command
