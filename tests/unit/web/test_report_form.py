from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from app.web.report_form import Filled, Reading, filled, read_filled, told_at
from tests.harness.api import fresh_context

NOW = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)  # in Bamako it is 6 o'clock as well


def a_form(**fields: str) -> Filled:
    return filled({"kind": "roadblock", "place": "Lakamane", **fields})


def reading(**fields: str) -> Reading:
    return read_filled(a_form(**fields), context=fresh_context(), language="fr", now=NOW)


@pytest.mark.parametrize(
    ("fields", "occurred_at", "precision"),
    [
        ({}, "2025-09-08T06:00", "instant"),
        ({"when": "now", "time": "05:30"}, "2025-09-08T05:30", "instant"),
        ({"when": "today"}, "2025-09-08T12:00", "day"),
        ({"when": "today", "time": "5h30"}, "2025-09-08T05:30", "instant"),
        ({"when": "yesterday"}, "2025-09-07T12:00", "day"),
        ({"when": "yesterday", "time": "23:15"}, "2025-09-07T23:15", "instant"),
        ({"when": "now", "day": "2025-09-01"}, "2025-09-01T12:00", "day"),
        ({"day": "2025-09-01", "time": "14:00"}, "2025-09-01T14:00", "instant"),
        ({"when": "nonsense"}, "2025-09-08T06:00", "instant"),
        ({"day": "01/09/2025", "time": "0530"}, "2025-09-01T05:30", "instant"),
        ({"day": "1.9.2025", "time": "14.00"}, "2025-09-01T14:00", "instant"),
    ],
)
def test_when_is_read_as_it_is_meant(
    fields: dict[str, str], occurred_at: str, precision: str
) -> None:
    filed = reading(**fields).filed

    assert filed is not None
    assert filed.occurred_at == datetime.fromisoformat(f"{occurred_at}:00Z")
    assert filed.date_precision == precision


@pytest.mark.parametrize(
    ("told", "occurred_at"),
    [
        ("2025-09-08T05:55", "2025-09-08T06:00"),
        ("2025-09-08T03:10", "2025-09-08T03:10"),
        ("2025-09-07T22:40", "2025-09-07T22:40"),
        ("2025-09-03T22:40", "2025-09-03T22:40"),
    ],
)
def test_what_was_told_earlier_was_then(told: str, occurred_at: str) -> None:
    context = fresh_context()
    zone, at = context.config.alerts.zone, datetime.fromisoformat(f"{told}:00Z")
    form = told_at(Filled(kind="roadblock", place="Lakamane"), at, zone=zone, now=NOW)

    filed = reading(**{name: value for name, value in asdict(form).items() if value}).filed

    assert filed is not None
    assert filed.occurred_at == datetime.fromisoformat(f"{occurred_at}:00Z")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"day": "8/9"}, {"when": "fault_day"}),
        ({"day": "31/02/2025"}, {"when": "fault_day"}),
        ({"day": "2025/09/01"}, {"when": "fault_day"}),
        ({"time": "2560"}, {"when": "fault_time"}),
        ({"time": "530"}, {"when": "fault_time"}),
        ({"road": "RN1", "km": "km"}, {"km": "fault_km"}),
        ({"when": "yesterday", "day": "2025-09-01"}, {"when": "fault_days"}),
        ({"time": "25:00"}, {"when": "fault_time"}),
        ({"time": "soon"}, {"when": "fault_time"}),
        ({"kind": ""}, {"kind": "fault_kind"}),
        ({"kind": "picnic"}, {"kind": "fault_kind"}),
        ({"place": ""}, {"place": "fault_place_none"}),
        ({"km": "45"}, {"km": "fault_km_road"}),
        ({"road": "RN1", "km": "far"}, {"km": "fault_km"}),
        ({"road": "RN1", "km": "1e9"}, {"km": "fault_km"}),
        ({"road": "RN1", "km": "nan"}, {"km": "fault_km"}),
        ({"cargo": "gold"}, {"cargo": "fault_cargo"}),
        ({"basis": "official"}, {"basis": "fault_basis"}),
        ({"kind": "", "place": ""}, {"kind": "fault_kind", "place": "fault_place_none"}),
    ],
)
def test_a_fault_is_said_at_its_field(fields: dict[str, str], fault: dict[str, str]) -> None:
    found = reading(**fields)

    assert found.filed is None
    assert found.faults == fault


@pytest.mark.parametrize("km", ["45,5", "PK 45.5", "km 45,5", "45,5 km"])
def test_a_road_and_a_kilometre_are_a_place(km: str) -> None:
    filed = reading(place="", road="RN1", km=km).filed

    assert filed is not None
    assert (filed.place, filed.road, filed.km) == (None, "RN1", 45.5)


def test_a_choice_names_the_place_and_says_where_it_is() -> None:
    filed = reading(place="bamba", asked="bamba", choice="gn:2460584").filed

    assert filed is not None
    assert filed.place == "Bamba"
    assert filed.position is not None
    assert round(filed.position.lat, 2) == 10.38


def test_a_choice_for_another_name_counts_for_nothing() -> None:
    filed = reading(place="Kayes", asked="bamba", choice="gn:2460584").filed

    assert filed is not None
    assert (filed.place, filed.position) == ("Kayes", None)


def test_two_taps_on_send_are_the_same_report_and_a_correction_is_another() -> None:
    assert a_form().body_hash == a_form().body_hash
    assert a_form().body_hash != a_form(place="Kayes").body_hash


def test_what_a_phone_dates_when_it_is_back_is_the_same_report() -> None:
    late = {"day": "2025-09-08", "time": "05:30"}

    assert a_form(**late, dated="1").body_hash == a_form().body_hash
    assert a_form(**late).body_hash != a_form().body_hash
    assert a_form(**late, dated="1", when="today").body_hash != a_form(when="today").body_hash
