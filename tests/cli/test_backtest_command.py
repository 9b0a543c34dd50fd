"""`sira calibrate` and `sira backtest`: from a plain CSV to coefficients, forecasts and figures."""

import csv
import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from shapely import LineString, Point, STRtree, transform  # type: ignore[import-untyped]
from typing_extensions import override

from app.roads.loading import load_network
from app.roads.network import Network
from bench import conflict
from tests.harness.api import CONFIG, shipped_config
from tests.harness.command import Command, a_file

LAST = ("--from", "2018-01-01", "--to", "2018-03-01")
FIRST = ("--from", "2013-01-01", "--to", "2016-07-01")


#: Two roads are enough, and quick.
ROUTES = ("ML-DKR-N", "ML-RN6")


@dataclass(frozen=True)
class OnFewRoads(Command):
    """The command where the configuration knows two roads."""

    config: Path

    @property
    @override
    def environment(self) -> dict[str, str]:
        return super().environment | {"SIRA_CONFIG_DIR": str(self.config)}


@pytest.fixture(scope="module")
def config_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = tmp_path_factory.mktemp("few") / "config"
    shutil.copytree(CONFIG, config)
    for name in ("corridors.csv", "corridor_stops.csv"):
        head, *rows = (CONFIG / "network" / name).read_text(encoding="utf-8").splitlines()
        kept = [row for row in rows if row.startswith(tuple(f"{code}," for code in ROUTES))]
        (config / "network" / name).write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    a_file(config / "network" / "roads.toml", "")
    return config


@pytest.fixture(scope="module")
def network(config_dir: Path) -> Network:
    return load_network(config_dir / "network")


@pytest.fixture(scope="module")
def war(tmp_path_factory: pytest.TempPathFactory, network: Network) -> Path:
    path = tmp_path_factory.mktemp("war") / "events.csv"
    conflict.write(path, conflict.events(network, seed=3, count=700))
    return path


@pytest.fixture
def few(sira: Command, config_dir: Path) -> Command:
    return OnFewRoads(sira.folder, config_dir)


