"""What was known when, and that no forecast knows more."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from app.incidents.incident import Status
from app.risk.evidence import gather
from app.risk.likelihood import parts_of
from app.risk.past import (
    Outlook,
    Past,
    Version,
    at_horizon,
    came,
    happened,
    past_of,
    steps_between,
)
from app.risk.rate import rate
from app.risk.rivals import BASE_RATE, OWN_FREQUENCY, PERSISTENCE, rivals
from app.risk.weighing import Exposed
from tests.harness.past import CONFIG, NETWORK, attacks, days, number_of, the_section, told
from tests.harness.risk import KAYES, NOW, POLICY, an_incident, book_of, some_rules


def past(*versions: Version) -> Past:
    return past_of(versions, network=NETWORK, kinds=CONFIG.kinds, policy=POLICY)


def hazard(*versions: Version, at: float = days()) -> float:
    return float(Outlook(past(*versions), POLICY).at(at)[number_of(the_section())])


def test_it_is_the_hazard_of_the_live_rating() -> None:
    """One formula: by a rule that weighs everything 1, the rating says what the back-test says."""
    book = book_of(some_rules({"weight": 1.0}))
    section = the_section()
    versions = [
        told(an_incident("ied", days_ago=400, id="a", credibility=0.7)),
        told(an_incident("vehicle_attack", days_ago=30, id="b", location=KAYES)),
        told(an_incident("convoy_ambush", days_ago=3, id="c", credibility=0.9)),
        told(an_incident("abduction", days_ago=2, id="d", status=Status.RESOLVED)),
        told(an_incident("abduction", days_ago=2, id="e", status=Status.REFUTED)),
    ]
    exposed = [
        Exposed(
            incident=one.incident,
            distance_km=NETWORK.reach(one.incident.location, 50.0)[section.id],
            known_at=one.known_at,
        )
        for one in versions
    ]

    rating = rate(gather(section, exposed, book), "fuel", now=NOW)

    assert hazard(*versions) == pytest.approx(rating.hazard, abs=2e-6)
    assert rating.hazard > 0.05


def test_the_parts_of_the_fit_add_up_to_it() -> None:
    known = past(*attacks(1.0, 20.0, 300.0, 900.0))
    steps = days() - np.array([30.0, 0.0])

    parts = parts_of(known, steps, POLICY.kernels, POLICY)

    weights = np.array([*(kernel.weight for kernel in POLICY.kernels), POLICY.prior_per_50_km])
    outlook = Outlook(known, POLICY)
    for row, at in enumerate(steps):
        assert weights @ parts[:, row] == pytest.approx(outlook.at(at), abs=1e-6)


def test_without_history_there_is_the_prior_alone() -> None:
    section = the_section()

    assert hazard() == pytest.approx(POLICY.prior_per_50_km * section.km / 50.0, abs=1e-6)


def test_what_was_reported_later_is_not_known_earlier() -> None:
    late = told(an_incident("vehicle_attack", days_ago=5), hours=24 * 9)

    assert hazard(late) == hazard()
    assert hazard(late, at=days() + 4.1) > hazard(late, at=days() + 3.9)


def test_a_later_version_takes_the_place_of_the_earlier_from_then_on() -> None:
    incident = an_incident("vehicle_attack", days_ago=5, credibility=0.5)
    first = told(incident)
    refuted = Version(
        incident=replace(incident, status=Status.REFUTED), known_at=NOW - timedelta(days=2)
    )

    assert hazard(first, refuted, at=days() - 3) == hazard(first, at=days() - 3) > hazard()
    assert hazard(first, refuted) == hazard()


def test_deleting_what_came_later_changes_no_byte() -> None:
    rng = np.random.default_rng(8)
    versions = attacks(*rng.uniform(-400, 900, size=300))
    known = [one for one in versions if one.known_at <= NOW]
    assert 50 < len(known) < 250

    whole, cut = Outlook(past(*versions), POLICY), Outlook(past(*known), POLICY)
    steps = days() - np.arange(0.0, 400.0, 7.0)

    for at in steps:
        assert whole.at(at).tobytes() == cut.at(at).tobytes()
    ours = rivals(past(*versions), steps, horizon=7.0, policy=POLICY)
    theirs = rivals(past(*known), steps, horizon=7.0, policy=POLICY)
    for name, chances in ours.items():
        assert chances.tobytes() == theirs[name].tobytes()


def test_a_longer_horizon_sees_more() -> None:
    policy = at_horizon(POLICY, 14.0)
    past_attacks = past(*attacks(3.0, 40.0))
    number = number_of(the_section())

    week, fortnight = Outlook(past_attacks, POLICY), Outlook(past_attacks, policy)
    assert fortnight.at(days())[number] == pytest.approx(2 * week.at(days())[number], rel=1e-3)


def test_what_came_is_what_happened_on_the_section_within_the_horizon() -> None:
    versions = [
        *attacks(1.0, 9.0),
        told(an_incident("fuel_shortage", days_ago=1, id="no attack")),
        told(an_incident("vehicle_attack", days_ago=1, id="somewhere", location=KAYES)),
        told(an_incident("vehicle_attack", days_ago=1, id="hardly", credibility=0.1)),
    ]
    truth = happened(versions, network=NETWORK, kinds=CONFIG.kinds, policy=POLICY)
    steps = days() - np.array([16.0, 9.0, 8.0, 1.0])

    outcome = came(truth, steps, horizon=7.0, sections=len(NETWORK.sections))

    assert truth.incidents == 2
    assert outcome[:, number_of(the_section())].tolist() == [True, False, True, False]


def test_the_horizon_of_the_last_forecast_ends_by_the_end() -> None:
    steps = steps_between(NOW - timedelta(days=20), NOW, every=timedelta(days=7), horizon=6.0)

    assert steps.tolist() == [days() - 20, days() - 13, days() - 6]


def test_rivals_know_the_past_alone() -> None:
    number = number_of(the_section())
    first = told(an_incident("flood_damage", days_ago=70, id="not serious"))
    versions = [first, *attacks(3.0, 11.0, 12.0)]

    found = rivals(past(*versions), np.array([days()]), horizon=7.0, policy=POLICY)

    base = float(found[BASE_RATE][0, number])
    hit = len(NETWORK.reach(an_incident().location, POLICY.counted_within_km))
    assert base == pytest.approx(2 * hit / (9 * len(NETWORK.sections)))  # 9 weeks were seen whole
    assert found[OWN_FREQUENCY][0, number] == pytest.approx((2 + base) / 10)
    assert found[PERSISTENCE][0, number] == 1.0
    assert found[PERSISTENCE].sum() == hit
