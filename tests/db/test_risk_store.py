"""Rule sets, states and history, on both databases."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from app.core.ids import new_id
from app.core.levels import Level
from app.db.engine import Database
from app.flows.wire import reasons_out
from app.risk import store
from app.risk.kept import LevelChange, RuleSetChangedError, RuleSetNotFoundError, SectionState
from app.risk.rate import rate, state_of
from app.risk.rating import RouteState
from app.risk.rules import parse_rules
from tests.harness.risk import (
    CARGOES,
    NOW,
    SHIPPED,
    an_incident,
    evidence_of,
    near,
    rate_all,
    some_rules,
)

HOUR = timedelta(hours=1)


# ------------------------------------------------------------------------------------- rule sets


def test_first_rules_become_set_one_and_later_seeds_change_nothing(db: Database) -> None:
    db.write_now(lambda conn: store.seed_rule_set(conn, SHIPPED, now=NOW))

    again = db.write_now(lambda conn: store.seed_rule_set(conn, SHIPPED[:1], now=NOW + HOUR))

    assert (again.number, again.active, again.created_at) == (1, True, NOW)
    assert parse_rules(again.rules, cargoes=CARGOES)[0] == SHIPPED


@pytest.mark.parametrize("db_kind", ["postgres"], indirect=True)
def test_two_that_start_at_once_make_one_set(db: Database) -> None:
    with db.engine.connect() as first, ThreadPoolExecutor(1) as pool:
        store.seed_rule_set(first, SHIPPED, now=NOW)
        second = pool.submit(db.write_now, lambda conn: store.seed_rule_set(conn, SHIPPED, now=NOW))
        wait([second], timeout=0.5)

        first.commit()

        assert second.result().number == 1


def test_saving_makes_a_new_set_and_leaves_the_old_one_as_it_was(db: Database) -> None:
    db.write_now(lambda conn: store.seed_rule_set(conn, SHIPPED, now=NOW))

    new = db.write_now(
        lambda conn: store.save_rule_set(
            conn, some_rules({"weight": 0.5}), note="calmer", actor="key:1", now=NOW + HOUR
        )
    )

    old = db.read_now(lambda conn: store.get_rule_set(conn, 1))
    assert (new.number, new.note, new.created_by) == (2, "calmer", "key:1")
    assert (old.active, len(old.rules)) == (False, len(SHIPPED))
    assert db.read_now(store.active_rule_set) == new


def test_earlier_set_can_be_put_in_force_again(db: Database) -> None:
    def save_two(conn: Connection) -> None:
        for note in ("first", "second"):
            store.save_rule_set(conn, some_rules({}), note=note, actor="key:1", now=NOW)

    db.write_now(save_two)

    back = db.write_now(lambda conn: store.activate(conn, 1, now=NOW + HOUR))

    assert (back.number, back.activated_at) == (1, NOW + HOUR)
    sets = db.read_now(lambda conn: store.list_rule_sets(conn, below=None, limit=10))
    assert [(one.number, one.active) for one in sets] == [(2, False), (1, True)]
    page = db.read_now(lambda conn: store.list_rule_sets(conn, below=2, limit=10))
    assert [one.number for one in page] == [1]


def test_unknown_set_is_refused_and_changes_nothing(db: Database) -> None:
    db.write_now(lambda conn: store.seed_rule_set(conn, SHIPPED, now=NOW))

    with pytest.raises(RuleSetNotFoundError):
        db.write_now(lambda conn: store.activate(conn, 7, now=NOW))

    active = db.read_now(store.active_rule_set)
    assert active is not None
    assert active.number == 1


def test_change_made_from_an_old_set_is_refused(db: Database) -> None:
    db.write_now(lambda conn: store.seed_rule_set(conn, SHIPPED, now=NOW))

    def save(conn: Connection) -> Any:
        return store.save_rule_set(conn, SHIPPED, note="x", actor="key:1", now=NOW, expected=1)

    db.write_now(save)
    with pytest.raises(RuleSetChangedError):
        db.write_now(save)


# ---------------------------------------------------------------------------------------- states


def a_section_state(section_id: str, rated_at: datetime = NOW) -> SectionState:
    ratings = rate_all(evidence_of(near(an_incident())), now=rated_at)
    return SectionState(
        section_id=section_id,
        token=store.new_token(rated_at),
        rated_at=rated_at,
        cargoes={cargo: state_of(rating) for cargo, rating in ratings.items()},
    )


def test_section_states_come_back_as_they_were(db: Database) -> None:
    states = {name: a_section_state(name) for name in ("b~c", "a~b")}
    db.write_now(lambda conn: store.put_section_states(conn, list(states.values())))

    found = db.read_now(lambda conn: store.section_states(conn, ["a~b", "b~c", "c~d"]))

    assert found == states


def test_newer_state_takes_the_place_of_the_older(db: Database) -> None:
    db.write_now(lambda conn: store.put_section_states(conn, [a_section_state("a~b")]))
    newer = a_section_state("a~b", NOW + HOUR)

    db.write_now(lambda conn: store.put_section_states(conn, [newer]))

    assert db.read_now(lambda conn: store.section_states(conn, ["a~b"])) == {"a~b": newer}


def test_sections_due_are_those_rated_longest_ago(db: Database) -> None:
    gone = a_section_state("gone", NOW - HOUR)
    states = [a_section_state(f"s{n}", NOW + n * HOUR) for n in range(4)]
    db.write_now(lambda conn: store.put_section_states(conn, [gone, *states]))
    roads = [one.section_id for one in states]

    due = db.read_now(
        lambda conn: store.states_due(conn, older_than=HOUR, of=roads, limit=2, now=NOW + 4 * HOUR)
    )

    assert due == ["s0", "s1"]


def test_sections_that_were_rated_by_a_clock_put_back_since_are_due(db: Database) -> None:
    settled = replace(a_section_state("s1", NOW + 2 * HOUR), restless=False)
    states = [a_section_state("s0", NOW + HOUR), settled, a_section_state("s2", NOW)]
    db.write_now(lambda conn: store.put_section_states(conn, states))

    due = db.read_now(
        lambda conn: store.states_due(
            conn, older_than=HOUR, of=["s0", "s1", "s2"], limit=9, now=NOW
        )
    )

    assert due == ["s0", "s1"]


def test_sections_that_time_cannot_change_are_never_due(db: Database) -> None:
    states = [a_section_state("s0"), replace(a_section_state("s1"), restless=False)]
    db.write_now(lambda conn: store.put_section_states(conn, states))

    due = db.read_now(
        lambda conn: store.states_due(
            conn, older_than=HOUR, of=["s0", "s1"], limit=9, now=NOW + 2 * HOUR
        )
    )

    assert due == ["s0"]
    assert db.read_now(lambda conn: store.section_states(conn, ["s1"])) == {"s1": states[1]}


def test_tokens_are_those_of_the_states(db: Database) -> None:
    states = [a_section_state("s0"), a_section_state("s1")]
    db.write_now(lambda conn: store.put_section_states(conn, states))

    tokens = db.read_now(lambda conn: store.section_tokens(conn, ["s0", "s1", "s2"]))

    assert tokens == {state.section_id: state.token for state in states}


def test_route_states_come_back_and_are_replaced(db: Database) -> None:
    first = RouteState(
        route="ML-DKR-N",
        cargo="fuel",
        level=Level.SEVERE,
        score=6.4,
        worst_section="a~b",
        since=NOW,
        rated_at=NOW,
    )
    other = replace(first, cargo="goods", level=Level.UNKNOWN, worst_section=None)
    db.write_now(lambda conn: store.put_route_states(conn, [first, other]))
    later = replace(first, level=Level.HIGH, rated_at=NOW + HOUR)

    db.write_now(lambda conn: store.put_route_states(conn, [later]))

    found = db.read_now(lambda conn: store.route_states(conn, ["ML-DKR-N"]))
    assert found == {("ML-DKR-N", "fuel"): later, ("ML-DKR-N", "goods"): other}
    assert db.read_now(store.route_states) == found


def test_nothing_to_store_is_no_error(db: Database) -> None:
    def store_nothing(conn: Connection) -> None:
        store.put_section_states(conn, [])
        store.put_route_states(conn, [])
        store.add_level_changes(conn, [])

    db.write_now(store_nothing)

    assert db.read_now(store.route_states) == {}


# --------------------------------------------------------------------------------------- history


def a_change(at: datetime, after: Level, subject: str = "route:ML-DKR-N") -> LevelChange:
    rating = rate(evidence_of(near(an_incident())), "fuel", now=NOW, explain=True)
    return LevelChange(
        id=new_id(at),
        at=at,
        subject=subject,
        cargo="fuel",
        before=Level.UNKNOWN,
        after=after,
        score=rating.score,
        rule_set=1,
        reasons=reasons_out(rating),
    )


def test_history_is_paged_oldest_first(db: Database) -> None:
    changes = [a_change(NOW + n // 2 * HOUR, Level.HIGH) for n in range(6)]
    db.write_now(lambda conn: store.add_level_changes(conn, changes))

    def page(after: LevelChange | None) -> list[LevelChange]:
        cursor = (after.at, after.id) if after is not None else None
        return db.read_now(
            lambda conn: store.list_level_changes(
                conn, "route:ML-DKR-N", "fuel", after=cursor, limit=4
            )
        )

    pages = [page(None)]
    while pages[-1]:
        pages.append(page(pages[-1][-1]))

    told = [one for page in pages for one in page]
    assert told == sorted(changes, key=lambda one: (one.at, one.id))


def test_history_is_limited_to_subject_and_time(db: Database) -> None:
    changes = [a_change(NOW + n * HOUR, Level.HIGH) for n in range(4)]
    elsewhere = a_change(NOW, Level.HIGH, "section:a~b")
    db.write_now(lambda conn: store.add_level_changes(conn, [*changes, elsewhere]))

    found = db.read_now(
        lambda conn: store.list_level_changes(
            conn, "route:ML-DKR-N", "fuel", since=NOW + HOUR, until=NOW + 3 * HOUR
        )
    )

    assert found == changes[1:3]


def test_level_that_held_at_an_instant_is_found(db: Database) -> None:
    changes = [a_change(NOW, Level.SEVERE), a_change(NOW + 2 * HOUR, Level.HIGH)]
    db.write_now(lambda conn: store.add_level_changes(conn, changes))

    def at(instant: datetime) -> LevelChange | None:
        return db.read_now(
            lambda conn: store.find_level_at(conn, "route:ML-DKR-N", "fuel", at=instant)
        )

    assert at(NOW - HOUR) is None
    assert at(NOW + HOUR) == changes[0]
    assert at(NOW + 2 * HOUR) == changes[1]


def test_reasons_kept_are_the_reasons_given(db: Database) -> None:
    rating = rate(evidence_of(near(an_incident())), "fuel", now=NOW, explain=True)
    db.write_now(lambda conn: store.add_level_changes(conn, [a_change(NOW, Level.SEVERE)]))

    (found,) = db.read_now(lambda conn: store.list_level_changes(conn, "route:ML-DKR-N", "fuel"))

    assert found.reasons == reasons_out(rating)
    assert found.reasons["contributions"]