def forecasts(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines_before(war: Path, day: str) -> list[str]:
    head, *rows = war.read_text(encoding="utf-8").splitlines(keepends=True)
    return [head, *(row for row in rows if row.split(",")[1] < day)]


def test_a_forecast_for_every_step_section_and_cargo(
    few: Command, war: Path, network: Network
) -> None:
    out = few.folder / "forecasts.csv"

    result = few.ok("backtest", "--reports", war, *LAST, "--json", "--forecasts", out)

    rows, said = forecasts(out), json.loads(result.stdout)
    cargoes = shipped_config().cargoes.codes
    assert list(rows[0]) == ["at", "section", "cargo", "chance", "level"]
    assert sorted({row["at"] for row in rows}) == [
        f"2018-{day}T00:00:00Z"
        for day in ("01-01", "01-08", "01-15", "01-22", "01-29", "02-05", "02-12", "02-19")
    ]
    assert {row["section"] for row in rows} == set(network.sections)
    assert len(rows) == 8 * len(network.sections) * len(cargoes)
    assert all(0.0 <= float(row["chance"]) <= 1.0 for row in rows)
    assert {row["level"] for row in rows} <= {"low", "unknown", "moderate", "high", "severe"}
    assert said["steps"] == 8
    assert said["data"]["of_unknown_kind"] == said["data"]["rows"] > 500
    assert {"brier", "auc", "log_score", "slope", "skill_own_frequency"} <= set(said["chance"])
    assert set(said["rivals"]) == {"base_rate", "own_frequency", "persistence"}
    assert "taken as known when their day (UTC) was over" in result.stderr
    assert "'violence'" in result.stderr


def test_others_can_score_it_by_the_exported_roads(few: Command, war: Path) -> None:
    """The Brier score from the two files and the events alone is the one that is printed."""
    out, roads = few.folder / "forecasts.csv", few.folder / "roads.geojson"
    said = json.loads(
        few.ok("backtest", "--reports", war, *LAST, "--json", "--forecasts", out).stdout
    )
    few.ok("roads", "export", roads)

    def flat(points: Any) -> Any:
        return points * [107.0, 110.7]  # km a degree at 15 degrees north: near enough

    features = json.loads(roads.read_text(encoding="utf-8"))["features"]
    lines = [transform(LineString(f["geometry"]["coordinates"]), flat) for f in features]
    ids, tree = [f["id"] for f in features], STRtree(lines)
    hit: set[tuple[str, str]] = set()
    days = sorted({row["at"][:10] for row in forecasts(out)})
    with war.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            week = [day for day in days if day <= row["occurred_at"]]
            if not week or row["occurred_at"] >= "2018-02-26":
                continue
            spot = transform(Point(float(row["lon"]), float(row["lat"])), flat)
            hit |= {(week[-1], ids[n]) for n in tree.query(spot, "dwithin", 10.0)}
    fuel = [row for row in forecasts(out) if row["cargo"] == "fuel"]
    scored = [
        (float(row["chance"]) - ((row["at"][:10], row["section"]) in hit)) ** 2 for row in fuel
    ]

    assert len(hit) >= 10
    assert sum(scored) / len(scored) == pytest.approx(said["chance"]["brier"]["value"], rel=0.02)


def test_deleting_all_data_after_an_instant_changes_nothing_before_it(
    few: Command, war: Path
) -> None:
    cut = a_file(few.folder / "cut.csv", "".join(lines_before(war, "2018-02-05")))
    out = {name: few.folder / f"{name}.csv" for name in ("whole", "cut")}

    few.ok("backtest", "--reports", war, *LAST, "--forecasts", out["whole"])
    few.ok("backtest", "--reports", cut, *LAST, "--forecasts", out["cut"])

    whole, less = (path.read_bytes().splitlines() for path in out.values())
    known = [n for n, line in enumerate(whole) if line[:10] <= b"2018-02-05"]
    assert len(known) > 500
    assert [whole[n] for n in known] == [less[n] for n in known]
    assert whole != less


def test_calibrate_then_backtest(few: Command, war: Path) -> None:
    fitted = few.folder / "coefficients.toml"

    result = few.ok("calibrate", "--reports", war, *FIRST, "--out", fitted)
    said = json.loads(
        few.ok(
            *("backtest", "--reports", war, "--coefficients", fitted, "--json"),
            *("--from", "2017-06-01", "--to", "2018-06-01"),
        ).stdout
    )

    assert "on the hold-out: Brier" in result.stderr
    assert said["chance"]["skill_own_frequency"]["value"] > 0
    assert "events.csv, 2013-01-01 to 2016-07-01" in said["coefficients"]


def test_better_coefficients_are_not_replaced_by_worse_ones(few: Command, war: Path) -> None:
    """Worse: fitted on a past whose places were mixed up."""
    out = few.folder / "coefficients.toml"
    few.ok("calibrate", "--reports", war, *FIRST, "--out", out)
    good = out.read_text(encoding="utf-8").replace("window_to", "window_to_of_old")
    a_file(out, good)
    mixed = a_file(few.folder / "mixed.csv", mixed_up(war, until="2015-03-01"))

    refused = few.refused("calibrate", "--reports", mixed, *FIRST, "--out", out)

    assert "coefficients.toml forecasts better and stays: Brier" in refused
    assert out.read_text(encoding="utf-8") == good
    few.ok("calibrate", "--reports", mixed, *FIRST, "--out", out, "--force")
    assert "mixed.csv" in out.read_text(encoding="utf-8")


def test_the_same_fit_again_is_no_worse(few: Command, war: Path) -> None:
    out = few.folder / "coefficients.toml"
    few.ok("calibrate", "--reports", war, *FIRST, "--out", out)
    before = out.read_text(encoding="utf-8")

    few.ok("calibrate", "--reports", war, *FIRST, "--out", out)

    assert out.read_text(encoding="utf-8") == before


def mixed_up(war: Path, *, until: str) -> str:
    """Return the events, those before a day each at the place of another."""
    head, *rows = war.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    early = [row for row in cells if row[1] < until]
    places = [row[2:4] for row in early]
    random.Random(1).shuffle(places)  # noqa: S311 - any order will do
    for row, place in zip(early, places, strict=True):
        row[2:4] = place
    return "\n".join([head, *(",".join(row) for row in cells)]) + "\n"


def test_other_roads_may_be_given_as_a_directory_or_as_geojson(
    sira: Command, few: Command, war: Path, network: Network, config_dir: Path
) -> None:
    roads = few.folder / "roads.geojson"
    few.ok("roads", "export", roads)
    bare = few.folder / "bare"
    bare.mkdir()
    for name in ("corridors.csv", "corridor_stops.csv", "places.csv"):
        (bare / name).write_bytes((config_dir / "network" / name).read_bytes())

    said = [
        json.loads(command.ok("backtest", "--reports", war, *LAST, "--json", *given).stdout)
        for command, given in (
            (few, ()),
            (sira, ("--network", bare)),
            (few, ("--network", roads)),
        )
    ]

    assert [one["sections"] for one in said] == [len(network.sections)] * 3
    assert said[1] == said[0]
    briers = [one["chance"]["brier"]["value"] for one in said]
    assert briers[2] == pytest.approx(briers[0], rel=0.01)


def test_rules_of_ones_own_change_levels_and_no_chance(few: Command, war: Path) -> None:
    rules = a_file(
        few.folder / "rules.toml",
        '[[rule]]\nid = "all"\ntitle = "All"\ntitle_fr = "Tout"\nweight = 0.01\n'
        "when = 'incident.family == \"hostile\"'\n",
    )
    out = {name: few.folder / f"{name}.csv" for name in ("shipped", "own")}

    few.ok("backtest", "--reports", war, *LAST, "--forecasts", out["shipped"])
    few.ok("backtest", "--reports", war, *LAST, "--rules", rules, "--forecasts", out["own"])

    shipped, own = (forecasts(path) for path in out.values())
    assert [row["chance"] for row in shipped] == [row["chance"] for row in own]
    assert {row["level"] for row in own} <= {"unknown", "moderate"}
    assert "high" in {row["level"] for row in shipped}


def test_pictures(few: Command, war: Path, network: Network) -> None:
    folder = few.folder / "pictures"

    few.ok("backtest", "--reports", war, *LAST, "--plot", folder)

    routes = {path.stem for path in (folder / "routes").glob("*.svg")}
    assert routes == set(ROUTES)
    for name in ("reliability.svg", "map.svg"):
        assert "</svg>" in (folder / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--from", "2018-13-01", "--to", "2019-01-01"), "--from '2018-13-01'"),
        (("--from", "2018-01-01", "--to", "2018-01-03"), "one horizon after --from"),
    ],
)
def test_a_window_that_cannot_be_is_named(
    few: Command, war: Path, words: Sequence[str], named: str
) -> None:
    assert named in few.refused("backtest", "--reports", war, *words)


def test_files_that_are_something_else_are_named(few: Command, war: Path) -> None:
    odd = a_file(few.folder / "odd.csv", "a,b\n1,2\n")
    empty = a_file(few.folder / "empty.csv", "date,lat,lon\n")

    assert "odd.csv: the file has no column" in few.refused("backtest", "--reports", odd, *LAST)
    assert "no row of it can be used" in few.refused("backtest", "--reports", empty, *LAST)
    week = ("--from", "2018-01-01", "--to", "2018-01-20", "--out", few.folder / "c.toml")
    refused = few.refused("calibrate", "--reports", war, *week)
    assert "section-weeks with an incident" in refused
    assert not (few.folder / "c.toml").exists()
    assert "FeatureCollection" in few.refused(
        "backtest", "--reports", war, *LAST, "--network", a_file(few.folder / "n.json", "{}")
    )
