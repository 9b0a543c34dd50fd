"""Codes to sign in with: how they are typed, kept, and how often they may be asked for."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.one_time import (
    AGAIN_AFTER,
    DAY,
    MOST_A_DAY,
    MOST_OF_STRANGERS,
    Asked,
    as_typed,
    hash_code,
    is_code,
    may_ask,
    new_code,
)
from app.accounts.sessions import new_token

NOW = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)


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


#: Who asks, and how long after the one before him.
ASKERS = st.lists(
    st.tuples(
        st.sampled_from([("phone", True), ("depot", False), ("hotel", False), ("attacker", False)]),
        st.integers(min_value=0, max_value=8 * 3600),
    ),
    max_size=120,
)


@given(ASKERS)
def test_nobody_is_sent_more_codes_a_day_than_agreed_and_two_of_one_asker_are_a_minute_apart(
    askers: list[tuple[tuple[str, bool], int]],
) -> None:
    sent = sent_to(askers)

    for at in (one.at for one in sent):
        day = [one for one in sent if at <= one.at < at + DAY]
        assert max(Counter(one.by for one in day).values()) <= MOST_A_DAY
        assert sum(not one.known for one in day) <= MOST_OF_STRANGERS
    for by in {one.by for one in sent}:
        assert all(b - a >= AGAIN_AFTER for a, b in pairwise(o.at for o in sent if o.by == by))


@given(ASKERS)
def test_what_strangers_do_keeps_no_code_from_a_browser_that_is_known(
    askers: list[tuple[tuple[str, bool], int]],
) -> None:
    with_strangers = [one.at for one in sent_to(askers) if one.known]

    assert with_strangers == [one.at for one in sent_to(askers, only="phone")]


def test_one_network_cannot_use_up_the_codes_of_another() -> None:
    before = [
        Asked(at=NOW - timedelta(minutes=n), by="attacker", known=False) for n in range(MOST_A_DAY)
    ]

    assert not may_ask(before, by="attacker", known=False, now=NOW + AGAIN_AFTER)
    assert may_ask(before, by="depot", known=False, now=NOW)


def sent_to(askers: list[tuple[tuple[str, bool], int]], only: str = "") -> list[Asked]:
    """Return the codes that were sent, asked for one after the other."""
    now, sent = NOW, list[Asked]()
    for (by, known), wait_s in askers:
        now += timedelta(seconds=wait_s)
        wanted = not only or by == only
        if wanted and may_ask(sent, by=by, known=known, now=now):
            sent.append(Asked(at=now, by=by, known=known))
    return sent
