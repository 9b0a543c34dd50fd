from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.incidents.credibility import reliability_of
from app.incidents.incident import Status
from app.incidents.joining import join, rebuild
from app.incidents.report import Family, Range
from app.roads.places import Location, Shape
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    SEGALA,
    SIKASSO,
    a_report,
    an_incident,
)

DAY = timedelta(days=1)
KAYES_DIEMA = Location(
    shape=Shape.ROAD,
    position=LAKAMANE.position,
    radius_km=110.0,
    label="Kayes - Diéma",
    section_ids=("a", "b"),
)


def joined(incident: Any, *reports: Any) -> Any:
    for report in reports:
        incident = join(incident, report, policy=POLICY, kinds=KINDS)
    return incident


def test_the_first_report_makes_an_open_incident_of_its_own_words() -> None:
    incident = an_incident(a_report(source_type="social"))

    assert incident.version == 1
    assert incident.status is Status.OPEN
    assert incident.family is Family.HOSTILE
    assert (incident.reports, len(incident.voices)) == (1, 1)
    assert "lakaman" in incident.texts


def test_ranges_of_figures_are_kept() -> None:
    claims = ["80 in convoy; 20 burned", "40 vs 80 of 100+", "51 of 100+", "130 burned"]

    incident = an_incident(*(a_report(f"r{n}", figures=text) for n, text in enumerate(claims)))

    assert incident.vehicles == Range(low=20, high=130)


def test_the_most_said_kind_is_held() -> None:
    incident = joined(
        an_incident(a_report(kind="vehicle_attack")),
        a_report("r2"),
    )
    assert incident.kind == "vehicle_attack"

    assert joined(incident, a_report("r3")).kind == "fuel_interception"


def test_a_kind_for_now_gives_way_to_any_that_is_said_and_is_no_word_against_one() -> None:
    for_now = a_report("r1", kind="town_attack", for_now=True)
    typed = a_report("r2", kind="vehicle_attack")

    assert an_incident(for_now).kind == "town_attack"
    assert an_incident(for_now, replace(for_now, id="r3")).kind == "town_attack"
    assert an_incident(for_now, typed).kind == "vehicle_attack"
    assert an_incident(typed, for_now, replace(for_now, id="r3")).kind == "vehicle_attack"
    again = rebuild(
        an_incident(for_now, typed), [typed, for_now, for_now], policy=POLICY, kinds=KINDS
    )
    assert again.kind == "vehicle_attack"


def test_of_kinds_said_as_often_the_one_held_stays() -> None:
    incident = an_incident(a_report(kind="vehicle_attack"), a_report("r2"), a_report("r3"))

    again = joined(incident, a_report("r4", kind="vehicle_attack"))

    assert again.kind == "fuel_interception"


@pytest.mark.parametrize("first", ["banditry", "fuel_interception"])
def test_a_robbery_gives_way_to_what_is_worse_and_said_as_often(first: str) -> None:
    second = {"banditry": "fuel_interception"}.get(first, "banditry")
    incident = an_incident(a_report(kind=first), a_report("r2", kind=second))
    assert incident.kind == "fuel_interception"

    outvoted = joined(incident, a_report("r3", kind="banditry"))

    assert outvoted.kind == "banditry"


def test_a_blockade_that_was_announced_and_is_told_to_be_there_stays_one() -> None:
    """A roadblock is gone in ten days, for all that the rules say; a blockade when it is lifted."""
    announced = a_report(kind="blockade_threat")
    there = [a_report(f"r{n}", kind="roadblock") for n in range(2)]

    assert joined(an_incident(announced), *there).kind == "blockade_threat"
    assert joined(an_incident(there[0]), there[1], announced).kind == "roadblock"


@pytest.mark.parametrize("kind", ["blockade_threat", "roadblock"])
def test_a_region_under_blockade_stays_so_where_one_of_its_towns_is_told_of(kind: str) -> None:
    announced = a_report(kind="blockade_threat", location=KAYES_REGION)
    told = [a_report(f"r{n}", kind=kind, location=LAKAMANE) for n in range(3)]

    assert joined(an_incident(announced), *told).location == KAYES_REGION


def test_the_most_said_day_is_held_and_the_first_of_equals() -> None:
    incident = joined(an_incident(a_report(occurred_at=NOON - DAY)), a_report("r2"))
    assert incident.occurred_at == NOON - DAY

    assert joined(incident, a_report("r3")).occurred_at == NOON


