"""Whether two tell of other days or hours, by their names ("vendredi", "ce matin") or kinds."""

from collections.abc import Collection
from datetime import datetime, timedelta

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
#: How the words begin that put something before noon, and after it. A night is of two days.
_MORNING = frozenset(word[:STEM] for word in "matin matinee aube morning dawn".split())  # noqa: SIM905
_LATER = frozenset(word[:STEM] for word in "soir soiree afternoon evening".split())  # noqa: SIM905
#: "Après-midi", each word for itself.
_AFTERNOON = frozenset({"apres", "midi"})
_DAY = timedelta(days=1)


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


def is_of_another_kind_and_day(report: Report, incident: Incident) -> bool:
    """Return whether nobody told of it under this kind, nor on a day next to the report's.

    A neighbouring kind is a slip, and a day off is one: both at once, by two days, are a mine in
    the town of the ambush of the day before yesterday.
    """
    if {report.date_precision, incident.date_precision} - {"day", "instant"}:
        return False
    days = abs((report.occurred_at.date() - incident.occurred_at.date()).days)
    return days > 1 and all(kind != report.kind for kind, _ in incident.kinds)


def is_of_a_later_day(report: Report, incident: Incident) -> bool:
    """Return whether it is of a day after that of an incident of which one knew by then.

    What was first told of a whole day later was told together with it: its day may be the slip.
    """
    later = report.occurred_at.date() > incident.occurred_at.date()
    known = incident.first_reported_at - report.occurred_at < _DAY
    return later and known and incident.date_precision in {"day", "instant"}


def _is_named(at: datetime, said: frozenset[str]) -> bool:
    """Return whether of all days of the week only that of `at` is named."""
    return bool(said) and said <= _NAMES[at.weekday()]


def names_another_hour(report: Report, incident: Incident) -> bool:
    """Return whether one was in the morning of a day and the other later on it, by their words.

    Who tells of both, "après l'attaque de ce matin", says of neither when it was.
    """
    if {report.date_precision, incident.date_precision} - {"day", "instant"}:
        return False
    if report.occurred_at.date() != incident.occurred_at.date():
        return False
    here, there = _part_of_day(stems(report.summary)), _part_of_day(incident.texts)
    return None not in (here, there) and here is not there


def _part_of_day(said: Collection[str]) -> bool | None:
    """Return whether words put it before noon; None: they say nothing of it, or both."""
    morning = not _MORNING.isdisjoint(said)
    later = not _LATER.isdisjoint(said) or _AFTERNOON.issubset(said)
    return None if morning is later else morning
