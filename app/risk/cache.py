"""What this process remembers of sections, good for as long as its token is the section's."""

from collections import OrderedDict
from threading import Lock

from app.risk.evidence import SectionEvidence
from app.risk.kept import SectionState

#: Incidents of sections kept, each counted for every section that it reaches: 2.5 kB each.
INCIDENTS_KEPT = 120_000


class StateCache:
    """The last state seen of each section, however many there are: each is small.

    A token is made anew with every change of a section's evidence or state and stored in the
    transaction of that change. What is put here by a transaction that was then rolled back carries
    a token that no row holds, so nobody asks for it again.
    """

    def __init__(self) -> None:
        self._kept: dict[str, SectionState] = {}

    def get(self, token: str, section_id: str) -> SectionState | None:
        """Return the state of a section at that token, None when it must be loaded."""
        kept = self._kept.get(section_id)
        return kept if kept is not None and kept.token == token else None

    def put(self, state: SectionState) -> None:
        """Keep a section's state."""
        self._kept[state.section_id] = state

    def copied(self) -> "StateCache":
        """Return another that knows what this one does, for what will be undone."""
        other = StateCache()
        other._kept = dict(self._kept)
        return other


class EvidenceCache:
    """Evidence by section, good for a token as states are; safe between threads."""

    def __init__(self, size: int = INCIDENTS_KEPT) -> None:
        self._size = size
        self._held = 0
        self._kept: OrderedDict[str, tuple[str, SectionEvidence]] = OrderedDict()
        self._lock = Lock()

    def get(self, token: str, section_id: str, *, rule_set: int) -> SectionEvidence | None:
        """Return the evidence of a section at that token, None when it must be loaded."""
        return self._find(section_id, rule_set, token)

    def last(self, section_id: str, *, rule_set: int) -> SectionEvidence | None:
        """Return the last evidence seen of a section: what has changed since must be read.

        It may have come from a change that was rolled back, and is ahead of what is stored.
        """
        return self._find(section_id, rule_set, None)

    def _find(self, section_id: str, rule_set: int, token: str | None) -> SectionEvidence | None:
        with self._lock:
            kept = self._kept.get(section_id)
            if kept is None or kept[1].book.number != rule_set or token not in {None, kept[0]}:
                return None
            self._kept.move_to_end(section_id)
            return kept[1]

    def put(self, token: str, evidence: SectionEvidence) -> None:
        """Keep a section's evidence; forget what was not asked for longest."""
        section_id = evidence.section.id
        with self._lock:
            if (before := self._kept.pop(section_id, None)) is not None:
                self._held -= _room(before[1])
            self._kept[section_id] = (token, evidence)
            self._held += _room(evidence)
            while self._held > self._size and len(self._kept) > 1:
                _, (_, forgotten) = self._kept.popitem(last=False)
                self._held -= _room(forgotten)

    def copied(self) -> "EvidenceCache":
        """Return another that knows what this one does, for what will be undone."""
        other = EvidenceCache(self._size)
        with self._lock:
            other._kept, other._held = self._kept.copy(), self._held
        return other

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._held = 0


def _room(evidence: SectionEvidence) -> int:
    """Return what a section counts for; one without a past takes some room, too."""
    return len(evidence.items) + 1
