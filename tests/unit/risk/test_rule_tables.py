"""Rules as tables: what is read, what is refused, and that writing reads back."""

from typing import Any

import pytest

from app.risk.rules import parse_rule, parse_rules
from tests.harness.risk import CARGOES, SHIPPED

GOOD: dict[str, Any] = {"id": "ied", "title": "Mine", "when": "true", "weight": {"fuel": 1.0}}


@pytest.mark.parametrize(
    ("changes", "field", "suggestion"),
    [
        ({"wieght": 1}, "/wieght", "weight"),
        ({"weight": {"fule": 1}}, "/weight/fule", "fuel"),
        ({"weight": 3.5}, "/weight", None),
        ({"weight": True}, "/weight", None),
        ({"weight": float("nan")}, "/weight", None),
        ({"id": "Über"}, "/id", None),
        ({"id": ""}, "/id", None),
        ({"title": "  "}, "/title", None),
        ({"when": "x" * 1001}, "/when", None),
        ({"when": 'cargo == "\x00"'}, "/when", None),
        ({"when": 'cargo == "\ud800"'}, "/when", None),
        ({"reach_km": 0}, "/reach_km", None),
        ({"half_life_days": "long"}, "/half_life_days", None),
        ({"enabled": "yes"}, "/enabled", None),
        ({"floor": {"level": "sever", "days": 1}}, "/floor/0/level", "severe"),
        ({"floor": {"level": "low", "days": 1}}, "/floor/0/level", None),
        ({"floor": {"level": "high"}}, "/floor/0/days", None),
        ({"floor": {"level": "high", "until": "tomorrow"}}, "/floor/0/until", "lifted"),
        (
            {"floor": [{"level": "high", "days": 1, "cargoes": ["fule"]}]},
            "/floor/0/cargoes/0",
            "fuel",
        ),
        (
            {"floor": [{"level": "high", "days": 1, "withinkm": 3}]},
            "/floor/0/withinkm",
            "within_km",
        ),
        ({"floor": [3]}, "/floor/0", None),
        ({"floor": "high"}, "/floor", None),
    ],
)
def test_wrong_key_is_told_by_pointer_and_near_name(
    changes: dict[str, Any], field: str, suggestion: str | None
) -> None:
    rule, problems = parse_rule({**GOOD, **changes}, cargoes=CARGOES)

    assert rule is None
    assert (field, suggestion) in {(one.field, one.suggestion) for one in problems}


def test_every_problem_of_every_rule_is_told_at_once() -> None:
    _, problems = parse_rules(
        [{**GOOD, "weight": 9, "reach_km": -1}, {"title": "no id"}], cargoes=CARGOES
    )

    assert {(one.rule, one.field) for one in problems} >= {
        ("ied", "/weight"),
        ("ied", "/reach_km"),
        ("#2", "/id"),
        ("#2", "/when"),
    }


def test_same_id_twice_is_refused() -> None:
    _, problems = parse_rules([GOOD, GOOD], cargoes=CARGOES)

    assert [one.field for one in problems] == ["/id"]


def test_rule_written_as_table_reads_back_the_same() -> None:
    again, problems = parse_rules([rule.as_table() for rule in SHIPPED], cargoes=CARGOES)

    assert not problems
    assert again == SHIPPED


def test_cargo_not_named_in_the_weights_weighs_nothing() -> None:
    rule, _ = parse_rule(GOOD, cargoes=CARGOES)

    assert rule is not None
    assert rule.weight_for("fuel") == 1.0
    assert rule.weight_for("goods") == 0.0
