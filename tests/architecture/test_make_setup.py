"""`make setup` where an environment stands that was never finished."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Stands for Python: makes an environment that has pip, and says so.
MAKES_ONE = """#!/bin/sh
echo "made with: $*"
mkdir -p .venv/bin
printf '#!/bin/sh\\nexit 0\\n' > .venv/bin/python
chmod +x .venv/bin/python
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone, as far as `make setup` reads it, in a folder with a space in its name."""
    folder = tmp_path / "a clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements-dev.lock", "pyproject.toml"):
        (folder / name).touch()
    (folder / "python").write_text(MAKES_ONE)
    (folder / "python").chmod(0o755)
    return folder


def setup(clone: Path, *, pip: int) -> str:
    """Run `make setup` where `.venv/bin/python -m pip` ends with that code; return what is said."""
    python = clone / ".venv" / "bin" / "python"
    python.write_text(f"#!/bin/sh\nexit {pip}\n")
    python.chmod(0o755)
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make on the PATH")
    return subprocess.run(
        [make, "setup", f"PYTHON={clone / 'python'}"],
        cwd=clone,
        env={"PATH": os.environ["PATH"]},  # not what a `make test` around it was given
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_one_without_pip_is_made_anew(clone: Path) -> None:
    said = setup(clone, pip=1)

    assert "made with: -m venv --clear .venv" in said
    assert (clone / ".venv" / ".ready").exists()


def test_one_that_has_pip_is_kept(clone: Path) -> None:
    assert "made with" not in setup(clone, pip=0)
