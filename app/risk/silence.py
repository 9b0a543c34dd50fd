"""Kinds of danger of which rules say nothing at all: a report of one would change no level."""

from collections.abc import Mapping

from app.incidents.report import Family
from app.risk.problems import Problem
from app.risk.rulebook import RuleBook
from app.risk.samples import BUSY, CALM, ROAD, TRACK, samples

#: More of the kinds that rules speak of than this share is no change of a rule any more: one rule
#: sent as the whole set, a condition that is never true, everything switched off.
SILENT_SHARE = 0.3


def newly_silent(
    before: RuleBook, after: RuleBook, families: Mapping[str, Family]
) -> list[Problem]:
    """Return a warning when many kinds of danger that rules speak of would be passed over.

    What the rules before passed over already is no news, and a rule that is taken away alone is
    meant to be.
    """
    heard = _heard(before, families)
    silent = sorted(heard - _heard(after, families))
    if len(silent) <= SILENT_SHARE * len(heard):
        return []
    return [
        Problem(
            rule="",
            field="",
            message=f"no rule would speak any more of {', '.join(silent)}: reports of these would "
            "change no level and warn nobody",
            warning=True,
            code="silent",
            about=(" ".join(silent),),
        )
    ]


def _heard(book: RuleBook, families: Mapping[str, Family]) -> set[str]:
    """Return the kinds of danger of which a sample weighs something, or holds a level."""
    heard: set[str] = set()
    for sample in samples(families):
        if sample.family is Family.POSITIVE or sample.kind in heard:
            continue
        for section, recent in ((ROAD, BUSY), (TRACK, CALM)):
            said = book.judge(sample, section, recent)
            if said.floors or any(weight > 0 for weight in said.weights):
                heard.add(sample.kind)
    return heard
