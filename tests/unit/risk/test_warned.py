"""Who would have been warned, how early, at what price."""

import numpy as np

from app.core.levels import Level
from app.risk.past import Happened, came
from app.risk.warned import Warned, warned

U, M, H, S = (level.rank for level in (Level.UNKNOWN, Level.MODERATE, Level.HIGH, Level.SEVERE))
STEPS = np.array([0.0, 7.0, 14.0, 21.0])


def of(ranks: list[list[int]], incidents: list[tuple[float, int, int]]) -> Warned:
    """Return the figures of ranks (section by step) and incidents (day, section, number)."""
    table = np.array(ranks, dtype=np.int8).T
    truth = Happened(
        section=np.array([one[1] for one in incidents], dtype=np.int64),
        at=np.array([one[0] for one in incidents]),
        incident=np.array([one[2] for one in incidents], dtype=np.int64),
        incidents=len({one[2] for one in incidents}),
    )
    return warned(
        table,
        STEPS,
        truth,
        came(truth, STEPS, horizon=7.0, sections=table.shape[1]),
        [[0, 1], [1], [2]],
        horizon=7.0,
        tell_from=Level.MODERATE,
    )


def test_an_incident_counts_as_warned_by_what_stood_before_it() -> None:
    found = of(
        [[U, H, M, U], [U, U, U, U], [U, U, U, U]], [(6.9, 0, 0), (13.9, 0, 1), (15.0, 0, 2)]
    )

    assert (found.incidents, found.warned) == (3, 1)


def test_one_incident_on_two_sections_is_one() -> None:
    found = of([[H, H, H, H], [U, U, U, U], [U, U, U, U]], [(8.0, 0, 0), (8.0, 1, 0)])

    assert (found.incidents, found.warned) == (1, 1)


def test_lead_is_from_the_first_high_of_a_spell_to_its_first_incident() -> None:
    found = of(
        [[U, H, S, U], [H, U, U, U], [U, U, U, H]],
        [(15.0, 0, 0), (16.0, 0, 1), (20.0, 1, 2)],
    )

    assert (found.spells, found.followed) == (3, 1)
    assert found.lead_hours == (192.0, 192.0, 192.0)


def test_a_rise_is_told_once_for_each_route_and_once_to_one_who_reads_all() -> None:
    found = of([[U, U, U, U], [U, H, M, H], [U, U, M, S]], [])

    assert found.alerts == 2 + 2 + 2
    assert found.messages == 2 + 2
    assert found.lead_hours is None


def test_levels_say_how_often_they_were_right() -> None:
    found = of([[H, H, U, U], [U, U, U, U], [U, U, U, U]], [(3.0, 0, 0), (24.0, 2, 1)])

    assert [(one.level, one.forecasts, one.happened) for one in found.levels] == [
        ("unknown", 10, 0.1),
        ("high", 2, 0.5),
    ]
