"""What a journeys answer reads: one cargo of every section, now and as it was."""

from dataclasses import replace
from datetime import timedelta

from app.core.ids import new_id
from app.core.levels import Level
from app.db.engine import Database
from app.flows.wire import reasons_out
from app.risk import store
from app.risk.closures import closures_of, holding
from app.risk.journey_policy import parse
from app.risk.kept import LevelChange, SectionState
from app.risk.rate import rate, state_of
from tests.harness.risk import FAMILIES, NOW, an_incident, evidence_of, near, toml

POLICY = parse(toml("policy/journeys.toml"), file="", kinds=frozenset(FAMILIES)).closed
HOUR = timedelta(hours=1)


def a_state(kind: str, cargo: str = "fuel") -> SectionState:
    evidence = evidence_of(near(an_incident(kind)))
    state = state_of(rate(evidence, cargo, now=NOW))
    closures = closures_of(evidence, cargo, policy=POLICY, now=NOW)
    return SectionState(
        section_id=f"section-{kind}",
        token=store.new_token(NOW),
        rated_at=NOW,
        cargoes={cargo: replace(state, closures=closures)},
    )


def test_what_closes_a_section_is_kept_with_its_state(db: Database) -> None:
    closed, open_one = a_state("roadblock"), a_state("fuel_interception")
    db.write_now(lambda conn: store.put_section_states(conn, [closed, open_one]))

    tokens = db.read_now(store.section_tokens)
    found = db.read_now(lambda conn: store.section_states(conn, tokens))

    assert tokens == {one.section_id: one.token for one in (closed, open_one)}
    assert found[closed.section_id] == closed
    assert [one.kind for one in found[closed.section_id].cargoes["fuel"].closures] == ["roadblock"]
    assert found[open_one.section_id].cargoes["fuel"].closures == ()
    assert found[open_one.section_id].cargoes["fuel"].level is Level.SEVERE


def test_a_closure_ends_with_its_floor_and_is_for_whom_the_rules_say() -> None:
    fuel = a_state("blockade_threat").cargoes["fuel"].closures
    aid = a_state("blockade_threat", "humanitarian").cargoes["humanitarian"].closures

    assert holding(fuel, now=NOW) == fuel != ()
    assert holding(fuel, now=fuel[0].until) == ()
    assert aid == ()


def test_the_level_that_held_is_found_for_every_section_at_once(db: Database) -> None:
    reasons = reasons_out(rate(evidence_of(), "fuel", now=NOW, explain=True))

    def change(subject: str, hours: int, after: Level, cargo: str = "fuel") -> LevelChange:
        at = NOW + hours * HOUR
        return LevelChange(
            id=new_id(at),
            at=at,
            subject=subject,
            cargo=cargo,
            before=Level.UNKNOWN,
            after=after,
            score=1.0,
            rule_set=1,
            reasons=reasons,
        )

    changes = [
        change("section:a~b", 0, Level.HIGH),
        change("section:a~b", 2, Level.SEVERE),
        change("section:b~c", 1, Level.MODERATE),
        change("section:b~c", 0, Level.SEVERE, "goods"),
        change("section:c~d", 3, Level.HIGH),
        change("route:a~b", 1, Level.HIGH),
    ]
    db.write_now(lambda conn: store.add_level_changes(conn, changes))

    found = db.read_now(lambda conn: store.section_levels_at(conn, "fuel", at=NOW + 2 * HOUR))
    one = db.read_now(
        lambda conn: store.section_levels_at(conn, "fuel", at=NOW + HOUR, section_ids=["a~b"])
    )

    assert found == {"a~b": changes[1], "b~c": changes[2]}
    assert one == {"a~b": changes[0]}
