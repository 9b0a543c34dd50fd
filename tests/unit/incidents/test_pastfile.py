"""Files of the past are read for what they mean; what had to be guessed is counted."""

from datetime import UTC, datetime

import pytest

from app.incidents.pastfile import PastFile, read_past
from tests.harness.api import shipped_config

KINDS = shipped_config().kinds


def read(text: str) -> PastFile:
    return read_past(text.splitlines(keepends=True), kinds=KINDS)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "report_id,occurred_at,lat,lon,kind\nA,2014-03-05,14.5,-9.9,ied\n",
        "ID;Day;Latitude;Longitude;Kind\nA;2014-03-05;14.5;-9.9;ied\n",
        "event_id\tevent_date\tlatitude\tlng\tkind\nA\t2014-03-05 00:00:00.000\t14.5\t-9.9\tied\n",
        "\ufeffid,date,lat,lon,kind,extra\nA,2014-03-05T00:00:00Z,14.5,-9.9,ied,x\n",
    ],
)
def test_a_list_of_events_by_any_of_its_names(text: str) -> None:
    past = read(text)

    (row,) = past.rows
    assert row.filed.external_id == "A"
    assert row.filed.kind == "ied"
    assert row.filed.date_precision == "day"
    assert row.filed.occurred_at == at("2014-03-05T12:00")
    assert row.filed.reported_at == at("2014-03-06T00:00")
    assert row.filed.position is not None
    assert (row.filed.position.lat, row.filed.position.lon) == (14.5, -9.9)
    assert not row.is_claim
    assert past.no_report_time == 1
    assert not past.strange_kinds


def test_an_instant_is_known_when_its_day_is_over_unless_the_file_says_when() -> None:
    past = read(
        "occurred_at,reported_at,lat,lon,kind\n"
        "2014-03-05T21:30:00Z,,14.5,-9.9,ied\n"
        "2014-03-05T08:00:00Z,2014-03-05T09:15:00Z,14.5,-9.9,ied\n"
        "2014-03-05,2014-03-05,14.5,-9.9,ied\n"
    )

    assert [row.filed.reported_at for row in past.rows] == [
        at("2014-03-05T09:15"),
        at("2014-03-06T00:00"),
        at("2014-03-06T00:00"),
    ]
    assert past.no_report_time == 1


def test_kinds_of_other_words_stand_for_violence_and_are_counted() -> None:
    past = read(
        "date,lat,lon,kind\n2014-03-05,14.5,-9.9,Battles\n2014-03-06,14.5,-9.9,\n"
        "2014-03-07,14.5,-9.9,Battles\n"
    )

    assert {row.filed.kind for row in past.rows} == {"town_attack"}
    assert past.strange_kinds == {"Battles": 2, "(none)": 1}


def test_a_row_with_words_or_a_page_is_a_claim() -> None:
    past = read(
        "date,lat,lon,kind,summary,source_url,source_name\n"
        "2014-03-05,14.5,-9.9,ied,A mine went off,,\n"
        "2014-03-06,14.5,-9.9,ied,,https://example.org/1,\n"
        "2014-03-07,14.5,-9.9,ied,,,ACLED\n"
    )

    assert [row.is_claim for row in past.rows] == [True, True, False]


def test_bad_rows_are_named_and_spoil_no_other() -> None:
    past = read(
        "date,lat,lon,kind\n2014-03-05,14.5,-9.9,ied\nyesterday,14.5,-9.9,ied\n"
        "2014-03-05,91.0,-9.9,ied\n2014-03-05,,,ied\n2014-03-05,14.5,,ied\n,14.5,-9.9,ied\n"
        "9999-12-31,14.5,-9.9,ied\n"
    )

    assert len(past.rows) == 1
    assert [(bad.line, bad.reason.split(":")[0]) for bad in past.bad] == [
        (3, "occurred_at"),
        (4, "lat 91.0, lon -9.9 is not on Earth"),
        (5, "place"),
        (6, "lat and lon"),
        (7, "occurred_at"),
        (8, "occurred_at"),
    ]


@pytest.mark.parametrize(
    ("text", "missing"),
    [("lat,lon,kind\n", "occurred_at"), ("date,kind\n", "'lat' and 'lon'"), ("", "occurred_at")],
)
def test_a_file_without_when_or_where_is_refused(text: str, missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        read(text)


ROWS = "2014-03-05,14.5,-9.9,ied,A mine went off,{}\n2014-03-06,14.5,-9.9,ied,Mine again,{}\n"


@pytest.mark.parametrize(
    ("column", "cells", "claims"),
    [
        ("event_ref", ("E1", "E2"), False),
        ("event_ref", ("E1", "E1"), True),
        ("event_ref", ("E1", ""), True),
        ("source_name", ("A list of events",) * 2, False),
        ("source_name", ("AFP", "RFI"), True),
        ("source_name", ("", ""), True),
    ],
)
def test_rows_with_words_are_events_where_the_file_says_that_no_two_are_of_one(
    column: str, cells: tuple[str, str], *, claims: bool
) -> None:
    past = read(f"occurred_at,lat,lon,kind,summary,{column}\n" + ROWS.format(*cells))

    assert [row.is_claim for row in past.rows] == [claims, claims]
    assert past.one_each is not claims
