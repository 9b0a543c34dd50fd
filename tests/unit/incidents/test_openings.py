"""A road that is open again one way, to some, or under escort is not open."""

from datetime import timedelta
from typing import Any

import pytest

from app.incidents.answering import Effect, answers
from app.incidents.joining import join
from app.roads.network import Network
from tests.harness.incidents import KINDS, NOON, POLICY, a_report, an_incident

DAY = timedelta(days=1)
WORDS = POLICY.answering.openings
IN_PART = "Rouverte dans le sens Diéma-Kayes seulement"
WHOLE = "Rouverte dans les deux sens"


def reopened(summary: str, report_id: str = "open", *, days: int = 2, **changes: Any) -> Any:
    at = NOON + days * DAY
    return a_report(
        report_id, kind="road_reopened", occurred_at=at, reported_at=at, summary=summary,
        cargo=None, **changes,
    )  # fmt: skip


def effect_of(*reports: Any) -> Effect:
    """Return what the reports of one reopening do to a roadblock there."""
    news = an_incident(reports[0], incident_id="open")
    for report in reports[1:]:
        news = join(news, report, policy=POLICY, kinds=KINDS)
    danger = an_incident(a_report(kind="roadblock", cargo=None), incident_id="danger")
    no_roads = Network(sections=(), corridors=(), places=(), countries=())
    (found,) = answers(news, [danger], kinds=KINDS, policy=POLICY.answering, network=no_roads)
    return found.effect


@pytest.mark.parametrize(
    "said",
    [
        IN_PART,
        "La RN1 est rouverte à sens unique",
        "Route rouverte en direction de Kayes",
        "ROUTE DIEMA ROUVERTE SAUF CITERNES",
        "Rouverte dans les deux sens, sauf aux citernes",
        "Rouverte aux petits camions ; interdite aux citernes",
        "Le pont est réparé sur une voie",
        "Réouverture partielle",
        "Circulation rétablie, sous escorte",
        "Road reopened, one way only",
        "Reopened for all vehicles except tankers",
        "Reopened under escort",
    ],
)
def test_a_road_open_in_part_ends_no_closure(said: str) -> None:
    assert effect_of(reopened(said)) is Effect.LOWERS


@pytest.mark.parametrize(
    "said",
    [
        "",
        "La route est rouverte",
        WHOLE,
        "Rouverte à tous les véhicules",
        "Le trafic a repris normalement dans la nuit",
        "Road fully reopened in both directions",
        "Restrictions on Lere lifted on 4 March 2025",
        "Blockade since Sept 2023 was lifted at end of March 2025 and road open since early April",
    ],
)
def test_a_road_that_is_open_ends_it(said: str) -> None:
    assert effect_of(reopened(said)) is Effect.RESOLVES


def test_it_is_open_in_part_until_it_is_told_to_be_open_as_a_whole() -> None:
    first, again = reopened(IN_PART), reopened("La route est rouverte", "again", days=3)

    assert effect_of(first, again) is Effect.LOWERS
    assert effect_of(first, again, reopened(WHOLE, "whole", days=4)) is Effect.RESOLVES


def test_a_stranger_does_not_open_the_rest_of_it() -> None:
    stranger = reopened(WHOLE, "whole", days=3, known_source=False, source_type="driver")

    assert effect_of(reopened(IN_PART), stranger) is Effect.LOWERS
