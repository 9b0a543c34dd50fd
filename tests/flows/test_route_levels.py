"""A route is as dangerous as its worst section, however few of them are rated at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from app.core.levels import Level, worst
from app.db.engine import Database
from app.flows.rating.ratings import Rated, rate_routes
from app.risk import store as risk_store
from app.risk.kept import SectionState
from app.risk.rate import rate, state_of
from app.risk.rating import Rating, RouteState
from tests.harness.lived import living
from tests.harness.risk import BOOK, NOW, evidence_of

CONTEXT = living()
CODE = "ML-DKR-N"
IDS = CONTEXT.config.network.corridors[CODE].section_ids
EVIDENCE = evidence_of()
HOUR = timedelta(hours=1)
#: What a section is rated: a level, and a score where it matters.
Given = Level | tuple[Level, float]


def rated_route(db: Database, given: Mapping[str, Given], *, now: datetime = NOW) -> RouteState:
    """Rate these sections, keep their states, and return what the route is for fuel."""

    def work(conn: Connection) -> RouteState:
        rated = {one: _rated(one, level, now) for one, level in given.items()}
        risk_store.put_section_states(conn, [_kept(one, now) for one in rated.values()])
        routes = rate_routes(conn, rated, book=BOOK, context=CONTEXT, now=now)
        return next(one.state for one in routes if _is_ours(one.state))

    return db.write_now(work)


def _is_ours(state: RouteState) -> bool:
    return (state.route, state.cargo) == (CODE, "fuel")


def _rated(section_id: str, given: Given, now: datetime) -> Rated:
    level, score = given if isinstance(given, tuple) else (given, 1.0)
    rating = replace(
        rate(EVIDENCE, "fuel", now=now), section_id=section_id, level=level, score=score
    )
    return Rated(EVIDENCE, {}, {cargo: replace(rating, cargo=cargo) for cargo in BOOK.cargoes})


def _kept(one: Rated, now: datetime) -> SectionState:
    ratings: list[Rating] = list(one.ratings.values())
    return SectionState(
        section_id=ratings[0].section_id,
        token=risk_store.new_token(now),
        rated_at=now,
        restless=False,
        cargoes={rating.cargo: state_of(rating) for rating in ratings},
    )


@pytest.fixture
def whole(db: Database) -> Database:
    """A database in which every section of the route is low."""
    assert rated_route(db, dict.fromkeys(IDS, Level.LOW)).level is Level.LOW
    return db


def test_a_route_is_rated_as_its_worst_section(whole: Database) -> None:
    found = rated_route(whole, {IDS[1]: Level.HIGH, IDS[2]: Level.MODERATE})

    assert (found.level, found.worst_section) == (Level.HIGH, IDS[1])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(Level)), min_size=len(IDS), max_size=len(IDS)))
def test_a_route_rated_whole_is_its_worst_section_whatever_it_was(
    db: Database, levels: list[Level]
) -> None:
    found = rated_route(db, dict(zip(IDS, levels, strict=True)))

    assert found.level is worst(levels)


def test_a_calmer_section_leaves_the_route_to_the_worst_of_the_others(whole: Database) -> None:
    rated_route(whole, {IDS[1]: Level.SEVERE, IDS[2]: Level.HIGH})

    found = rated_route(whole, {IDS[1]: Level.LOW}, now=NOW + HOUR)

    assert (found.level, found.worst_section) == (Level.HIGH, IDS[2])


def test_one_stretch_nobody_knows_keeps_a_route_from_low(db: Database) -> None:
    found = rated_route(db, dict.fromkeys(IDS[1:], Level.LOW))

    assert (found.level, found.worst_section) == (Level.UNKNOWN, IDS[0])


def test_of_sections_alike_the_higher_score_then_the_first_counts(whole: Database) -> None:
    alike = {IDS[0]: (Level.HIGH, 11.0), IDS[1]: (Level.HIGH, 12.0), IDS[2]: (Level.HIGH, 12.0)}

    found = rated_route(whole, alike)

    assert (found.worst_section, found.score) == (IDS[1], 12.0)


def test_a_route_keeps_since_when_another_section_takes_over_the_same_level(
    whole: Database,
) -> None:
    rated_route(whole, {IDS[1]: Level.HIGH}, now=NOW + HOUR)

    found = rated_route(whole, {IDS[1]: Level.LOW, IDS[2]: (Level.HIGH, 2.0)}, now=NOW + 2 * HOUR)

    assert (found.worst_section, found.since) == (IDS[2], NOW + HOUR)


def test_a_route_begins_anew_when_its_level_changes(whole: Database) -> None:
    later = NOW + HOUR

    assert rated_route(whole, {IDS[0]: Level.HIGH}, now=later).since == later
