"""Rules that came with a version, beside those in force: which nobody has looked at. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.risk.rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedRule:
    """A rule that was never in a rule set as it is shipped, and that no admin has settled.

    Attributes:
        rule: As it is shipped.
        in_force: The rule in force of the same id; None: there is none.
    """

    rule: Rule
    in_force: Rule | None


def otherwise(
    shipped: Iterable[Rule], in_force: Iterable[Rule], cargoes: Sequence[str]
) -> list[ShippedRule]:
    """Return the shipped rules that are not in force as they are shipped.

    New ones first: where one rule became two, the second is there before the first is narrowed.
    """
    ours = {rule.id: rule for rule in in_force}
    found = [
        ShippedRule(rule=rule, in_force=ours.get(rule.id))
        for rule in shipped
        if rule.id not in ours or says(ours[rule.id], cargoes) != says(rule, cargoes)
    ]
    return sorted(found, key=lambda one: one.in_force is not None)


def unsettled(
    found: Iterable[ShippedRule], known: Collection[str], cargoes: Sequence[str]
) -> tuple[ShippedRule, ...]:
    """Return those that were not known: what was in force once was changed on purpose.

    Args:
        found: Shipped otherwise than in force.
        known: What rules say that were in some rule set, or that an admin has settled.
        cargoes: All there are.
    """
    return tuple(one for one in found if says(one.rule, cargoes) not in known)


def says(rule: Rule, cargoes: Sequence[str]) -> str:
    """Return the same text for rules that say the same, however they were written.

    A form writes one weight for all cargoes where the file names each. Examples say nothing of a
    road.
    """
    table = rule.as_table() | {"weight": {one: float(rule.weight_for(one)) for one in cargoes}}
    table.pop("example", None)
    for floor in table["floor"]:
        floor["cargoes"] = sorted(floor.get("cargoes") or cargoes)
    text = json.dumps(table, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
