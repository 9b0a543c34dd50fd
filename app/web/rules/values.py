"""What the pages of rules print: differences, problems at their place, and a preview in figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.alerts.titles import title_of
from app.config import Config
from app.core.levels import Level
from app.flows.preview.bill_run import Bill
from app.flows.preview.compare_runs import alert_differences
from app.flows.preview.preview_rules import Preview
from app.flows.preview.rerun import Raised
from app.flows.rules.publish_rules import Draft
from app.risk.problems import Problem
from app.risk.rules import parse_rules
from app.subscribers.countries import MICROS
from app.web.rules.faults import fault_words
from app.web.rules.wording import reading
from app.web.speaking import Words

Tables = Sequence[Mapping[str, Any]]
#: Alerts listed by name; the rest are counted.
_MOST_LISTED = 40
#: Money has cents.
_CENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A rule that differs between two sets: what it said, and says. Empty: it is not in that set.

    Attributes:
        when: The condition, where it differs: before and after.
    """

    id: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    when: tuple[str, str] | None = None


def differences(before: Tables, after: Tables, words: Words, config: Config) -> list[Changed]:
    """Return the rules that differ, as a person reads them."""
    ours, theirs = _read(before, words, config), _read(after, words, config)
    found = []
    for rule_id in dict.fromkeys((*ours, *theirs)):
        old, new = ours.get(rule_id), theirs.get(rule_id)
        if old is not None and new is not None and old[2] == new[2]:
            continue
        title = (new or old or ("", "", "", ()))[0]
        whens = (old[1] if old else "", new[1] if new else "")
        found.append(
            Changed(
                id=rule_id,
                title=title,
                before=old[3] if old else (),
                after=new[3] if new else (),
                when=whens if old and new and whens[0] != whens[1] else None,
            )
        )
    return found


def _read(
    tables: Tables, words: Words, config: Config
) -> dict[str, tuple[str, str, str, tuple[str, ...]]]:
    """Return (title, condition, the whole, read aloud) of each rule, by id."""
    rules, _ = parse_rules(tables, cargoes=config.cargoes.codes)
    return {
        rule.id: (
            rule.title_in(words.language),
            rule.when,
            repr(rule),
            (*(() if rule.enabled else (words("rule_off"),)), *reading(rule, words)),
        )
        for rule in rules
    }


def problems_of(
    problems: Sequence[Problem], when: str, words: Words
) -> dict[str, list[dict[str, Any]]]:
    """Return what is wrong, by field of the form; a fault in the condition with its place in it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in problems:
        field = one.field.lstrip("/").partition("/")[0] or "rule"
        field = {"example": "examples", "floor": "floors"}.get(field, field)
        known = {"id", "title", "title_fr", "when", "weight", "reach_km", "half_life_days"}
        field = field if field in known | {"floors", "examples"} else "rule"
        found.setdefault(field, []).append(
            {
                "message": fault_words(one, words),
                "meant": words("rule_meant", said=one.suggestion) if one.suggestion else "",
                "where": _place(one, when),
                "at": words("rule_at", line=one.line, column=one.column) if one.column else "",
            }
        )
    return found


def _place(one: Problem, when: str) -> str:
    """Return the line of the condition with a mark under the column; "" for other places."""
    lines = when.splitlines()
    if one.line is None or one.column is None or not 0 < one.line <= len(lines):
        return ""
    return f"{lines[one.line - 1]}\n{' ' * (one.column - 1)}^"


# ---------------------------------------------------------------------------------- a preview


def preview_values(
    found: Preview, drafted: Draft, names: Mapping[str, str], words: Words, config: Config
) -> dict[str, Any]:
    """Return what changed rules would have made of some days, beside those in force."""
    difference = alert_differences(found.before.alerts, found.after.alerts)
    currency = config.countries.currency
    now = found.until
    ours, theirs = found.before.quality, found.after.quality
    return {
        "window": words(
            "preview_window", since=words.date(found.since), until=words.date(found.until)
        ),
        "rows": [
            (words("preview_alerts"), len(found.before.alerts), len(found.after.alerts)),
            (words("preview_missed"), ours.missed, theirs.missed),
            (words("preview_false"), len(ours.false_alarms), len(theirs.false_alarms)),
            *_bills(found, words, currency),
        ],
        "added": _listed(difference.added, words, config, now),
        "removed": _listed(difference.removed, words, config, now),
        "moved": _listed([after for _, after in difference.moved], words, config, now),
        "same": words.many("alerts_same", difference.same),
        "organisations": [
            (names.get(one, one), *_bill_words(found, one, words, currency))
            for one in sorted({*found.before.bills, *found.after.bills})
        ],
        "warnings": [fault_words(one, words) for one in drafted.warnings],
    }


def _bills(found: Preview, words: Words, currency: str) -> list[tuple[str, str, str]]:
    before, after = list(found.before.bills.values()), list(found.after.bills.values())
    return [
        (
            words("preview_sms"),
            words.number(sum(one.messages["sms"] for one in before)),
            words.number(sum(one.messages["sms"] for one in after)),
        ),
        (
            words("preview_email"),
            words.number(sum(one.messages["email"] for one in before)),
            words.number(sum(one.messages["email"] for one in after)),
        ),
        (
            words("preview_money"),
            f"{words.number(sum(one.cost for one in before) / MICROS, _CENTS)} {currency}",
            f"{words.number(sum(one.cost for one in after) / MICROS, _CENTS)} {currency}",
        ),
    ]


def _bill_words(
    found: Preview, organisation_id: str, words: Words, currency: str
) -> tuple[str, str]:
    def said(bill: Bill) -> str:
        count = sum(bill.messages.values())
        money = f"{words.number(bill.cost / MICROS, _CENTS)} {currency}"
        return f"{words.many('messages_leave', count)}, {money}"

    return (
        said(found.before.bills.get(organisation_id, Bill())),
        said(found.after.bills.get(organisation_id, Bill())),
    )


def _listed(
    alerts: Sequence[Raised], words: Words, config: Config, now: datetime
) -> dict[str, Any]:
    shown = sorted(alerts, key=lambda one: (-one.level.rank, one.at))[:_MOST_LISTED]
    return {
        "number": len(alerts),
        "more": len(alerts) - len(shown),
        "alerts": [
            {
                "level": Level(one.level),
                "type": words(f"alert_{one.type.value}"),
                "where": f"{_title(one.route, config)}, {words.cargo(one.cargo)}",
                "at": one.at,
                "when": words.moment(one.at, now),
                "held": one.held,
            }
            for one in shown
        ],
    }


def _title(route: str, config: Config) -> str:
    corridor = config.network.corridors.get(route)
    return title_of(corridor.title) if corridor is not None else route
