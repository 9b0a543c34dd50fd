"""What soldiers brought through shows nobody that he may drive alone."""

from datetime import timedelta
from typing import Any

import pytest

from app.incidents.answering import Effect, answers
from app.incidents.joining import join
from app.incidents.matching import match
from app.roads.network import Network
from tests.harness.incidents import KINDS, NOON, POLICY, a_report, an_incident

UNDER_ESCORT = "Un convoi de citernes est passé sous escorte"


def passed(summary: str, report_id: str = "passed", **changes: Any) -> Any:
    at = NOON + timedelta(days=2)
    said = {
        "kind": "safe_transit", "actor": None, "summary": summary, "occurred_at": at,
        "reported_at": at,
    }  # fmt: skip
    return a_report(report_id, **(said | changes))


def effect_of(*reports: Any, on: str = "fuel_interception") -> Effect:
    """Return what the reports of one transit do to a danger there."""
    news = an_incident(reports[0], incident_id="passed")
    for report in reports[1:]:
        news = join(news, report, policy=POLICY, kinds=KINDS)
    danger = an_incident(a_report(kind=on), incident_id="danger")
    no_roads = Network(sections=(), corridors=(), places=(), countries=())
    (found,) = answers(news, [danger], kinds=KINDS, policy=POLICY.answering, network=no_roads)
    return found.effect


@pytest.mark.parametrize(
    "said",
    [
        UNDER_ESCORT,
        "Des citernes escortées par les FAMa sont arrivées à Kayes",
        "An escorted convoy reached Bamako on Tuesday",
        "About 300 tankers reached Bamako under army protection",
        "Convoi arrivé sous la protection de l'armée",
        "Sans escorte hier, le convoi est passé sous escorte aujourd'hui",
    ],
)
def test_a_convoy_that_soldiers_brought_through_ends_no_attack(said: str) -> None:
    assert effect_of(passed(said)) is Effect.LOWERS


@pytest.mark.parametrize(
    "said",
    [
        "Une citerne est passée",
        "Une citerne est passée sans escorte",
        "Trois citernes non escortées sont arrivées",
        "Tanker drove through without an escort",
    ],
)
def test_who_drove_alone_does(said: str) -> None:
    assert effect_of(passed(said)) is Effect.RESOLVES


@pytest.mark.parametrize("on", ["roadblock", "ied", "convoy_ambush", "armed_presence"])
def test_who_holds_the_road_lets_soldiers_pass_and_waits(on: str) -> None:
    assert effect_of(passed(UNDER_ESCORT), on=on) is Effect.LOWERS


@pytest.mark.parametrize("on", ["flood_damage", "road_damage", "accident"])
def test_what_is_of_the_road_itself_is_over_whoever_drove_it(on: str) -> None:
    assert effect_of(passed(UNDER_ESCORT), on=on) is Effect.RESOLVES


def test_who_drove_it_may_tell_that_there_was_an_escort() -> None:
    assert effect_of(passed("Arrived at dawn", actor="FAMa escort")) is Effect.LOWERS


def test_one_who_tells_of_the_escort_is_enough() -> None:
    first, second = passed("Une citerne est passée"), passed(UNDER_ESCORT, "again")

    assert effect_of(first, second) is effect_of(second, first) is Effect.LOWERS


def test_a_stranger_who_tells_of_an_escort_takes_nothing_from_what_is_known() -> None:
    stranger = passed(UNDER_ESCORT, "stranger", known_source=False)

    assert effect_of(passed("Une citerne est passée"), stranger) is Effect.RESOLVES
    assert effect_of(stranger, passed("Une citerne est passée")) is Effect.RESOLVES


def joins(report: Any) -> bool:
    """Return whether a report of a passage is taken for that of the convoy under escort."""
    convoy = an_incident(passed(UNDER_ESCORT), incident_id="passed")
    found = match(report, [convoy], policy=POLICY.matching, kinds=KINDS)
    return found.incident_id is not None


def test_who_says_that_he_had_no_escort_passed_by_himself() -> None:
    assert joins(passed("Des citernes sont passées", "again"))
    assert not joins(passed("Une citerne est passée sans escorte", "alone"))


@pytest.mark.parametrize(
    ("precision", "hours", "taken_for"),
    [
        pytest.param("day", 24, "the convoy", id="the day may be a slip"),
        pytest.param("day", 48, "another", id="two days later"),
        pytest.param("instant", 6, "the convoy", id="some hours later"),
        pytest.param("instant", 24, "another", id="a day later, by the hour"),
    ],
)
def test_who_passed_later_passed_by_himself(precision: str, hours: int, taken_for: str) -> None:
    at = NOON + timedelta(days=2, hours=hours)
    later = passed(
        "Des citernes sont passées", "later", occurred_at=at, reported_at=at,
        date_precision=precision,
    )  # fmt: skip

    assert joins(later) is (taken_for == "the convoy")
