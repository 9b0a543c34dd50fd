"""Whether two people may have called one event so: kinds of a report and an incident. Pure."""

from app.incidents.incident import Incident
from app.incidents.kinds import NEAR, SAME, STRANGE, Kinds
from app.incidents.nearness import is_by
from app.incidents.report import Report


def fit_of_kinds(
    report: Report, incident: Incident, kinds: Kinds, near_km: float
) -> tuple[float, float]:
    """Return (said alike, said as a neighbour): how large a part of the reports named it so.

    What two people call one event is no sign of it where they name two places: a mine here and an
    ambush two villages on are two, of one day and of the same men.
    """
    fit = affinities(report, incident, kinds)
    total = sum(count for _, count in fit)
    same = sum(count for affinity, count in fit if affinity == SAME) / total
    near = sum(count for affinity, count in fit if affinity == NEAR) / total
    if all(affinity == STRANGE for affinity, _ in fit):
        return -1.0, 0.0
    return same, near if is_by(report.location, incident, near_km) else 0.0


def affinities(report: Report, incident: Incident, kinds: Kinds) -> list[tuple[float, int]]:
    """Return how the kind of a report fits each that was said, with how often it was."""
    tally = incident.kinds or ((incident.kind, 1),)
    return [(kinds.affinity(report.kind, code), count) for code, count in tally]
