"""Whether a source corrects what it said before: "erratum : du riz, pas du carburant". Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.incidents.incident import Incident, Status
from app.incidents.nearness import apart_km
from app.incidents.report import DENIED, Report
from app.incidents.words import stems
from app.roads.folding import fold

#: Who corrects says so first: "Erratum", "Nous rectifions notre information de ce matin".
_FIRST = 5
#: Later than this, and farther off, it is another event, and a person decides what becomes of both.
#: Where the wrong place is not named, only what was of the same day is surely meant.
_WITHIN, _SAME_DAY = timedelta(days=3), timedelta(hours=36)
_NEAR_KM, _FARTHEST_KM = 25.0, 150.0
_DECIDED = frozenset({Status.REFUTED, Status.RESOLVED, Status.MERGED})
#: Before the place that was wrong: "à Lakamané et non à Diéma", "instead of Diéma".
_NOT = frozenset("non pas not lieu instead rather".split())  # noqa: SIM905
#: Between that and its name.
_LITTLE = frozenset("a de du d au en of at in near vers pres loin".split())  # noqa: SIM905


def corrects(report: Report, incident: Incident, words: frozenset[str]) -> bool:
    """Return whether `report` says anew, and otherwise, all that is known of `incident`.

    Only whoever alone told of it can take back his words; where others bear them out, he is one
    voice of several, and what a stranger takes back a person looks at. At another place only where
    he names the one that was wrong. What a person decided, or what is over, stays as it is: the
    danger told anew would be over with it.
    """
    if not _may_correct(report, incident):
        return False
    said = fold(report.summary).split()
    # Of a list of places the second does not take back the first.
    if words.isdisjoint(said[:_FIRST]) or stems(report.summary).issubset(incident.texts):
        return False
    apart = abs(report.occurred_at - incident.occurred_at)
    km = apart_km(report.location, incident.location)
    if km <= _NEAR_KM and apart <= _SAME_DAY:
        return True
    if km > _NEAR_KM and "location" in incident.pinned:
        return False
    return km <= _FARTHEST_KM and apart <= _WITHIN and _is_not_at(said, incident.location.label)


def _may_correct(report: Report, incident: Incident) -> bool:
    """Return whether the only source of `incident` speaks, and no person decided of it."""
    decided = incident.status in _DECIDED or incident.verdict_by or incident.resolved_at
    if decided or not report.known_source or report.reliability == DENIED:
        return False
    if report.family is not incident.family or report.reported_at < incident.last_reported_at:
        return False
    return [voice.origin for voice in incident.voices] == [report.origin]


def _is_not_at(said: Sequence[str], label: str) -> bool:
    """Return whether it is said not to have been at the place of that name."""
    name = fold(label).split()
    for at in range(len(said)):
        if said[at : at + len(name)] != name:
            continue
        before = [word for word in said[:at] if word not in _LITTLE]
        if before and before[-1] in _NOT:
            return True
    return False


def corrected(incident: Incident, report: Report) -> Incident:
    """Return `incident` without what `report`, which corrects it, says otherwise."""
    pinned = "location" in incident.pinned
    return replace(
        incident,
        kinds=(),
        days=(),
        places=(),
        elsewhere=incident.elsewhere if pinned else (),
        location=incident.location if pinned else report.location,
        occurred_at=report.occurred_at,
        date_precision=report.date_precision,
        actor=None if report.actor else incident.actor,
        target=None if report.target else incident.target,
        cargo=() if report.cargo else incident.cargo,
        fatalities=None if report.fatalities else incident.fatalities,
        abducted=None if report.abducted else incident.abducted,
        vehicles=None if report.vehicles else incident.vehicles,
    )
