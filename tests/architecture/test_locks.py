"""The lock files: they pin what pyproject.toml asks for, by hash, and name no address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9][\w.-]*)(?:\[[\w,-]+\])?==([\w.]+)", re.MULTILINE)
RUN, DEVELOP = "requirements.lock", "requirements-dev.lock"


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text()))


@pytest.mark.parametrize("name", [RUN, DEVELOP])
def test_lock_files_pin_by_hash_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()

    assert len(pins(name)) > 40
    assert not re.search(r"https?:|file:|--(?:extra-)?index|--find-links|--trusted-host", text)
    for entry in re.split(r"\n(?=[a-z0-9])", text.partition("\n#    make lock\n")[2]):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_what_runs_is_what_was_tested() -> None:
    assert pins(RUN).items() <= pins(DEVELOP).items()


@pytest.mark.parametrize("name", [RUN, DEVELOP])
def test_locks_satisfy_the_project(name: str) -> None:
    """Fails when a dependency was added or raised without `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    if name == DEVELOP:
        wanted += project["dependency-groups"]["dev"]
    locked = pins(name)

    unmet = [
        text
        for text in wanted
        if (version := locked.get(canonicalize_name(Requirement(text).name))) is None
        or version not in Requirement(text).specifier
    ]
    assert unmet == []
