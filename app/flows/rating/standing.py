"""Routes as they stand although nothing changed on the section that holds their level."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from app.core.levels import Level
from app.flows.context import Context
from app.flows.rating.ratings import evidence_of, states_of
from app.flows.rating.route_news import RouteNews
from app.risk.evidence import SectionEvidence
from app.risk.kept import SectionState
from app.risk.rate import rate
from app.risk.rating import Rating, RouteState, SectionCargoState
from app.risk.rulebook import RuleBook
from app.roads.network import Network


class Standing:
    """Routes as they stand, from the sections that hold their levels; each is read once."""

    def __init__(
        self, conn: Connection, *, book: RuleBook, context: Context, now: datetime
    ) -> None:
        self._conn, self._book, self._context, self._now = conn, book, context, now
        self._states: dict[str, SectionState] = {}
        self._evidence: dict[str, SectionEvidence] = {}
        self._ratings: dict[tuple[str, str], Rating] = {}

    @property
    def network(self) -> Network:
        """Return the roads."""
        return self._context.config.network

    def load(self, section_ids: Collection[str | None]) -> None:
        """Read what is known of sections, all at once."""
        wanted = {one for one in section_ids if one is not None} - self._evidence.keys()
        if wanted:
            self._states |= states_of(self._conn, wanted, self._context)
            self._evidence |= evidence_of(
                self._conn,
                dict.fromkeys(wanted, ()),
                self._states,
                book=self._book,
                context=self._context,
                now=self._now,
            )

    def evidence(self, section_ids: Collection[str]) -> list[SectionEvidence]:
        """Return what is known of the sections, as far as anything is."""
        self.load(section_ids)
        return [self._evidence[one] for one in section_ids if one in self._evidence]

    def news(self, state: RouteState, before: Level) -> RouteNews:
        """Return the news of a route from the section that holds its level."""
        section_id = state.worst_section or self.network.corridors[state.route].section_ids[0]
        self.load([section_id])
        return RouteNews(
            route=state.route,
            cargo=state.cargo,
            before=before,
            after=state.level,
            worst=self._rating(section_id, state.cargo),
            evidence=self._evidence[section_id],
            held=self._held(section_id, state.cargo),
        )

    def _rating(self, section_id: str, cargo: str) -> Rating:
        known = self._ratings.get((section_id, cargo))
        if known is None:
            before = self._held(section_id, cargo)
            evidence = self._evidence[section_id]
            known = rate(evidence, cargo, now=self._now, before=before, explain=True)
            self._ratings[section_id, cargo] = known
        return known

    def _held(self, section_id: str, cargo: str) -> SectionCargoState | None:
        state = self._states.get(section_id)
        return state.cargoes.get(cargo) if state is not None else None
