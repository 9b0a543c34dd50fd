"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from app import alerts, api, channels, db, flows, http, incidents, risk, roads, subscribers, web
from app.delivery import outbox
from app.environment import load_settings, variable_names
from app.flows import alerting, desk, messages, outcomes, people, reports, sending
from app.settings import Settings
from app.subscribers import store
from app.web import desk as desk_pages
from app.web import my
from app.web import roads as road_pages
from app.web import rules as rule_pages

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
#: Names that say nothing about what is inside.
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the repository that match, new ones included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in answer.stdout.splitlines() if (ROOT / line).is_file()]


SOURCES = tracked("app/**.py", "tests/**.py", "bench/**.py")
APP = [path for path in SOURCES if path.is_relative_to(ROOT / "app")]


def test_there_are_sources_to_look_at() -> None:
    assert ROOT / "app" / "core" / "clock.py" in APP
    assert Path(__file__) in SOURCES


#: Where nobody finds a file by reading the names in the folder.
LARGE = [
    alerts,
    api,
    channels,
    db,
    flows,
    alerting,
    desk,
    messages,
    outcomes,
    people,
    reports,
    sending,
    http,
    incidents,
    outbox,
    risk,
    roads,
    store,
    subscribers,
    web,
    desk_pages,
    my,
    road_pages,
    rule_pages,
]


@pytest.mark.parametrize("package", LARGE, ids=lambda package: package.__name__)
def test_every_module_is_listed_by_what_it_is_for(package: ModuleType) -> None:
    entries = re.split(r"^- ", package.__doc__ or "", flags=re.MULTILINE)[1:]
    listed = [
        name
        for entry in entries
        for part in re.split(r"[.;]\s", f"{entry.strip()} ")
        for name in re.findall(r"\w+", part.partition(":")[2])
    ]
    folder = Path(str(package.__file__)).parent
    there = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    inside = {path.parent.name for path in folder.glob("*/__init__.py")}

    assert sorted(listed) == sorted(there | inside)


def test_no_file_is_longer_than_a_person_reads() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }

    assert long == {}


def test_no_module_has_a_vague_name() -> None:
    vague = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if VAGUE & {*path.relative_to(ROOT).parts[:-1], *path.stem.split("_")}
    ]

    assert vague == []


def test_only_the_clock_reads_the_clock() -> None:
    reads = re.compile(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time)\(")
    offenders = [
        str(path.relative_to(ROOT))
        for path in APP
        if path != ROOT / "app" / "core" / "clock.py" and reads.search(path.read_text())
    ]

    assert offenders == []


def test_a_blind_except_says_why_or_raises_again() -> None:
    blind = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in APP
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
        and "BLE001 - " not in path.read_text().splitlines()[node.lineno - 1]
        and not any(isinstance(step, ast.Raise) and step.exc is None for step in ast.walk(node))
    ]

    assert blind == []


def test_every_setting_is_in_the_example_and_nothing_else_is() -> None:
    text = (ROOT / ".env.example").read_text()

    assert set(re.findall(r"^(SIRA_\w+)=", text, re.MULTILINE)) == variable_names()


def test_a_copy_of_the_example_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", ROOT / ".env.example")

    assert load_settings() == Settings(_env_file=None)


def test_no_module_is_written_for_later() -> None:
    """An empty package or a stub promises what is not there."""
    left_open = re.compile(r"NotImplementedError|\b(?:TODO|FIXME)\b")
    offenders = [str(path.relative_to(ROOT)) for path in APP if left_open.search(path.read_text())]

    assert offenders == []
