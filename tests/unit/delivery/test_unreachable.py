"""When an address counts as out of reach."""

from datetime import UTC, datetime, timedelta

from app.delivery.unreachable import Result, Unreachable, judge

NOW = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)


def results(marks: str) -> list[Result]:
    """Return results, newest first: `+` arrived, `-` did not, `x` hopeless."""
    return [
        Result(at=NOW - timedelta(days=day), arrived=mark == "+", hopeless=mark == "x", code="1")
        for day, mark in enumerate(marks)
    ]


def test_several_in_a_row_or_a_hopeless_one_and_never_after_an_arrival() -> None:
    assert judge(results("---"), in_a_row=3) == Unreachable(
        since=NOW - timedelta(days=2), why="not_arrived"
    )
    assert judge(results("x-+"), in_a_row=3) == Unreachable(
        since=NOW - timedelta(days=1), why="refused:1"
    )
    for marks in ("", "--", "+xx", "--+", "-x+"):
        assert judge(results(marks), in_a_row=3) is None, marks
