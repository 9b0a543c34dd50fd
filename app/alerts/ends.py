"""What a chain said to have ended while its road had other dangers. Pure."""

from dataclasses import dataclass, field

from app.alerts.alert import Ended, Stretch


@dataclass(slots=True)
class Ends:
    """What was said to have ended, from the alerts of a chain in their order; oldest first."""

    said: list[Ended] = field(default_factory=list)

    def hear(
        self, ended: Ended | None, *, speaks: str | None, kind: str | None, stretch: Stretch | None
    ) -> None:
        """Take in the next alert: what it says has ended, and what it speaks of.

        What is told again, or the like of it where it was, is not over.
        """
        self.said = [
            one
            for one in self.said
            if one.incident_id != speaks and (one.kind, one.stretch) != (kind, stretch)
        ]
        if ended is not None:
            self.said.append(ended)
