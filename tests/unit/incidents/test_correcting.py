"""A source that says that it was wrong is believed, as far as it alone said so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.incidents.incident import Incident, Status
from app.incidents.joining import join
from app.incidents.matching import Match, match
from app.incidents.report import Report
from app.roads.geometry import Position
from tests.harness.incidents import KINDS, LAKAMANE, NOON, POLICY, a_report, an_incident

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


@pytest.mark.parametrize(
    "decided",
    [
        {"status": Status.REFUTED, "verdict_by": "moderator"},
        {"status": Status.CONFIRMED, "verdict_by": "moderator"},
        {"status": Status.RESOLVED, "resolved_at": NOON + timedelta(hours=2)},
        {"pinned": frozenset({"location"})},
    ],
)
def test_what_a_person_decided_or_is_over_takes_no_danger_told_elsewhere(
    decided: dict[str, Any],
) -> None:
    known = replace(told(location=LAKAMANE), **decided)
    moved = a_report("r2", origin="radio", location=DIEMA, summary=ELSEWHERE)

    assert not found(moved, known).corrects
    assert found(moved, known).incident_id is None


NEARBY = replace(
    LAKAMANE,
    position=Position(LAKAMANE.position.lat + 0.15, LAKAMANE.position.lon),
    label="Marintoumania",
    place_id="marintoumania",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": "ERRATUM: le camion brûlé à Marintoumania transportait du riz"},
        {"summary": "ERRATUM: le camion de riz a brûlé à Marintoumania, à 20 km de Lakamané"},
        {"location": LAKAMANE, "kind": "abduction", "summary": "Erratum: 3 enlevés, pas 5"},
        {"location": LAKAMANE, "kind": "civilian_killing", "summary": "Correction: two dead"},
    ],
)
def test_an_event_that_nobody_told_of_takes_nothing_from_one_beside_it(
    changes: dict[str, Any],
) -> None:
    known = told(location=LAKAMANE)
    report = a_report("r2", origin="radio", **{**RICE, "location": NEARBY, **changes})

    assert not found(report, known).corrects
    assert join(known, report, policy=POLICY, kinds=KINDS).kind == known.kind


@pytest.mark.parametrize(
    "summary",
    [
        "Rectificatif : le camion brûlé à Lakamané l'a été à Marintoumania",
        "Rectificatif : le camion a brûlé à Marintoumania, pas à Lakamané",
    ],
)
def test_who_names_the_place_that_was_wrong_corrects_it_nearby_too(summary: str) -> None:
    report = a_report("r2", origin="radio", **{**RICE, "location": NEARBY, "summary": summary})

    assert found(report, told(location=LAKAMANE)).corrects


def test_a_position_of_no_name_that_is_off_is_the_same_spot() -> None:
    off = replace(NEARBY, place_id=None, position=Position(14.58, -9.91), label="14.58, -9.91")

    report = a_report("r2", origin="radio", **{**RICE, "location": off})

    assert found(report, told(location=LAKAMANE)).corrects


def test_of_two_that_it_told_of_it_corrects_the_one_that_fits() -> None:
    tankers = replace(told(), id="tankers")
    mine = an_incident(
        a_report(
            "r9",
            origin="radio",
            kind="ied",
            occurred_at=NOON + timedelta(hours=30),
            reported_at=NOON + timedelta(hours=31),
            summary="Un véhicule saute sur une mine, deux blessés",
            cargo=None,
            target="civilian vehicle",
        )
    )
    later = replace(mine, id="a-mine")
    report = a_report("r2", origin="radio", reported_at=NOON + timedelta(hours=40), **RICE)

    match_of = match(report, [tankers, later], kinds=KINDS, policy=POLICY.matching)

    assert (match_of.incident_id, match_of.corrects) == ("tankers", True)


def test_what_it_told_beside_others_is_corrected_nowhere_else() -> None:
    borne_out = an_incident(
        a_report("r1", origin="radio", cargo="fuel"), a_report("r2", origin="agency", cargo="fuel")
    )
    alone = told(kind="ied", summary="Un véhicule saute sur une mine", cargo=None, target=None)
    report = a_report(
        "r3",
        origin="radio",
        reported_at=NOON + timedelta(hours=3),
        summary="Erratum: Tanker convoy ambushed between Kaniera and Lakamane, 3 dead",
    )

    match_of = match(
        report,
        [replace(borne_out, id="known"), replace(alone, id="mine")],
        kinds=KINDS,
        policy=POLICY.matching,
    )

    assert (match_of.incident_id, match_of.corrects) == ("known", False)


def test_the_second_place_of_a_list_takes_the_first_not_back() -> None:
    """Both are told in one breath, with the same words."""
    report = a_report("r2", origin="radio", **RICE)
    held = join(told(), report, policy=POLICY, kinds=KINDS)

    assert not found(a_report("r3", origin="radio", **RICE), held).corrects
