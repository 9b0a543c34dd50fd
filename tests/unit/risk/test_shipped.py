"""Which of the rules that came with a version nobody has looked at."""

from dataclasses import replace

from app.risk.rules import Rule, parse_rule
from app.risk.shipped import otherwise, says, unsettled
from tests.harness.risk import CARGOES, some_rules

MINE, TOLL, FLOOD = some_rules(
    {"id": "mine", "weight": 1.0}, {"id": "toll", "weight": 0.1}, {"id": "flood", "weight": 0.2}
)


def ids(shipped: list[Rule], in_force: list[Rule], *ever: Rule) -> list[str]:
    known = {says(rule, CARGOES) for rule in (*ever, *in_force)}
    found = unsettled(otherwise(shipped, in_force, CARGOES), known, CARGOES)
    return [one.rule.id for one in found]


def test_what_is_in_force_as_it_is_shipped_is_not_named() -> None:
    assert ids([MINE, TOLL], [TOLL, MINE]) == []


def test_new_rules_are_named_before_those_that_changed() -> None:
    wider = replace(MINE, reach_km=80.0)

    assert ids([wider, TOLL, FLOOD], [MINE, TOLL]) == ["flood", "mine"]


def test_what_was_in_force_once_and_was_changed_or_removed_is_a_decision() -> None:
    own = replace(MINE, reach_km=15.0)

    assert ids([MINE, TOLL], [own], MINE, TOLL) == []
    assert ids([replace(MINE, reach_km=80.0)], [own], MINE) == ["mine"]


def test_a_rule_says_the_same_however_it_is_written() -> None:
    table = {**TOLL.as_table(), "weight": dict.fromkeys(CARGOES, 0.1)}
    named = {"level": "high", "days": 2, "cargoes": list(reversed(CARGOES))}
    short, _ = parse_rule(
        {**TOLL.as_table(), "floor": {"level": "high", "days": 2}}, cargoes=CARGOES
    )
    long, _ = parse_rule({**table, "floor": named}, cargoes=CARGOES)
    assert short is not None
    assert long is not None

    assert says(long, CARGOES) == says(short, CARGOES)
    assert says(replace(long, examples=({"name": "one"},)), CARGOES) == says(short, CARGOES)
    for changed in (replace(short, enabled=False), replace(short, title="Other"), TOLL):
        assert says(changed, CARGOES) != says(short, CARGOES)
