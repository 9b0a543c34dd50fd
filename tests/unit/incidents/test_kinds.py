import copy
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.incidents import kinds
from app.incidents.report import Family
from tests.harness.incidents import KINDS

#: 3GPP TS 23.038, 6.2.1: the letters of an SMS of 160 characters.
GSM_7 = set(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TABLE = {
    "ambush": {"family": "hostile", "fr": "e", "en": "a", "serious": True},
    "all_clear": {
        "family": "positive", "fr": "e", "en": "a", "serious": False, "answers": ["ambush"],
    },
}  # fmt: skip


def test_every_kind_of_the_shared_reports_is_known() -> None:
    shared = """town_attack fuel_interception abduction convoy_ambush military_operation roadblock
        safe_transit route_suspended vehicle_attack blockade_threat ied industrial_attack
        hostage_release fuel_shortage road_reopened border_closure civilian_killing
        travel_restriction infrastructure_sabotage flood_damage travel_advisory"""

    assert all(code in KINDS for code in shared.split())


def test_every_label_fits_a_cheap_sms() -> None:
    assert {c for kind in KINDS for c in kind.label_fr + kind.label_en} <= GSM_7


def test_two_names_of_one_event_are_looked_for_across_families() -> None:
    assert KINDS.families_near("abduction") >= {Family.HOSTILE, Family.CLOSURE}
    assert KINDS.families_near("military_operation") >= {Family.HOSTILE, Family.MILITARY}
    assert KINDS.families_near("flood_damage") & {Family.POSITIVE, Family.CONTEXT} == set()


def test_what_stands_under_a_kind_near_one_that_is_near_is_looked_for() -> None:
    assert KINDS.affinity("civilian_killing", "military_operation") == 0
    assert Family.MILITARY in KINDS.families_near("civilian_killing")
    assert Family.CLOSURE in KINDS.families_near("vehicle_attack")
    assert KINDS.families_near("accident") == {Family.HAZARD}


def test_neighbouring_kinds_fit_both_ways_and_strangers_do_not() -> None:
    assert KINDS.affinity("abduction", "roadblock") == KINDS.affinity("roadblock", "abduction")
    assert KINDS.affinity("abduction", "roadblock") > KINDS.affinity("abduction", "ied") > 0
    assert KINDS.affinity("abduction", "flood_damage") == 0


def test_what_stands_apart_is_taken_for_nothing_else_of_its_family() -> None:
    assert KINDS.affinity("armed_presence", "accident") == 0 < KINDS.affinity("ied", "banditry")
    assert KINDS.affinity("armed_presence", "armed_presence") == KINDS.affinity("ied", "ied")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("fuel_interceptoin", "fuel_interception"),
        ("Embuscade", "convoy_ambush"),
        ("kidnapping abduction", "abduction"),
        ("frontiere fermee", "border_closure"),
    ],
)
def test_an_unknown_kind_is_answered_with_the_one_that_was_meant(said: str, meant: str) -> None:
    assert meant in KINDS.suggest(said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("road_closed", {"roadblock", "route_suspended", "travel_restriction"}),
        ("road_closure", {"roadblock", "route_suspended"}),
        ("blockade", {"roadblock", "blockade_threat"}),
        ("kidnapping", {"abduction"}),
        ("ambush", {"convoy_ambush", "vehicle_attack"}),
        ("airstrike", {"military_operation"}),
        ("couvre-feu", {"travel_restriction"}),
    ],
)
def test_what_people_call_it_is_answered_with_just_what_they_may_have_meant(
    said: str, meant: set[str]
) -> None:
    assert set(KINDS.suggest(said)) == meant


def test_nothing_is_suggested_for_a_word_like_none() -> None:
    assert KINDS.suggest("xqzw") == ()


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("ambush", "family"), "evil", "evil"),
        (("ambush", "near"), ["nothing"], "unknown kind 'nothing'"),
        (("ambush", "answers"), ["all_clear"], "only positive kinds"),
        (("ambush", "severity"), 3, "unknown key 'severity'"),
        (("ambush", "counts"), "sheep", "counts"),
    ],
)
def test_a_wrong_file_names_file_and_kind(
    path: tuple[str, ...], value: Any, complaint: str
) -> None:
    table = copy.deepcopy(TABLE)
    table[path[0]][path[1]] = value

    with pytest.raises(ConfigError, match=complaint) as error:
        kinds.parse(table, file="kinds.toml")

    assert "kinds.toml" in str(error.value)


def test_a_kind_is_apart_or_near_others() -> None:
    table: dict[str, Any] = copy.deepcopy(TABLE)
    table["ambush"] |= {"apart": True, "near": ["all_clear"]}

    with pytest.raises(ConfigError, match=r"\[ambush\] is either apart or near"):
        kinds.parse(table, file="kinds.toml")


def test_a_kind_without_a_label_is_refused() -> None:
    table = copy.deepcopy(TABLE)
    del table["ambush"]["fr"]

    with pytest.raises(ConfigError, match=r"\[ambush\] lacks 'fr'"):
        kinds.parse(table, file="kinds.toml")


@pytest.mark.parametrize("said", [{"area": True}, {"expires_days": 30}])
def test_a_file_that_says_what_earlier_versions_asked_for_is_still_read(
    said: dict[str, Any],
) -> None:
    table: dict[str, Any] = copy.deepcopy(TABLE)
    table["ambush"] |= said

    assert kinds.parse(table, file="kinds.toml")["ambush"] == kinds.parse(TABLE, file="")["ambush"]


def test_a_kind_is_not_both_near_another_and_unlike_it() -> None:
    table = copy.deepcopy(TABLE)
    table["ambush"] |= {"near": ["all_clear"], "unlike": ["all_clear"]}

    with pytest.raises(ConfigError, match=r"\[ambush\]: 'all_clear' is either near or unlike"):
        kinds.parse(table, file="kinds.toml")
