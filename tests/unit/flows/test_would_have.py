"""What subscriptions would have brought: messages of a person's days, not alerts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.alerts.alert import AlertType, Audience, Certainty, Reason
from app.alerts.records import StoredAlert
from app.core.levels import Level
from app.delivery.moment import MomentPolicy
from app.flows.people.would_have import Asked, Heard, heard_of, paced
from tests.harness.alerts import some_facts

NOON = datetime(2025, 9, 6, 12, tzinfo=UTC)
MORNING = datetime(2025, 9, 7, 6, 30, tzinfo=UTC)
LATER = NOON + timedelta(days=3)
POLICY = MomentPolicy(
    per_day=4,
    kept_for_severe=0,
    kept_for_high=0,
    morning=time(6, 30),
    weekly_on=0,
    zone=ZoneInfo("Africa/Bamako"),
)


def heard(number: int, *channels: str, **changes: Any) -> Heard:
    """Return the alert of a chain of its own, that many minutes after noon."""
    usual: dict[str, Any] = {
        "id": f"a{number}",
        "bundle_id": f"a{number}",
        "chain_id": f"a{number}",
        "type": AlertType.ALERT,
        "status": "active",
        "route": f"R{number}",
        "cargo": "fuel",
        "level": Level.HIGH,
        "before": Level.UNKNOWN,
        "certainty": Certainty.CONFIRMED,
        "audience": Audience.SUBSCRIBERS_AND_TOLD,
        "references": (),
        "reason": Reason.FIRST,
        "facts": some_facts(),
        "evidence": {},
        "rule_set": 1,
        "created_by": "x",
        "created_at": NOON + timedelta(minutes=number),
        "expires_at": LATER,
        "acknowledged_at": None,
        "fanned_out_at": NOON,
    }
    return StoredAlert(**usual | changes), frozenset(channels or ["sms"])


def said(alerts: Sequence[Heard], now: datetime = LATER) -> list[tuple[datetime, list[str]]]:
    found = paced(alerts, POLICY, now=now)
    return [(one.at, [alert.id for alert, _ in one.says]) for one in found]


def test_what_is_too_much_for_a_day_is_one_message_of_the_next() -> None:
    six = [heard(number) for number in range(6)]

    found = said(six)

    assert [ids for _, ids in found] == [["a0"], ["a1"], ["a2"], ["a3"], ["a4", "a5"]]
    assert found[-1][0] == MORNING
    assert said(six, now=MORNING - timedelta(minutes=1)) == found[:4]


def test_two_channels_fill_a_day_no_sooner_and_a_program_hears_at_once() -> None:
    five = [heard(number, "sms", "email", "webhook") for number in range(5)]

    found = paced(five, POLICY, now=LATER)

    assert [one.channels for one in found] == [
        *[{"sms", "email", "webhook"}] * 4,
        {"webhook"},
        {"sms", "email"},
    ]


def test_a_severe_danger_leaves_although_the_day_is_full_and_fills_the_next_no_more() -> None:
    alerts = [heard(number) for number in range(4)]
    alerts += [heard(4, level=Level.SEVERE), heard(5, created_at=MORNING + timedelta(hours=1))]

    assert [ids for _, ids in said(alerts)] == [["a0"], ["a1"], ["a2"], ["a3"], ["a4"], ["a5"]]


def test_what_is_over_before_it_was_told_is_told_to_nobody_nor_its_end() -> None:
    alerts = [heard(number) for number in range(6)]
    alerts.append(heard(7, chain_id="a4", type=AlertType.ALL_CLEAR, level=Level.LOW))
    alerts.append(heard(8, chain_id="a0", type=AlertType.ALL_CLEAR, level=Level.LOW))

    assert [ids for _, ids in said(alerts)][4:] == [["a8"], ["a5"]]


def test_who_asked_from_high_hears_an_end_but_no_lesser_incident_of_what_he_was_told() -> None:
    road = frozenset({"route:R"})
    chain: dict[str, Any] = {"chain_id": "c", "type": AlertType.UPDATE, "before": Level.MODERATE}
    lesser = chain | {"level": Level.MODERATE, "facts": some_facts(level=Level.MODERATE)}
    further = lesser | {"reason": Reason.FURTHER_INCIDENT}
    fell = lesser | {"reason": Reason.FELL, "audience": Audience.TOLD_ONLY}
    said = [heard(0, chain_id="c"), heard(1, **further), heard(2, **fell)]
    asked = {
        level: Asked(
            targets=road, cargoes=frozenset({"fuel"}), channels=frozenset({"sms"}), min_level=level
        )
        for level in (Level.MODERATE, Level.HIGH)
    }

    found = {
        level: [alert.id for alert, _ in heard_of([(one, road) for one, _ in said], [wish])]
        for level, wish in asked.items()
    }

    assert found == {Level.MODERATE: ["a0", "a1", "a2"], Level.HIGH: ["a0", "a2"]}


def test_a_danger_after_an_end_is_told_at_once_to_whom_that_end_reached() -> None:
    full = [heard(number) for number in range(1, 4)]
    end = heard(4, route="R", type=AlertType.ALL_CLEAR, level=Level.LOW, reason=Reason.RESOLVED)
    other_end = heard(4, type=AlertType.ALL_CLEAR, level=Level.LOW, reason=Reason.RESOLVED)
    again = heard(5, route="R", facts=replace(some_facts(), after_end=True))

    assert said([*full, end, again])[-1] == (NOON + timedelta(minutes=5), ["a5"])
    assert said([*full, other_end, again])[-1] == (MORNING, ["a5"])
