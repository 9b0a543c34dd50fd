"""The form of a rule: what stands in it, and the table that it makes. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.risk.rules import FLOORS_LIMIT, LIFTED, Rule

#: Rows for levels insisted on: those there are, and one more to fill in.
_SPARE = 1


def form_of(rule: Rule, cargoes: Sequence[str]) -> dict[str, str]:
    """Return what stands in the form of a rule."""
    form = {
        "id": rule.id,
        "title": rule.title,
        "title_fr": rule.title_fr,
        "when": rule.when,
        "reach_km": _shown(rule.reach_km),
        "half_life_days": _shown(rule.half_life_days),
        "enabled": "1" if rule.enabled else "",
        "examples": "\n".join(json.dumps(one, ensure_ascii=False) for one in rule.examples),
    }
    form |= {f"weight-{cargo}": _shown(rule.weight_for(cargo)) for cargo in cargoes}
    for n, floor in enumerate(rule.floors):
        form |= {
            f"floor-{n}-level": floor.level.value,
            f"floor-{n}-days": "" if floor.days is None else _shown(floor.days),
            f"floor-{n}-lifted": "1" if floor.until_lifted else "",
            f"floor-{n}-credibility": _shown(floor.min_credibility),
            f"floor-{n}-within": _shown(floor.within_km),
        }
        named = cargoes if floor.cargoes is None else floor.cargoes
        form |= {f"floor-{n}-{cargo}": "1" for cargo in named}
    return form


def rows_of(form: Mapping[str, str]) -> int:
    """Return how many rows for levels a form has."""
    filled = [n for n in range(FLOORS_LIMIT) if form.get(f"floor-{n}-level")]
    return min(max(filled, default=-1) + 1 + _SPARE, FLOORS_LIMIT)


def table_of(form: Mapping[str, str], cargoes: Sequence[str]) -> dict[str, Any]:
    """Return the table of the rule that a form says; what is no number stays as it was typed.

    Whoever checks rules says what is wrong with it, in the same words as everywhere.
    """
    table: dict[str, Any] = {
        "id": form.get("id", "").strip(),
        "title": form.get("title", "").strip(),
        "title_fr": form.get("title_fr", "").strip() or None,
        "when": form.get("when", "").replace("\r\n", "\n").strip(),
        "weight": _weight(form, cargoes),
        "reach_km": _number(form.get("reach_km", "")),
        "half_life_days": _number(form.get("half_life_days", "")),
        "floor": [
            _floor(form, n, cargoes) for n in range(FLOORS_LIMIT) if form.get(f"floor-{n}-level")
        ],
        "enabled": form.get("enabled") == "1",
    }
    examples = [_example(line) for line in form.get("examples", "").splitlines() if line.strip()]
    if examples:
        table["example"] = examples
    return table


def _weight(form: Mapping[str, str], cargoes: Sequence[str]) -> Any:
    given = {cargo: _number(form.get(f"weight-{cargo}", "")) or 0.0 for cargo in cargoes}
    values = list(given.values())
    # one number, where all cargoes have the same: a cargo that is added later has it, too
    return values[0] if all(one == values[0] for one in values) else given


def _floor(form: Mapping[str, str], n: int, cargoes: Sequence[str]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "level": form[f"floor-{n}-level"],
        "days": _number(form.get(f"floor-{n}-days", "")),
        "until": LIFTED if form.get(f"floor-{n}-lifted") == "1" else None,
        "min_credibility": _number(form.get(f"floor-{n}-credibility", "")),
        "within_km": _number(form.get(f"floor-{n}-within", "")),
    }
    named = [cargo for cargo in cargoes if form.get(f"floor-{n}-{cargo}") == "1"]
    if named and len(named) < len(cargoes):
        given["cargoes"] = named
    return {key: value for key, value in given.items() if value is not None}


def _number(text: str) -> float | str | None:
    """Return a number, None for nothing, the text where it is no number."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text[:40]


def _example(line: str) -> Any:
    """Return an example; the line itself where it cannot be read."""
    try:
        found = json.loads(line, parse_constant=_refuse)
        # no zero byte, no half of a character: nothing that a database cannot keep
        if "\\u0000" not in json.dumps(found, ensure_ascii=False).encode().decode():
            return found
    except (ValueError, RecursionError):
        pass
    return line.strip()[:80]


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"
