"""The file config/policy/providers.toml."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.delivery.providers import ProvidersPolicy, parse
from app.delivery.routing import Shifting

SHIPPED = Path("config/policy/providers.toml")


def test_the_shipped_file_says_what_the_code_takes_for_granted() -> None:
    policy = parse(tomllib.loads(SHIPPED.read_text()), file="providers.toml")

    assert [one.name for one in policy.routing.providers] == ["twilio", "gateway"]
    assert policy.routing.shifting == Shifting()
    severe, high = policy.fail_over.rules[0], policy.fail_over.rules[2]
    assert (severe.after, severe.resend, severe.notify) == (timedelta(seconds=120), True, True)
    assert high.resend is False
    assert policy.fail_over.rules[4].after is None


def test_only_severe_may_be_sent_twice_as_shipped() -> None:
    rules = parse(tomllib.loads(SHIPPED.read_text()), file="providers.toml").fail_over.rules

    assert [place for place, rule in rules.items() if rule.resend] == [0]


def test_an_empty_file_never_gives_anything_up() -> None:
    policy = parse({}, file="f")

    assert policy.routing == ProvidersPolicy().routing
    assert all(rule.after is None for rule in policy.fail_over.rules.values())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"sns": []}, "f: sns: unknown key; known: fail_over, shifting, sms"),
        ({"sms": {}}, "one [[sms]] table"),
        ({"sms": [{"weight": 1}]}, "[[sms]] 1: needs provider"),
        ({"sms": [{"provider": "a"}, {"provider": "a"}]}, "[[sms]] a has two entries"),
        ({"sms": [{"provider": "a", "weigth": 1}]}, "weigth: unknown key"),
        ({"sms": [{"provider": "a", "weight": 101}]}, "weight: expected a whole number"),
        ({"sms": [{"provider": "a", "weight": True}]}, "weight: expected a whole number"),
        ({"sms": [{"provider": "a", "prefixes": ["223"]}]}, "prefixes: expected"),
        ({"sms": [{"provider": "a", "prefixes": ["+22370000001"]}]}, "prefixes: expected"),
        ({"sms": [{"provider": "a", "prefixes": []}]}, "prefixes: expected"),
        ({"shifting": {"points": 0}}, "[shifting] points: expected a number above 0"),
        ({"shifting": {"points": 1.5}}, "[shifting] points: expected a number above 0"),
        ({"shifting": {"within": 60}}, "within: unknown key"),
        ({"shifting": 3}, "[shifting]: expected a table"),
        ({"fail_over": 3}, "expected tables by level"),
        ({"fail_over": {"grave": {}}}, "grave: unknown key"),
        ({"fail_over": {"severe": {}}}, "[fail_over.severe] after_s: is missing"),
        ({"fail_over": {"severe": {"after_s": "2 min"}}}, "after_s: expected a number above 0"),
        ({"fail_over": {"severe": {"after_s": 60, "resend": 1}}}, "expected true or false"),
        ({"fail_over": {"remind_s": -1}}, "remind_s: expected a number above 0"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key_at_fault(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(table, file="f")

    assert words in str(refused.value)