def test_a_more_exact_day_outweighs_many_vague_ones() -> None:
    vague = [
        a_report(f"r{n}", occurred_at=NOON - 5 * DAY, date_precision="month") for n in range(5)
    ]

    incident = joined(an_incident(*vague), a_report("exact"))

    assert (incident.occurred_at, incident.date_precision) == (NOON, "day")


def test_an_hour_told_makes_the_day_exact() -> None:
    hour = NOON - timedelta(hours=3)

    incident = joined(
        an_incident(), a_report("r2", occurred_at=hour, date_precision="instant"), a_report("r3")
    )

    assert (incident.occurred_at, incident.date_precision) == (hour, "instant")


@pytest.mark.parametrize(
    ("kind", "known", "held"),
    [("safe_transit", True, 4), ("safe_transit", False, 0), ("fuel_interception", True, 0)],
)
def test_of_several_transits_the_last_told_by_a_known_source_counts(
    kind: str,
    known: bool,  # noqa: FBT001 - a parameter of the table above
    held: int,
) -> None:
    first = a_report(kind=kind, date_precision="instant")
    later = a_report(
        "r2",
        kind=kind,
        date_precision="instant",
        occurred_at=NOON + timedelta(hours=4),
        reported_at=NOON + timedelta(hours=5),
        known_source=known,
    )

    assert joined(an_incident(first), later).occurred_at == NOON + timedelta(hours=held)


def test_a_stranger_cannot_make_another_strangers_transit_a_later_one() -> None:
    passed = a_report(kind="safe_transit", date_precision="instant", known_source=False)
    later = replace(passed, id="r2", occurred_at=NOON + timedelta(hours=4), reported_at=NOON + DAY)

    assert joined(an_incident(passed), later).occurred_at == NOON


def test_of_one_place_the_most_exact_position_is_held() -> None:
    vague, exact = replace(LAKAMANE, radius_km=8.0), replace(LAKAMANE, radius_km=0.5)

    incident = an_incident(a_report(location=vague), a_report("r2", location=exact))

    assert incident.location == exact
    assert joined(incident, a_report("r3", location=vague)).location == exact


def test_a_place_is_held_over_an_area_and_the_most_said_over_one_slip() -> None:
    incident = an_incident(a_report(location=KAYES_REGION), a_report("r2", location=LAKAMANE))
    assert incident.location == LAKAMANE

    incident = joined(incident, a_report("r3", location=KAYES_REGION))
    assert incident.location == LAKAMANE

    incident = joined(incident, a_report("r4", location=SEGALA))
    assert incident.location == LAKAMANE

    incident = joined(incident, a_report("r5", location=SEGALA))
    assert incident.location == SEGALA


@pytest.mark.parametrize(("km", "held"), [(220.0, KAYES_DIEMA), (263.0, LAKAMANE)])
def test_a_place_is_held_over_a_road_of_which_nobody_knew_where_on_it(
    km: float, held: Location
) -> None:
    road = replace(KAYES_DIEMA, radius_km=km / 2)

    incident = an_incident(a_report(location=road), a_report("r2", location=LAKAMANE))

    assert incident.location.label == held.label
    assert joined(incident, a_report("r3", location=LAKAMANE)).location == LAKAMANE


def test_what_a_moderator_pinned_is_not_outvoted() -> None:
    incident = an_incident(kind="ied", location=SIKASSO, pinned=("kind", "location"))

    incident = joined(incident, *(a_report(f"r{n}") for n in range(2, 6)))

    assert (incident.kind, incident.location) == ("ied", SIKASSO)


def test_a_confirmed_incident_stays_confirmed_and_a_refuted_one_refuted() -> None:
    confirmed = an_incident(status=Status.CONFIRMED, verdict_by="key:1")
    refuted = an_incident(status=Status.REFUTED, verdict_by="key:1")

    assert joined(confirmed, a_report("r2")).credibility == 1.0
    assert joined(confirmed, a_report("r2")).certain
    assert joined(refuted, a_report("r2")).credibility == 0.0
    assert not joined(refuted, a_report("r2")).certain


def test_two_reliable_voices_confirm_without_a_moderator() -> None:
    incident = an_incident(a_report(source_type="wire"))
    assert incident.status is Status.OPEN

    incident = joined(incident, a_report("r2", source_type="agency"))

    assert (incident.status, incident.certain, incident.verdict_by) == (
        Status.CONFIRMED, True, None,
    )  # fmt: skip


