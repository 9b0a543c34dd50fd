"""Other roads, remembered from one reading to the next: finding them is what a page costs."""

from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta

from app.flows.alerting.alternatives import Alternative, Alternatives
from app.risk.kept import SectionState
from app.risk.rating import RouteState

#: Ways of one danger are ranked by scores, which move with every report: so old an answer may be.
GOOD_FOR = timedelta(seconds=60)

_Key = tuple[str, str]
_Kept = tuple[Hashable, datetime, Alternative | None]


class OtherRoads:
    """What was found for a route and cargo, good while no level or closure of that cargo changes.

    Safe between threads: at worst two of them find the same.
    """

    def __init__(self) -> None:
        self._kept: dict[_Key, _Kept] = {}

    def find(
        self,
        state: RouteState,
        stretch: tuple[str, str] | None,
        standing: Hashable,
        others: Alternatives,
        *,
        now: datetime,
    ) -> Alternative | None:
        """Return another road than `state.route`, as found before where all stands as it stood.

        Args:
            state: Of the route, for a cargo.
            stretch: The towns between which it is worst.
            standing: See `standing_of`.
            others: Finds what is not known.
            now: When it is asked.
        """
        key, asked = (state.route, state.cargo), (standing, state.level, stretch)
        known = self._kept.get(key)
        if known is not None and known[0] == asked and abs(now - known[1]) < GOOD_FOR:
            return known[2]
        found = others.find(state.route, stretch, {state.cargo: state.level})
        self._kept[key] = (asked, now, found)
        return found


def standing_of(sections: Mapping[str, SectionState], cargo: str) -> Hashable:
    """Return what decides which ways are open and how dangerous: levels and closures, in order."""
    return tuple(
        (section_id, state.cargoes[cargo].level, state.cargoes[cargo].closures)
        for section_id, state in sorted(sections.items())
        if cargo in state.cargoes
    )
