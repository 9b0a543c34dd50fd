"""Whether a source corrects what it said before: "erratum : du riz, pas du carburant". Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.incidents.incident import Incident, Status
from app.incidents.kinds import NEAR, SAME, Kinds
from app.incidents.nearness import apart_km, same_place
from app.incidents.report import DENIED, Report
from app.incidents.words import stems
from app.roads.folding import fold

#: Who corrects says so first: "Erratum", "Nous rectifions notre information de ce matin".
_FIRST = 5
#: Later than this, and farther off, it is another event, and a person decides what becomes of both.
#: Where the wrong place is not named, only what was of the same day is surely meant.
_WITHIN, _SAME_DAY = timedelta(days=3), timedelta(hours=36)
_NEAR_KM, _FARTHEST_KM = 25.0, 150.0
#: A position is off by so much.
_OFF_KM = 12.0
_ALIKE = frozenset({SAME, NEAR})
_DECIDED = frozenset({Status.REFUTED, Status.RESOLVED, Status.MERGED})
#: Before the place that was wrong: "à Lakamané et non à Diéma", "instead of Diéma".
_NOT = frozenset("non pas not lieu instead rather".split())  # noqa: SIM905
#: Between that and its name.
_LITTLE = frozenset("a de du d au en of at in near vers pres loin".split())  # noqa: SIM905
#: Before a name that only tells where another place lies.
_BESIDE = frozenset(
    "pres loin km kilometres entre axe route vers near from towards cercle region".split()  # noqa: SIM905
)


def corrects(report: Report, incident: Incident, words: frozenset[str], kinds: Kinds) -> bool:
    """Return whether `report` says anew, and otherwise, all that is known of `incident`.

    Only whoever alone told of it can take back his words; where others bear them out, he is one
    voice of several, and what a stranger takes back a person looks at. At another place only where
    he names the one that was wrong. What a person decided, or what is over, stays as it is: the
    danger told anew would be over with it. So would one that has no more in common with what he
    corrects than its day and its surroundings: he may have told of that elsewhere.
    """
    if not _may_correct(report, incident):
        return False
    said = fold(report.summary).split()
    # Of a list of places the second does not take back the first.
    if words.isdisjoint(said[:_FIRST]) or stems(report.summary).issubset(incident.texts):
        return False
    apart = abs(report.occurred_at - incident.occurred_at)
    km = apart_km(report.location, incident.location)
    if km > _FARTHEST_KM or apart > _WITHIN or (km > _NEAR_KM and "location" in incident.pinned):
        return False
    if _is_not_at(said, incident.location.label):
        return True
    near = km <= _NEAR_KM and apart <= _SAME_DAY
    return near and _is_there(report, incident, said) and _is_alike(report, incident, kinds)


def _is_there(report: Report, incident: Incident, said: Sequence[str]) -> bool:
    """Return whether both are told of one spot, or the correction names that of the incident."""
    here, there = report.location, incident.location
    if same_place(here, incident) or _is_named(there.label, said):
        return True
    # Two names may be two events; a position may be off, and a stretch is a spot on it, too.
    named = here.place_id is not None and there.place_id is not None
    return not named and apart_km(here, there) <= _OFF_KM


def _is_named(label: str, said: Sequence[str]) -> bool:
    """Return whether the words say that place: `Konobougou, à 20 km de Fana` does not say Fana."""
    found = _at(fold(label).split(), said)
    return any(_BESIDE.isdisjoint(said[max(0, at - 2) : at]) for at in found)


def _is_alike(report: Report, incident: Incident, kinds: Kinds) -> bool:
    """Return whether one may be said for the other; a lorry burnt is no convoy that arrived."""
    told = [kind for kind, _ in incident.kinds] or [incident.kind]
    return any(kinds.affinity(report.kind, kind) in _ALIKE for kind in told)


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
    for at in _at(fold(label).split(), said):
        before = [word for word in said[:at] if word not in _LITTLE]
        if before and before[-1] in _NOT:
            return True
    return False


def _at(name: Sequence[str], said: Sequence[str]) -> list[int]:
    """Return where in what is said the words of a name stand."""
    size = len(name)
    return [at for at in range(len(said)) if size and list(said[at : at + size]) == list(name)]


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
