"""The levels that the service would have shown at each step, by its own rating and rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from app.core.levels import Level
from app.risk.evidence import SectionEvidence, gather
from app.risk.hazard import Floats
from app.risk.past import Version
from app.risk.rate import rate, state_of
from app.risk.rating import SectionCargoState
from app.risk.rulebook import RuleBook
from app.risk.weighing import Exposed
from app.roads.network import Network

#: With so many new versions, or as many as are known, evidence is gathered anew.
_FEW = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What a section is before anything is known of it.
UNKNOWN = Level.UNKNOWN.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Levels and hazards of every step, section and cargo.

    Attributes:
        cargoes: In order.
        ranks: (steps, sections, cargoes) see `Level.rank`.
        hazard: The same shape: of the rating, by the rules' weights.
    """

    cargoes: tuple[str, ...]
    ranks: NDArray[np.int8]
    hazard: Floats


def play(versions: Sequence[Version], steps: Floats, *, network: Network, book: RuleBook) -> Played:
    """Return what the service would have said at each step, with floors and hysteresis.

    The ratings are those of `app.risk.rate`, each following the one a step before. Between two
    steps the service would have rated again: with weekly steps, what rose and fell within the week
    is not seen.
    """
    shape = (len(steps), len(network.sections), len(book.cargoes))
    ranks = np.full(shape, UNKNOWN, dtype=np.int8)
    hazard = np.zeros(shape)
    exposures = _exposures(versions, network, book.reach_km)
    for number, (section_id, section) in enumerate(network.sections.items()):
        hazard[:, number, :] = book.policy.prior_per_50_km * section.km / 50.0
        told = exposures.get(section_id, ())
        if not told:
            continue
        evidence, upto = gather(section, [], book), 0
        before: dict[str, SectionCargoState] = {}
        for row, at in enumerate(steps):
            now = instant_of(at)
            new = upto
            while new < len(told) and told[new].known_at <= now:
                new += 1
            if new > upto:
                evidence = _with(evidence, told[:new], upto)
                upto = new
            for place, cargo in enumerate(book.cargoes if upto else ()):
                rated = rate(evidence, cargo, now=now, before=before.get(cargo))
                before[cargo] = state_of(rated)
                ranks[row, number, place] = rated.level.rank
                hazard[row, number, place] = rated.hazard
    return Played(cargoes=book.cargoes, ranks=ranks, hazard=hazard)


def instant_of(days: float) -> datetime:
    """Return the instant of days since 1970, to the second."""
    return _EPOCH + timedelta(seconds=round(days * 86_400.0))


def _with(evidence: SectionEvidence, told: Sequence[Exposed], upto: int) -> SectionEvidence:
    """Return the evidence with what is new of `told` from place `upto` on."""
    if len(told) - upto > _FEW or not evidence.can_take(told[upto:]):
        last = {exposed.incident.id: exposed for exposed in told}
        return gather(evidence.section, last.values(), evidence.book)
    return evidence.with_incidents(told[upto:])


def _exposures(
    versions: Sequence[Version], network: Network, reach_km: float
) -> Mapping[str, list[Exposed]]:
    """Return what each section was told, in order; an incident that moved away says so."""
    found: dict[str, list[Exposed]] = {}
    reached: dict[str, dict[str, float]] = {}
    for version in versions:
        incident = version.incident
        reach = network.reach_any(incident.spots, reach_km)
        left = reached.get(incident.id, {}).keys() - reach.keys()
        for section_id, km in [*reach.items(), *((one, 0.0) for one in sorted(left))]:
            found.setdefault(section_id, []).append(
                Exposed(
                    incident=incident,
                    distance_km=km,
                    known_at=version.known_at,
                    live=section_id not in left,
                )
            )
        reached[incident.id] = reach
    return found
