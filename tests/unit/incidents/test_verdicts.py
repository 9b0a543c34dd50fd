from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.core.errors import ConflictError
from app.incidents.incident import CargoLift, Status
from app.incidents.verdicts import (
    IncidentMergedError,
    goes_on,
    lift_for,
    lift_part,
    merge_away,
    resolve_by_evidence,
    verdict,
)
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    SEGALA,
    SIKASSO,
    a_report,
    an_incident,
)

LATER = NOON + timedelta(days=1)


def decided(incident: Any, **changes: Any) -> Any:
    return verdict(incident, by="key:1", at=LATER, policy=POLICY, **changes)


def test_a_person_alone_makes_it_certain() -> None:
    after = decided(an_incident(), status=Status.CONFIRMED)

    assert (after.status, after.credibility, after.certain) == (Status.CONFIRMED, 1.0, True)
    assert (after.verdict_by, after.version) == ("key:1", 2)


def test_what_only_strangers_told_is_not_theirs_alone_once_a_person_confirms_it() -> None:
    told = an_incident(a_report(known_source=False))
    assert told.only_unknown

    assert not decided(told, status=Status.CONFIRMED).only_unknown


def test_a_refuted_incident_is_not_believed_at_all() -> None:
    after = decided(an_incident(), status=Status.REFUTED)

    assert (after.credibility, after.certain) == (0.0, False)


def test_a_resolution_holds_from_when_it_was_decided() -> None:
    after = decided(an_incident(), status=Status.RESOLVED)

    assert (after.status, after.resolved_at, after.resolved_by) == (
        Status.RESOLVED, LATER, "key:1",
    )  # fmt: skip


def test_a_verdict_can_be_taken_back() -> None:
    before = an_incident()

    after = decided(decided(before, status=Status.REFUTED), status=Status.OPEN)

    assert (after.status, after.credibility, after.verdict_by) == (
        Status.OPEN, before.credibility, None,
    )  # fmt: skip


def test_a_resolution_that_is_taken_back_ended_nothing() -> None:
    after = decided(decided(an_incident(), status=Status.RESOLVED), status=Status.OPEN)

    assert (after.status, after.resolved_at, after.resolved_by) == (Status.OPEN, None, None)


def test_kind_and_place_are_set_right_for_good() -> None:
    after = decided(an_incident(), kind=KINDS["military_operation"], location=SIKASSO)

    assert (after.kind, after.family, after.location) == (
        "military_operation", KINDS["military_operation"].family, SIKASSO,
    )  # fmt: skip
    assert set(after.pinned) == {"kind", "location"}


def test_deciding_what_already_is_changes_nothing() -> None:
    incident = decided(an_incident(), status=Status.CONFIRMED)

    assert decided(incident, status=Status.CONFIRMED, kind=KINDS[incident.kind]) is incident


def test_a_person_may_confirm_what_voices_confirmed() -> None:
    by_voices = an_incident(status=Status.CONFIRMED)

    assert decided(by_voices, status=Status.CONFIRMED).credibility == 1.0


def test_evidence_ends_a_danger_at_its_own_time() -> None:
    transit = an_incident(a_report(kind="safe_transit"), incident_id="i9")
    after = resolve_by_evidence(an_incident(), answer=transit, known_at=LATER)

    assert (after.status, after.resolved_at, after.resolved_by) == (
        Status.RESOLVED, LATER, "incident:i9",
    )  # fmt: skip


def test_a_clock_that_is_ahead_does_not_end_a_danger_in_the_future() -> None:
    ahead = an_incident(
        a_report(kind="safe_transit", date_precision="instant"), incident_id="i2", occurred_at=LATER
    )
    known_at = NOON + timedelta(hours=1)

    after = resolve_by_evidence(an_incident(), answer=ahead, known_at=known_at)

    assert after.resolved_at == known_at


def test_a_danger_whose_answer_was_false_is_held_as_a_person_held_it() -> None:
    transit = an_incident(a_report(kind="safe_transit"), incident_id="i2")
    open_one = an_incident()
    confirmed = decided(open_one, status=Status.CONFIRMED)

    for held in (open_one, confirmed):
        ended = resolve_by_evidence(held, answer=transit, known_at=LATER)
        again = goes_on(ended, answer=transit, policy=POLICY)

        assert (again.status, again.resolved_at, again.resolved_by) == (held.status, None, None)
        assert again.credibility == held.credibility


def test_false_news_of_one_town_leaves_a_blockade_lifted_in_the_other() -> None:
    region = an_incident(a_report(kind="blockade_threat", location=KAYES_REGION))
    first = an_incident(a_report(kind="road_reopened", location=LAKAMANE))
    reopened = an_incident(a_report(kind="road_reopened", location=SEGALA), incident_id="i2")
    lifted = lift_part(region, answer=first, known_at=LATER)
    lifted = lift_part(lifted, answer=reopened, known_at=LATER + timedelta(days=1))
    again = goes_on(lifted, answer=reopened, policy=POLICY)

    assert (again.lifted, again.lifted_since) == ((LAKAMANE,), LATER)
    assert goes_on(again, answer=first, policy=POLICY).lifted_since is None


def test_what_false_news_freed_some_from_goes_on_for_them_and_nothing_else() -> None:
    mine = CargoLift(cargo=("passengers",), where=None, by="i2")
    other = replace(mine, by="i3")
    reopened = an_incident(a_report(kind="road_reopened", location=SEGALA), incident_id="i2")
    third = replace(reopened, id="i3")
    lifted = lift_for(an_incident(), mine, answer=reopened, known_at=LATER)
    lifted = lift_for(lifted, other, answer=third, known_at=LATER + timedelta(days=1))
    again = goes_on(lifted, answer=reopened, policy=POLICY)

    assert (again.lifted_for, again.lifted_since) == ((other,), LATER)
    assert goes_on(again, answer=third, policy=POLICY).lifted_since is None


def test_what_was_merged_away_names_where_its_reports_went() -> None:
    away = merge_away(an_incident(), into=an_incident(incident_id="i2"), by="key:1")

    assert (away.status, away.merged_into, away.version) == (Status.MERGED, "i2", 2)
    with pytest.raises(IncidentMergedError, match="i2"):
        decided(away, status=Status.CONFIRMED)


def test_nothing_is_merged_into_itself_or_twice() -> None:
    away = merge_away(an_incident(), into=an_incident(incident_id="i2"), by="key:1")

    with pytest.raises(ConflictError):
        merge_away(an_incident(), into=an_incident(), by="key:1")
    with pytest.raises(IncidentMergedError, match="merged into i2 before"):
        merge_away(an_incident(incident_id="i3"), into=away, by="key:1")
    with pytest.raises(ConflictError):
        decided(an_incident(), status=Status.MERGED)
