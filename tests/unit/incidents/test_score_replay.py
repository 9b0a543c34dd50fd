from typing import Any

import pytest

from bench.score_replay import score


def truth(report_id: str, event: str, lat: float = 14.5, lon: float = -9.9) -> dict[str, Any]:
    return {"report_id": report_id, "event_ref": event, "lat": f"{lat}", "lon": f"{lon}"}


def said(report_id: str, incident: str, lat: float = 14.5, outcome: str = "placed") -> Any:
    place = {"lat": f"{lat}", "lon": "-9.9"} if outcome == "placed" else {"lat": "", "lon": ""}
    return {"report_id": report_id, "incident_id": incident, "outcome": outcome, **place}


TRUTH = [truth("r1", "A"), truth("r2", "A"), truth("r3", "A"), truth("r4", "B"), truth("r5", "B")]


def test_the_truth_scores_full() -> None:
    figures = score([said(row["report_id"], row["event_ref"]) for row in TRUTH], TRUTH)

    assert (figures["precision"], figures["recall"], figures["f1"]) == (1.0, 1.0, 1.0)
    assert (figures["within_10_km"], figures["over_25_km"]) == (1.0, 0.0)


def test_pairs_are_counted_among_the_placed_only() -> None:
    figures = score(
        [
            said("r1", "x"),
            said("r2", "x"),
            said("r3", "y"),
            said("r4", "y"),
            said("r5", "", outcome="asked"),
        ],
        TRUTH,
    )

    # Said together: r1-r2 (right), r3-r4 (wrong). Truly together: three pairs of A.
    assert figures["precision"] == 0.5
    assert figures["recall"] == pytest.approx(1 / 3)
    assert figures["f1"] == pytest.approx(0.4)
    assert (figures["placed"], figures["asked"], figures["missing"]) == (4, 1, 0)


def test_distances_are_of_the_placed_ones_to_their_true_place() -> None:
    off = [said("r1", "x", lat=14.55), said("r2", "x", lat=14.65), said("r3", "x", lat=14.8)]

    figures = score(off, TRUTH)

    assert figures["within_10_km"] == pytest.approx(1 / 3)
    assert figures["over_25_km"] == pytest.approx(1 / 3)
    assert figures["missing"] == 2
