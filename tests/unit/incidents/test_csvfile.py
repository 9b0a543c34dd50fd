import re
from datetime import UTC, datetime
from typing import Any

import pytest

from app.incidents.csvfile import BadRow, read_reports
from app.incidents.report import Basis, Range
from app.roads.geometry import Position
from tests.harness.effort import counted
from tests.harness.incidents import CARGOES, KINDS

NOW = datetime(2025, 12, 1, tzinfo=UTC)
HEADER = (
    "report_id,event_ref,reported_at,occurred_on,date_precision,kind,place,lat,lon,cargo,"
    "vehicles,summary,source_type\n"
)
GOOD = (
    'R1,E1,2025-09-15T12:00:00Z,2025-09-14,day,fuel_interception,Lakamane,14.5,-9.9,"fuel, goods",'
    '20-40,"Burned, emptied",wire\n'
)


def rows_of(lines: list[str]) -> list[Any]:
    return list(read_reports(lines, kinds=KINDS, cargoes=CARGOES, now=NOW))


def rows(*lines: str) -> list[Any]:
    return rows_of([HEADER, *lines])


def test_a_row_is_read_as_filed() -> None:
    [(line, filed)] = rows(GOOD)

    assert line == 2
    assert filed.external_id == "R1"
    assert filed.occurred_at == datetime(2025, 9, 14, 12, tzinfo=UTC)
    assert filed.reported_at == datetime(2025, 9, 15, 12, tzinfo=UTC)
    assert filed.position == Position(14.5, -9.9)
    assert filed.vehicles == Range(low=20, high=40)
    assert filed.basis is Basis.MEDIA
    assert filed.road is None


def test_the_truth_of_a_test_file_is_not_read() -> None:
    [(_, filed)] = rows(GOOD)

    assert "E1" not in repr(filed)


def test_columns_that_are_absent_are_not_known() -> None:
    lines = ["kind,place\n", "ied,Konna\n"]

    [(_, filed)] = rows_of(lines)

    assert filed.reported_at == filed.occurred_at == NOW
    assert (filed.position, filed.actor, filed.vehicles) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("fuel_interception", "fuel_intercept", "did you mean fuel_interception"),
        ("2025-09-14", "14/09/25", "occurred_on: '14/09/25' cannot be read"),
        ("2025-09-14", "2025-09-31", "occurred_on"),
        ("14.5,", "north,", "lat: 'north' cannot be read"),
        ("14.5,-9.9", "14.5,", "lat and lon: one without the other"),
        ("14.5,-9.9", "140.5,-9.9", "lat: degrees, -90 to 90"),
        ("Lakamane,14.5,-9.9", ",,", "say where"),
        ("2025-09-14,day", "2025-09-23,day", "after the report"),
        ("wire", "wire,more", "more cells than the header"),
        ("2025-09-14,day", "2027-09-14,day", "occurred_on: lies in the future"),
        ("2025-09-14,day", "9999-12-31,day", "occurred_on: lies in the future"),
        ("2025-09-15T12:00:00Z", "9999-12-31T23:59:59Z", "reported_at: lies in the future"),
        ("2025-09-15T12:00:00Z", "0001-01-01T00:00+14:00", "after the report"),
    ],
)
def test_a_bad_row_says_its_line_and_why_and_spoils_no_other(
    old: str, new: str, reason: str
) -> None:
    bad, good = rows(GOOD.replace(old, new), GOOD)

    assert isinstance(bad, BadRow)
    assert bad.line == 2
    assert reason in bad.reason
    assert not isinstance(good, BadRow)


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("wire", "hearsay", "source_type", "social"),
        ("wire", "WIRE", "source_type", "wire"),
        ("day", "season", "date_precision", "month"),
        ("fuel, goods", "zebras", "cargo", "zebras"),
        ("2025-09-14,day", "2025-09-17,day", "kind", "fuel_interception"),
    ],
)
def test_words_of_other_people_are_taken_for_what_they_may_mean(
    old: str, new: str, field: str, value: str
) -> None:
    [(_, filed)] = rows(GOOD.replace(old, new))

    assert getattr(filed, field) == value


def test_a_basis_that_is_none_is_told_which_there_are() -> None:
    (row,) = rows_of(["kind,basis", "convoy_ambush,secondhand"])

    assert isinstance(row, BadRow)
    assert row.reason == (
        "basis: 'secondhand' cannot be read; write it as firsthand or relayed or media or official"
    )


