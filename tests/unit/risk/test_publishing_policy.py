"""config/policy/rules.toml: what is read, and what stops the start."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.risk.publishing import parse
from tests.harness.risk import toml

SHIPPED = toml("policy/rules.toml")


def test_as_shipped_a_small_union_with_one_admin_is_not_held_up() -> None:
    policy = parse(SHIPPED, file="rules.toml")

    assert not policy.require_note
    assert not policy.second_admin


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.pop("publishing"), "section [publishing] is missing"),
        (lambda table: table.update(prizes={}), "unknown section [prizes]"),
        (lambda table: table["publishing"].update(require_notes=True), "unknown key"),
        (lambda table: table["publishing"].pop("second_admin"), "needs the key 'second_admin'"),
        (lambda table: table["publishing"].update(require_note=1), "must be true or false"),
        (lambda table: table["publishing"].update(severe_share=1.5), "between 0 and 1"),
        (lambda table: table["preview"].update(most_days=True), "must be a number"),
    ],
)
def test_a_slip_stops_the_start_with_file_and_key(
    change: Callable[[dict[str, Any]], Any], said: str
) -> None:
    table = copy.deepcopy(SHIPPED)
    change(table)

    with pytest.raises(ConfigError, match=r"rules\.toml") as stopped:
        parse(table, file="rules.toml")

    assert said in str(stopped.value)
