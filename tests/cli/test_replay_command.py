"""`sira replay`: reports through the whole chain, and the file that the scorer reads."""

import csv
import json
import re
from pathlib import Path

from sqlalchemy import func, select

from app.db.tables import ReportRow
from tests.harness.command import Command, a_file

ROWS = """report_id,reported_at,occurred_on,kind,place,summary,source_name,source_type
A,2025-09-03T10:00:00Z,2025-09-03,fuel_interception,Lakamane,Tankers stopped,Radio Kayes,radio
B,2025-09-03T12:00:00Z,2025-09-03,fuel_interception,Lakamané,Tankers emptied,A driver,driver
C,2025-09-09T12:00:00Z,2025-09-09,abduction,Xyzzyplugh,Nobody knows where,A driver,driver
D,2025-09-10T12:00:00Z,2025-09-10,nothing,Kayes,No such kind,A driver,driver
"""


def test_figures_and_assignments_of_a_file(sira: Command) -> None:
    file = a_file(sira.folder / "reports.csv", ROWS)
    out = sira.folder / "assignments.csv"

    result = sira.ok("replay", file, "--json", "--assignments", out)

    figures = json.loads(result.stdout)
    assert figures["reports"] == 3
    assert (figures["placed"], figures["asked"], figures["bad_rows"]) == (2, 1, 1)
    assert figures["incidents"] == 1
    assert "line 5: kind: unknown kind 'nothing'" in result.stderr
    with out.open(newline="") as lines:
        rows = {row["report_id"]: row for row in csv.DictReader(lines)}
    assert rows["A"]["incident_id"] == rows["B"]["incident_id"] != ""
    assert (rows["A"]["outcome"], rows["C"]["outcome"]) == ("placed", "asked")
    assert rows["C"]["incident_id"] == rows["C"]["lat"] == ""
    assert float(rows["A"]["lat"]) > 14


def test_an_id_that_stands_for_two_reports_is_told_with_its_line(sira: Command) -> None:
    again = "A,2025-09-11T10:00:00Z,2025-09-11,ied,Konna,A mine,A driver,driver\n"
    file = a_file(sira.folder / "reports.csv", ROWS + again)

    result = sira.ok("replay", file)

    assert "line 6: report_id: imported before with other words" in result.stderr


def count(sira: Command) -> int | None:
    with sira.database() as db:
        return db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(ReportRow)))


def test_it_plays_in_a_database_of_its_own_unless_told_otherwise(sira: Command) -> None:
    file: Path = a_file(sira.folder / "reports.csv", ROWS)

    result = sira.ok("replay", file)
    assert count(sira) == 0
    assert re.search(r"^alerts: alert \d+", result.stdout, re.MULTILINE)

    sira.ok("replay", file, "--database", sira.environment["SIRA_DATABASE_URL"])
    assert count(sira) == 3


def test_other_rules_give_other_alerts(sira: Command) -> None:
    file = a_file(sira.folder / "reports.csv", ROWS)
    calm = """
        [[rule]]
        id = "calm"
        title = "Calm"
        when = 'incident.kind == "fuel_interception"'
        weight = 0.1
        [[rule.floor]]
        level = "moderate"
        days = 2
        """
    rules = a_file(sira.folder / "calm.toml", calm)

    sira.ok("replay", file, "--alerts", sira.folder / "shipped.csv")
    sira.ok("replay", file, "--rules", rules, "--alerts", sira.folder / "calm.csv")
    sira.ok("replay", file, "--until", "2025-09-20", "--alerts", sira.folder / "later.csv")

    def rows(name: str) -> list[dict[str, str]]:
        with (sira.folder / name).open(newline="") as lines:
            return list(csv.DictReader(lines))

    shipped, calmer, later = rows("shipped.csv"), rows("calm.csv"), rows("later.csv")
    assert {one["level"] for one in calmer} <= {"moderate", "unknown"}
    assert "severe" in {one["level"] for one in shipped}
    assert later[: len(shipped)] == shipped
    assert len(later) > len(shipped)


def test_rules_that_cannot_be_used_stop_the_replay(sira: Command) -> None:
    file = a_file(sira.folder / "reports.csv", ROWS)
    rules = a_file(
        sira.folder / "bad.toml", "[[rule]]\nid = 'x'\ntitle = 'x'\nwhen = 'incident.knd'\n"
    )

    assert "unknown name" in sira.refused("replay", file, "--rules", rules)


def test_time_passes_up_to_a_day_that_comes_within_years(sira: Command) -> None:
    file = a_file(sira.folder / "reports.csv", ROWS)

    result = sira.run("replay", file, "--until", "9999-12-31")

    assert result.exit_code == 2  # as for any option that cannot be used
    assert "Invalid value for --until" in result.stderr
    assert "more than ten years from now" in result.stderr
