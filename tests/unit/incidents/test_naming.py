import pytest

from app.incidents.matching import Match, match
from app.incidents.report import Report
from tests.harness.incidents import KINDS, POLICY, a_report, an_incident

NAMES = POLICY.matching.names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("JNIM", "GSIM"),
        ("JNIM (suspected)", "le GSIM"),
        ("IS Sahel", "EIGS"),
        ("Islamic State Sahel Province", "l'État islamique au Sahel"),
        ("FAMa", "armée malienne"),
        ("military", "soldats"),
        ("fuel_convoy", "camions-citernes"),
        ("bus", "autocars"),
        ("civilian truck", "poids lourds"),
    ],
)
def test_two_names_of_one_are_the_same(one: str, other: str) -> None:
    assert NAMES.agreement(one, other) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("JNIM", "EIGS"), ("JNIM", "FLA"), ("FAMa", "GSIM"), ("bus", "camions"), ("bus", "citernes")],
)
def test_names_of_two_are_not(one: str, other: str) -> None:
    assert NAMES.agreement(one, other) == -1


@pytest.mark.parametrize("nobody", ["terroristes", "hommes armés non identifiés", "GAT", "", None])
def test_who_names_nobody_contradicts_nobody(nobody: str | None) -> None:
    assert NAMES.agreement("JNIM", nobody) == 0


def test_an_ambush_told_under_another_name_of_the_group_is_the_same_ambush() -> None:
    incident = an_incident(a_report(actor="IS Sahel"))

    def told_of(actor: str) -> Match:
        report: Report = a_report("r2", kind="convoy_ambush", actor=actor)
        return match(report, [incident], kinds=KINDS, policy=POLICY.matching)

    assert told_of("EIGS") == told_of("IS Sahel")
    assert told_of("JNIM").score < told_of("EIGS").score - 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("JNIM", "JNIM"),
        ("présumés combattants du GSIM", "JNIM"),
        ("JNIM and ISGS", "JNIM, IS Sahel"),
        ("JNIM, Katiba Macina", "JNIM"),
        ("FAMa contre JNIM", "JNIM"),
        ("Amadou Traoré", None),
        ("hommes armés", None),
        ("forces armées maliennes", None),
        ("", None),
        (None, None),
    ],
)
def test_of_an_actor_all_are_told_the_known_names(said: str | None, told: str | None) -> None:
    assert NAMES.told(said) == told
