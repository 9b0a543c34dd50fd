"""`sira import`: files of reports and of places."""

import csv
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db.tables import AlertRow, IncidentRow, PlaceRow, ReportRow
from tests.harness.api import CONFIG
from tests.harness.command import Command, a_file

HEADER = "report_id,kind,occurred_at,place,summary,source_type"
GOOD = "R1,fuel_interception,2025-09-03,Lakamane,Tankers stopped,driver"


def reports(folder: Path, *rows: str) -> Path:
    return a_file(folder / "reports.csv", "\n".join([HEADER, *rows, ""]))


def count(sira: Command, table: type) -> int:
    with sira.database() as db:
        return db.read_now(lambda conn: conn.scalar(select(func.count()).select_from(table)) or 0)


def test_good_rows_come_in_and_bad_ones_are_listed_and_kept_aside_whole(sira: Command) -> None:
    file = reports(
        sira.folder,
        GOOD,
        'R2,nothing,2025-09-03,Lakamane,"two\nlines",driver',
        "R3,fuel_interception,2999-01-01,Lakamane,too early,driver",
        "R4,fuel_interception,2025-09-03,Xyzzyplugh,nobody knows where,driver",
    )

    result = sira.ok("import", "reports", file)

    assert result.stdout == ("1 placed, 1 kept for a moderator to place, 0 known before, 2 bad\n")
    assert "line 4: kind: unknown kind 'nothing'" in result.stderr
    assert "line 5: occurred_at: lies in the future" in result.stderr
    with (sira.folder / "reports.bad.csv").open(newline="") as aside:
        rows = list(csv.DictReader(aside))
    assert [(row["line"], row["report_id"], row["summary"]) for row in rows] == [
        ("4", "R2", "two\nlines"),
        ("5", "R3", "too early"),
    ]
    assert count(sira, ReportRow) == 2


def test_what_is_kept_aside_is_as_private_as_the_file_is(sira: Command) -> None:
    file = reports(sira.folder, GOOD, "R2,nothing,2025-09-03,Lakamane,x,driver")
    file.chmod(0o600)
    umask = os.umask(0o022)

    sira.ok("import", "reports", file)

    os.umask(umask)
    assert stat.S_IMODE((sira.folder / "reports.bad.csv").stat().st_mode) == 0o600


def test_what_was_kept_aside_is_mended_and_imported(sira: Command) -> None:
    sira.ok("import", "reports", reports(sira.folder, GOOD.replace("Tankers", "Trucks"),
        "R2,fuel_interception,2999-01-01,Kayes,too early,driver"))  # fmt: skip
    aside = sira.folder / "reports.bad.csv"
    a_file(aside, aside.read_text().replace("2999", "2025"))

    result = sira.ok("import", "reports", aside)

    assert result.stdout.startswith("1 placed, 0 kept")
    assert count(sira, ReportRow) == 2


def test_reports_behind_a_quote_left_open_are_kept_aside_each_on_its_line(sira: Command) -> None:
    file = reports(
        sira.folder,
        'R1,fuel_interception,2025-09-03,Lakamane,"Tankers stopped,driver',
        "R2,ied,2025-09-03,Konna,Mine,driver",
        "R3,ied,2025-09-04,Konna,Mine,driver",
    )

    result = sira.run("import", "reports", file)

    assert result.exit_code == 1  # nothing was taken
    assert "line 4: not a row of a CSV" in result.stderr
    with (sira.folder / "reports.bad.csv").open(newline="") as aside:
        rows = list(csv.DictReader(aside))
    assert [(row["line"], row["report_id"], row["place"]) for row in rows] == [
        ("2", "R1", "Lakamane"),
        ("3", "R2", "Konna"),
        ("4", "R3", "Konna"),
    ]


def test_an_attack_on_a_cargo_in_words_that_nobody_knows_is_taken(sira: Command) -> None:
    file = a_file(
        sira.folder / "reports.csv",
        "kind,occurred_on,place,cargo\nvehicle_attack,2025-09-03,Konna,zebras\n",
    )

    result = sira.ok("import", "reports", file)

    assert result.stdout.startswith("1 placed")


def test_a_row_that_is_too_long_for_a_csv_is_kept_aside(sira: Command) -> None:
    endless = "R2,ied,2025-09-03,Konna," + "x" * 200_000

    result = sira.ok("import", "reports", reports(sira.folder, GOOD, endless))

    assert result.stdout.startswith("1 placed")
    assert "line 3: not a row of a CSV: field larger" in result.stderr
    assert "R2,ied,2025-09-03,Konna" in (sira.folder / "reports.bad.csv").read_text()


@pytest.mark.parametrize("dated", [True, False])
def test_the_same_file_again_changes_nothing(sira: Command, *, dated: bool) -> None:
    row = GOOD if dated else GOOD.replace("2025-09-03", "")
    file = reports(sira.folder, row, "R4,fuel_interception,2025-09-03,Xyzzyplugh,where,driver")
    sira.ok("import", "reports", file)

    result = sira.ok("import", "reports", file)

    assert result.stdout == ("0 placed, 0 kept for a moderator to place, 2 known before, 0 bad\n")
    assert (count(sira, ReportRow), count(sira, IncidentRow)) == (2, 1)


