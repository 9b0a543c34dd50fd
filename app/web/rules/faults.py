"""What is wrong with a rule, in the language of the page: by its code, else where it is. Pure."""

from app.risk.problems import Problem
from app.web.speaking import Words

#: Fields of the form whose only faults are being empty, too long, or out of their range.
_FIELDS = frozenset({"id", "title", "title_fr", "when", "weight", "reach_km", "half_life_days"})
_OF_FLOOR = frozenset({"level", "days", "min_credibility", "within_km"})
_EXAMPLES = frozenset({"example", "examples"})
#: Names of what `about` holds, by code; the others say nothing more.
_ABOUT = {
    "fails": ("said",),
    "unreadable": ("said",),
    "unexpected": ("what", "wanted", "said"),
    "unknown-word": ("said",),
    "unknown-name": ("said",),
    "not-true-or-false": ("said",),
    "never-true": ("said",),
    "adds-danger": ("kind",),
    "takes-danger": ("kind",),
    "beyond-reports": ("what", "most"),
    "silent": ("kinds",),
    "severe-for-cargo": ("cargo",),
    "severe-widely": ("cargo", "sections", "of", "before"),
}


def fault_words(one: Problem, words: Words) -> str:
    """Return what is wrong, and how to mend it; what CEL says stays in its own words."""
    field, *rest = one.field.strip("/").split("/")
    if field in _EXAMPLES:
        return _example(one, rest, words)
    if one.code:
        return _coded(one, words)
    if field in _FIELDS:
        return words(f"wrong_{field.removesuffix('_fr')}")
    if field == "floor" and rest:
        return _floor(rest, words)
    return words("wrong_rule", field=one.field or one.rule)


def _coded(one: Problem, words: Words) -> str:
    slots = dict(zip(_ABOUT.get(one.code, ()), one.about, strict=True))
    if "cargo" in slots:
        slots["cargo"] = words.cargo(slots["cargo"])
    if "kind" in slots:
        slots["kind"] = words.kind(slots["kind"])
    if "kinds" in slots:
        slots["kinds"] = ", ".join(words.kind(code) for code in slots["kinds"].split())
    return words(f"wrong_{one.code.replace('-', '_')}", **slots)


def _floor(rest: list[str], words: Words) -> str:
    number, part = int(rest[0]) + 1, rest[1] if len(rest) > 1 else ""
    said = words(f"wrong_floor_{part}" if part in _OF_FLOOR else "wrong_floor")
    return f"{words('wrong_in_floor', n=number)} {said}"


def _example(one: Problem, rest: list[str], words: Words) -> str:
    if not rest:
        return words("wrong_examples")
    if one.code:
        said = _coded(one, words)
    elif len(rest) > 1:
        said = words("wrong_example_part", part=".".join(rest[1:]))
    else:
        said = words("wrong_example")
    return f"{words('wrong_in_example', n=int(rest[0]) + 1)} {said}"
