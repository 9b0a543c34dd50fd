"""How time passes where a clock is moved by hand."""

from datetime import UTC, datetime, timedelta

from app.flows.past.passing import Passing

DAY = datetime(2025, 9, 14, tzinfo=UTC)
H = timedelta(hours=1)


class Story:
    """Statements that run out, and what was done when."""

    def __init__(self, *expiries: float) -> None:
        self.open = sorted(DAY + hours * H for hours in expiries)
        self.done: list[tuple[str, float]] = []
        self.passing = Passing(
            age=lambda now: self.done.append(("age", (now - DAY) / H)),
            expire=self._expire,
            next_expiry=lambda: self.open[0] if self.open else None,
        )

    def _expire(self, now: datetime) -> None:
        if any(one <= now for one in self.open):
            self.done.append(("expire", (now - DAY) / H))
        self.open = [one for one in self.open if one > now]


def test_ratings_age_at_the_full_steps_of_the_day_and_statements_end_at_their_instant() -> None:
    story = Story(2.5, 6.0, 7.25)

    story.passing.pass_time(DAY + H, DAY + 13 * H)

    assert story.done == [
        ("expire", 2.5),
        ("age", 6.0),
        ("expire", 6.0),
        ("expire", 7.25),
        ("age", 12.0),
    ]


def test_pauses_in_between_change_nothing() -> None:
    whole, parts = Story(2.5, 9.0, 20.0), Story(2.5, 9.0, 20.0)

    whole.passing.pass_time(DAY, DAY + 25 * H)
    for begin, end in ((0, 2.5), (2.5, 6.0), (6.0, 6.1), (6.1, 25)):
        parts.passing.pass_time(DAY + begin * H, DAY + end * H)

    assert parts.done == whole.done


def test_what_ran_out_before_is_answered_first_thing() -> None:
    story = Story(-3.0)

    story.passing.pass_time(DAY, DAY + H)

    assert [what for what, _ in story.done] == ["expire"]
    assert story.open == []