def test_a_file_without_kinds_is_no_file_of_reports() -> None:
    with pytest.raises(ValueError, match="'kind'"):
        list(read_reports(["a,b\n"], kinds=KINDS, cargoes=CARGOES, now=NOW))


@pytest.mark.parametrize("column", ["date", "event_date"])
def test_a_day_by_another_name_is_not_taken_for_today(column: str) -> None:
    ((_, filed),) = rows_of([f"kind,{column},place", "convoy_ambush,2019-03-01,Diéma"])

    assert filed.occurred_at.date().isoformat() == "2019-03-01"


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("06/01/2025,14.5", "occurred_on: '06/01/2025' cannot be read; write it as 2025-01-31"),
        ('2025-01-06,"14,5"', "lat: '14,5' cannot be read; write it as 14.5, with a point"),
    ],
)
def test_a_cell_as_a_french_spreadsheet_writes_it_is_told_how_it_is_read(
    cell: str, told: str
) -> None:
    (row,) = rows_of(["kind,lon,occurred_on,lat", f"convoy_ambush,-9.5,{cell}"])

    assert isinstance(row, BadRow)
    assert row.reason == told


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_file_with_semicolons_or_tabs_is_told_so(separator: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"separated by {separator!r}")):
        rows_of([separator.join(("kind", "occurred_on", "place"))])


@pytest.mark.parametrize("column", ["Occurred_On", "OCCURRED ON", " occurred-on "])
def test_a_day_under_a_title_spelt_otherwise_is_not_taken_for_today(column: str) -> None:
    ((_, filed),) = rows_of([f"Kind,{column},PLACE", "convoy_ambush,2019-03-01,Diéma"])

    assert filed.occurred_at.date().isoformat() == "2019-03-01"
    assert filed.place == "Diéma"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("kind,occured_on,place", "'occured_on' is not known; did you mean 'occurred_on'?"),
        ("kind,occurred_on,place,place", "two columns are called 'place'"),
        ("Incidents of January,,", "must name the columns, but is 'Incidents of January,,'"),
        ("", "must name the columns, but is ''"),
    ],
)
def test_a_first_line_that_names_no_columns_of_ours_is_told_why(header: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        rows_of([header, "convoy_ambush,2019-03-01,Diéma,Diéma"])


def test_columns_of_others_are_passed_over() -> None:
    ((_, filed),) = rows_of(["id,kind,notes,place,actor1,", "7,ied,seen,Konna,JNIM,"])

    assert (filed.kind, filed.place) == ("ied", "Konna")


@pytest.mark.parametrize("empty", ["\n", ",,,,,,,,,,,,\n", " , ,,\n"])
def test_rows_without_a_word_are_no_rows(empty: str) -> None:
    assert len(rows(GOOD, empty, GOOD)) == 2


def test_empty_cells_beyond_the_header_say_nothing() -> None:
    [(_, filed)] = rows(GOOD.replace("wire", "wire,,"))

    assert filed.source_type == "wire"


def test_a_quote_left_open_swallows_no_report() -> None:
    last = GOOD.replace('"Burned, emptied"', '"Burned, emptied')

    bad, *others = rows(last, GOOD.replace("R1", "R2"), GOOD.replace("R1", "R3"))

    assert isinstance(bad, BadRow)
    assert "it began on line 2: is a quote" in bad.reason
    assert [filed.external_id for _, filed in others] == ["R3"]


def test_a_quote_left_open_to_the_end_swallows_no_report() -> None:
    (bad,) = rows(GOOD.replace('"Burned, emptied"', '"Burned'), "R2,E1,2025-09-15T12:00:00Z\n")

    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert "it began on line 2: is a quote" in bad.reason


def test_a_file_of_columns_without_end_is_refused_before_they_are_compared() -> None:
    header = ",".join(["kind", *(f"c{number}" for number in range(20_000))])

    with counted() as effort, pytest.raises(ValueError, match="names 20001 columns"):
        rows_of([header])

    assert effort.calls < 1_000


def test_empty_columns_of_a_sheet_are_not_counted() -> None:
    (row,) = rows_of(
        ["kind,occurred_on,region" + "," * 1_024, "ied,2025-11-20,Kayes" + "," * 1_024]
    )

    assert not isinstance(row, BadRow)
