import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.incidents.codec import (
    decode_filed,
    decode_incident,
    decode_report,
    encode_filed,
    encode_incident,
    encode_report,
    to_bytes,
)
from app.incidents.incident import CargoLift, Status
from app.incidents.report import Range, Report
from app.roads.codec import encode_location
from app.roads.geometry import Position
from tests.harness.incidents import KAYES_REGION, LAKAMANE, NOON, a_filed, a_report, an_incident

COLUMNS = (
    "id", "reported_at", "received_at", "occurred_at", "date_precision", "kind", "summary",
    "source_type", "basis", "origin",
)  # fmt: skip

counts = st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99)).map(
    lambda pair: Range(low=min(pair), high=max(pair))
)
words = st.none() | st.text(min_size=1, max_size=30)
# made once: to make a strategy costs more than to draw from it
numbers = st.integers(0, 10**6)
instants = st.integers(0, 10**12).map(lambda drawn: NOON + timedelta(microseconds=drawn))
locations = st.sampled_from(
    [
        LAKAMANE,
        replace(LAKAMANE, aside_km=17.0, counted=True),
        replace(LAKAMANE, along=("diema~sandare",)),
        replace(LAKAMANE, along=()),
        KAYES_REGION,
    ]
)
cargoes = st.sampled_from([None, "fuel", "fuel, goods"])
flags = st.booleans()
summaries = st.text(max_size=200)
tokens = st.lists(st.text(min_size=1, max_size=16), max_size=2).map(tuple)


@st.composite
def reports(draw: Any) -> Any:
    return a_report(
        f"r{draw(numbers)}",
        reported_at=draw(instants),
        location=draw(locations),
        vehicles=draw(counts),
        fatalities=draw(counts),
        actor=draw(words),
        cargo=draw(cargoes),
        for_now=draw(flags),
        summary=draw(summaries),
        marks=draw(tokens),
        known_source=draw(flags),
        source_url=draw(words),
        language=draw(words),
        figures=draw(words),
    )


@given(st.lists(reports(), min_size=1, max_size=5), st.sampled_from(Status))
def test_an_incident_comes_back_as_it_was_kept(made_of: list[Report], status: Status) -> None:
    incident = an_incident(
        *made_of,
        status=status,
        resolved_at=NOON,
        resolved_by="key:1",
        pinned=("kind",),
        in_part=True,
        promised=True,
        shut=("fuel",),
        called_off=True,
        escorted=True,
        lifted_for=(
            CargoLift(cargo=("goods", "passengers"), where=None, by="news"),
            CargoLift(cargo=("goods",), where=LAKAMANE, by="news"),
        ),
    )

    kept = json.loads(to_bytes(encode_incident(incident)))

    assert decode_incident(kept) == incident


@given(st.lists(reports(), min_size=1, max_size=3))
def test_the_same_incident_is_the_same_bytes(made_of: list[Report]) -> None:
    incident = an_incident(*made_of)
    again = decode_incident(json.loads(to_bytes(encode_incident(incident))))

    assert to_bytes(encode_incident(again)) == to_bytes(encode_incident(incident))


@given(reports())
def test_a_report_comes_back_as_it_was_kept(report: Report) -> None:
    claim = json.loads(to_bytes(encode_report(report)))
    location = json.loads(to_bytes(encode_location(report.location)))
    columns = {name: getattr(report, name) for name in COLUMNS}

    assert decode_report(claim, location, columns) == report


def test_an_unplaced_report_can_be_placed_later_from_what_was_kept() -> None:
    filed = a_filed(
        position=Position(14.5, -9.9), km=12.5, road="RN1", towards="Kayes", region="Kayes",
        vehicles=Range(low=1, high=2), figures="2 trucks", external_id="X1",
        for_now=True,
    )  # fmt: skip
    claim = json.loads(to_bytes(encode_filed(filed, known_source=False, marks=["p1"])))
    columns = {name: getattr(filed, name, None) for name in COLUMNS}

    assert decode_filed(claim, columns) == filed


def test_no_person_is_named_in_what_is_kept() -> None:
    filed = a_filed(source_name="Awa D.", source_type="driver", figures="rappelez 76 12 34 56")

    kept = str(encode_filed(filed, known_source=True, marks=())) + str(
        encode_report(a_report(source_name="Awa D.", source_type="driver"))
    )

    assert "Awa" not in kept
    assert "76 12" not in kept
