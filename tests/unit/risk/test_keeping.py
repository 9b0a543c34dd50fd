"""A section's past is bounded, and the same however it was put together."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.risk.evidence import gather
from app.risk.weighing import Exposed
from tests.harness.risk import BOOK, NOW, POLICY, SECTION, SHIPPED, an_incident, book_of, near

MOST = 50
BOOK_OF_ALL = book_of(SHIPPED, policy=replace(POLICY, most_incidents=10_000))
FEW = book_of(SHIPPED, policy=replace(POLICY, most_incidents=MOST))


def ambushes(count: int) -> list[Exposed]:
    """One each day, the newest a day ago; none is spoken of afterwards."""
    return [
        near(an_incident("convoy_ambush", id=f"ambush-{n:03d}", days_ago=n + 1.0))
        for n in range(count)
    ]


def far_past(count: int) -> list[Exposed]:
    """One each day, so long ago that none may hold a level."""
    days = FEW.floor_span("blockade_threat", "closure") / timedelta(days=1)
    return [
        near(an_incident("convoy_ambush", id=f"old-{n:03d}", days_ago=days + 10.0 + n))
        for n in range(count)
    ]


def test_the_newest_incidents_of_a_section_are_looked_at() -> None:
    days = FEW.floor_span("blockade_threat", "closure") / timedelta(days=1)
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
    past = far_past(MOST)
    grown = gather(SECTION, past, FEW)
    for more in ambushes(10):
        grown = grown.with_incidents([more])

    gathered = gather(SECTION, [*past, *ambushes(10)], FEW)

    assert [item.id for item in grown.items] == [item.id for item in gathered.items]
    assert grown.beyond.count == gathered.beyond.count == 10
    assert grown.moment(NOW).total == pytest.approx(gathered.moment(NOW).total, rel=1e-9)
    assert len(gather(SECTION, [*past, *ambushes(10)], BOOK).items) == MOST + 10


WARS = {
    "one rhythm": lambda n: ("convoy_ambush", "ied", "roadblock", "fuel_interception")[n % 4],
    "other ways than before": lambda n: "ied" if n < 100 else "banditry",
}


@pytest.mark.parametrize("every_days", [0.7, 5.0])
@pytest.mark.parametrize("kind_of", WARS.values(), ids=WARS)
def test_a_long_war_is_as_dangerous_however_few_of_its_incidents_are_looked_at(
    kind_of: Callable[[int], str], every_days: float
) -> None:
    chance = random.Random(5)  # noqa: S311 - no secret
    war = [
        near(
            an_incident(
                kind_of(n),
                id=f"war-{n:04d}",
                days_ago=20 + every_days * n,
                credibility=chance.uniform(0.3, 1.0),
            ),
            chance.uniform(0.0, 40.0),
        )
        for n in range(300)
    ]

    some, every = gather(SECTION, war, FEW), gather(SECTION, war, BOOK_OF_ALL)
    grown = gather(SECTION, war[200:], FEW)
    for one in reversed(war[:200]):
        grown = grown.with_incidents([one])

    assert (some.beyond.count, every.beyond.count) == (300 - len(some.items), 0)
    for later in (NOW, NOW + timedelta(days=200)):
        assert some.moment(later).total == pytest.approx(every.moment(later).total, rel=5e-3)
        assert some.moment(later).trusted == pytest.approx(every.moment(later).trusted, rel=5e-3)
        assert grown.moment(later).total == pytest.approx(some.moment(later).total, rel=1e-9)
        assert some.moment(later).each.sum() < 0.8 * sum(every.moment(later).total)


def test_nothing_but_good_news_left_out_adds_nothing() -> None:
    passed = near(an_incident("safe_transit", id="passed", cargo=("fuel",), days_ago=300))

    some, none = (
        gather(SECTION, [passed, *ambushes(MOST)], FEW),
        gather(SECTION, ambushes(MOST), FEW),
    )

    assert some.beyond.count == 1
    assert some.moment(NOW).total == none.moment(NOW).total


def test_good_news_that_is_left_out_eases_what_was_before_it() -> None:
    chance = random.Random(3)  # noqa: S311 - no secret
    told = [
        near(
            an_incident(
                "safe_transit" if n > MOST + 10 and n % 20 == 0 else "convoy_ambush",
                id=f"n-{n:03d}",
                cargo=("fuel",) if n % 2 else (),
                days_ago=30.0 + 3 * n,
                credibility=chance.uniform(0.3, 1.0),
            )
        )
        for n in range(200)
    ]

    some, every = gather(SECTION, told, FEW), gather(SECTION, told, BOOK_OF_ALL)

    assert some.beyond.count == 200 - MOST
    assert some.moment(NOW).total == pytest.approx(every.moment(NOW).total, rel=0.01)


def test_good_news_eases_what_is_not_looked_at_too() -> None:
    far = far_past(MOST)
    passed = near(an_incident("safe_transit", id="passed", cargo=("fuel",), days_ago=0.5))

    before = gather(SECTION, [*far, *ambushes(MOST)], FEW)
    after = before.with_incidents([passed])

    assert before.beyond.count >= MOST
    rest = [told.moment(NOW).total[0] - told.moment(NOW).each[0].sum() for told in (before, after)]
    assert 0 < rest[1] < rest[0]


def test_what_may_be_a_newer_version_of_one_left_out_is_not_added() -> None:
    far, many = far_past(5), gather(SECTION, [*far_past(5), *ambushes(MOST)], FEW)
    again = near(replace(far[0].incident, version=2))
    known = near(replace(ambushes(1)[0].incident, version=2))

    assert not many.can_take([again])
    assert many.can_take([known, near(an_incident(id="new"))])
    assert gather(SECTION, far, FEW).can_take([again])
