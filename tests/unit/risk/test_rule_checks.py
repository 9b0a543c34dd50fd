"""A rule set before it goes live."""

from typing import Any

import pytest

from app.risk.checking import InvalidRulesError, check_rules
from app.risk.problems import Problem
from tests.harness.risk import CARGOES, FAMILIES, POLICY, SHIPPED, book_of, some_rules


def check(*tables: dict[str, Any]) -> list[Problem]:
    return check_rules(some_rules(*tables), families=FAMILIES, cargoes=CARGOES, policy=POLICY)


def test_shipped_rules_pass() -> None:
    assert check_rules(SHIPPED, families=FAMILIES, cargoes=CARGOES, policy=POLICY) == []


def test_every_kind_has_a_shipped_rule_of_its_own() -> None:
    named = {kind for kind in FAMILIES for rule in SHIPPED if f'"{kind}"' in rule.when}

    assert named == set(FAMILIES)


def test_shipped_rules_speak_french_too() -> None:
    assert all(rule.title_fr != rule.title for rule in SHIPPED)


def test_rule_that_throws_on_some_kind_is_caught() -> None:
    (problem,) = check({"when": "incident.reports / incident.fatalities > 0", "weight": 1})

    assert problem.rule == "rule-0"
    assert "divide by zero" in problem.message


@pytest.mark.parametrize(
    "when",
    [
        '1 / (cargo == "goods" ? 0 : 1) > 0',
        '1 / (section.id == "track" ? 0 : 1) > 0',
        "1 / recent.hostile_7d > 0",
        'incident.family == "hostile" && 1 / size(section.road) > 0',
    ],
)
def test_rule_that_throws_for_one_cargo_or_road_only_is_caught(when: str) -> None:
    (problem,) = check({"when": when, "weight": 1})

    assert "divide by zero" in problem.message


def test_what_a_rule_would_throw_for_kinds_that_it_does_not_speak_of_is_no_fault() -> None:
    throws = '1 / (incident.kind == "ied" ? 1 : 0) > 0'
    (problem,) = check({"when": throws, "weight": 1})
    assert "divide by zero" in problem.message

    assert check({"when": f'{throws} && incident.kind == "ied"', "weight": 1}) == []


@pytest.mark.parametrize(
    ("when", "what"),
    [
        ('incident.kind == "ied" && incident.kind == "accident"', "incident.kind"),
        ('incident.kind in ["ied", "abduction"] && "accident" == incident.kind', "incident.kind"),
        ('incident.kind == "ied" && incident.family == "closure"', "incident.family"),
        ('incident.kind == "ied" && cargo == "fuel" && cargo == "goods"', "cargo"),
        ('incident.region == "Kayes" && incident.region in ["Ségou", "Mopti"]', "incident.region"),
    ],
)
def test_and_where_or_was_meant_is_warned_of(when: str, what: str) -> None:
    (problem,) = check({"when": when, "weight": 1})

    assert problem.warning
    assert problem.field == "/when"
    assert f"asks {what} to be two things at once" in problem.message


@pytest.mark.parametrize(
    "when",
    [
        'incident.kind == "ied" || incident.kind == "accident"',
        'incident.kind in ["ied", "accident"] && incident.kind != "ied"',
        '(incident.kind == "ied" && cargo == "fuel") || incident.kind == "accident"',
        '"fuel" in incident.cargo && "goods" in incident.cargo && incident.family == "hostile"',
        'incident.kind == "ied" ? cargo == "fuel" : cargo == "goods"',
    ],
)
def test_what_can_be_true_is_not_warned_of(when: str) -> None:
    assert check({"when": f'incident.family != "positive" && ({when})', "weight": 1}) == []
    assert check({"when": when, "weight": 0}) == []


@pytest.mark.parametrize("when", ["true", "incident.credibility >= 0.0", "incident.reports > 0"])
def test_floor_that_holds_for_everything_is_refused(when: str) -> None:
    floor = {"level": "severe", "days": 1}

    (problem,) = check({"when": f'incident.family != "positive" && ({when})', "floor": floor})

    assert problem.field == "/floor/0"
    assert "everything at severe" in problem.message


def test_rules_that_only_together_put_everything_at_severe_are_refused() -> None:
    floor = {"level": "severe", "days": 1}

    problems = check(
        {"when": 'incident.family == "hostile"', "floor": floor},
        {"when": '!(incident.family in ["hostile", "positive"])', "floor": floor},
    )

    assert {one.message for one in problems} == {
        f"every incident of any kind would be severe for {cargo}" for cargo in CARGOES
    }


def test_weight_that_puts_everything_at_severe_is_refused() -> None:
    rule = {"when": 'incident.family != "positive"', "weight": 3, "half_life_days": 1}

    assert len(check(rule)) == len(CARGOES)


def test_good_news_that_adds_danger_is_refused() -> None:
    (problem,) = check({"when": 'incident.kind == "safe_transit"', "weight": 0.5})

    assert problem.field == "/weight"


def test_bad_news_that_takes_danger_away_is_refused() -> None:
    (problem,) = check({"when": 'incident.kind == "ied"', "weight": -0.5})

    assert problem.field == "/weight"


def test_disabled_rule_is_checked_too() -> None:
    rule = {"when": "incident.reports / incident.fatalities > 0", "enabled": False}

    assert len(check(rule)) == 1


def test_book_of_a_rule_that_does_not_compile_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidRulesError) as caught:
        book_of(some_rules({"when": 'incident.kind == "iedd"'}))

    assert "line 1, column 18" in caught.value.detail
    assert caught.value.extra["problems"][0]["suggestion"] == "ied"


def test_what_everybody_reads_names_no_number() -> None:
    example = {
        "name": "as Awa told, 76 61 44 33",
        "incident": {"kind": "ied", "place": "Diema, +223 76 61 44 33"},
        "cargo": "fuel",
        "expect": {"applies": True},
    }
    ied = {"when": 'incident.kind == "ied"', "weight": 1, "example": [example]}

    problems = check({**ied, "title": "Call awa@union.ml", "title_fr": "Appelez le 76 61 44 33"})

    assert [one.field for one in problems] == [
        "/title",
        "/title_fr",
        "/examples/0/name",
        "/examples/0/incident/place",
    ]
    assert {one.code for one in problems} == {"names-a-person"}


def test_a_set_that_was_live_stays_usable_though_its_titles_would_be_refused_today() -> None:
    (rule,) = some_rules({"title": "Call 76 61 44 33", "when": 'incident.kind == "ied"'})

    assert book_of([rule]).rules[0].title == "Call 76 61 44 33"


def test_a_title_reads_as_it_is_written() -> None:
    (rule,) = some_rules({"title": "Mines \u202eseniM\u202c", "when": "false"})

    assert rule.title == "Mines seniM"
