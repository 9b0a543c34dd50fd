"""How far an incident is believed: independent voices count, messages do not."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from app.incidents.incident import Voice
from app.incidents.origins import share_a_mark
from app.incidents.policy import CredibilityPolicy
from app.incidents.report import DENIED, Basis, Report

#: How the mark of a stranger begins: no page's, text's or sketch's does.
STRANGER = "k"
_MARK_CHARS = 15


def reliability_of(report: Report, policy: CredibilityPolicy) -> float:
    """Return how reliable the source of `report` is, 0..1: as learnt, else by its type."""
    if report.reliability is not None:
        return report.reliability
    return prior_of(report.source_type, report.basis, policy)


def prior_of(source_type: str, basis: Basis, policy: CredibilityPolicy) -> float:
    """Return how reliable a source of this type is, by how it knows, before any verdict."""
    by_basis = policy.reliability.get(source_type) or policy.reliability["reporter"]
    return by_basis[basis]


def hear(
    voices: Sequence[Voice], report: Report, policy: CredibilityPolicy, *, marks: int = 12
) -> tuple[Voice, ...]:
    """Return the voices after `report`: a new one, or an old one that spoke again.

    The same origin is the same voice; so is a copy of the same page, or of the same text though
    lightly changed, under another name; and so is all that a stranger says, whatever outlets he
    names: anybody can write two names. A voice that denies what it said before takes it back; who
    only names it, or quotes it, takes nothing back for it. A voice keeps at most `marks` pages,
    texts and strangers.
    """
    reliability = reliability_of(report, policy)
    heard = (*_stranger_in(report), *report.marks)
    for index, voice in enumerate(voices):
        if not is_of(report, voice):
            continue
        spoke_again = replace(
            voice,
            reliability=(
                DENIED if _takes_back(report, voice) else max(voice.reliability, reliability)
            ),
            known=voice.known or report.known_source,
            reports=voice.reports + 1,
            first_at=min(voice.first_at, report.reported_at),
            marks=tuple(dict.fromkeys((*voice.marks, *heard)))[:marks],
        )
        return (*voices[:index], spoke_again, *voices[index + 1 :])
    new = Voice(
        origin=report.origin,
        reliability=reliability,
        known=report.known_source,
        reports=1,
        first_at=report.reported_at,
        marks=heard[:marks],
    )
    return (*voices, new)


def credibility(voices: Sequence[Voice], policy: CredibilityPolicy) -> float:
    """Return how far the voices together are believed, 0..1.

    A noisy-or in which each further voice counts for less; those without a record never count for
    more than `unknown_ceiling`, however many they are.
    """
    known = _together([v for v in voices if v.known], policy)
    unknown = min(_together([v for v in voices if not v.known], policy), policy.unknown_ceiling)
    believed = 1 - (1 - known) * (1 - unknown)
    return round(min(believed, policy.ceiling), 4)


def is_certain(voices: Sequence[Voice], policy: CredibilityPolicy) -> bool:
    """Return True when the voices alone, without a moderator, make it confirmed."""
    reliable = [v for v in voices if v.known and v.reliability >= policy.reliable]
    if any(v.reliability >= policy.alone for v in reliable):
        return True
    return len(reliable) >= policy.voices and credibility(voices, policy) >= policy.credible


def only_unknown(voices: Sequence[Voice]) -> bool:
    """Return True while no voice has a record."""
    return not any(v.known for v in voices)


def stranger_of(voice: Voice) -> str | None:
    """Return what is the same of all that one unknown source tells; None of a known one."""
    if voice.known:
        return None
    own = f"{STRANGER}{voice.origin[:_MARK_CHARS]}"
    return next((mark for mark in voice.marks if mark.startswith(STRANGER)), own)


def is_of(report: Report, voice: Voice) -> bool:
    """Return whether `voice` is who reports, under whatever name.

    A voice with a record is its own: a stranger who repeated it may have seen something himself.
    """
    if report.origin == voice.origin or share_a_mark(report.marks, voice.marks):
        return True
    if report.known_source:
        return False
    marked = not voice.known and _stranger(report) in voice.marks
    return marked or report.judged == voice.origin


def _stranger_in(report: Report) -> tuple[str, ...]:
    """Return the mark of the stranger who names an outlet, if that is who reports."""
    return (_stranger(report),) if report.judged and not report.known_source else ()


def _stranger(report: Report) -> str:
    """Return what a voice is marked with that is one stranger's, whatever he calls it."""
    return f"{STRANGER}{(report.judged or report.origin)[:_MARK_CHARS]}"


def _takes_back(report: Report, voice: Voice) -> bool:
    """Return whether a voice denies what it said: a stranger may call himself like an agency."""
    itself = report.origin == voice.origin and (report.known_source or not voice.known)
    return report.reliability == DENIED and itself


def _together(voices: Sequence[Voice], policy: CredibilityPolicy) -> float:
    best_first = sorted((v.reliability for v in voices), reverse=True)
    return 1 - prod(1 - r * policy.diminish**rank for rank, r in enumerate(best_first))
