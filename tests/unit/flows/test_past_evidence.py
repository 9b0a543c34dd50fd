"""The past put together again from versions: what was learnt when, and by what."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.alerts.change import Cause
from app.flows.preview.past_evidence import Past, past_of
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.incidents.store import Version
from tests.harness.incidents import KINDS, NOON, SEGALA, an_incident

D = timedelta(days=1)


def held(incident_id: str = "i1", version: int = 1, **changes: object) -> Incident:
    return replace(an_incident(incident_id=incident_id), version=version, **changes)  # type: ignore[arg-type]


def reported(
    incident: Incident,
    known: datetime,
    *,
    report: str = "r1",
    said: datetime | None = None,
    received: datetime | None = None,
    kind: str = "fuel_interception",
) -> Version:
    return Version(
        incident=incident,
        known_at=known,
        cause=f"report:{report}",
        kind=kind,
        reported_at=said or known,
        received_at=received or known,
    )


def decided(incident: Incident, known: datetime) -> Version:
    return Version(incident=incident, known_at=known, cause="key:k1")


def past(*versions: Version, since: datetime = NOON - 99 * D) -> Past:
    return past_of(versions, since=since, until=NOON + 99 * D, kinds=KINDS)


def test_a_report_is_known_when_it_came_and_speaks_of_its_incident() -> None:
    first = held()
    second = held(version=2, reports=2)

    found = past(reported(first, NOON), reported(second, NOON + D, report="r2"))

    assert [one.at for one in found.steps] == [NOON, NOON + D]
    assert found.steps[1].changes.before == {"i1": first}
    assert [one.changes.trigger for one in found.steps] == ["i1", "i1"]
    assert [one.changes.cause for one in found.steps] == [Cause.REPORT, Cause.REPORT]
    assert found.last == {"i1": second}


def test_good_news_and_what_it_ended_are_one_step() -> None:
    danger = held()
    news = held("i2", kind="road_reopened")
    over = held(version=2, status=Status.RESOLVED, resolved_by="incident:i2")

    found = past(
        reported(danger, NOON),
        reported(news, NOON + D, report="r2", kind="road_reopened"),
        reported(over, NOON + D, report="r2", kind="road_reopened"),
    )

    changes = found.steps[1].changes
    assert (changes.cause, changes.trigger) == (Cause.RESOLVED, "i2")
    assert changes.resolved == {"i1"}


def test_good_news_taken_back_and_what_goes_on_are_one_step() -> None:
    news = held("i2", kind="road_reopened", family=Family.POSITIVE)
    over = held(version=2, status=Status.RESOLVED, resolved_by="incident:i2")

    found = past(
        reported(over, NOON),
        reported(news, NOON, report="r2", kind="road_reopened"),
        decided(held(version=3), NOON + D),
        decided(replace(news, version=2, status=Status.REFUTED), NOON + D),
    )

    changes = found.steps[-1].changes
    assert (changes.cause, changes.trigger) == (Cause.VERDICT_REFUTED, "i2")
    assert changes.refuted == {"i2"}
    assert changes.taken_up == {"i1"}


def test_what_was_imported_counts_from_when_it_was_reported() -> None:
    imported = NOON + 30 * D

    found = past(
        reported(held("i2"), imported, report="r2", said=NOON + D),
        reported(held("i1"), imported, report="r1", said=NOON),
    )

    assert [(one.at, one.changes.trigger) for one in found.steps] == [
        (NOON, "i1"),
        (NOON + D, "i2"),
    ]


def test_a_report_placed_later_counts_from_when_it_was_placed() -> None:
    found = past(reported(held(), NOON + 2 * D, said=NOON, received=NOON))

    assert [one.at for one in found.steps] == [NOON + 2 * D]


def test_no_version_comes_before_the_one_it_replaces() -> None:
    imported = NOON + 30 * D
    later_first = [
        reported(held(), imported, report="r1", said=NOON + D),
        reported(held(version=2, reports=2), imported, report="r2", said=NOON),
    ]

    found = past(*later_first)

    assert [(one.at, one.changes.incidents["i1"].version) for one in found.steps] == [
        (NOON + D, 1),
        (NOON + D, 2),
    ]


def test_what_was_known_before_the_window_is_where_it_begins() -> None:
    found = past(reported(held(), NOON), reported(held(version=2, reports=2), NOON + D), since=NOON)

    assert [one.version for one in found.known] == [1]
    assert [one.at for one in found.steps] == [NOON + D]
    assert found.steps[0].changes.before["i1"].version == 1


def test_verdicts_are_told_apart_by_what_they_changed() -> None:
    first = held()
    confirmed = held(version=2, status=Status.CONFIRMED, verdict_by="key:k1")
    refuted = held(version=3, status=Status.REFUTED, verdict_by="key:k1")
    moved = held(version=4, status=Status.REFUTED, verdict_by="key:k1", location=SEGALA)

    found = past(
        reported(first, NOON),
        decided(confirmed, NOON + D),
        decided(refuted, NOON + 2 * D),
        decided(moved, NOON + 3 * D),
    )

    causes = [one.changes.cause for one in found.steps]
    assert causes[1:3] == [Cause.VERDICT_CONFIRMED, Cause.VERDICT_REFUTED]
    assert found.steps[2].changes.refuted == {"i1"}
    assert [one.changes.corrected for one in found.steps] == [
        frozenset(),
        frozenset(),
        frozenset(),
        {"i1"},
    ]


def test_a_merge_and_a_split_are_news_of_what_stays() -> None:
    one, other = held("i1"), held("i2", location=SEGALA)
    gone = held("i2", 2, status=Status.MERGED, merged_into="i1", location=SEGALA)
    whole = held("i1", 2, reports=2)
    rest, part = held("i1", 3), held("i3")

    found = past(
        reported(one, NOON),
        reported(other, NOON + D, report="r2"),
        decided(gone, NOON + 2 * D),
        decided(whole, NOON + 2 * D),
        decided(rest, NOON + 3 * D),
        decided(part, NOON + 3 * D),
    )

    merge, split = found.steps[2].changes, found.steps[3].changes
    assert (merge.cause, merge.trigger) == (Cause.REPORT, "i1")
    assert merge.corrected == {"i2"}
    assert (split.cause, split.trigger) == (Cause.REPORT, "i3")


def test_nothing_learnt_after_the_window_is_in_it() -> None:
    late = reported(held(version=2, reports=2), NOON + 100 * D, report="r2")

    found = past(reported(held(), NOON), late)

    assert len(found.steps) == 1
    assert found.last["i1"].version == 1


def test_of_one_instant_what_replaces_comes_after_what_it_replaces() -> None:
    opened, other = held("i1"), held("i2")
    refuted = held("i1", 2, status=Status.REFUTED, verdict_by="key:k1")
    joined = held("i1", 3, status=Status.REFUTED, verdict_by="key:k1", reports=2)

    found = past(
        reported(opened, NOON, report="r1"),
        reported(other, NOON, report="r2"),
        decided(refuted, NOON),
        reported(joined, NOON, report="r3"),
    )

    known = [(one.changes.trigger, dict(one.changes.before)) for one in found.steps]
    assert known == [("i1", {}), ("i1", {"i1": opened}), ("i2", {}), ("i1", {"i1": refuted})]
    assert found.last["i1"] == joined
