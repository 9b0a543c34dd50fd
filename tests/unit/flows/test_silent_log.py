"""How long a log is asked that answers nobody."""

from datetime import UTC, datetime, timedelta

from app.flows.outcomes.silent_log import Patience

NOW = datetime(2025, 9, 6, 8, tzinfo=UTC)
REST = timedelta(seconds=15)
MOST = 32


def silent(patience: Patience, times: int, *, now: datetime) -> None:
    for question in [patience.ask() for _ in range(times)]:
        patience.unanswered(question, now=now)


def test_a_log_that_answers_nobody_rests_then_one_question_tries_it() -> None:
    patience = Patience(rest=REST)
    silent(patience, 2, now=NOW)
    assert patience.room(NOW, most=MOST) == MOST

    silent(patience, 30, now=NOW)
    assert (patience.room(NOW, most=MOST), patience.is_given_up(NOW)) == (0, False)
    later = NOW + REST
    assert patience.room(later, most=MOST) == 1

    silent(patience, 1, now=later)
    assert (patience.room(later, most=MOST), patience.is_given_up(later)) == (0, True)
    assert not patience.is_given_up(later + REST)  # it may be well: it is tried first

    patience.answered()
    assert (patience.room(later, most=MOST), patience.is_given_up(later)) == (MOST, False)


def test_of_a_log_that_answers_some_all_are_asked() -> None:
    patience = Patience(rest=REST)
    hanging = [patience.ask() for _ in range(20)]
    patience.ask()
    patience.answered()

    for question in hanging:
        patience.unanswered(question, now=NOW)

    assert patience.room(NOW, most=MOST) == MOST


def test_a_clock_that_was_put_back_makes_no_rest_longer() -> None:
    patience = Patience(rest=REST)
    silent(patience, 3, now=NOW)

    assert patience.room(NOW - timedelta(hours=1), most=MOST) == 1
