"""Everything that is wrong in a table of settings is found at once, and nothing that is right."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.core import amiss
from app.core.amiss import Found, Way
from app.core.errors import ConfigError

WORDS = {"yes": "oui", "no": "non"}
RIGHT = {"limit": 4, "home": "fr", "languages": ["fr", "en"], "words": WORDS}
NEEDED = set(RIGHT)


def parse(table: Mapping[str, Any]) -> Mapping[str, Any]:
    """A parser as they are here: it complains of the first fault."""
    if wrong := sorted(set(table) ^ NEEDED):
        raise ConfigError(f"{'unknown' if wrong[0] in table else 'missing'} key '{wrong[0]}'")
    if not isinstance(table["limit"], int) or table["limit"] < 1:
        raise ConfigError("'limit' must be from 1 on")
    if table["home"] not in table["languages"]:
        raise ConfigError("'home' is none of the languages")
    for name in ("yes", "no"):
        if name not in table["words"]:
            raise ConfigError(f"'words.{name}' is missing")
    if "maybe" in table["words"] and "bm" not in table["languages"]:
        raise ConfigError("'words.maybe' is only for bm")
    return table


def found(own: Mapping[str, Any], right: Mapping[str, Any] = RIGHT) -> Found[Mapping[str, Any]]:
    result = amiss.find(own, right, parse)
    assert result is not None
    return result


def test_every_missing_key_is_named_in_the_order_of_the_file() -> None:
    result = found({"home": "fr", "languages": ["fr"], "words": {"no": "ayi"}})

    assert [fault.complaint for fault in result.faults] == [
        "missing key 'limit'",
        "'words.yes' is missing",
    ]
    assert [fault.where.path for fault in result.faults] == [("limit",), ("words", "yes")]


def test_missing_unknown_and_wrong_are_told_together() -> None:
    own = {"limit": 0, "languages": ["fr"], "words": WORDS, "limmit": 3, "typo": 1}

    result = found(own)

    assert [(fault.where.path[-1], fault.where.way) for fault in result.faults] == [
        ("limit", Way.OTHER),
        ("home", Way.MISSING),
        ("limmit", Way.EXTRA),
        ("typo", Way.EXTRA),
    ]


def test_what_an_admin_changed_and_is_right_is_no_fault_and_is_kept() -> None:
    own = {"home": "bm", "languages": ["bm"], "words": {"yes": "awo", "no": "ayi", "maybe": "n'a"}}

    result = found(own)

    assert [fault.complaint for fault in result.faults] == ["missing key 'limit'"]
    assert result.rest == {**own, "limit": 4}


def test_what_came_with_something_that_the_folder_lacks_is_not_asked_for() -> None:
    right = {**RIGHT, "languages": ["fr", "bm"], "words": {**WORDS, "maybe": "n'a do"}}

    result = found({"home": "fr", "languages": ["fr"], "words": WORDS}, right)

    assert [fault.complaint for fault in result.faults] == ["missing key 'limit'"]


def test_of_something_else_altogether_nothing_is_said() -> None:
    assert amiss.find({"a": 1}, {"b": 2}, parse) is None


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("names",), 4),
        (("names", "vague"), 6),
        (("days", "today"), 9),
        (("days", "today", "fr"), 10),
        (("road",), 12),
        (("gone",), None),
    ],
)
def test_the_line_at_which_a_key_begins(path: tuple[str, ...], line: int | None) -> None:
    text = (
        '# Of names.\ntop = 1\n\n[names]\n# Words.\nvague = """\na b\n"""\n'
        '[days.today]\nfr = ["ce jour"]\n\n[[road]]\nnumber = "RN1"\n'
    )

    assert amiss.line_of(text, path) == line
