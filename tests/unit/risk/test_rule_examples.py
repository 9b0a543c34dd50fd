"""Examples beside rules: their form, and what a rule must say of them."""

from typing import Any

import pytest

from app.risk.checking import check_rules
from app.risk.problems import Problem
from app.risk.rules import parse_rule
from tests.harness.risk import CARGOES, FAMILIES, POLICY, SHIPPED

RULE: dict[str, Any] = {
    "id": "convoys",
    "title": "Convoys of fuel",
    "when": 'incident.kind == "convoy_ambush" && "fuel" in incident.cargo',
    "weight": {"fuel": 1.25, "goods": 0.5},
    "floor": [
        {"level": "severe", "days": 2, "cargoes": ["fuel"], "min_credibility": 0.5, "within_km": 20}
    ],
}
HIT = {"kind": "convoy_ambush", "cargo": ["fuel"], "credibility": 0.7}


def tried(*examples: Any, **changes: Any) -> list[Problem]:
    """Return what is wrong with the rule with these examples."""
    rule, problems = parse_rule({**RULE, "example": list(examples), **changes}, cargoes=CARGOES)
    if rule is None:
        return problems
    return check_rules([rule], families=FAMILIES, cargoes=CARGOES, policy=POLICY)


@pytest.mark.parametrize(
    ("example", "expect"),
    [
        ({"incident": HIT}, {"applies": True, "weight": 1.25, "floor": "severe"}),
        ({"incident": HIT, "cargo": "goods"}, {"applies": True, "weight": 0.5, "floor": "none"}),
        ({"incident": {**HIT, "credibility": 0.4}}, {"applies": True, "floor": "none"}),
        ({"incident": {**HIT, "only_unknown": True}}, {"floor": "high"}),
        ({"incident": {**HIT, "status": "refuted"}}, {"floor": "none"}),
        ({"incident": HIT, "distance_km": 23}, {"floor": "none"}),
        ({"incident": {"kind": "convoy_ambush"}}, {"applies": False, "weight": 0, "floor": "none"}),
        ({"incident": {**HIT, "kind": "ied"}}, {"applies": False}),
    ],
)
def test_an_example_that_holds_is_no_problem(
    example: dict[str, Any], expect: dict[str, Any]
) -> None:
    assert tried({"cargo": "fuel", **example, "expect": expect}) == []


@pytest.mark.parametrize(
    ("expect", "pointer", "said"),
    [
        ({"applies": False}, "applies", "expected applies false, the rule says true"),
        ({"weight": 1.2}, "weight", "expected weight 1.2, the rule says 1.25"),
        ({"floor": "high"}, "floor", "expected floor high, the rule says severe"),
    ],
)
def test_an_example_that_fails_is_told_with_its_place(
    expect: dict[str, Any], pointer: str, said: str
) -> None:
    good = {"incident": HIT, "cargo": "fuel", "expect": {"applies": True}}
    bad = {"name": "tankers", "incident": HIT, "cargo": "fuel", "expect": expect}

    (problem,) = tried(good, bad)

    assert (problem.rule, problem.field) == ("convoys", f"/examples/1/expect/{pointer}")
    assert problem.message == f"example 'tankers': {said}"
    assert not problem.warning


def test_examples_of_a_disabled_rule_are_tried_too() -> None:
    example = {"incident": HIT, "cargo": "fuel", "expect": {"applies": False}}

    assert len(tried(example, enabled=False)) == 1


def test_an_example_may_name_its_road_and_what_happened_there() -> None:
    when = 'section.regions.exists(r, r == "Gao") && recent.hostile_7d >= 3'
    floor: list[Any] = []
    there = {
        "incident": {"kind": "ied"},
        "section": {"regions": ["Gao"]},
        "recent": {"hostile_7d": 3},
        "cargo": "fuel",
        "expect": {"applies": True},
    }
    elsewhere = {**there, "section": {"regions": ["Kayes"]}, "expect": {"applies": False}}
    calmer = {**there, "recent": {"hostile_7d": 2}, "expect": {"applies": False}}
    when = f'incident.kind == "ied" && {when}'

    assert tried(there, elsewhere, calmer, when=when, floor=floor) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "suggestion"),
    [
        ({"incident": {"knd": "ied"}}, "/incident/knd", "kind"),
        ({"incident": {"kind": "iedd"}}, "/incident/kind", "ied"),
        ({"incident": {}}, "/incident/kind", None),
        ({"incident": {"kind": "ied", "vehicles": -1}}, "/incident/vehicles", None),
        ({"incident": {"kind": "ied", "certain": "yes"}}, "/incident/certain", None),
        ({"incident": {"kind": "ied", "cargo": ["fule"]}}, "/incident/cargo/0", "fuel"),
        ({"incident": {"kind": "ied", "status": "opn"}}, "/incident/status", "open"),
        ({"incident": None}, "/incident", None),
        ({"cargo": "fule"}, "/cargo", "fuel"),
        ({"cargo": None}, "/cargo", None),
        ({"expect": {}}, "/expect", None),
        ({"expect": {"level": "high"}}, "/expect/level", None),
        ({"expect": {"floor": "sever"}}, "/expect/floor", "severe"),
        ({"section": {"routes": "RN1"}}, "/section/routes", None),
        ({"recent": {"hostile_9d": 1}}, "/recent/hostile_9d", "hostile_7d"),
        ({"nmae": "x"}, "/nmae", "name"),
    ],
)
def test_a_slip_in_an_example_is_told_by_pointer(
    changes: dict[str, Any], pointer: str, suggestion: str | None
) -> None:
    example = {"incident": HIT, "cargo": "fuel", "expect": {"applies": True}, **changes}

    problems = tried(example)

    assert (f"/examples/0{pointer}", suggestion) in {
        (one.field, one.suggestion) for one in problems
    }


def test_a_rule_has_a_few_examples_not_hundreds() -> None:
    example = {"incident": HIT, "cargo": "fuel", "expect": {"applies": True}}

    assert [one.field for one in tried(*[example] * 13)] == ["/examples"]
    assert [one.field for one in tried(example="none")] == ["/examples"]


def test_every_shipped_rule_has_an_example_that_applies() -> None:
    without = [
        rule.id
        for rule in SHIPPED
        if not any(
            one["expect"].get("applies") or one["expect"].get("weight") for one in rule.examples
        )
    ]

    assert without == []


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"incident": {**HIT, "vehicles": 10**9}}, "/incident/vehicles"),
        ({"incident": {**HIT, "fatalities": 10**30}}, "/incident/fatalities"),
        ({"incident": {**HIT, "credibility": 7}}, "/incident/credibility"),
        ({"incident": {**HIT, "credibility": -0.1}}, "/incident/credibility"),
        ({"incident": HIT, "recent": {"hostile_7d": 10**9}}, "/recent/hostile_7d"),
        ({"incident": HIT, "section": {"km": -5}}, "/section/km"),
        ({"incident": HIT, "distance_km": 1e9}, "/distance_km"),
    ],
)
def test_a_figure_that_no_report_may_give_is_no_example(part: dict[str, Any], field: str) -> None:
    (problem,) = tried({**part, "cargo": "fuel", "expect": {"applies": True}})

    assert problem.field == f"/examples/0{field}"
    assert problem.code == "beyond-reports"
