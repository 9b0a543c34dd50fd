"""What pydantic finds wrong is said in plain words, with how to mend it."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.api.alert_bodies import WithdrawIn
from app.api.incident_bodies import IncidentIn, SplitIn
from app.api.report_bodies import ReportIn
from app.http.fault_words import in_words
from app.http.model import Instant
from app.http.problems import from_validation

REPORT = {"kind": "ied", "place": "Diema", "occurred_at": "2025-09-08T05:00:00Z"}


def said_of(model: Any, value: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(model).validate_python(value)
    return [in_words(fault) for fault in caught.value.errors(include_url=False)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "red"}, "there is no member of this name here"),
        ({"kind": None}, "a text is expected, in quotes"),
        ({"kind": ["ied"]}, "a text is expected, in quotes"),
        ({"kind": "x" * 61}, "at most 60 characters"),
        ({"occurred_at": "2025-09-08T05:00:00"}, "with which offset from UTC"),
        ({"occurred_at": "2025-02-30T05:00:00Z"}, "there is no such day or time"),
        ({"occurred_at": "yesterday"}, "such as 2026-01-31T08:30:00Z"),
        ({"basis": "dream"}, "must be 'firsthand', 'relayed', 'media' or 'official'"),
        ({"date_precision": "year"}, "must be 'instant', 'day', 'week' or 'month'"),
        ({"position": {"lat": 91, "lon": 0}}, "must be 90 or less"),
        ({"position": {"lat": "north", "lon": 0}}, "a number is expected, such as 2.5"),
        ({"position": {"lon": 0}}, "this is needed, and is not there"),
        ({"position": [14.5, -9.9]}, "an object is expected: members in braces"),
        ({"vehicles": "three"}, "a whole number is expected, such as 3"),
        ({"vehicles": True}, "a number is expected, not true or false"),
        ({"vehicles": 2.5}, "leave the decimals out"),
        ({"vehicles": -1}, "must be 0 or more"),
        ({"vehicles": 10**30}, "must be 1000000 or less"),
        ({"km": float("inf")}, "this number is too large"),
    ],
)
def test_a_fault_of_a_report_says_how_to_mend_it(change: dict[str, Any], words: str) -> None:
    assert words in "; ".join(said_of(ReportIn, {**REPORT, **change}))


def test_what_a_check_of_ours_says_stands_as_it_is() -> None:
    assert said_of(IncidentIn, {}) == ["say status, kind, place or starts_at"]


@pytest.mark.parametrize(
    ("model", "body", "words"),
    [
        (IncidentIn, {"status": "refuted", "note": "x" * 501}, "at most 500 characters: shorten"),
        (WithdrawIn, {"note": "x"}, "at least 3 characters are needed"),
        (SplitIn, {"report_ids": ["x"] * 1001}, "at most 1000: send the others apart"),
    ],
)
def test_of_a_text_its_characters_are_counted_and_of_a_list_its_entries(
    model: Any, body: dict[str, Any], words: str
) -> None:
    assert words in "; ".join(said_of(model, body))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-09-08T06:30:00 01:00", "2025-09-08T05:30:00+00:00"),
        ("2025-09-08T06:30 0100", "2025-09-08T05:30:00+00:00"),
        ("2025-09-08 06:30:00.5 00:00", "2025-09-08T06:30:00.500000+00:00"),
    ],
)
def test_a_space_before_the_offset_is_the_plus_that_a_query_lost(written: str, meant: str) -> None:
    assert TypeAdapter(Instant).validate_python(written).isoformat() == meant


def test_a_day_and_a_time_have_no_offset_for_the_space_between_them() -> None:
    assert said_of(Instant, "2025-09-08 06:30") == [
        "say with which offset from UTC, such as 2026-01-31T08:30:00Z"
    ]


def test_a_fault_that_nobody_thought_of_is_not_said_in_pydantics_words() -> None:
    fault = {"type": "frozen_set_type", "msg": "Input should be a valid frozenset"}

    assert in_words(fault) == "this cannot be accepted here; /docs says what can"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (-1, {"/fatalities": "must be 0 or more"}),
        ("many", {"/fatalities": "a whole number is expected, such as 3"}),
        ({"low": 3, "most": 4}, {"/fatalities/high": None, "/fatalities/most": None}),
    ],
)
def test_a_figure_is_faulted_in_the_shape_in_which_it_was_sent(
    sent: Any, said: dict[str, str | None]
) -> None:
    body = {**REPORT, "fatalities": sent}
    with pytest.raises(ValidationError) as caught:
        ReportIn.model_validate(body)

    problem = from_validation(caught.value, body)

    found = {one["pointer"]: one["detail"] for one in problem.errors}
    assert found.keys() == said.keys()
    assert all(words in (None, found[pointer]) for pointer, words in said.items())
    assert problem.detail.startswith(f"{len(said)} field")
