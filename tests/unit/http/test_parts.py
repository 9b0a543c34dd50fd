"""Looking through JSON costs what its size is, however it is put together."""

import json
import tracemalloc
from typing import Any

import pytest

from app.core.errors import InvalidError
from app.http.edge import _unusable_texts
from app.http.members import refuse_twice_named
from app.http.parts import path_to
from tests.harness.effort import counted

SIZE = 40_000
NUL = '"\\u0000"'


def nested(depth: int, last: str) -> str:
    """Return JSON of about `SIZE` bytes: brackets, and in the innermost many numbers and `last`."""
    numbers = (SIZE - 2 * depth) // 2
    return f"{'[' * depth}{'1,' * numbers}{last}{']' * depth}"


def test_the_way_to_a_part_is_told_from_the_whole_on() -> None:
    assert path_to(None) == []
    assert path_to(((None, "a"), 1)) == ["a", 1]


@pytest.mark.parametrize("last", [NUL, '{"x":1,"x":2}'])
def test_brackets_in_brackets_take_no_more_room_and_work_than_a_flat_list(last: str) -> None:
    flat, deep = (look_through(nested(depth, last)) for depth in (1, 700))

    assert deep["at"].count("/") == flat["at"].count("/") + 699
    assert deep["calls"] < 1.5 * flat["calls"]
    assert deep["bytes"] < 1.5 * flat["bytes"]


def look_through(text: str) -> dict[str, Any]:
    """Return where something is wrong with a text, and what it took to find it."""
    tracemalloc.start()
    try:
        with counted() as effort:
            at = fault_in(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return {"at": at, "calls": effort.calls, "bytes": most}


def fault_in(text: str) -> str:
    if NUL in text:
        return _unusable_texts(json.loads(text))[0]["pointer"]
    with pytest.raises(InvalidError) as refused:
        refuse_twice_named(text.encode())
    return str(refused.value.errors[0]["pointer"])


def test_what_stands_under_a_name_that_is_no_text_is_not_pointed_to() -> None:
    value = {"ok": ["\x00"], "bad\ud800": ["\x00"]}

    assert [one["pointer"] for one in _unusable_texts(value)] == ["", "/ok/0"]
