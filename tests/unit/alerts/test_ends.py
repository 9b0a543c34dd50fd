"""What was said to have ended is over until it, or the like of it, is told again."""

import pytest

from app.alerts.alert import Ended, Stretch
from app.alerts.ends import Ends
from tests.harness.deciding import ELSEWHERE, HERE, NOW

AMBUSH = Ended(at=NOW, incident_id="i1", kind="convoy_ambush", stretch=HERE)


@pytest.mark.parametrize(
    ("speaks", "kind", "stretch", "over"),
    [
        ("i2", "ied", HERE, True),
        ("i2", "convoy_ambush", ELSEWHERE, True),
        ("i1", "vehicle_attack", ELSEWHERE, False),  # opened again, under another name
        ("i2", "convoy_ambush", HERE, False),  # the next one
    ],
)
def test_what_ended_is_over_until_the_like_is_told_there(
    speaks: str, kind: str, stretch: Stretch, *, over: bool
) -> None:
    ends = Ends()
    ends.hear(AMBUSH, speaks="i3", kind="ied", stretch=ELSEWHERE)

    ends.hear(None, speaks=speaks, kind=kind, stretch=stretch)

    assert ends.said == ([AMBUSH] if over else [])
