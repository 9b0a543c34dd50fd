"""An inbound message as the steps that understand it look at it. Pure."""

from dataclasses import dataclass

from app.incidents.kinds import Kinds
from app.roads.gazetteer import Gazetteer
from app.subscribers.claims import Claims
from app.subscribers.dating import Calendar, told_at
from app.subscribers.days import phrases_in
from app.subscribers.lexicon import Lexicon
from app.subscribers.understood import Standing, When


@dataclass(frozen=True, slots=True)
class Message:
    """A message, whose it is, and what it is read with; without a calendar nothing is dated."""

    claims: Claims
    standing: Standing
    lexicon: Lexicon
    gazetteer: Gazetteer
    spoken: tuple[str, ...]
    calendar: Calendar | None
    kinds: Kinds | None = None

    def is_of_whole_roads(self, kind: str | None) -> bool:
        """Return whether what is of this kind is told of all of a road."""
        return self.kinds is not None and self.kinds.is_of_whole_roads(kind)

    @property
    def when(self) -> When | None:
        """Return when all that it tells was."""
        if self.calendar is None:
            return None
        return told_at(self.claims.wording.words, self.lexicon, self.calendar)

    @property
    def when_answered(self) -> When | None:
        """Return when an answer by number puts what was asked about: "le 2" is no day there."""
        words = [word for word in self.claims.wording.words if not word.is_number]
        return told_at(words, self.lexicon, self.calendar) if self.calendar else None

    @property
    def days(self) -> set[str]:
        """Return the days that it names, as commands.toml calls them."""
        return {key for _, _, key in phrases_in(self.claims.wording.words, self.lexicon)}

    @property
    def is_unsure(self) -> bool:
        """Return whether the message says that nobody can say where it was, and nothing else."""
        return self.is_whole("unsure") or self.is_whole("unsure", bare=True)

    def is_whole(self, command: str, *, bare: bool = False) -> bool:
        """Return whether the message is this command and nothing else."""
        words = [word.said for word in self.claims.wording.words]
        said = tuple(words if bare else self.claims.wording.core)
        once = tuple(dict.fromkeys(said))
        joined = ("".join(said),) if all(len(word) == 1 for word in said) else ()
        return bool({said, once, joined} & self.lexicon.whole.get(command, frozenset()))
