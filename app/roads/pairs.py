"""The two ends of a stretch: each name in the light of the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from app.roads.areas import keys_of
from app.roads.folding import name_key
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import between, distance_to_line_km, rough_km
from app.roads.hints import ROAD_KM, Context
from app.roads.names import SHORTEST_WITH_SLIP, Match
from app.roads.places import Place

#: Nobody calls a road after towns farther apart.
FARTHEST_KM = 1_500.0
#: Readings whose middles are this near do not differ.
SAME_KM = 20.0
#: A misspelt end that no known road joins to the other is not believed farther off than this.
_FARTHEST_SLIP_KM = 50.0
#: Namesakes looked at for each end, best known first.
_NAMESAKES = 12
#: A reading must be better by this to be taken without asking.
_MARGIN = 1.0
#: Of namesakes, who names one beside a town means the one of its own cercle.
_ONE_CERCLE = _MARGIN


@dataclass(frozen=True, slots=True)
class _Reading:
    a: Match
    b: Match
    score: float


def find_pair(
    parts: Sequence[str], context: Context, gazetteer: Gazetteer, *, slips: bool
) -> tuple[Place, Place] | list[Match] | None:
    """Return the places at both ends; all that may be meant when unclear; None when unknown.

    Towns on one road, near one another, well known, in the region or at the position given are
    what a report means.
    """
    readings: list[_Reading] = []
    for first, last in _groupings(parts):
        starts = _namesakes(first, gazetteer, slips=slips)
        ends = _namesakes(last, gazetteer, slips=slips)
        readings += [
            _Reading(a, b, _score(a, b, context, gazetteer))
            for a, b in product(starts, ends)
            if a.place.id != b.place.id
            and rough_km(a.place.position, b.place.position) <= FARTHEST_KM
        ]
        if readings:
            break
    if not readings:
        return None
    readings.sort(key=lambda r: (-r.score, r.a.place.id, r.b.place.id))
    best = readings[0]
    rivals = [r for r in readings[1:] if best.score - r.score < _MARGIN and not _same(best, r)]
    if rivals or _is_far_slip(best, gazetteer):
        return list({m.place.id: m for r in (best, *rivals) for m in (r.a, r.b)}.values())
    return best.a.place, best.b.place


def _is_far_slip(reading: _Reading, gazetteer: Gazetteer) -> bool:
    """Return whether a village that nobody recorded was read as one alike, far from the other end.

    `Koumara-Macina` is no road from Kouara, 97 km off.
    """
    a, b = reading.a, reading.b
    if not a.slips + b.slips or gazetteer.stretches.way(a.place.id, b.place.id) is not None:
        return False
    return rough_km(a.place.position, b.place.position) > _FARTHEST_SLIP_KM


def _groupings(parts: Sequence[str]) -> list[tuple[str, str]]:
    """Return the ways to read parts as two ends: names with hyphens in them, or stops between."""
    ways = [("-".join(parts[:at]), "-".join(parts[at:])) for at in range(1, len(parts))]
    if len(parts) > 2:  # noqa: PLR2004
        ways.append((parts[0], parts[-1]))
    return ways


def _namesakes(name: str, gazetteer: Gazetteer, *, slips: bool) -> list[Match]:
    key = name_key(name)
    found = gazetteer.names.exact(key)
    if not found and slips and len(key) >= SHORTEST_WITH_SLIP:
        found = gazetteer.names.slipped(key, 1)
    return gazetteer.chooser.by_weight(found)[:_NAMESAKES]


def _score(a: Match, b: Match, context: Context, gazetteer: Gazetteer) -> float:
    score = -2.0 * (a.slips + b.slips)
    if gazetteer.stretches.way(a.place.id, b.place.id) is not None:
        score += 2.0
    weight = gazetteer.chooser.weight
    score += 0.5 * min(weight(a.place), weight(b.place))
    score += 0.25 * max(weight(a.place), weight(b.place))
    if a.place.cercle and not a.slips + b.slips and keys_of(a.place) == keys_of(b.place):
        score += _ONE_CERCLE
    if context.fit is not None:
        score += max(context.fit(a.place), context.fit(b.place))
    if context.position is not None:
        ends = (a.place.position, b.place.position)
        if distance_to_line_km(context.position, ends) <= 2 * ROAD_KM:
            score += 3.0
    if context.towns:
        score += 0.5 * (context.on_road(a.place) + context.on_road(b.place))
    return score - rough_km(a.place.position, b.place.position) / 100.0


def _same(one: _Reading, other: _Reading) -> bool:
    """Return whether two readings have their middle at the same spot."""
    middles = [between(r.a.place.position, r.b.place.position, 0.5) for r in (one, other)]
    return rough_km(*middles) <= SAME_KM
