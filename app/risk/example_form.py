"""The form of the examples that stand beside a rule, as an admin writes them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.core.levels import Level
from app.incidents.incident import Status
from app.risk.problems import Problem, near_name

EXAMPLES_LIMIT = 12
EXAMPLE_KEYS = ("name", "incident", "section", "cargo", "recent", "distance_km", "expect")
#: For "no floor".
NONE = "none"

#: What an example may say of its incident, and of what type it is.
_INCIDENT: Mapping[str, str] = {
    "kind": "text",
    "status": "text",
    "actor": "text",
    "target": "text",
    "place": "text",
    "region": "text",
    "cercle": "text",
    "country": "text",
    "cargo": "texts",
    "area": "truth",
    "certain": "truth",
    "only_unknown": "truth",
    "credibility": "number",
    "reports": "whole",
    "fatalities": "whole",
    "abducted": "whole",
    "vehicles": "whole",
}
_SECTION: Mapping[str, str] = {
    "id": "text",
    "road": "text",
    "km": "number",
    "routes": "texts",
    "regions": "texts",
    "cercles": "texts",
    "countries": "texts",
}
_RECENT: Mapping[str, str] = dict.fromkeys(
    ("hostile_7d", "hostile_30d", "serious_7d", "serious_30d"), "whole"
)
_EXPECT: Mapping[str, str] = {"applies": "truth", "weight": "number", "floor": "text"}
_WHOLE: Mapping[str, str] = {"name": "text", "cargo": "text", "distance_km": "number"}
_MUST = {
    "text": "a text",
    "texts": "a list of texts",
    "truth": "true or false",
    "number": "a number",
    "whole": "a whole number, not below 0",
}


def parse_examples(
    rule: str, value: Any, *, cargoes: Collection[str]
) -> tuple[tuple[Mapping[str, Any], ...], list[Problem]]:
    """Return the examples of a rule as tables, and what is wrong with their form."""
    if value is None:
        return (), []
    if not isinstance(value, list | tuple) or len(value) > EXAMPLES_LIMIT:
        message = f"must be a list of at most {EXAMPLES_LIMIT} examples"
        return (), [Problem(rule=rule, field="/examples", message=message)]
    problems: list[Problem] = []
    for place, example in enumerate(value):
        problems += _Form(rule, f"/examples/{place}", cargoes).check(example)
    return tuple(value), problems


class _Form:
    """Checks the form of one example, gathering problems instead of stopping at the first."""

    def __init__(self, rule: str, at: str, cargoes: Collection[str]) -> None:
        self._rule, self._at, self._cargoes = rule, at, cargoes
        self._problems: list[Problem] = []

    def check(self, example: Any) -> list[Problem]:
        if not isinstance(example, Mapping):
            self._wrong("", "must be a table")
            return self._problems
        self._known(example, EXAMPLE_KEYS, "")
        for key, kind in _WHOLE.items():
            self._value(example.get(key), kind, f"/{key}")
        self._table(example.get("incident"), _INCIDENT, "/incident")
        self._table(example.get("section", {}), _SECTION, "/section")
        self._table(example.get("recent", {}), _RECENT, "/recent")
        self._table(example.get("expect"), _EXPECT, "/expect")
        if not self._problems:
            self._words(example)
        return self._problems

    def _words(self, example: Mapping[str, Any]) -> None:
        """Check the words that come from closed lists; kinds are checked when tried."""
        if "kind" not in example["incident"]:
            self._wrong("/incident/kind", "say of which kind it is")
        if not example["expect"]:
            self._wrong("/expect", "say what is expected: applies, weight or floor")
        levels = [NONE, Level.MODERATE.value, Level.HIGH.value, Level.SEVERE.value]
        statuses = [status.value for status in Status]
        lists: Sequence[tuple[str, Any, Collection[str]]] = (
            ("/expect/floor", example["expect"].get("floor", NONE), levels),
            ("/incident/status", example["incident"].get("status", "open"), statuses),
            ("/cargo", example.get("cargo"), self._cargoes),
            *(
                (f"/incident/cargo/{n}", cargo, self._cargoes)
                for n, cargo in enumerate(example["incident"].get("cargo", ()))
            ),
        )
        for field, word, known in lists:
            if word not in known:
                message = f"must be one of {', '.join(known)}"
                self._wrong(field, message, near_name(str(word), known))

    def _table(self, table: Any, types: Mapping[str, str], field: str) -> None:
        if not isinstance(table, Mapping):
            self._wrong(field, "must be a table")
            return
        self._known(table, types, field)
        for key in types.keys() & table.keys():
            if not _is(table[key], types[key]):
                self._wrong(f"{field}/{key}", f"must be {_MUST[types[key]]}")

    def _value(self, value: Any, kind: str, field: str) -> None:
        if value is not None and not _is(value, kind):
            self._wrong(field, f"must be {_MUST[kind]}")

    def _known(self, table: Mapping[str, Any], keys: Collection[str], field: str) -> None:
        for key in table:
            if key not in keys:
                self._wrong(f"{field}/{key}", f"unknown key '{key}'", near_name(str(key), keys))

    def _wrong(self, field: str, message: str, suggestion: str | None = None) -> None:
        self._problems.append(
            Problem(
                rule=self._rule, field=f"{self._at}{field}", message=message, suggestion=suggestion
            )
        )


def _is(value: Any, kind: str) -> bool:
    if kind == "texts":
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if kind in {"text", "truth"}:
        return isinstance(value, str if kind == "text" else bool)
    if isinstance(value, bool):
        return False
    if kind == "whole":
        return isinstance(value, int) and value >= 0
    return isinstance(value, int | float)