@pytest.mark.parametrize("day", ["2025-09-03", ""])
def test_a_file_without_report_ids_comes_in_once_too(sira: Command, day: str) -> None:
    row = GOOD.replace("R1", "").replace("2025-09-03", day)
    file = reports(sira.folder, row, row, row.replace("Tankers", "Trucks"))

    first, again = (sira.ok("import", "reports", file) for _ in range(2))

    assert first.stdout.startswith("3 placed, 0 kept")
    assert again.stdout == "0 placed, 0 kept for a moderator to place, 3 known before, 0 bad\n"
    assert count(sira, ReportRow) == 3


def test_what_others_wrote_is_run_by_no_spreadsheet(sira: Command) -> None:
    formula = '=HYPERLINK(""http://x"")'
    row = f'R1,nothing,2025-09-03,@Lakamane,"{formula}",driver'
    sira.run("import", "reports", reports(sira.folder, row))

    aside = sira.folder / "reports.bad.csv"
    with aside.open(newline="") as lines:
        (kept,) = csv.DictReader(lines)
    assert (kept["place"], kept["summary"]) == ("'@Lakamane", '\'=HYPERLINK("http://x")')

    a_file(aside, aside.read_text().replace("nothing", "ied"))
    sira.ok("import", "reports", aside)
    with sira.database() as db:
        summary = db.read_now(lambda conn: conn.scalar(select(ReportRow.summary)))
    assert summary == '=HYPERLINK("http://x")'


def test_another_report_under_an_old_id_is_bad(sira: Command) -> None:
    sira.ok("import", "reports", reports(sira.folder, GOOD))

    result = sira.run("import", "reports", reports(sira.folder, GOOD.replace("Tankers", "Trucks")))

    assert result.exit_code == 1  # nothing was taken
    assert "line 2: report_id: imported before with other words" in result.stderr
    assert count(sira, ReportRow) == 1


@pytest.mark.parametrize(("options", "alerts"), [((), 0), (("--alert",), 4)])
def test_history_comes_in_silently_unless_subscribers_are_to_be_told(
    sira: Command, options: tuple[str, ...], alerts: int
) -> None:
    row = GOOD.replace("2025-09-03", "")  # today

    sira.ok("import", "reports", reports(sira.folder, row), *options)

    assert count(sira, AlertRow) == alerts


@pytest.mark.parametrize(("options", "same"), [([], True), (["--alert"], False)])
def test_history_counts_as_told_when_it_happened_where_the_file_does_not_say(
    sira: Command, options: list[str], *, same: bool
) -> None:
    sira.ok("import", "reports", reports(sira.folder, GOOD), *options)

    with sira.database() as db:
        row = db.read_now(lambda conn: conn.execute(select(ReportRow.__table__)).one())
    assert (row.reported_at == row.occurred_at) is same


def test_places_of_our_own_csv_come_in_and_again(sira: Command) -> None:
    shipped = CONFIG / "network" / "gazetteer.csv"
    lines = shipped.read_text(encoding="utf-8").splitlines()[:51]
    file = a_file(sira.folder / "places.csv", "\n".join([*lines, lines[1].split(",")[0], ""]))

    for _ in range(2):
        result = sira.ok("import", "places", file)

        assert result.stdout.startswith("50 places imported, 1 lines bad")
        assert "line 52: not as many cells as columns" in result.stderr
    assert count(sira, PlaceRow) == 50


def test_places_of_a_geonames_dump_are_found_afterwards(sira: Command) -> None:
    cells = ["1", "Tillabéri-Test", "Tillaberi-Test", "Tilabéri", "14.2", "1.45", "P", "PPL", "NE"]
    dump = a_file(sira.folder / "NE.txt", "\t".join([*cells, *[""] * 10]) + "\n")
    sira.ok("import", "places", dump)
    row = GOOD.replace("Lakamane", "Tillaberi-Test")

    result = sira.ok("import", "reports", reports(sira.folder, row))

    assert result.stdout.startswith("1 placed")


@pytest.mark.parametrize("what", ["places", "reports"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_file_saved_as_utf_16_is_told_how_to_be_saved(
    sira: Command, what: str, encoding: str
) -> None:
    file = sira.folder / "x.csv"
    file.write_bytes(f"{HEADER},place_id,name,country,lat,lon\n".encode(encoding))

    result = sira.run("import", what, file)

    assert result.exit_code == 1
    assert "is not UTF-8 but UTF-16" in result.stderr
    assert 'Excel: "CSV UTF-8"' in result.stderr
    assert "column" not in result.stderr


def test_a_file_without_a_place_fails(sira: Command) -> None:
    result = sira.run("import", "places", a_file(sira.folder / "x.csv", "a,b\n1,2\n"))

    assert result.exit_code == 1
    assert "columns missing: country, lat, lon, name, place_id" in result.stderr
