"""What is wrong with a rule, where, and what may have been meant."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a rule, and how to mend it.

    Attributes:
        field: JSON pointer within the rule: "/when", "/floor/0/level".
        code: What it is, where `field` alone does not say it: "adds-danger". For whoever says it in
            another language; `about` are the names and figures in the message.
        line, column: Within the condition, from 1; None outside it.
        suggestion: A name that may have been meant, or what to write instead.
        warning: The rules would work, but hardly as anybody wants: an admin who gives a reason may
            put them in force all the same.
    """

    rule: str
    field: str
    message: str
    line: int | None = None
    column: int | None = None
    suggestion: str | None = None
    warning: bool = False
    code: str = ""
    about: tuple[str, ...] = ()


def near_name(name: str, known: Iterable[str], *, alike: float = 60.0) -> str | None:
    """Return the known name most like `name`, None when none is near: `alike` of 100."""
    found = process.extractOne(name, list(known), scorer=fuzz.ratio, score_cutoff=alike)
    return found[0] if found else None
