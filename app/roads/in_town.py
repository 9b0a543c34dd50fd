"""Places what is in a town by the town: `aéroport de Bamako-Sénou`, `marché de Kati-Coco`."""

import re
from dataclasses import replace

from app.roads.case import Case
from app.roads.choosing import AGREES_KM, WELL_KNOWN, Choice, Outcome
from app.roads.distances import HYPHEN
from app.roads.folding import name_key
from app.roads.geometry import rough_km
from app.roads.places import Location, Place
from app.roads.placing import at_place

_I = re.IGNORECASE
#: What has a town's name, and behind it that of its quarter. A post, a bridge or a toll may as well
#: be on the road between two towns.
_OF_A_TOWN = re.compile(
    r"^(?:the |la |le |l['\u2019])?"
    r"(?:a[ée]ro(?:port|drome)|airport|gare|march[ée]|market|camp|quartier|stade|h[ôo]pital)\b"
    r"[^,-]*?(?:\s+(?:de la|de l['\u2019]|de|du|of|in|[àa])\s+|\s+d['\u2019]|\s+)"
    r"(?P<name>[^\s,]+-[^,]+)$",
    _I,
)
_AIRPORT_BEHIND = re.compile(r"^(?P<name>[^\s,]+-[^,]+?)\s+(?:international\s+)?airport$", _I)
#: A quarter, or the village with the airfield, is no farther from its town.
_QUARTER_KM = 20.0


def quarter(case: Case) -> Location | None:
    """`Aéroport de Bamako-Sénou` is at Sénou, by Bamako, and on no road between the two."""
    text = case.query.place or ""
    found = _OF_A_TOWN.match(text) or _AIRPORT_BEHIND.match(text)
    if found is None or case.gazetteer.names.exact(name_key(found["name"])):
        return None
    parts = HYPHEN.split(found["name"])
    for at in range(len(parts) - 1, 0, -1):
        town = _town("-".join(parts[:at]), case)
        if town is not None:
            return _in(town, "-".join(parts[at:]), case)
    return None


def _town(name: str, case: Case) -> Place | None:
    chooser = case.gazetteer.chooser
    choice: Choice = chooser.choose(case.gazetteer.names.exact(name_key(name)), case.context)
    if choice.outcome is not Outcome.ONE or chooser.weight(choice.match.place) < WELL_KNOWN:
        return None
    return choice.match.place if case.context.km_off(choice.match.place) <= AGREES_KM else None


def _in(town: Place, name: str, case: Case) -> Location | None:
    """Return the quarter where it is known, else the town; None where a place afar is meant."""
    known = [match.place for match in case.gazetteer.names.exact(name_key(name))]
    if not known:
        how = "name, before that of a quarter"
        return replace(at_place(town, how, vague=True), aside_km=None)
    near = [one for one in known if rough_km(one.position, town.position) <= _QUARTER_KM]
    return at_place(near[0], f"name, of {town.name}") if len(near) == 1 else None
