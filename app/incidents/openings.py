"""Whether a road is open again in part: one way, for some vehicles, under escort."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.roads.folding import fold

#: The kind of incident that says that a road is open again.
REOPENED = "road_reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningWords:
    """What says that a road is open in part, and what that it is open as a whole; folded."""

    in_part: Sequence[str]
    whole: Sequence[str]

    def in_part_by(self, text: str) -> str | None:
        """Return the words of `text` by which a road is open in part only; None: there are none.

        Open in both directions, but not to tankers, is open in part.
        """
        said = f" {fold(text)} "
        for words in self.whole:
            said = said.replace(f" {words} ", "  ")
        return next((words for words in self.in_part if f" {words} " in said), None)

    def as_a_whole(self, text: str) -> bool:
        """Return whether `text` says that a road is open in both directions, or to all."""
        said = f" {fold(text)} "
        return self.in_part_by(text) is None and any(f" {one} " in said for one in self.whole)
