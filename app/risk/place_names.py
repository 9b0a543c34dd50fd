"""Names of roads and areas in conditions that nothing on the map bears: such a rule never holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.risk.cel import areas_of
from app.risk.problems import Problem, near_name
from app.risk.rules import Rule
from app.risk.tokens import comparisons, tokenise
from app.roads.folding import without_accents
from app.roads.network import Network

#: What it is called, by the variable that is compared with it.
_CALLED = {
    "section.id": "section",
    "section.road": "road number",
    "section.routes": "route",
    "section.regions": "region",
    "section.cercles": "cercle",
    "section.countries": "country",
    "incident.region": "region",
    "incident.cercle": "cercle",
    "incident.country": "country",
}
#: How names are spelt: those of sections have no accents, those of incidents are as printed.
_SPELT = {
    "section.regions": " of a section (written without accents)",
    "section.cercles": " of a section (written without accents)",
    "incident.region": " of an incident (written with its accents)",
    "incident.cercle": " of an incident (written with its accents)",
}


def unknown_names(rules: Sequence[Rule], network: Network) -> list[Problem]:
    """Return a warning for each name that nothing on the map bears, with the one nearest to it.

    A warning, for the map may be about to grow. `exists`, `contains` and the like are not looked
    into, and what is only said to be different (`!=`) is as good without it.
    """
    compared = [
        (rule, found)
        for rule in rules
        for found in comparisons(tokenise(rule.when))
        if found.name in _CALLED and found.operator != "!="
    ]
    if not compared:
        return []
    known = _names(network)
    return [
        Problem(
            rule=rule.id,
            field="/when",
            message=f"there is no {_CALLED[found.name]} '{literal.value}'"
            f"{_SPELT.get(found.name, '')}: the rule would never hold by it",
            line=literal.line,
            column=literal.column,
            suggestion=_meant(literal.value, known[found.name], network),
            warning=True,
            code="unknown-name",
            about=(literal.value,),
        )
        for rule, found in compared
        for literal in found.values
        if literal.value and literal.value not in known[found.name]
    ]


def _names(network: Network) -> Mapping[str, Collection[str]]:
    """Return what each variable may be, on this map."""
    sections = network.sections.values()
    places = [*network.places.values(), *network.nearby_places]
    return {
        "section.id": network.sections.keys(),
        "section.road": _known(one.road for one in sections),
        "section.routes": network.corridors.keys(),
        "section.regions": {name for one in sections for name in areas_of(one, "region")},
        "section.cercles": {name for one in sections for name in areas_of(one, "cercle")},
        "section.countries": {name for one in sections for name in areas_of(one, "country")},
        "incident.region": _known(one.region for one in places),
        "incident.cercle": _known(one.cercle for one in places),
        "incident.country": network.countries.keys(),
    }


def _known(names: Iterable[str | None]) -> set[str]:
    return {name for name in names if name}


def _meant(said: str, known: Collection[str], network: Network) -> str | None:
    """Return what was meant: the same but for accents, a country's code, or the nearest."""
    plain = without_accents(said).casefold()
    codes = {
        without_accents(name).casefold(): code
        for code, country in network.countries.items()
        for name in country.names
    }
    if codes.get(plain) in known:
        return codes[plain]
    for name in sorted(known):
        if without_accents(name).casefold() == plain:
            return name
    return near_name(said, sorted(known))
