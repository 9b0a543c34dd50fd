"""What others than the desk see of what made a rating: no hour of good news."""

from typing import Any

from app.flows.wire import coarse_evidence
from tests.harness.incidents import KINDS

AT = "2025-09-14T11:30:00+00:00"


def evidence(**age_days: float) -> dict[str, Any]:
    """Return what is kept of a rating by incidents of these kinds, none of a passable road."""
    told = [
        {"kind": kind, "age_days": age, "hazard": 0.0, "distance_km": 0.0, "floor_until": None}
        for kind, age in age_days.items()
    ]
    return {"evidence_at": AT, "positive_at": None, "hazard": 0.01, "contributions": told}


def test_the_hour_at_which_a_region_was_reopened_is_not_told() -> None:
    reopened_last = evidence(blockade_threat=3.0, road_reopened=0.1)
    blocked_again = evidence(blockade_threat=0.1, road_reopened=3.0)

    assert coarse_evidence(reopened_last, KINDS)["evidence_at"] is None
    assert coarse_evidence(blocked_again, KINDS)["evidence_at"] == AT