def test_words_and_figures_stay_bounded_however_many_reports_join() -> None:
    reports = [
        a_report(f"r{n}", summary=f"wordaa{n:x} wordbb{n:x} {n + 2} xx{n:x}yy") for n in range(300)
    ]

    incident = an_incident(*reports)

    assert incident.reports == 300
    assert len(incident.texts) <= POLICY.joining.words
    assert len(incident.figures) <= POLICY.joining.figures
    assert len(incident.voices) <= POLICY.joining.voices


def test_a_crowd_of_strangers_does_not_drown_who_is_known() -> None:
    known = a_report("known", source_type="wire")
    strangers = [a_report(f"r{n}", source_type="reporter", known_source=False) for n in range(100)]

    incident = joined(an_incident(known), *strangers)

    assert any(voice.origin == known.origin for voice in incident.voices)


def test_strangers_who_call_themselves_agencies_do_not_drown_a_known_driver() -> None:
    known = a_report("known", source_type="driver", reliability=0.2)
    strangers = [a_report(f"r{n}", known_source=False, reliability=0.9) for n in range(100)]

    incident = joined(an_incident(known), *strangers)

    assert any(voice.origin == known.origin for voice in incident.voices)


def test_rebuilding_gives_what_its_reports_give_and_keeps_the_verdict() -> None:
    first, second = a_report("r1", figures="20 burned"), a_report("r2", figures="80 burned")
    whole = an_incident(first, second, status=Status.REFUTED, verdict_by="key:1")

    rest = rebuild(whole, [first], policy=POLICY, kinds=KINDS)

    assert rest.vehicles == Range(low=20, high=20)
    assert (rest.version, rest.reports) == (whole.version + 1, 1)
    assert (rest.status, rest.credibility) == (Status.REFUTED, 0.0)


def test_a_blockade_lifted_in_one_town_stays_so_when_its_reports_are_split() -> None:
    first, second = a_report(location=KAYES_REGION), a_report("r2", location=KAYES_REGION)
    whole = an_incident(first, second, lifted=(SEGALA,))

    assert rebuild(whole, [first], policy=POLICY, kinds=KINDS).lifted == (SEGALA,)


def test_what_voices_confirmed_is_open_again_once_they_are_split_away() -> None:
    first, second = a_report(source_type="wire"), a_report("r2", source_type="agency")
    whole = an_incident(first, second)
    assert whole.certain

    rest = rebuild(whole, [first], policy=POLICY, kinds=KINDS)

    assert (rest.status, rest.certain) == (Status.OPEN, False)
    assert rest.credibility == reliability_of(first, POLICY.credibility)


def test_the_order_given_to_a_rebuild_does_not_matter() -> None:
    reports = [a_report(f"r{n}", reported_at=NOON + n * DAY) for n in range(4)]
    incident = an_incident(*reports)

    one = rebuild(incident, reports, policy=POLICY, kinds=KINDS)
    other = rebuild(incident, reports[::-1], policy=POLICY, kinds=KINDS)

    assert one == other == replace(incident, version=incident.version + 1)


def test_an_incident_without_reports_cannot_be_rebuilt() -> None:
    with pytest.raises(ValueError, match="at least one"):
        rebuild(an_incident(), [], policy=POLICY, kinds=KINDS)


def test_a_stranger_changes_nothing_of_what_a_known_source_says() -> None:
    known = an_incident(a_report(kind="vehicle_attack", figures="2 burned", location=LAKAMANE))

    louder = [
        a_report(
            f"s{n}",
            origin=f"stranger {n}",
            known_source=False,
            kind="fuel_interception",
            figures="50 burned",
            target="bus",
            cargo="fuel",
            location=SEGALA,
            occurred_at=NOON + DAY,
        )
        for n in range(5)
    ]
    after = joined(known, *louder)

    def claims(one: Any) -> Any:
        return (one.kind, one.location, one.occurred_at, one.vehicles, one.target, one.cargo)

    assert claims(after) == claims(known)
    assert (after.reports, len(after.voices)) == (6, 6)


def test_the_first_known_source_replaces_what_strangers_claimed() -> None:
    strangers = an_incident(
        a_report(known_source=False, figures="50 burned", target="bus", cargo="fuel"),
    )

    after = joined(strangers, a_report("r2", kind="vehicle_attack", target="truck", cargo="goods"))

    assert (after.kind, after.target, after.cargo) == ("vehicle_attack", "truck", ("goods",))
    assert after.vehicles is None
