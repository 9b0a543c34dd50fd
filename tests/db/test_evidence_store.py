"""The incidents behind ratings, now and as they were known then, on both databases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select

from app.db.engine import Database
from app.db.tables import ExposureRow, IncidentRow, IncidentVersionRow, SectionPastRow
from app.flows.rating.ratings import gathered
from app.flows.rating.rule_books import bounds_of
from app.incidents import store as incident_store
from app.incidents.codec import encode_incident
from app.incidents.incident import Incident, Status
from app.incidents.report import Range
from app.risk import store
from app.risk.evidence import SectionEvidence, gather
from app.risk.store import Bounds, Reaching
from app.risk.weighing import Exposed
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
    conn: Connection,
    *versions: tuple[Incident, datetime],
    live: bool = True,
    dated: bool = True,
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
            incident_id=incident.id,
            section_id=SECTION.id,
            occurred_at=incident.occurred_at if dated else None,
            distance_km=4.0,
            live=live,
        )
    )


def reach(spots: Sequence[Location]) -> Mapping[str, float]:
    return {SECTION.id: 4.0} if any(one.label == LAKAMANE.label for one in spots) else {}


FEW = book_of(SHIPPED, policy=replace(POLICY, most_incidents=9))
BOUNDS = bounds_of(FEW)
OTHERS = book_of(SHIPPED, policy=FEW.policy, number=FEW.number + 1)


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
        lambda conn: store.load_evidence(
            conn, {SECTION.id: (), "elsewhere": ()}, now=NOW, bounds=BOUNDS
        )
    )

    assert found == {
        SECTION.id: Reaching(
            [near(known, 4.0, known_at=NOW), near(moved, 4.0, known_at=NOW, live=False)]
        ),
        "elsewhere": Reaching([]),
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
        return db.read_now(
            lambda conn: store.load_changes(conn, before, {}, now=NOW, bounds=BOUNDS)
        )

    first = (near(same, 4.0, known_at=NOW), near(before, 4.0, known_at=NOW))
    now = (near(grown, 4.0, known_at=NOW + HOUR), near(new, 4.0, known_at=NOW))
    assert changes(*first) == {SECTION.id: list(now)}
    assert changes(first[0], *now) == {SECTION.id: []}
    # what was rolled back had the same version, but not since the same instant
    undone = near(replace(grown, fatalities=None), 4.0, known_at=NOW + 2 * HOUR)
    assert changes(first[0], undone, now[1]) == {SECTION.id: [now[0]]}
    # what is no longer there cannot be taken away: all must be loaded anew
    assert changes(*first, near(an_incident(id="gone"), 4.0, known_at=NOW)) == {}


class LongPast:
    """A section with more behind it than is looked at, and what a process makes of it."""

    def __init__(self, db: Database, *, dated: bool = True) -> None:
        self.db = db
        self.incidents = [
            an_incident("convoy_ambush", id=f"i{n:02d}", days_ago=1_000.0 - 20 * n)
            for n in range(FEW.policy.most_incidents + 6)
        ]
        blockade = an_incident("blockade_threat", id="blockade", days_ago=2_000.0)
        self.blockade = replace(blockade, last_reported_at=NOW - HOUR)
        for one in (*self.incidents, self.blockade):
            self.file(one, dated=dated)
        self.evidence = self.loaded()
        db.write_now(lambda conn: store.keep_pasts(conn, [self.evidence]))

    def file(self, incident: Incident, *, dated: bool = True) -> None:
        self.db.write_now(lambda conn: file_incident(conn, (incident, NOW), dated=dated))

    def load(self, *changed: Exposed, bounds: Bounds = BOUNDS) -> Reaching:
        touched = {SECTION.id: changed}
        return self.db.read_now(
            lambda conn: store.load_evidence(conn, touched, now=NOW, bounds=bounds)
        )[SECTION.id]

    def loaded(self, *changed: Exposed) -> SectionEvidence:
        return gathered(SECTION, self.load(*changed), FEW)

    def changes(self, known: SectionEvidence) -> list[Exposed] | None:
        """Return what is new to a process that knew so much; None: it must load all anew."""
        return self.db.read_now(
            lambda conn: store.load_changes(conn, {SECTION.id: known}, {}, now=NOW, bounds=BOUNDS)
        ).get(SECTION.id)

    @property
    def from_scratch(self) -> SectionEvidence:
        """The evidence of a process that reads everything."""
        return gathered(SECTION, self.load(bounds=replace(BOUNDS, scale=None)), FEW)


def same(one: SectionEvidence, other: SectionEvidence) -> bool:
    return (
        [item.exposed for item in one.items] == [item.exposed for item in other.items]
        and one.beyond.count == other.beyond.count
        and one.moment(NOW).total == pytest.approx(other.moment(NOW).total, rel=1e-9)
        and one.moment(NOW).floors == other.moment(NOW).floors
    )


def test_of_a_long_past_the_newest_are_read_and_what_still_holds_and_sums(db: Database) -> None:
    past = LongPast(db)

    reaching = past.load()

    newest = [one.id for one in past.incidents[6:]]
    assert sorted(one.incident.id for one in reaching.exposed) == sorted([*newest, "blockade"])
    assert reaching.beyond.count == 6
    assert same(past.loaded(), past.from_scratch)
    assert past.changes(past.evidence) == []
    # what other rules weighed will do for a while, what another policy weighed cannot be added up
    assert past.load(bounds=bounds_of(OTHERS)) == reaching
    assert not past.load(bounds=bounds_of(book_of(SHIPPED, policy=POLICY))).beyond.count


def test_a_newer_incident_is_taken_and_the_oldest_goes_into_the_sums(db: Database) -> None:
    past = LongPast(db)
    new = an_incident("convoy_ambush", id="new", days_ago=1.0)
    past.file(new)

    [found] = past.changes(past.evidence) or []
    grown = past.evidence.with_incidents([found])

    assert found.incident == new
    assert grown.beyond.count == 7
    assert same(grown, past.loaded())
    assert same(grown, past.from_scratch)
    db.write_now(lambda conn: store.keep_pasts(conn, [grown]))
    assert past.load().beyond == grown.beyond
    assert past.changes(past.evidence) is None
    assert same(past.loaded(), past.from_scratch)


@pytest.mark.parametrize("dated", [True, False], ids=["ours", "of an older version"])
def test_what_comes_late_from_before_the_sums_is_not_missed(db: Database, *, dated: bool) -> None:
    past = LongPast(db)
    past.file(an_incident("convoy_ambush", id="late", days_ago=1_500.0), dated=dated)

    assert past.changes(past.evidence) is None
    assert same(past.loaded(), past.from_scratch)
    assert past.loaded().beyond.count == 7
    db.write_now(lambda conn: store.keep_pasts(conn, [past.loaded()]))
    assert past.load().beyond.count == 7


def test_what_changes_of_an_incident_in_the_sums_is_not_missed(db: Database) -> None:
    past = LongPast(db)
    was, first = past.evidence.moment(NOW).total[0], past.incidents[0]
    refuted = replace(first, version=2, status=Status.REFUTED)

    def refute(conn: Connection) -> None:
        incident_store.update_incident(conn, refuted, cause="key:1", now=NOW)

    db.write_now(refute)

    evidence = past.loaded(near(refuted, 4.0, known_at=NOW))
    assert evidence.moment(NOW).total[0] < was
    assert same(evidence, past.from_scratch)


def test_sums_that_other_rules_weighed_are_known_as_theirs_whatever_joins_them(
    db: Database,
) -> None:
    past = LongPast(db)
    mine = FEW.weighs_as
    assert _otherwise(db, mine) == (None, 0)
    assert _otherwise(db, OTHERS.weighs_as) == (SECTION.id, 1)
    past.file(an_incident("convoy_ambush", id="new", days_ago=1.0))

    grown = gathered(SECTION, past.load(bounds=bounds_of(OTHERS)), OTHERS)

    assert (grown.beyond.count, grown.beyond.weighed_by) == (7, mine)
    db.write_now(lambda conn: store.keep_pasts(conn, [grown]))
    assert _otherwise(db, OTHERS.weighs_as) == (SECTION.id, 1)
    whole = gathered(SECTION, past.load(bounds=replace(BOUNDS, scale=None)), OTHERS)
    renewed = db.read_now(lambda conn: store.past_of(conn, whole))
    db.write_now(lambda conn: store.replace_past(conn, SECTION.id, renewed))
    assert _otherwise(db, OTHERS.weighs_as) == (None, 0)
    # who still remembers the sums of before must read them
    assert past.changes(grown) is None
    assert past.changes(whole) == []
    db.write_now(lambda conn: store.replace_past(conn, SECTION.id, None))
    assert past.load().beyond.count == 0


def test_sums_stand_in_for_what_has_come_to_reach_a_section_until_they_are_weighed(
    db: Database,
) -> None:
    past = LongPast(db)
    before = past.load()
    past.file(an_incident("convoy_ambush", id="far", days_ago=1_500.0))
    assert not past.load().beyond.weighed_by  # all was read
    db.write_now(lambda conn: store.count_older_anew(conn, FEW.scale))

    assert past.load().exposed == before.exposed
    assert past.load().beyond.count == before.beyond.count
    assert _otherwise(db, FEW.weighs_as) == (SECTION.id, 1)
    # where nothing has come, they stay whose they were
    db.write_now(lambda conn: store.keep_pasts(conn, [past.from_scratch]))
    db.write_now(lambda conn: store.count_older_anew(conn, FEW.scale))
    assert _otherwise(db, FEW.weighs_as) == (None, 0)


def _otherwise(db: Database, weighs_as: str) -> tuple[str | None, int]:
    def ask(conn: Connection) -> tuple[str | None, int]:
        others = select(func.count()).where(SectionPastRow.made_for != weighs_as)
        first = store.next_weighed_otherwise(conn, weighs_as, after="")
        return first, conn.scalar(others) or 0

    return db.read_now(ask)


def test_sections_of_before_the_dates_were_kept_are_read_whole_once(db: Database) -> None:
    past = LongPast(db, dated=False)

    assert past.load().beyond.count == 6
    assert same(past.loaded(), past.from_scratch)


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
