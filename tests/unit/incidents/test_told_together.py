"""Reports told at one instant: none came first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.incidents.incident import Incident
from app.incidents.joining import join_told_together, open_incident
from app.incidents.matching import cell_for, cells_to_search, match
from app.incidents.report import Report
from app.roads.places import Location
from tests.harness.incidents import KINDS, LAKAMANE, NOON, POLICY, SEGALA, SIKASSO, a_report

TOLD = NOON + timedelta(hours=6)
PLACES = [LAKAMANE, SIKASSO]
# made once: to make a strategy costs more than to draw from it
FLAGS = st.booleans()
NUMBERS = st.integers(0, 3)
KINDS_ALIKE = st.sampled_from(["fuel_interception", "convoy_ambush"])
ACTORS = st.sampled_from(["JNIM", None])
BURNED = st.integers(1, 90)
FIGURES = st.sampled_from([None, "20 tankers", "40 tankers"])


@st.composite
def reports(draw: st.DrawFn, place: Location, number: int) -> Report:
    """One of several reports of what happened at a place that day."""
    return a_report(
        f"{place.label}{number}",
        location=place,
        place=place.label,
        reported_at=TOLD,
        known_source=draw(FLAGS),
        origin=f"{draw(NUMBERS)} of {draw(NUMBERS)}",
        kind=draw(KINDS_ALIKE),
        actor=draw(ACTORS),
        summary=f"Convoy of tankers attacked near {place.label}, {draw(BURNED)} burned",
        figures=draw(FIGURES),
    )


CASES = st.tuples(*(reports(place, number) for place in PLACES for number in range(2)))


def made_of(told: Sequence[Report]) -> set[tuple[frozenset[str], Incident]]:
    """Return each incident that reports end in, with those that speak of it, in whatever order."""
    incidents: dict[str, tuple[Incident, list[Report]]] = {}
    for number, report in enumerate(told):
        near = cells_to_search(report.location)  # as the store looks them up
        candidates = [one for one, _ in incidents.values() if cell_for(one.location) in near]
        found = match(report, candidates, policy=POLICY.matching, kinds=KINDS).incident_id
        if found is None:
            new = open_incident(report, incident_id=f"i{number}", policy=POLICY, kinds=KINDS)
            incidents[new.id] = (new, [report])
            continue
        known, earlier = incidents[found]
        joined = join_told_together(known, report, earlier, policy=POLICY, kinds=KINDS)
        incidents[found] = (joined, [*earlier, report])
    return {
        (frozenset(one.id for one in spoke), replace(incident, id="", version=0))
        for incident, spoke in incidents.values()
    }


@settings(max_examples=25, deadline=None)
@given(CASES, st.data())
def test_reports_of_one_instant_end_in_the_same_incidents_in_any_order(
    told: tuple[Report, ...], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(told))

    assert made_of(shuffled) == made_of(told)


@settings(max_examples=25, deadline=None)
@given(CASES)
def test_reports_of_one_instant_end_in_the_same_incidents_in_every_installation(
    told: tuple[Report, ...],
) -> None:
    """Each has an index key of its own, so that an origin is another hash there."""
    there = [replace(report, origin=report.origin[::-1]) for report in told]

    assert nameless(made_of(there)) == nameless(made_of(told))


def nameless(found: set[tuple[frozenset[str], Incident]]) -> set[tuple[frozenset[str], Incident]]:
    return {
        (spoke, replace(one, voices=tuple(replace(voice, origin="") for voice in one.voices)))
        for spoke, one in found
    }


def test_the_incident_far_away_is_another_one() -> None:
    told = [a_report("a", reported_at=TOLD), a_report("b", reported_at=TOLD, location=SEGALA)]

    assert len(made_of(told)) == 2
