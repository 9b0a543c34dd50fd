from datetime import UTC, datetime

import pytest

from app.core.levels import Level
from app.flows.readers.outside import told_outside
from app.risk.rating import Contribution, Rating
from tests.harness.incidents import KINDS

NOW = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)


def contribution(incident_id: str, kind: str, hazard: float) -> Contribution:
    return Contribution(
        incident_id=incident_id,
        incident_version=1,
        kind=kind,
        rule_id=kind,
        rule_title=kind,
        distance_km=3.0,
        age_days=1.0,
        credibility=0.5,
        weight=1.0,
        hazard=hazard,
    )


def rating(*contributions: Contribution) -> Rating:
    return Rating(
        section_id="a:b",
        cargo="fuel",
        at=NOW,
        hazard=sum(one.hazard for one in contributions),
        prior=0.0,
        score=1.0,
        level=Level.MODERATE,
        raw_level=Level.MODERATE,
        spoke="statistics",
        since=NOW,
        calm_since=None,
        evidence_at=NOW,
        positive_at=None,
        by_day=True,
        rule_set=1,
        contributions=contributions,
    )


@pytest.mark.parametrize("secret", ["military_operation", "safe_transit"])
def test_of_two_convoys_outside_the_desk_is_told_one_with_what_both_add(secret: str) -> None:
    """Whoever reports a passage would see by their number whether it joined another's."""
    alone = told_outside(rating(contribution("1", secret, 0.03)), KINDS).contributions
    both = told_outside(
        rating(contribution("1", secret, 0.01), contribution("2", secret, 0.02)), KINDS
    ).contributions

    assert len(alone) == len(both) == 1
    assert both[0].hazard == pytest.approx(alone[0].hazard)


def test_of_two_attacks_both_are_told() -> None:
    two = rating(contribution("1", "ied", 0.01), contribution("2", "ied", 0.02))

    assert told_outside(two, KINDS) == two
