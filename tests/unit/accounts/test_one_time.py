"""Codes to sign in with: how they are typed, kept, and how often they may be asked for."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.one_time import (
    AGAIN_AFTER,
    DAY,
    MOST_A_DAY,
    Asked,
    as_typed,
    count_asking,
    hash_code,
    is_code,
    new_code,
)
from app.accounts.sessions import new_token

NOW = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)
NEVER = Asked(at=None, day_began_at=None, on_day=0)


@pytest.mark.parametrize("typed", ["04821907", " 0482 1907 ", "0482-1907", "0482.19.07"])
def test_a_code_may_be_typed_with_gaps(typed: str) -> None:
    assert as_typed(typed) == "04821907"


@pytest.mark.parametrize("typed", ["", "4821907", "048219070", "0482190a", "٠٤٨٢١٩٠٧", "0" * 99])
def test_what_is_no_code_is_not_tried(typed: str) -> None:
    assert as_typed(typed) is None


def test_a_code_opens_nothing_in_another_browser() -> None:
    code, mine, other = new_code(), new_token(), new_token()
    kept = hash_code(code, mine)

    assert as_typed(code) == code
    assert is_code(code, mine, kept)
    assert not is_code(code, other, kept)


@given(st.lists(st.integers(min_value=0, max_value=30 * 3600), max_size=60))
def test_however_often_somebody_asks_he_gets_so_many_codes_a_day_and_one_a_minute(
    waits_s: list[int],
) -> None:
    asked, now, sent = NEVER, NOW, []
    for wait_s in waits_s:
        now += timedelta(seconds=wait_s)
        if found := count_asking(asked, now=now):
            asked = found
            sent.append(now)

    assert all(later - at >= AGAIN_AFTER for at, later in pairwise(sent))
    # counted from the first of a day on: two days may touch
    for at in sent:
        assert sum(at <= one < at + DAY for one in sent) <= 2 * MOST_A_DAY
    if waits_s:
        assert sent
