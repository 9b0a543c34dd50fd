"""Reports, incidents and their versions on both databases."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from app.db.engine import Database
from app.db.tables import ExposureRow, IncidentRow, ReportRow
from app.incidents import store
from app.incidents.incident import Status
from app.incidents.joining import join
from app.incidents.report import Report
from app.incidents.store import IncidentFilters
from app.incidents.verdicts import merge_away, verdict
from app.roads.geometry import Position
from app.roads.places import Candidate
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    SEGALA,
    SIKASSO,
    a_filed,
    a_report,
    an_incident,
)
from tests.harness.storing import add, add_report

DAY = timedelta(days=1)


def candidates(db: Database, report: Report) -> list[str]:
    found = db.read_now(
        lambda conn: store.find_candidates(conn, report, kinds=KINDS, policy=POLICY.matching)
    )
    return [incident.id for incident in found]


def test_an_incident_comes_back_as_it_was_kept(db: Database) -> None:
    incident = an_incident(a_report(figures="20 burned"), a_report("r2", location=KAYES_REGION))

    add(db, incident)

    assert db.read_now(lambda conn: store.get_incident(conn, "i1")) == incident
    assert db.read_now(lambda conn: store.find_incident(conn, "other")) is None
    with pytest.raises(store.IncidentNotFoundError):
        db.read_now(lambda conn: store.get_incident(conn, "other"))


def test_candidates_are_near_in_place_time_and_kind(db: Database) -> None:
    add(
        db,
        an_incident(a_report(), incident_id="same"),
        an_incident(a_report(occurred_at=NOON - 3 * DAY), incident_id="before"),
        an_incident(a_report(occurred_at=NOON - 9 * DAY), incident_id="long before"),
        an_incident(
            a_report(occurred_at=NOON - 9 * DAY, date_precision="month"), incident_id="that month"
        ),
        an_incident(a_report(location=SIKASSO), incident_id="elsewhere"),
        an_incident(a_report(kind="flood_damage"), incident_id="flood"),
        an_incident(a_report(kind="military_operation"), incident_id="army"),
        an_incident(status=Status.MERGED, incident_id="merged"),
        an_incident(status=Status.REFUTED, incident_id="refuted"),
    )

    # the army tells of an ambush as an operation of its own
    assert candidates(db, a_report("r2")) == ["same", "refuted", "army", "before", "that month"]
    assert candidates(db, a_report("r3", kind="town_attack"))[:2] == ["same", "refuted"]
    assert "army" in candidates(db, a_report("r3", kind="town_attack"))
    assert "army" not in candidates(db, a_report("r4", kind="abduction"))


def test_a_vague_report_is_compared_with_all_of_its_month(db: Database) -> None:
    add(db, an_incident(a_report(occurred_at=NOON - 12 * DAY)))

    assert candidates(db, a_report("r2")) == []
    assert candidates(db, a_report("r2", date_precision="month")) == ["i1"]


def test_an_area_is_found_from_any_place_in_it_and_from_itself(db: Database) -> None:
    blockade = a_report(kind="blockade_threat", location=KAYES_REGION)
    add(db, an_incident(blockade))

    for place in (LAKAMANE, SEGALA, KAYES_REGION):
        assert candidates(db, a_report("r2", kind="blockade_threat", location=place)) == ["i1"]
    assert candidates(db, a_report("r2", kind="blockade_threat", location=SIKASSO)) == []


def test_a_report_of_an_area_is_compared_with_what_happened_anywhere_in_it(db: Database) -> None:
    add(
        db,
        an_incident(a_report(location=LAKAMANE), incident_id="150 km from Kayes"),
        an_incident(a_report(location=SIKASSO), incident_id="another region"),
    )
    cercle = replace(KAYES_REGION, area="cercle:ML/Kayes/Kayes", cercle="Kayes")
    country = replace(KAYES_REGION, area="country:ML", region=None)

    assert candidates(db, a_report("r2", location=KAYES_REGION)) == ["150 km from Kayes"]
    assert candidates(db, a_report("r2", location=cercle)) == []
    assert len(candidates(db, a_report("r2", location=country, date_precision="month"))) == 2


def test_what_is_closed_in_a_whole_area_is_not_what_is_closed_at_a_town_in_it(db: Database) -> None:
    add(db, an_incident(a_report(kind="roadblock", location=LAKAMANE)))

    assert candidates(db, a_report("r2", kind="blockade_threat", location=KAYES_REGION)) == []


def test_a_crowded_place_gives_only_the_latest(db: Database) -> None:
    hour = timedelta(hours=1)
    add(
        db,
        *(
            an_incident(a_report(occurred_at=NOON - n * hour), incident_id=f"i{n:03}")
            for n in range(60)
        ),
    )

    found = candidates(db, a_report("r2"))

    assert found == [f"i{n:03}" for n in range(POLICY.matching.limit)]


def test_every_version_stays_as_it_was_known(db: Database) -> None:
    first = an_incident()
    second = join(first, a_report("r2", source_type="wire"), policy=POLICY, kinds=KINDS)
    add(db, first)

    db.write_now(
        lambda conn: store.update_incident(conn, second, cause="report:r2", now=NOON + DAY)
    )

    versions = db.read_now(lambda conn: store.list_versions(conn, "i1"))
    assert versions == [(NOON, "report:r", first), (NOON + DAY, "report:r2", second)]
    assert db.read_now(lambda conn: store.get_incident(conn, "i1")) == second


def test_two_who_change_one_version_do_not_overwrite_each_other(db: Database) -> None:
    first = an_incident()
    one = join(first, a_report("r2"), policy=POLICY, kinds=KINDS)
    other = join(first, a_report("r3"), policy=POLICY, kinds=KINDS)
    add(db, first)
    db.write_now(lambda conn: store.update_incident(conn, one, cause="c", now=NOON))

    with pytest.raises(store.IncidentChangedError):
        db.write_now(lambda conn: store.update_incident(conn, other, cause="c", now=NOON))

    assert db.read_now(lambda conn: store.get_incident(conn, "i1")) == one


def test_a_moved_incident_is_found_where_it_is_now(db: Database) -> None:
    first = an_incident()
    moved = verdict(first, by="key:1", at=NOON, policy=POLICY, location=SIKASSO)
    add(db, first)

    db.write_now(lambda conn: store.update_incident(conn, moved, cause="key:1", now=NOON))

    assert candidates(db, a_report("r2")) == []
    assert candidates(db, a_report("r2", location=SIKASSO)) == ["i1"]


def test_reports_of_an_incident_come_back_whole_and_in_order(db: Database) -> None:
    early = a_report("r2", figures="80 in convoy; 20 burned", marks=("p1", "t1"))
    late = a_report("r1", reported_at=NOON + DAY, location=KAYES_REGION, known_source=False)
    add(db, an_incident())
    add_report(db, late, "i1")
    add_report(db, early, "i1", external_id="ML-1")

    assert db.read_now(lambda conn: store.list_reports_of(conn, "i1")) == [early, late]
    stored = db.read_now(lambda conn: store.get_report(conn, "r2"))
    assert (stored.report, stored.incident_id, stored.outcome) == (early, "i1", "placed")
    assert (stored.external_id, stored.filed) == ("ML-1", None)
    with pytest.raises(store.ReportNotFoundError):
        db.read_now(lambda conn: store.get_report(conn, "r9"))


def test_reports_move_with_a_merge(db: Database) -> None:
    here, there = an_incident(), an_incident(incident_id="i2")
    add(db, here, there)
    add_report(db, a_report("r1"), "i1")
    add_report(db, a_report("r2"), "i2")
    away = merge_away(here, into=there, by="key:1")

    def work(conn: Connection) -> int:
        store.update_incident(conn, away, cause="key:1", now=NOON)
        return store.relink_reports(conn, ["r1", "r2"], to="i2", reason="merged", now=NOON)

    assert db.write_now(work) == 1
    moved = db.read_now(lambda conn: store.list_reports_of(conn, "i2"))
    assert {report.id for report in moved} == {"r1", "r2"}
    assert db.read_now(lambda conn: store.list_reports_of(conn, "i1")) == []
    assert db.read_now(lambda conn: conn.execute(select(IncidentRow.merged_into)).scalars().all())


def test_a_report_sent_again_finds_its_answer(db: Database) -> None:
    add(db, an_incident())
    add_report(db, a_report(), "i1", idempotency_key="abc", answer={"report": {"id": "r1"}})

    def find(key_id: str, key: str, formerly: str) -> store.Replay | None:
        return db.read_now(lambda conn: store.find_replay(conn, key_id, key, formerly=formerly))

    kept = store.Replay(report_id="r1", body_hash="h", answer={"report": {"id": "r1"}})
    assert find("k1", "abc", "clear") == find("k1", "hashed", "abc") == kept
    assert find("k2", "abc", "abc") is find("k1", "abcd", "b") is None
    with pytest.raises(IntegrityError):
        add_report(db, a_report("r2"), "i1", idempotency_key="abc")


def an_unlocated(conn: Connection, report_id: str) -> None:
    position = Position(14.5, -9.9)
    store.add_unlocated(
        conn,
        a_filed(place="Moussala", position=position, summary="Rappelez 76 12 34 56"),
        report_id=report_id,
        origin="token",
        marks=("p1",),
        known_source=False,
        candidates=[
            Candidate(
                place_id="moussala-1",
                name="Moussala",
                country="ML",
                region="Kayes",
                cercle=None,
                position=position,
                routes=("ML-DKR-S",),
                score=0.7,
            )
        ],
        key_id="k1",
        idempotency_key=None,
        body_hash="h",
        answer={},
        received_at=NOON,
    )


def test_a_report_without_a_place_waits_until_a_person_says_where(db: Database) -> None:
    for report_id in ("u1", "u2", "u3"):
        db.write_now(partial(an_unlocated, report_id=report_id))

    page = db.read_now(lambda conn: store.list_unlocated(conn, after=None, limit=2))
    rest = db.read_now(lambda conn: store.list_unlocated(conn, after=page[-1].id, limit=2))
    waiting = page[0]

    assert [one.id for one in (*page, *rest)] == ["u3", "u2", "u1"]
    assert waiting.filed == a_filed(
        place="Moussala", position=Position(14.5, -9.9), summary="Rappelez [...]"
    )
    assert waiting.candidates[0]["place_id"] == "moussala-1"
    assert (waiting.report, waiting.known_source, waiting.marks) == (None, False, ("p1",))

    placed = a_report("u3", origin="token", summary="Rappelez 76 12 34 56")
    db.write_now(lambda conn: store.place_unlocated(conn, placed))

    assert db.read_now(lambda conn: store.get_report(conn, "u3")).report == placed
    assert len(db.read_now(lambda conn: store.list_unlocated(conn, after=None, limit=9))) == 2
    with pytest.raises(store.ReportNotFoundError):
        db.write_now(lambda conn: store.place_unlocated(conn, placed))


def test_no_row_names_a_person(db: Database) -> None:
    add(db, an_incident())
    add_report(db, a_report(source_name="Awa D.", source_type="driver"), "i1")

    rows = db.read_now(lambda conn: conn.execute(select(ReportRow.__table__)).all())

    assert "Awa" not in repr(rows)


def test_sections_no_longer_reached_stay_on_record(db: Database) -> None:
    add(db, an_incident())

    def reach(sections: dict[str, float]) -> list[tuple[str, float, bool]]:
        db.write_now(lambda conn: store.set_exposures(conn, an_incident(), sections))
        kept = select(ExposureRow.section_id, ExposureRow.distance_km, ExposureRow.live)
        rows = db.read_now(lambda conn: conn.execute(kept.order_by(ExposureRow.section_id)).all())
        return [(section, km, live) for section, km, live in rows]

    assert reach({"a": 1.5, "b": 3.0}) == [("a", 1.5, True), ("b", 3.0, True)]
    assert reach({"b": 2.0, "c": 0.0}) == [
        ("a", 1.5, False), ("b", 2.0, True), ("c", 0.0, True),
    ]  # fmt: skip
    assert reach({"a": 1.5}) == [("a", 1.5, True), ("b", 2.0, False), ("c", 0.0, False)]


def test_a_listing_is_paged_newest_first_and_filtered(db: Database) -> None:
    add(
        db,
        an_incident(incident_id="1"),
        an_incident(a_report(kind="ied"), incident_id="2", status=Status.CONFIRMED),
        an_incident(a_report(occurred_at=NOON - 9 * DAY), incident_id="3"),
    )
    db.write_now(lambda conn: store.set_exposures(conn, an_incident(incident_id="2"), {"a": 1.0}))

    def listed(*, after: str | None = None, limit: int = 9, **filters: Any) -> list[str]:
        found = db.read_now(
            lambda conn: store.list_incidents(
                conn, filters=IncidentFilters(**filters), after=after, limit=limit
            )
        )
        return [incident.id for incident in found]

    assert listed(limit=2) == ["3", "2"]
    assert listed(after="2") == ["1"]
    assert listed(statuses=frozenset({Status.CONFIRMED})) == ["2"]
    assert listed(kinds=frozenset({"ied"})) == ["2"]
    assert listed(families=frozenset({"closure"})) == []
    assert listed(since=NOON - DAY) == ["2", "1"]
    assert listed(until=NOON - DAY) == ["3"]
    assert listed(sections=frozenset({"a"})) == ["2"]
    assert listed(min_credibility=0.99) == []


def test_good_news_finds_the_open_dangers_it_may_answer(db: Database) -> None:
    add(
        db,
        an_incident(incident_id="here"),
        an_incident(a_report(location=SIKASSO), incident_id="elsewhere"),
        an_incident(status=Status.RESOLVED, incident_id="over"),
        an_incident(a_report(kind="abduction", location=SIKASSO), incident_id="taken"),
        an_incident(a_report(kind="roadblock"), incident_id="blocked"),
    )

    def answerable(kind: str, location: Any = LAKAMANE) -> set[str]:
        positive = an_incident(
            a_report(
                "good", kind=kind, location=location, occurred_at=NOON + DAY,
                reported_at=NOON + DAY,
            )
        )  # fmt: skip
        found = db.read_now(
            lambda conn: store.find_answerable(conn, positive, kinds=KINDS, policy=POLICY.answering)
        )
        return {incident.id for incident in found}

    assert answerable("safe_transit") == {"here", "blocked"}
    assert answerable("hostage_release") == {"taken"}
    assert answerable("road_reopened", KAYES_REGION) == {"blocked"}
    assert answerable("fuel_interception") == set()
