"""A source that says that it was wrong is believed, as far as it alone said so."""

from dataclasses import replace
from typing import Any

import pytest

from app.incidents.incident import Incident
from app.incidents.joining import join
from app.incidents.matching import Match, match
from app.incidents.report import Report
from app.roads.geometry import Position
from tests.harness.incidents import KINDS, LAKAMANE, POLICY, a_report, an_incident

DIEMA = replace(
    LAKAMANE, position=Position(14.54, -9.19), label="Diéma", place_id="diema", cercle="Diéma"
)
RICE: dict[str, Any] = {
    "kind": "vehicle_attack",
    "summary": "ERRATUM: le camion brûlé transportait du riz, pas du carburant",
    "cargo": "goods",
    "target": "civilian truck",
}
ELSEWHERE = "Rectificatif : les citernes ont brûlé à Diéma et non à Lakamané"


def told(**changes: Any) -> Incident:
    """Return an incident of tankers, told by one source alone."""
    said = {"origin": "radio", "cargo": "fuel", "target": "fuel convoy", **changes}
    return an_incident(a_report("r1", **said))


def found(report: Report, known: Incident) -> Match:
    """Return what a report is taken to speak of."""
    return match(report, [known], kinds=KINDS, policy=POLICY.matching)


def test_what_its_only_source_corrects_is_held_as_corrected() -> None:
    known = told()
    report = a_report("r2", origin="radio", **RICE)

    held = join(known, report, policy=POLICY, kinds=KINDS)

    assert found(report, known).corrects
    assert (held.kind, held.target, held.cargo) == ("vehicle_attack", "civilian truck", ("goods",))
    assert len(held.voices) == 1


def test_where_others_said_so_too_a_correction_is_one_voice_of_several() -> None:
    known = an_incident(
        a_report("r1", origin="radio", cargo="fuel"), a_report("r2", origin="agency", cargo="fuel")
    )
    report = a_report("r3", origin="radio", **RICE)

    assert not found(report, known).corrects
    assert join(known, report, policy=POLICY, kinds=KINDS).kind == known.kind


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "agency"},
        {"known_source": False},
        {"summary": "Le camion brûlé transportait du riz, pas du carburant"},
        {"summary": "Le camion de riz brûlé était suivi d'un car de la compagnie Correction"},
    ],
)
def test_what_another_or_nobody_corrects_is_heard_beside_it(changes: dict[str, Any]) -> None:
    assert not found(a_report("r2", **{"origin": "radio", **RICE, **changes}), told()).corrects


def test_at_another_place_the_wrong_one_is_named() -> None:
    known = told(location=LAKAMANE)
    moved = a_report("r2", origin="radio", location=DIEMA, summary=ELSEWHERE)
    other = a_report(
        "r2", origin="radio", location=DIEMA, summary="Rectificatif : citernes brûlées à Diéma"
    )

    assert found(moved, known).corrects
    held = join(known, moved, policy=POLICY, kinds=KINDS)
    assert (held.location.label, held.elsewhere) == (DIEMA.label, ())
    assert not found(other, known).corrects
