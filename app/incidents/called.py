"""Whether two people may have called one event so: kinds of a report and an incident. Pure."""

from app.incidents.incident import Incident
from app.incidents.kinds import FAMILY, NEAR, SAME, STRANGE, Kinds
from app.incidents.naming import Names
from app.incidents.nearness import is_by
from app.incidents.report import Report

#: What kinds that nobody takes for one another say of two reports, where they share a family alone.
_OTHERWISE = -0.5


def fit_of_kinds(
    report: Report, incident: Incident, kinds: Kinds, near_km: float
) -> tuple[float, float]:
    """Return (said alike, said as a neighbour): how large a part of the reports named it so.

    What two people call one event is no sign of it where they name two places: a mine here and an
    ambush two villages on are two, of one day and of the same men. That one tells of a kidnapping
    and the other of burnt tankers tells against one event: taken for it, it is told to nobody whom
    the tankers do not concern. A bus that is shot at while its passengers are taken is one by what
    else is alike.
    """
    fit = affinities(report, incident, kinds)
    total = sum(count for _, count in fit)
    same = sum(count for affinity, count in fit if affinity == SAME) / total
    near = sum(count for affinity, count in fit if affinity == NEAR) / total
    if all(affinity == STRANGE for affinity, _ in fit):
        return -1.0, 0.0
    if all(affinity <= FAMILY for affinity, _ in fit):
        return _OTHERWISE, 0.0
    return same, near if is_by(report.location, incident, near_km) else 0.0


def affinities(report: Report, incident: Incident, kinds: Kinds) -> list[tuple[float, int]]:
    """Return how the kind of a report fits each that was said, with how often it was."""
    tally = incident.kinds or ((incident.kind, 1),)
    return [(kinds.affinity(report.kind, code), count) for code, count in tally]


def is_of_another_issuer(report: Report, incident: Incident, kinds: Kinds, names: Names) -> bool:
    """Return whether both are what somebody issues, and two others did: see `Kind.issued`.

    Embassies warn of one country on one day, each its own people.
    """
    kind = kinds.find(report.kind)
    if report.kind != incident.kind or kind is None or not kind.issued:
        return False
    return names.agreement(report.actor, incident.actor) < 0
