"""Whether two tell of other days of the week, each by its name: "vendredi", "on Saturday". Pure."""

from datetime import datetime

from app.incidents.incident import Incident
from app.incidents.report import Report
from app.incidents.words import STEM, stems

#: Of each day of the week, from Monday on: how its name begins.
_NAMES = tuple(
    frozenset(name[:STEM] for name in names.split())
    for names in (
        "lundi monday",
        "mardi tuesday",
        "mercredi wednesday",
        "jeudi thursday",
        "vendredi friday",
        "samedi saturday",
        "dimanche sunday",
    )
)
_ALL = frozenset().union(*_NAMES)


def names_another_day(report: Report, incident: Incident) -> bool:
    """Return whether both give their day, by its date and by its name, and these are two days.

    A date alone is often a slip of one; a date that the day's name bears out is none. The same
    trucks are attacked again on the next day, at the same place.
    """
    if {report.date_precision, incident.date_precision} - {"day", "instant"}:
        return False
    if report.occurred_at.date() == incident.occurred_at.date():
        return False
    here, there = stems(report.summary) & _ALL, _ALL.intersection(incident.texts)
    return _is_named(report.occurred_at, here) and _is_named(incident.occurred_at, there)


def _is_named(at: datetime, said: frozenset[str]) -> bool:
    """Return whether of all days of the week only that of `at` is named."""
    return bool(said) and said <= _NAMES[at.weekday()]
