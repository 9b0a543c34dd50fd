"""Levels of the past are the service's own."""

from datetime import timedelta

import numpy as np

from app.core.levels import Level
from app.risk.hazard import Floats
from app.risk.past import Version
from app.risk.playing import UNKNOWN, play
from tests.harness.past import NETWORK, attacks, days, number_of, the_section, told
from tests.harness.risk import BOOK, NOW, an_incident

FUEL = BOOK.cargoes.index("fuel")
LEVEL = {level.rank: level for level in Level}


def levels(*versions: Version, steps: Floats) -> list[Level]:
    found = play(list(versions), steps, network=NETWORK, book=BOOK)
    return [LEVEL[int(rank)] for rank in found.ranks[:, number_of(the_section()), FUEL]]


def test_a_floor_holds_from_when_it_was_known_and_runs_out() -> None:
    taken = told(an_incident("fuel_interception", days_ago=10, id="taken"), hours=30)

    seen = levels(taken, steps=days() - np.array([10.0, 9.0, 8.0, 5.0, 3.9, 2.0, 0.0]))

    assert seen[:3] == [Level.UNKNOWN, Level.UNKNOWN, Level.SEVERE]
    assert seen[4] is Level.HIGH  # severe ends after three days and a day of calm
    assert seen[6] in (Level.MODERATE, Level.UNKNOWN)


def test_roads_without_news_are_unknown() -> None:
    found = play([], np.array([days()]), network=NETWORK, book=BOOK)

    assert np.all(found.ranks == UNKNOWN)
    assert np.all(found.hazard > 0)


def test_many_at_once_are_what_they_are_one_by_one() -> None:
    """Evidence gathered anew and evidence extended rate alike."""
    versions = attacks(*np.linspace(1, 200, 60))
    often = days() - np.arange(200.0, -1.0, -1.0)

    one_by_one = play(versions, often, network=NETWORK, book=BOOK)
    at_once = play(versions, np.array([days()]), network=NETWORK, book=BOOK)

    assert np.array_equal(one_by_one.hazard[-1], at_once.hazard[-1])


def test_what_was_reported_later_changes_nothing_before() -> None:
    early = attacks(40.0, 30.0)
    late = told(an_incident("fuel_interception", days_ago=20, id="late"), hours=24 * 30)
    steps = days() - np.arange(35.0, -1.0, -7.0)

    with_late = play([*early, late], steps, network=NETWORK, book=BOOK)
    without = play(early, steps, network=NETWORK, book=BOOK)

    assert late.known_at > NOW + timedelta(days=1)
    assert with_late.ranks.tobytes() == without.ranks.tobytes()
    assert with_late.hazard.tobytes() == without.hazard.tobytes()
