"""What is wrong with a rule is said in the language of the page, whatever it is."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.core.text import tied
from app.flows.rules import tune_rules
from app.risk.problems import Problem
from app.web.rules.faults import fault_words
from app.web.speaking import load_words
from tests.harness.api import shipped_config

CONFIG = shipped_config()
FRENCH = load_words(CONFIG)["fr"]
#: A rule that holds; each case puts one thing into it.
RULE: dict[str, Any] = {"id": "ied", "title": "Mine", "when": 'incident.kind == "ied"', "weight": 1}
EXAMPLE = {"incident": {"kind": "ied"}, "cargo": "fuel", "expect": {"applies": True}}
FLOOR = {"level": "high", "days": 3}

CASES: list[tuple[Mapping[str, Any], str]] = [
    ({"id": "Mine !"}, "Écrivez un nom court"),
    ({"title": ""}, "Écrivez la raison"),
    ({"title_fr": "x" * 300}, "Écrivez la raison"),
    ({"when": ""}, "Écrivez quand la règle s'applique"),
    ({"when": "incident.kind =="}, "La condition ne se lit pas. CEL dit"),
    ({"when": "incident.vehicles"}, "doit être vraie ou fausse"),
    ({"when": 'incident.kind == "iedd"'}, "Ce mot n'est pas connu ici : « iedd »"),
    ({"when": "1 / (incident.vehicles - incident.vehicles) > 0"}, "La condition échoue"),
    ({"weight": "beaucoup"}, "Écrivez un nombre de -1 à 3"),
    ({"weight": {"fuel": 9}}, "Écrivez un nombre de -1 à 3"),
    ({"weight": -1}, "Une mauvaise nouvelle (engin explosif) enlèverait"),
    ({"when": 'incident.family == "positive"'}, "ajouterait du danger"),
    ({"reach_km": 900}, "de 1 à 200 km"),
    ({"half_life_days": "x"}, "de 0,5 à 3650 jours"),
    ({"floor": [FLOOR, {"level": "high"}]}, "Niveau 2 : écrivez de 0,1 à 3650 jours"),
    ({"floor": [{**FLOOR, "level": "low"}]}, "Niveau 1 : choisissez un niveau"),
    ({"floor": [{**FLOOR, "within_km": 999}]}, "de 0 à 200 km"),
    ({"floor": [{**FLOOR, "min_credibility": 9}]}, "de 0 à 1"),
    ({"floor": [{**FLOOR, "cargoes": ["gold"]}]}, "choisissez un niveau, des cargaisons"),
    ({"example": ["{"]}, "Exemple 1 : ce n'est pas du JSON"),
    ({"example": [EXAMPLE, {**EXAMPLE, "cargo": "gold"}]}, "Exemple 2 : « cargo » manque"),
    ({"example": [{**EXAMPLE, "expect": {"weight": 2}}]}, "« weight » : attendu 2"),
    ({"example": [EXAMPLE] * 13}, "12 exemples au plus"),
    ({"title": "Appelez le +223 76 61 44 33"}, "N'écrivez ici ni numéro"),
    (
        {"example": [{**EXAMPLE, "incident": {"kind": "ied", "vehicles": 10**9}}]},
        "Exemple 1 : « vehicles » doit être entre 0 et 10000",
    ),
    ({"when": 'cargo == "fuel" && cargo == "goods"'}, "à cargo d'être deux choses à la fois"),
    ({"colour": "red"}, "Ceci manque, ou n'est pas connu : /colour"),
]


@pytest.mark.parametrize(("changed", "said"), CASES)
def test_faults_of_a_rule_are_said_in_french(changed: Mapping[str, Any], said: str) -> None:
    _, problems = tune_rules.check([{**RULE, **changed}], CONFIG)

    shown = [fault_words(one, FRENCH) for one in problems]

    assert any(tied(said) in one for one in shown), shown
    ours = {one.message for one in problems if one.code not in {"unreadable", "fails"}}
    assert not ours & set(shown)


def test_warnings_are_said_in_french() -> None:
    floor = {"level": "severe", "days": 3, "within_km": 200}
    any_danger = 'incident.family != "positive"'
    everywhere = {**RULE, "when": any_danger, "floor": [floor]}
    on_spots = {**everywhere, "when": f"{any_danger} && !incident.area"}
    problems = [
        one for rule in (everywhere, on_spots) for one in tune_rules.check([rule], CONFIG)[1]
    ]
    widely = Problem(
        rule="",
        field="",
        message="",
        warning=True,
        code="severe-widely",
        about=("fuel", "90", "159", "2"),
    )

    shown = " ".join(fault_words(one, FRENCH) for one in [*problems, widely])

    assert "tout deviendrait grave" in shown
    assert tied("serait grave pour : carburant") in shown
    assert "90 tronçons sur 159" in shown


def test_a_name_on_no_map_and_kinds_passed_over_are_said_in_french() -> None:
    _, [unknown] = tune_rules.check_draft([{**RULE, "when": '"Kaye" in section.regions'}], CONFIG)
    silent = Problem(
        rule="", field="", message="", warning=True, code="silent", about=("ied blockade_threat",)
    )

    shown = [fault_words(one, FRENCH) for one in (unknown, silent)]

    assert tied("ne figure pas sur la carte") in shown[0]
    assert "Kaye" in shown[0]
    assert f"{FRENCH.kind('ied')}, {FRENCH.kind('blockade_threat')}" in shown[1]
