"""Whether what passed safely passed behind soldiers, as its reports tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.core.errors import ConfigError
from app.incidents.incident import Incident
from app.incidents.opening_words import are_names
from app.incidents.report import Report
from app.roads.folding import fold

#: The kind of incident that says that something passed.
PASSED = "safe_transit"
#: Who passed so much later passed by himself. A day given alone may be a slip of one.
_LATER = {"instant": timedelta(hours=12), "day": timedelta(hours=36)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortWords:
    """How people say that something passed under escort; folded.

    Attributes:
        escorted: What says so: "sous escorte". `alone`: what says the contrary: "sans escorte".
    """

    escorted: Sequence[str] = ()
    alone: Sequence[str] = ()

    def deny(self, text: str) -> bool:
        """Return whether `text` says that there was none."""
        said = f" {fold(text)} "
        return not self.are_in(text) and any(f" {words} " in said for words in self.alone)

    def are_in(self, text: str) -> bool:
        """Return whether `text` says that there was an escort."""
        said = f" {fold(text)} "
        for words in self.alone:
            said = said.replace(f" {words} ", " ; ")
        return any(f" {words} " in said for words in self.escorted)


def is_escorted(report: Report, words: EscortWords) -> bool:
    """Return whether `report` tells of a safe transit under escort."""
    return report.kind == PASSED and words.are_in(_said(report))


def passed_alone(report: Report, incident: Incident, words: EscortWords) -> bool:
    """Return whether `report` is of somebody else than of whom soldiers brought through.

    Joined to that, his passing would end nothing: whoever drives alone shows that others may.
    """
    if report.kind != PASSED or not incident.escorted or is_escorted(report, words):
        return False
    later = _LATER.get(report.date_precision)
    return words.deny(_said(report)) or (
        later is not None and report.occurred_at - incident.occurred_at > later
    )


def _said(report: Report) -> str:
    return "; ".join(filter(None, (report.summary, report.actor, report.target)))


def escort_words(escorted: object, alone: object, where: str) -> EscortWords:
    """Return the words of two parsed lists; what is None is told by no word.

    Raises:
        ConfigError: One is no list of words, or is not folded.
    """
    lists = {"escorted": escorted, "alone": alone}
    for name, words in lists.items():
        if words is not None and not (are_names(words) and _are_folded(words)):
            raise ConfigError(f"{where} {name}: words in small letters without accents and signs")
    return EscortWords(escorted=_told(escorted), alone=_told(alone))


def _told(words: object) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, list) else ()


def _are_folded(words: object) -> bool:
    return all(fold(one) == one for one in _told(words))
