"""A route is as dangerous as its worst section."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.levels import Level, worst
from app.risk.rate import rate
from app.risk.rating import Rating
from app.risk.route import rate_route, route_state
from app.roads.network import Corridor
from tests.harness.risk import NOW, evidence_of

CORRIDOR = Corridor(
    code="ML-DKR-N",
    title="Bamako - Kayes - Dakar",
    road_refs="RN1",
    length_km=150.0,
    stops=(),
    section_ids=("a~b", "b~c", "c~d"),
)
_LEVELS = st.sampled_from(list(Level))


def a_rating(section_id: str, level: Level, **changes: object) -> Rating:
    rating = rate(evidence_of(), "fuel", now=NOW)
    return replace(rating, section_id=section_id, level=level, **changes)  # type: ignore[arg-type]


def ratings(*levels: Level) -> dict[str, Rating]:
    return {
        section_id: a_rating(section_id, level)
        for section_id, level in zip(CORRIDOR.section_ids, levels, strict=False)
    }


@given(st.tuples(_LEVELS, _LEVELS, _LEVELS))
def test_route_is_rated_as_its_worst_section(levels: tuple[Level, Level, Level]) -> None:
    route = rate_route(CORRIDOR, ratings(*levels), cargo="fuel", now=NOW)

    assert route.level is worst(list(levels))
    assert [one.section_id for one in route.sections] == list(CORRIDOR.section_ids)


def test_one_stretch_nobody_knows_keeps_a_route_from_low() -> None:
    route = rate_route(
        CORRIDOR, ratings(Level.LOW, Level.UNKNOWN, Level.LOW), cargo="fuel", now=NOW
    )

    assert (route.level, route.worst_section) == (Level.UNKNOWN, "b~c")


def test_section_without_a_rating_keeps_a_route_from_low() -> None:
    route = rate_route(CORRIDOR, ratings(Level.LOW, Level.LOW), cargo="fuel", now=NOW)

    assert route.level is Level.UNKNOWN


def test_route_without_ratings_is_unknown() -> None:
    route = rate_route(CORRIDOR, {}, cargo="fuel", now=NOW)

    assert (route.level, route.worst_section, route.since) == (Level.UNKNOWN, None, NOW)


def test_of_sections_alike_the_higher_score_then_the_first_counts() -> None:
    known = {
        "a~b": a_rating("a~b", Level.HIGH, score=11.0),
        "b~c": a_rating("b~c", Level.HIGH, score=12.0),
        "c~d": a_rating("c~d", Level.HIGH, score=12.0),
    }

    route = rate_route(CORRIDOR, known, cargo="fuel", now=NOW)

    assert (route.worst_section, route.score) == ("b~c", 12.0)


def test_route_keeps_since_when_another_section_takes_over_the_same_level() -> None:
    earlier = NOW - timedelta(days=2)
    first = rate_route(
        CORRIDOR,
        {"a~b": a_rating("a~b", Level.HIGH, since=earlier)},
        cargo="fuel",
        now=earlier,
    )

    then = rate_route(
        CORRIDOR,
        {"b~c": a_rating("b~c", Level.HIGH, since=NOW)},
        cargo="fuel",
        now=NOW,
        before=route_state(first),
    )

    assert then.since == earlier


def test_route_begins_anew_when_its_level_changes() -> None:
    before = route_state(rate_route(CORRIDOR, ratings(Level.LOW), cargo="fuel", now=NOW))
    later = NOW + timedelta(hours=1)

    route = rate_route(
        CORRIDOR, ratings(Level.HIGH, Level.LOW, Level.LOW), cargo="fuel", now=later, before=before
    )

    assert route.since == later
