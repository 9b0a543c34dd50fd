"""A section's past is bounded, and the same however it was put together."""

from dataclasses import replace
from datetime import timedelta

from app.risk.evidence import gather
from app.risk.weighing import Exposed
from tests.harness.risk import BOOK, NOW, POLICY, SECTION, SHIPPED, an_incident, book_of, near

MOST = 50
FEW = book_of(SHIPPED, policy=replace(POLICY, most_incidents=MOST))


def ambushes(count: int) -> list[Exposed]:
    """One each day, the newest a day ago; none is spoken of afterwards."""
    return [
        near(an_incident("convoy_ambush", id=f"ambush-{n:03d}", days_ago=n + 1.0))
        for n in range(count)
    ]


def test_the_newest_incidents_of_a_section_are_looked_at() -> None:
    days = FEW.longest_floor / timedelta(days=1)
    old = near(an_incident("convoy_ambush", id="old", days_ago=days + 100.0))

    evidence = gather(SECTION, [*ambushes(MOST), old], FEW)

    assert len(evidence.items) == MOST
    assert "old" not in {item.id for item in evidence.items}


def test_a_blockade_that_is_still_reported_holds_behind_any_number_of_newer_incidents() -> None:
    blockade = an_incident("roadblock", id="blockade", days_ago=200.0, certain=True)
    reported = near(replace(blockade, last_reported_at=NOW - timedelta(days=1)))

    evidence = gather(SECTION, [*ambushes(MOST + 20), reported], FEW)

    assert any(f.exposed.incident.id == "blockade" for f in evidence.floors_at(NOW, 0))


def test_evidence_that_grew_is_evidence_that_was_gathered() -> None:
    days = FEW.longest_floor / timedelta(days=1)
    past = [
        near(an_incident("convoy_ambush", id=f"old-{n:03d}", days_ago=days + 10.0 + n))
        for n in range(MOST)
    ]
    grown = gather(SECTION, past, FEW)
    for more in ambushes(10):
        grown = grown.with_incident(more)

    gathered = gather(SECTION, [*past, *ambushes(10)], FEW)

    assert [item.id for item in grown.items] == [item.id for item in gathered.items]
    assert grown.moment(NOW).total == gathered.moment(NOW).total
    assert len(gather(SECTION, [*past, *ambushes(10)], BOOK).items) == MOST + 10
