"""What the words of rules mean, for those who write them."""

from collections.abc import Mapping

#: Functions and operators of conditions: how they are written, what they give, an example.
FUNCTIONS: Mapping[str, tuple[str, str, str]] = {
    "size": ("size(list or text)", "how many there are", "size(incident.cargo) == 0"),
    "startsWith": (
        "text.startsWith(text)",
        "true when it begins so",
        'section.road.startsWith("RN")',
    ),
    "endsWith": (
        "text.endsWith(text)",
        "true when it ends so",
        'incident.place.endsWith("bougou")',
    ),
    "contains": (
        "text.contains(text)",
        "true when the text holds the other",
        'incident.target.contains("truck")',
    ),
    "matches": (
        "text.matches(pattern)",
        "true when a regular expression (RE2) finds something",
        'incident.actor.matches("(?i)jnim|gsim")',
    ),
    "exists": (
        "list.exists(x, condition)",
        "true when it holds for one at least",
        'section.routes.exists(r, r.startsWith("ML"))',
    ),
    "all": (
        "list.all(x, condition)",
        "true when it holds for every one, and for an empty list",
        'incident.cargo.all(c, c == "fuel")',
    ),
    "exists_one": (
        "list.exists_one(x, condition)",
        "true when it holds for exactly one",
        'section.countries.exists_one(c, c == "ML")',
    ),
    "int": ("int(number)", "the whole number", "int(section.km) > 40"),
    "double": (
        "double(number)",
        "with a decimal point, to compare with such",
        "double(incident.vehicles) > 2.5",
    ),
    "string": ("string(value)", "as a text", 'string(incident.vehicles) != "13"'),
    "in": ("value in list", "true when the list holds it", '"fuel" in incident.cargo'),
    "&& || !": (
        "a && b, a || b, !a",
        "and, or, not",
        'incident.kind == "ied" && !incident.area',
    ),
    "== != < <= > >=": (
        "a == b",
        "comparisons; a whole number and one with a point do not compare",
        "incident.credibility >= 0.5",
    ),
    "? :": (
        "condition ? a : b",
        "one or the other",
        'incident.vehicles >= (cargo == "fuel" ? 5 : 20)',
    ),
}

FAMILIES: Mapping[str, str] = {
    "hostile": "somebody attacks, robs or takes people",
    "closure": "the road is shut, blocked or not driven any more",
    "military": "the army fights, bombs or sweeps",
    "hazard": "water, a broken bridge, an accident, armed men who were seen",
    "context": "not on the road, but felt there",
    "positive": "good news: somebody passed, was let go, a road is open again",
}

STATUSES: Mapping[str, str] = {
    "open": "reported, nobody has decided",
    "confirmed": "a moderator confirmed it",
    "refuted": "a moderator says that it did not happen; it weighs nothing",
    "resolved": "it is over; it holds no floor and keeps a share of its weight",
    "merged": "it became part of another; it weighs nothing",
}

LEVELS: Mapping[str, str] = {
    "low": "fresh news that the road can be driven, and nothing against it",
    "unknown": "nobody knows; above `low`, for it is no safety",
    "moderate": "ask in the last town before driving on",
    "high": "only when it must be",
    "severe": "do not drive",
}

#: Members of a rule beside `when`: type and meaning.
FIELDS: Mapping[str, tuple[str, str]] = {
    "id": ("text", "lower-case letters, digits, '-' and '_'; never changes"),
    "title": ("text", "the reason as it is shown, in English"),
    "title_fr": ("text", "the same in French; `title` where it is missing"),
    "when": ("condition", "when the rule applies; see `variables` and `functions`"),
    "weight": (
        "number or number per cargo, -1 to 3",
        "how dangerous, beside a typical serious incident; below 0, for good news: what it eases",
    ),
    "reach_km": ("number, 1 to 200", "sections farther away feel nothing of it"),
    "half_life_days": ("number, 0.5 to 3650", "how fast the short memory of it fades"),
    "floor": ("list", "levels insisted on, whatever the statistics say"),
    "floor.level": ("moderate, high or severe", "the least level while the floor holds"),
    "floor.days": ("number, 0.1 to 3650", "for so long from the incident (its last report)"),
    "floor.until": ("'lifted'", "until the incident is resolved"),
    "floor.min_credibility": ("number, 0 to 1", "less believed incidents do not raise it"),
    "floor.cargoes": ("list of cargoes", "for whom; all where it is missing"),
    "floor.within_km": ("number, 0 to 200", "how far from the incident; the whole area for areas"),
    "enabled": ("true or false", "false: kept, and without effect"),
    "examples": (
        "list",
        "incidents made up, and what the rule must say of them; tried whenever it is saved",
    ),
}
