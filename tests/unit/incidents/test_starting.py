"""From when what is announced is to hold, as people write it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.incidents import policy
from app.incidents.codec import decode_incident, encode_incident
from app.incidents.incident import Incident
from app.incidents.joining import join, rebuild
from app.incidents.report import Report
from app.incidents.verdicts import verdict
from tests.harness.incidents import CARGOES, KINDS, NOON, POLICY, _toml, a_report, an_incident

TOLD = date(2025, 9, 10)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("le groupe annonce un blocus de Kayes et Nioro à partir du 15 septembre", (9, 15)),
        ("BLOCUS KAYES A PARTIR DU 15/09", (9, 15)),
        ("blocus annoncé pour le 15 septembre 2025", (9, 15)),
        ("suspension des liaisons à compter du 1er octobre", (10, 1)),
        ("couvre-feu dès lundi", (9, 15)),
        ("barrage annoncé dès ce lundi 15 septembre", (9, 15)),
        ("blocus à partir du 15", (9, 15)),
        ("blocus à partir du 5", (10, 5)),
        ("route fermée à partir de demain", (9, 11)),
        ("blockade of Kayes from September 15", (9, 15)),
        ("border closed as of 15 September", (9, 15)),
        ("blockade starting Monday", (9, 15)),
    ],
)
def test_the_day_from_which_it_is_to_hold_is_read(text: str, day: tuple[int, int]) -> None:
    words = POLICY.starting
    assert words is not None
    assert words.day_in(text, TOLD) == date(2025, *day)


@pytest.mark.parametrize(
    "text",
    [
        "blocus de Kayes depuis le 3 septembre",
        "blocus à partir du 3 septembre",
        "blocus à partir du 10 septembre",
        "trucks stopped from Monday",
        "route suspendue jusqu'au 30 septembre",
        "fermé à partir de 18h",
        "blocus à partir du 15 juin",
        "blocus à partir du 31 septembre",
        "attaque des 12 camions",
    ],
)
def test_what_holds_already_or_names_no_such_day_is_not_put_off(text: str) -> None:
    words = POLICY.starting
    assert words is not None
    assert words.day_in(text, TOLD) is None


def test_the_next_year_may_be_meant() -> None:
    words = POLICY.starting
    assert words is not None
    assert words.day_in("blocus à partir du 5 janvier", date(2025, 12, 20)) == date(2026, 1, 5)


def a_threat(report_id: str, *, starts: int | None = None, hours: float = 0, **more: Any) -> Report:
    at = NOON + timedelta(hours=hours)
    said = {
        "kind": "blockade_threat",
        "reported_at": at,
        "occurred_at": at,
        "summary": "blocus de Kayes" + (f" à partir du {starts} septembre" if starts else ""),
    }
    return a_report(report_id, **said | more)


def starts(*reports: Report) -> datetime | None:
    first, *others = reports
    held: Incident = an_incident(first)
    for one in others:
        held = join(held, one, policy=POLICY, kinds=KINDS)
    return held.starts_at


def of_september(day: int) -> datetime:
    return datetime(2025, 9, day, tzinfo=UTC)


def test_the_same_news_without_its_day_leaves_the_day() -> None:
    assert starts(a_threat("1", starts=20), a_threat("2", hours=3)) == of_september(20)
    assert starts(a_threat("1"), a_threat("2", starts=20, hours=3)) == of_september(20)


def test_what_has_held_for_days_is_not_put_off_by_a_next_one() -> None:
    assert starts(a_threat("1"), a_threat("2", starts=20, hours=72)) is None


def test_nobody_unknown_puts_off_what_a_known_source_told() -> None:
    stranger = replace(a_threat("2", starts=30, hours=12), known_source=False)
    first = replace(a_threat("1"), known_source=False)

    assert starts(a_threat("1"), stranger) is None
    assert starts(a_threat("1", starts=20), stranger) == of_september(20)
    assert starts(first, stranger) == of_september(30)


def test_a_barrage_on_the_road_holds_whatever_was_announced() -> None:
    now = a_threat("2", kind="roadblock", hours=24)
    assert starts(a_threat("1", starts=20), now) is None
    assert starts(a_threat("1", starts=20), now, a_threat("3", starts=20, hours=60)) is None


def test_it_may_be_put_off_before_its_day_and_not_after() -> None:
    later = a_threat("2", starts=25, hours=24)
    assert starts(a_threat("1", starts=20), later) == of_september(25)
    too_late = a_threat("2", starts=30, hours=24 * 7)
    assert starts(a_threat("1", starts=20), too_late) == of_september(20)


def test_what_a_person_said_of_its_day_no_report_changes() -> None:
    said = verdict(
        an_incident(a_threat("1", starts=20)), by="key:1", at=NOON, policy=POLICY,
        starts_at=of_september(25),
    )  # fmt: skip
    report = a_threat("2", starts=22, hours=24)
    joined = join(said, report, policy=POLICY, kinds=KINDS)
    again = rebuild(said, [a_threat("1", starts=20), report], policy=POLICY, kinds=KINDS)

    assert (joined.starts_at, again.starts_at) == (of_september(25), of_september(25))


def test_no_attack_is_announced_and_a_road_that_is_to_open_is_not_open() -> None:
    assert a_report(summary="attaque à partir du 20 septembre").starts_at is None
    opens = a_threat("1", starts=20, kind="road_reopened")
    assert an_incident(opens).in_part
    assert not an_incident(a_threat("1", kind="road_reopened")).in_part


def test_it_is_kept() -> None:
    held = an_incident(a_threat("1", starts=20))
    assert decode_incident(encode_incident(held)) == held


def test_an_older_configuration_reads_no_day_from_texts() -> None:
    table = _toml("policy/incidents.toml")
    del table["starting"]
    assert policy.parse(table, file="incidents.toml", cargoes=CARGOES).starting is None
    with pytest.raises(ConfigError, match="weekdays"):
        policy.parse(
            table | {"starting": {"before": ["des"]}}, file="incidents.toml", cargoes=CARGOES
        )
