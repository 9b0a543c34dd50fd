"""The state of a section as it is kept: read again it is the same, and so are its bytes."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.levels import Level
from app.risk.codec import decode_state, encode_state
from app.risk.rating import SectionCargoState

NOW = datetime(2025, 9, 8, 6, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)


@pytest.mark.parametrize("by_day", [False, True])
@pytest.mark.parametrize(
    ("evidence_at", "positive_at"), [(None, None), (NOW, None), (NOW, EARLIER), (NOW, NOW)]
)
def test_a_state_is_read_as_it_was_kept(
    evidence_at: datetime | None, positive_at: datetime | None, *, by_day: bool
) -> None:
    state = SectionCargoState(
        level=Level.UNKNOWN,
        score=1.5,
        since=EARLIER,
        calm_since=None,
        evidence_at=evidence_at,
        positive_at=positive_at,
        rated_at=NOW,
        by_day=by_day,
    )

    kept = encode_state(state)
    read = decode_state(kept, rated_at=NOW)

    assert read == state
    assert encode_state(read) == kept


def test_of_good_news_kept_by_an_older_version_the_day_alone_is_told() -> None:
    state = SectionCargoState(
        level=Level.LOW,
        score=0.5,
        since=NOW,
        calm_since=None,
        evidence_at=NOW,
        positive_at=NOW,
        rated_at=NOW,
        by_day=False,
    )
    kept = encode_state(state)
    kept.pop("by_day")

    assert decode_state(kept, rated_at=NOW).by_day
