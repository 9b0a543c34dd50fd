"""The incidents behind ratings, now and as they were known then, on both databases."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from app.db.engine import Database
from app.db.tables.incidents import ExposureRow, IncidentRow, IncidentVersionRow
from app.flows.ratings import gathered
from app.flows.rule_books import bounds_of
from app.incidents.codec import encode_incident
from app.incidents.incident import Incident, Status
from app.incidents.report import Range
from app.risk import store
from app.risk.beyond import Left
from app.risk.evidence import SectionEvidence, gather
from app.risk.store import Reaching
from app.risk.weighing import Exposed, days_of
from app.roads.places import Location
from tests.harness.risk import (
    BOOK,
    LAKAMANE,
    NOW,
    POLICY,
    SECTION,
    SHIPPED,
    an_incident,
    book_of,
    near,
)

HOUR = timedelta(hours=1)


def file_incident(
    conn: Connection, *versions: tuple[Incident, datetime], live: bool = True
) -> None:
    """Store an incident in its versions, each with when it became known."""
    incident, known_at = versions[-1]
    conn.execute(
        insert(IncidentRow).values(
            id=incident.id,
            version=incident.version,
            kind=incident.kind,
            family=incident.family.value,
            status=incident.status.value,
            occurred_at=incident.occurred_at,
            last_reported_at=incident.last_reported_at,
            lat=incident.location.position.lat,
            lon=incident.location.position.lon,
            cell=0,
            credibility=incident.credibility,
            facts=encode_incident(incident),
            merged_into=None,
            updated_at=known_at,
        )
    )
    for version, known in versions:
        conn.execute(
            insert(IncidentVersionRow).values(
                incident_id=version.id,
                version=version.version,
                known_at=known,
                cause="clock",
                facts=encode_incident(version),
            )
        )
    conn.execute(
        insert(ExposureRow).values(
            incident_id=incident.id, section_id=SECTION.id, distance_km=4.0, live=live
        )
    )


def reach(location: Location) -> Mapping[str, float]:
    return {SECTION.id: 4.0} if location.label == LAKAMANE.label else {}


FEW = book_of(SHIPPED, policy=replace(POLICY, most_incidents=9))
BOUNDS = bounds_of(FEW)


def test_evidence_of_sections_is_what_reaches_them(db: Database) -> None:
    known = an_incident(id="i1")
    moved = an_incident(id="i2")
    ancient = an_incident(id="i3", days_ago=POLICY.memory_days + 1)

    def file(conn: Connection) -> None:
        file_incident(conn, (known, NOW))
        file_incident(conn, (moved, NOW), live=False)
        file_incident(conn, (ancient, NOW))

    db.write_now(file)

    found = db.read_now(
        lambda conn: store.load_evidence(conn, [SECTION.id, "elsewhere"], now=NOW, bounds=BOUNDS)
    )

    assert found == {
        SECTION.id: Reaching(
            [near(known, 4.0, known_at=NOW), near(moved, 4.0, known_at=NOW, live=False)], []
        ),
        "elsewhere": Reaching([], []),
    }


def test_of_what_is_known_of_a_section_only_the_difference_is_read(db: Database) -> None:
    same, grown, new = (an_incident(id=one) for one in ("i1", "i2", "i3"))
    before = replace(grown, version=1)
    grown = replace(grown, version=2, fatalities=Range(low=2, high=3))

    def file(conn: Connection) -> None:
        file_incident(conn, (same, NOW))
        file_incident(conn, (before, NOW), (grown, NOW + HOUR))
        file_incident(conn, (new, NOW))

    db.write_now(file)

    def changes(*known: Exposed) -> dict[str, list[Exposed]]:
        before = {SECTION.id: gather(SECTION, known, BOOK)}
        return db.read_now(lambda conn: store.load_changes(conn, before, now=NOW, bounds=BOUNDS))

    first = (near(same, 4.0, known_at=NOW), near(before, 4.0, known_at=NOW))
    now = (near(grown, 4.0, known_at=NOW + HOUR), near(new, 4.0, known_at=NOW))
    assert changes(*first) == {SECTION.id: list(now)}
    assert changes(first[0], *now) == {SECTION.id: []}
    # what was rolled back had the same version, but not since the same instant
    undone = near(replace(grown, fatalities=None), 4.0, known_at=NOW + 2 * HOUR)
    assert changes(first[0], undone, now[1]) == {SECTION.id: [now[0]]}
    # what is no longer there cannot be taken away: all must be loaded anew
    assert changes(*first, near(an_incident(id="gone"), 4.0, known_at=NOW)) == {}


def test_what_is_left_out_of_a_long_past_is_told_by_when_and_where(db: Database) -> None:
    past = [
        an_incident("convoy_ambush", id=f"i{n:02d}", days_ago=1_000.0 - 100 * n)
        for n in range(BOUNDS.most + 1)
    ]

    def load(conn: Connection) -> Reaching:
        return store.load_evidence(conn, [SECTION.id], now=NOW, bounds=BOUNDS)[SECTION.id]

    def changes(known: SectionEvidence) -> dict[str, list[Exposed]]:
        before = {SECTION.id: known}
        return db.read_now(lambda conn: store.load_changes(conn, before, now=NOW, bounds=BOUNDS))

    def file(conn: Connection) -> None:
        for one in past[:-1]:
            file_incident(conn, (one, NOW))

    db.write_now(file)
    before = gathered(SECTION, db.read_now(load), FEW)
    db.write_now(lambda conn: file_incident(conn, (past[-1], NOW)))
    reaching = db.read_now(load)

    assert [one.incident.id for one in reaching.exposed] == [one.id for one in past[1:]]
    assert reaching.left == [Left(days_of(past[0].occurred_at), 4.0)]
    # who knew the first nine takes the tenth, and leaves out the same one
    [new] = changes(before)[SECTION.id]
    grown = before.with_incidents([new])
    assert grown.beyond == gathered(SECTION, reaching, FEW).beyond
    assert changes(grown) == {SECTION.id: []}
    # one more has been left out elsewhere, of which nothing is known here
    late = an_incident("convoy_ambush", id="late", days_ago=1_100.0)
    db.write_now(lambda conn: file_incident(conn, (late, NOW)))
    assert changes(grown) == {}


def test_what_was_learnt_later_does_not_change_an_earlier_instant(db: Database) -> None:
    rumour = an_incident(id="i1", credibility=0.3)
    confirmed = replace(rumour, version=2, credibility=1.0, certain=True)
    refuted = replace(confirmed, version=3, status=Status.REFUTED, credibility=0.0)
    later = an_incident(id="i2")

    def known_at(instant: datetime) -> list[Any]:
        return db.read_now(
            lambda conn: store.evidence_at(
                conn, SECTION.id, at=instant, memory_days=POLICY.memory_days, reach=reach
            )
        )

    def file_first(conn: Connection) -> None:
        file_incident(conn, (rumour, NOW), (confirmed, NOW + HOUR))

    db.write_now(file_first)
    then = known_at(NOW + 2 * HOUR)

    def file_later(conn: Connection) -> None:
        conn.execute(
            insert(IncidentVersionRow).values(
                incident_id="i1",
                version=3,
                known_at=NOW + 5 * HOUR,
                cause="clock",
                facts=encode_incident(refuted),
            )
        )
        file_incident(conn, (later, NOW + 5 * HOUR))

    db.write_now(file_later)

    assert then == known_at(NOW + 2 * HOUR) == [near(confirmed, 4.0, known_at=NOW + HOUR)]
    assert known_at(NOW) == [near(rumour, 4.0, known_at=NOW)]
    assert known_at(NOW - HOUR) == []
    assert {one.incident.status for one in known_at(NOW + 6 * HOUR)} == {
        Status.REFUTED,
        Status.OPEN,
    }


def test_incident_reaches_as_far_as_where_it_was_then_thought_to_be(db: Database) -> None:
    first = an_incident(id="i1")
    moved = replace(first, version=2, location=replace(LAKAMANE, label="Sikasso"))
    db.write_now(lambda conn: file_incident(conn, (first, NOW), (moved, NOW + HOUR), live=False))

    def known_at(instant: datetime) -> int:
        return len(
            db.read_now(
                lambda conn: store.evidence_at(
                    conn, SECTION.id, at=instant, memory_days=POLICY.memory_days, reach=reach
                )
            )
        )

    assert (known_at(NOW), known_at(NOW + HOUR)) == (1, 0)
