"""Rules that are well formed and silent: names on no map, and dangers nobody speaks of any more."""

from dataclasses import replace

import pytest

from app.risk.checking import compile_rules
from app.risk.place_names import unknown_names
from app.risk.rulebook import RuleBook
from app.risk.rules import Rule
from app.risk.silence import newly_silent
from tests.harness.api import shipped_config
from tests.harness.risk import CARGOES, FAMILIES, POLICY, SHIPPED, some_rules

NETWORK = shipped_config().network


def _named(when: str) -> list[tuple[int | None, str | None, bool]]:
    found = unknown_names(some_rules({"when": when}), NETWORK)
    return [(one.column, one.suggestion, one.warning) for one in found]


def _book(rules: tuple[Rule, ...]) -> RuleBook:
    return compile_rules(1, rules, families=FAMILIES, cargoes=CARGOES, policy=POLICY)


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ('"Kaye" in section.regions', "Kayes"),
        # sections are named without accents, incidents with theirs
        ('"Ségou" in section.regions', "Segou"),
        ('"Bafoulabé" in section.cercles', "Bafoulabe"),
        ('incident.region == "Segou"', "Ségou"),
        ('incident.region in ["Gao", "Tombuctou"]', "Tombouctou"),
        ('"Mali" in section.countries', "ML"),
        ('incident.country == "Sénégal"', "SN"),
        ('"ML-DKR" in section.routes', "ML-DKR-N"),
        ('section.road == "RN01"', "RN1"),
    ],
)
def test_a_name_that_nothing_bears_is_warned_of_with_the_one_meant(when: str, meant: str) -> None:
    [(column, suggestion, warning)] = _named(when)

    assert suggestion == meant
    assert warning
    assert column is not None
    assert not _named(when.replace(when[column - 1 :].split('"')[1], meant))


@pytest.mark.parametrize(
    "when",
    [
        'incident.region != "Kaye"',
        'incident.region == ""',
        'section.road == ""',
        'incident.place == "Anywhere at all"',
    ],
)
def test_what_is_only_different_unknown_or_free_text_is_let_through(when: str) -> None:
    assert _named(when) == []


def test_rules_that_pass_over_most_dangers_are_warned_of() -> None:
    shipped = _book(SHIPPED)
    never = [replace(rule, when="false") for rule in SHIPPED]
    for silenced in ((SHIPPED[0],), tuple(never), tuple(replace(r, enabled=False) for r in never)):
        [found] = newly_silent(shipped, _book(silenced), FAMILIES)

        assert found.warning
        assert "blockade_threat" in found.about[0].split()
        assert "warn nobody" in found.message


def test_one_rule_less_and_what_was_passed_over_already_are_no_news() -> None:
    shipped = _book(SHIPPED)
    nothing = _book(())

    assert newly_silent(shipped, _book(SHIPPED[1:]), FAMILIES) == []
    assert newly_silent(nothing, nothing, FAMILIES) == []
    assert newly_silent(nothing, shipped, FAMILIES) == []
