"""Evidence of sections kept in this process, good for as long as its token is the section's."""

from collections import OrderedDict
from threading import Lock

from app.risk.evidence import SectionEvidence

#: Sections kept: some 100 kB each at a few hundred incidents.
SECTIONS_KEPT = 500


class EvidenceCache:
    """Evidence by section; safe between threads.

    A token is made anew with every change of a section's evidence and stored in the transaction of
    that change. Evidence put here by a transaction that was then rolled back carries a token that
    no row holds, so nobody asks for it again.
    """

    def __init__(self, size: int = SECTIONS_KEPT) -> None:
        self._size = size
        self._kept: OrderedDict[str, tuple[str, SectionEvidence]] = OrderedDict()
        self._lock = Lock()

    def get(self, token: str, section_id: str, *, rule_set: int) -> SectionEvidence | None:
        """Return the evidence of a section at that token, None when it must be loaded."""
        with self._lock:
            kept = self._kept.get(section_id)
            if kept is None or kept[0] != token or kept[1].book.number != rule_set:
                return None
            self._kept.move_to_end(section_id)
            return kept[1]

    def put(self, token: str, evidence: SectionEvidence) -> None:
        """Keep the evidence of a section; forget what was not asked for longest."""
        with self._lock:
            self._kept[evidence.section.id] = (token, evidence)
            self._kept.move_to_end(evidence.section.id)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
