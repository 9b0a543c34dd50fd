"""What a report of a road open again says to whom: of the incident it joins, and whether it may."""

from typing import Any

from app.incidents.incident import Incident
from app.incidents.openings import REOPENED, OpeningWords
from app.incidents.report import Family, Report
from app.incidents.starting import StartWords


def opened_by(
    incident: Incident, report: Report, words: OpeningWords, starting: StartWords | None
) -> dict[str, Any]:
    """Return to whom the road of `incident` is open, now that `report` joins it: some of its facts.

    Open in part is as it was last said; most say neither. To whom it was said to be closed it stays
    so: who says later that it is open to them tells other news (`opens_to_others`).
    """
    if report.kind != REOPENED:
        announced = report.starts_at is not None and report.family is Family.POSITIVE
        return {
            "in_part": announced or incident.in_part,
            "promised": incident.promised,
            "cargo": _with(incident.cargo, report.cargo),
            "shut": incident.shut,
            "called_off": incident.called_off,
        }
    said = _said(report)
    opening = words.read(said, report.cargo)
    shut = _with(incident.shut, opening.shut)
    to = _with(incident.cargo, opening.to or report.cargo)
    in_part = incident.in_part or opening.in_part is not None
    if report.starts_at is not None:
        in_part = True  # a road that is to open is not open
    elif words.as_a_whole(said):
        in_part = False
    left = tuple(code for code in to if code not in shut)
    off = starting is not None and starting.called_off_by(said) is not None
    return {
        "in_part": in_part or (bool(to) and not left),
        "promised": words.is_to_come(said),
        "cargo": left or to,
        "shut": shut,
        "called_off": off or incident.called_off,
    }


def opens_to_others(report: Report, incident: Incident, words: OpeningWords) -> bool:
    """Return whether both tell of a road open again, each to other cargoes: two pieces of news.

    That coaches may pass, told by an agency, must not lend its credit to whoever says that tankers
    may. What names nobody is taken for the news that does. Nor is a road that was promised the one
    that is open: who tells of that would open nothing, or on the word of whoever only hoped for it.
    """
    both = report.kind == incident.kind == REOPENED
    if both and words.is_to_come(_said(report)) is not incident.promised:
        return True
    if Family.POSITIVE not in (report.family, incident.family) or not incident.cargo:
        return False
    if REOPENED not in (report.kind, incident.kind):
        return False
    if report.kind != REOPENED:
        return bool(report.cargo) and {*report.cargo} != {*incident.cargo}
    named = words.named(_said(report), report.cargo)
    return bool(named) and named != {*incident.cargo}


def _said(report: Report) -> str:
    """Return all that it says, a clause each."""
    return "; ".join(filter(None, (report.summary, report.place_text, report.road_text)))


def _with(held: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*held, *more)))
