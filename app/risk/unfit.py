"""What a rule holds that is unfit to be shown or tried, whatever it says of a danger. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.incidents.figures import MOST
from app.incidents.personal import without_addresses
from app.risk.problems import Problem
from app.risk.rules import Rule

_NAMES = "no telephone number, no e-mail address: this is kept as it is written"
#: What a figure of an example may be at most: reports of the like are refused.
_MOST_OF = {
    "/incident": {**MOST, "reports": 10_000, "credibility": 1},
    "/section": {"km": 3_000},
    "/recent": dict.fromkeys(("hostile_7d", "hostile_30d", "serious_7d", "serious_30d"), 10_000),
    "": {"distance_km": 200},
}


def unfit(rule: Rule) -> list[Problem]:
    """Return each text that leads to a person, and each figure that no report may give."""
    problems = _naming(rule, [("/title", rule.title)])
    if rule.title_fr != rule.title:
        problems += _naming(rule, [("/title_fr", rule.title_fr)])
    for place, example in enumerate(rule.examples):
        at = f"/examples/{place}"
        problems += [*_naming(rule, _texts(example, at)), *_beyond(rule, example, at)]
    return problems


def _naming(rule: Rule, texts: Iterable[tuple[str, str]]) -> list[Problem]:
    return [
        Problem(rule=rule.id, field=field, message=_NAMES, code="names-a-person")
        for field, text in texts
        if without_addresses(text) != text
    ]


def _texts(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(one, f"{field}/{key}")
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from _texts(one, f"{field}/{place}")


def _beyond(rule: Rule, example: Mapping[str, Any], at: str) -> Iterator[Problem]:
    for part, limits in _MOST_OF.items():
        table = example.get(part[1:], {}) if part else example
        for key, most in limits.items():
            value = table.get(key)
            if value is not None and not 0 <= value <= most:
                yield Problem(
                    rule=rule.id,
                    field=f"{at}{part}/{key}",
                    message=f"must lie between 0 and {most}",
                    code="beyond-reports",
                    about=(key, str(most)),
                )
